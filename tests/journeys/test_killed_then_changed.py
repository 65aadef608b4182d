"""An apply is killed, and the policy changes again before the next one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.dying import apply_in_child
from inprocess import WAIVED, Desk, desk
from policy_text import NAMES, PEOPLE
from watchbill.plan.document import Plan
from watchbill.rota.clock import parse_instant
from watchbill.sandbox.tamper import tamper

SETTINGS = """settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  pagerduty: {account: acme, new_schedules: shifts}
"""
OTHER = "  other: {title: Other, crew: [fay]}\n"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path, *NAMES) as made:
        yield made


def policy(crew: str) -> str:
    first = f"  first: {{title: First, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [{crew}]}}\n"
    return f"{SETTINGS}{PEOPLE}rotations:\n{first if crew else ''}{OTHER}"


def dies(at: Desk, write: int) -> str:
    """After that write of the apply; the marker that it left."""
    saved = at.home / "plan.json"
    assert at.watchbill("plan", "--out", str(saved), *WAIVED).code == 0
    plan = Plan.model_validate_json(saved.read_text("utf-8"))
    assert apply_in_child(at.sandbox.url, plan, parse_instant(at.now), at.home / "s", write, "after") == -9
    return str(at.doc("schedule_v3", "First")["description"])


@pytest.mark.parametrize("write", [2, 4])
def test_what_was_half_changed_and_left_the_policy_then_is_deleted(at: Desk, write: int) -> None:
    at.says(policy("ana, ben"))
    assert at.applies().code == 0
    at.says(policy("cleo, dan, eve"))
    assert dies(at, write).endswith("rotation/first writing")
    at.says(policy(""))
    ran = at.applies()
    assert ran.code == 0, ran.out
    assert at.names("schedule_v3") == ["Other"]
    assert at.in_sync


def test_what_was_half_made_and_left_the_policy_then_is_deleted(at: Desk) -> None:
    at.says(policy("ana, ben"))
    assert dies(at, 2).endswith("rotation/first writing")
    at.says(policy(""))
    assert at.applies().code == 0
    assert at.names("schedule_v3") == ["Other"]
    assert at.in_sync


def test_what_is_half_changed_is_finished_before_it_is_released(at: Desk) -> None:
    at.says(policy("ana, ben"))
    assert at.applies().code == 0
    at.says(policy("cleo, dan, eve"))
    dies(at, 2)
    ran = at.watchbill("forget", "first", "--yes", *WAIVED)
    assert "apply once more first" in ran.out
    assert at.doc("schedule_v3", "First")["description"].endswith("writing")
    assert at.applies().code == 0
    at.watchbill("forget", "first", "--yes", *WAIVED)
    assert at.doc("schedule_v3", "First")["description"] == ""


def test_somebodys_event_in_what_is_half_changed_keeps_it(at: Desk) -> None:
    at.says(policy("ana, ben"))
    assert at.applies().code == 0
    at.says(policy("cleo, dan, eve"))
    dies(at, 2)
    first = at.doc("schedule_v3", "First")["id"]
    (event,) = (e for e in at.sandbox.store.all("event") if e["schedule"] == first)
    edit = {"events": {event["name"]: {"members": ["Gil"]}}}
    tamper(at.sandbox.store, "schedule_v3", "First", edit, clock=at.sandbox.world.clock)
    at.says(policy(""))
    assert "was edited in the account" in " ".join(at.applies().out.split())
    assert at.names("schedule_v3") == ["First", "Other"]
