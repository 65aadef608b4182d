"""Hand edits of shift-based schedules, written into the YAML; and overrides that people made on them, declared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inprocess import Desk, desk
from policy_text import NAMES, PEOPLE
from watchbill.sandbox.tamper import tamper

SETTINGS = """settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  hours: {business: {windows: mon-fri 09:00-18:00}}
  pagerduty: {account: acme, new_schedules: shifts}
"""
POLICY = """rotations:
  # the first
  first:
    title: First
    turn: 1 week
    handoff: mon 09:00
    from: 2026-01-05
    crew: [ana, ben, cleo] # kept: three
  office:
    title: Office
    turn: 1 week
    handoff: mon 09:00
    from: 2026-01-05
    crew: [dan, eve] # kept: two
    hours: business
    otherwise: first
ladders:
  api: {title: API, steps: {0m: first, 15m: office}, repeat: 1}
"""


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path, *NAMES) as made:
        made.says(SETTINGS + PEOPLE + POLICY)
        assert made.applies().code == 0
        yield made


def events(at: Desk, schedule: str) -> list[dict[str, Any]]:
    """Those of the crew itself, still to come or running."""
    store = at.sandbox.store
    rotations = store.children("rotation", at.doc("schedule_v3", schedule)["id"])
    found = [event for rotation in rotations for event in store.children("event", rotation["id"])]
    return [event for event in found if not event["name"].startswith("fallback")]


def by_hand(at: Desk, schedule: str, changes: dict[str, Any]) -> None:
    tamper(at.sandbox.store, "schedule_v3", schedule, changes, clock=at.sandbox.world.clock)


def edit(at: Desk, schedule: str, change: dict[str, Any]) -> None:
    by_hand(at, schedule, {"events": {event["id"]: change for event in events(at, schedule)}})
    at.now = "2026-11-23T16:00:00Z"


def changes(at: Desk) -> list[tuple[str, str]]:
    plan = json.loads(at.watchbill("-q", "plan", "--json").out)
    return [(change["key"], change["class"]) for change in plan["changes"]]


def text(at: Desk) -> str:
    return (at.policies / "policy.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"members": ["Dan", "Fay", "Eve"]}, "order: [fay, eve, dan]"),
        pytest.param({"members": ["Eve", "Dan"]}, "order: [eve, dan]", marks=pytest.mark.long),
        pytest.param({"members": ["Fay"]}, "order: [fay]", marks=pytest.mark.long),
        pytest.param({"shifts_per_member": 10}, "turn: 2 weeks", marks=pytest.mark.long),
    ],
)
def test_another_crew_is_adopted_and_the_plan_is_empty(at: Desk, change: dict[str, Any], said: str) -> None:
    edit(at, "Office", change)
    assert changes(at) == [("rotation/office", "drift")]
    duty = json.loads(at.watchbill("who", "office", "--at", "2026-12-10 12:00", "--json").out)
    ran = at.watchbill("adopt")
    assert ran.code == 0, ran.out
    assert "Office: the policy has now what the account has" in ran.out
    assert changes(at) == []
    assert said in text(at)
    assert "# the first\n" in text(at)
    assert "# kept: two" in text(at)
    assert "[ana, ben, cleo] # kept: three" in text(at)
    assert "hours: business" in text(at)
    at.repo.commit(at.now, "adopted")
    assert at.in_sync
    assert at.watchbill("drift").code == 0
    assert duty["answers"][0]["rotation"] == "office"


def test_those_who_fall_back_to_it_follow(at: Desk) -> None:
    edit(at, "First", {"members": ["Ben", "Ana", "Dan", "Cleo"]})
    ran = at.watchbill("adopt")
    assert "Office follows" in ran.out
    assert "order: [dan, cleo, ben, ana]" in text(at)
    assert [key for key, _ in changes(at)] == ["rotation/office"]
    assert at.applies().code == 0
    assert at.in_sync


@pytest.mark.long
def test_name_and_description_are_fields_of_their_own(at: Desk) -> None:
    by_hand(at, "Office", {"name": "Office by hand"})
    assert at.watchbill("adopt").code == 0
    assert changes(at) == []
    assert "Office by hand" in text(at)
    assert "crew: [dan, eve] # kept: two" in text(at)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(
            {"recurrence": ["RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"]},
            "not the same every week",
            marks=pytest.mark.long,
        ),
        ({"members": ["Ana", None, "Ben"]}, "reaches nobody"),
    ],
)
def test_what_cannot_be_said_is_left_by_name(at: Desk, change: dict[str, Any], why: str) -> None:
    edit(at, "First", change)
    before = text(at)
    ran = at.watchbill("adopt")
    assert "First: left as it is" in ran.out
    assert why in " ".join(ran.out.split())
    assert text(at) == before


def override(at: Desk, schedule: str, instead_of: str, user: str, start: str, end: str) -> None:
    (event,) = events(at, schedule)[:1]
    said = {"event": event["id"], "instead_of": instead_of, "user": user, "start": start, "end": end}
    by_hand(at, schedule, {"add_override": said})


def test_overrides_on_shifts_are_declared_and_ours_from_then_on(at: Desk) -> None:
    override(at, "First", "Cleo", "Fay", "2026-12-01T18:00:00Z", "2026-12-01T21:00:00Z")
    before = text(at)
    assert at.watchbill("adopt").code == 0
    assert text(at) == before, "theirs, and no drift"
    ran = at.watchbill("adopt", "--overrides")
    assert ran.code == 0, ran.out
    file = at.policies / "overrides" / "first" / "2026-12-01-2000-fay.yaml"
    assert "until: 2026-12-01 23:00" in file.read_text("utf-8")
    assert "Office follows" in ran.out
    assert {key.split("/")[1] for key, _ in changes(at)} == {"office"}
    at.repo.commit(at.now, "declared")
    assert at.applies().code == 0
    again = at.watchbill("adopt", "--overrides")
    assert "the policy says now" not in again.out, "a second run finds nothing"
    assert at.watchbill("override", "cancel", "first", "fay").code == 0
    at.repo.commit(at.now, "taken back")
    assert at.applies().code == 0
    schedule = at.doc("schedule_v3", "First")["id"]
    assert at.sandbox.store.children("v3_override", schedule) == []
    assert at.sandbox.store.children("v3_override", at.doc("schedule_v3", "Office")["id"]) == []
    assert at.in_sync


@pytest.mark.long
def test_overrides_on_shifts_that_cannot_be_said_are_left(at: Desk) -> None:
    override(at, "First", "Cleo", "Fay", "2026-12-01T18:00:30Z", "2026-12-01T21:00:00Z")
    override(at, "First", "Ana", "Fay", "2026-12-08T18:00:00Z", "2026-12-08T21:00:00Z")
    ran = at.watchbill("adopt", "--overrides")
    assert "whole minute" in " ".join(ran.out.split())
    assert {key.split("/")[1] for key, _ in changes(at)} == {"office"}
    assert [p.name for p in (at.policies / "overrides").rglob("*.yaml")] == ["2026-12-08-2000-fay.yaml"]


def test_an_override_of_somebody_off_duty_means_nothing_and_is_left(at: Desk) -> None:
    override(at, "First", "Ben", "Fay", "2026-12-01T18:00:00Z", "2026-12-01T21:00:00Z")
    ran = at.watchbill("adopt", "--overrides")
    assert "in the policy's words it would change First: fay for cleo" in " ".join(ran.out.split())
    assert not (at.policies / "overrides").exists()
