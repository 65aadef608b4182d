"""A saved plan does what it showed: an edit of its file is noticed, and no refusal can be edited out of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inprocess import WAIVED, Desk, desk
from policy_text import NAMES, PEOPLE
from watchbill.plan.document import Plan, plan_digest, seal_of

SETTINGS = """settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  pagerduty: {account: acme, new_schedules: layers}
"""
POLICY = """rotations:
  first: {title: First, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]}
  second: {title: Second, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [cleo, dan]}
ladders:
  api: {title: API, steps: {0m: first, 15m: second}, repeat: 1}
"""
SWAPPED = POLICY.replace("crew: [ana, ben]", "crew: [eve, ana]")
"""Moves the shift that runs."""


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path, *NAMES) as made:
        made.says(SETTINGS + PEOPLE + POLICY)
        assert made.applies().code == 0
        yield made


def saved(at: Desk) -> Path:
    path = at.home / "plan.json"
    assert at.watchbill("plan", "--out", str(path)).code == 0
    return path


def writes(at: Desk) -> int:
    return sum(request.method != "GET" for request in at.sandbox.requests())


def edited(path: Path, edit: Callable[[dict[str, Any]], object], *, signed: bool = False) -> str:
    """`signed`: by somebody who makes the digests right too."""
    document = json.loads(path.read_text("utf-8"))
    edit(document)
    if signed:
        plan = Plan.model_validate_json(json.dumps(document))
        plan = plan.model_copy(update={"digest": plan_digest(plan)})
        document = {**document, "digest": plan.digest, "seal": seal_of(plan)}
    path.write_text(json.dumps(document), "utf-8")
    return str(path)


def no_guards(document: dict[str, Any]) -> None:
    document["guards"] = []


def waived_by_hand(document: dict[str, Any]) -> None:
    for guard in document["guards"]:
        guard["waived"] = "as agreed"


def kinder_words(document: dict[str, Any]) -> None:
    document["notices"] = []
    document["effects"]["on_call_now"] = []


EDITS = (no_guards, waived_by_hand)


@pytest.mark.parametrize("edit", [*EDITS, lambda d: d.update(at="2026-11-22T14:00:00Z")])
def test_any_edit_is_noticed(at: Desk, edit: Callable[[dict[str, Any]], object]) -> None:
    at.says(SETTINGS + PEOPLE + SWAPPED)
    path, before = saved(at), writes(at)
    ran = at.watchbill("apply", edited(path, edit), "--yes", *WAIVED)
    assert ran.code == 12, ran.out
    assert "was edited after it was made" in ran.out
    assert writes(at) == before


def test_another_layout_is_no_edit(at: Desk) -> None:
    at.says(SETTINGS + PEOPLE + SWAPPED)
    path = edited(saved(at), lambda document: None)
    assert at.watchbill("apply", path, "--yes", *WAIVED).code == 0
    assert at.in_sync


@pytest.mark.parametrize("edit", [*EDITS, kinder_words])
def test_a_refusal_stands_though_the_file_has_none(
    at: Desk, edit: Callable[[dict[str, Any]], object]
) -> None:
    at.says(SETTINGS + PEOPLE + SWAPPED)
    path, before = saved(at), writes(at)
    assert json.loads(path.read_text("utf-8"))["guards"]
    ran = at.watchbill("apply", edited(path, edit, signed=True), "--yes")
    assert ran.code == 11, ran.out
    assert "imminent" in ran.out
    assert writes(at) == before


def test_what_the_policy_does_not_ask_for_is_not_done(at: Desk) -> None:
    at.says(SETTINGS + PEOPLE + POLICY.replace("15m: second", "20m: second"))
    path, before = saved(at), writes(at)
    text = path.read_text("utf-8")
    victim = at.doc("schedule", "Second")

    def deletes(document: dict[str, Any]) -> None:
        change = {"action": "delete", "class": "pending", "kind": "schedule", "key": "rotation/second"}
        document["changes"].append({**change, "name": "Second", "id": victim["id"]})

    def leads_elsewhere(document: dict[str, Any]) -> None:
        for change in document["changes"]:
            change["want"]["rules"][0]["delay_minutes"] = 300

    def another_object(document: dict[str, Any]) -> None:
        document["changes"][0]["id"] = victim["id"]

    for edit in (deletes, leads_elsewhere, another_object):
        path.write_text(text, "utf-8")
        ran = at.watchbill("apply", edited(path, edit, signed=True), "--yes", *WAIVED)
        assert ran.code == 12, (edit.__name__, ran.out)
        assert writes(at) == before
    path.write_text(text, "utf-8")
    assert at.watchbill("apply", str(path), "--yes", *WAIVED).code == 0


def test_guards_are_those_of_the_day_it_is_applied(at: Desk) -> None:
    at.says(SETTINGS + PEOPLE + SWAPPED)
    path = str(saved(at))
    assert at.watchbill("apply", path, "--yes", "--waive", "imminent=agreed:2026-11-22").code == 11
    settings = SETTINGS + "  waivers: [{guard: imminent, reason: agreed, expires: 2026-11-24}]\n"
    at.says(settings + PEOPLE + POLICY)
    assert at.watchbill("apply", "--yes").code == 0, "a waiver counts from the next change on"
    at.says(settings + PEOPLE + SWAPPED)
    path = str(saved(at))
    at.now = "2026-11-25T14:00:00Z"
    late = at.watchbill("apply", path, "--yes")
    assert late.code == 11, late.out
    assert "ran out on 2026-11-24" in " ".join(late.out.split())
    assert at.watchbill("apply", path, "--yes", "--waive", "imminent=still agreed").code == 0


def test_a_change_that_was_far_away_has_come_close(at: Desk) -> None:
    crews = "crews: [{from: 2026-01-05, order: [ana, ben]}, {from: 2026-11-30, order: [eve, ana]}]"
    dated = POLICY.replace("from: 2026-01-05, crew: [ana, ben]", crews)
    at.says(SETTINGS + PEOPLE + dated)
    path = str(saved(at))
    assert not json.loads(Path(path).read_text("utf-8"))["guards"]
    at.now = "2026-11-29T14:00:00Z"
    ran = at.watchbill("apply", path, "--yes")
    assert ran.code == 11, ran.out
    assert "imminent" in ran.out
