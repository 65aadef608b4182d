"""A rotation leaves the policy while somebody's override stands on its schedule: the plan says what goes with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inprocess import desk
from policy_text import NAMES, PEOPLE
from watchbill.sandbox.tamper import tamper

POLICY = """settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  pagerduty: {{account: acme, new_schedules: {kind}}}
{people}rotations:
  other: {{title: Other, crew: [fay]}}
{first}"""
FIRST = "  first: {title: First, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]}\n"


@pytest.mark.parametrize("kind", ["layers", "shifts"])
def test_an_override_that_goes_with_its_schedule_is_told(tmp_path: Path, kind: str) -> None:
    with desk(tmp_path, *NAMES) as at:
        at.says(POLICY.format(kind=kind, people=PEOPLE, first=FIRST))
        assert at.applies().code == 0
        stored = "schedule" if kind == "layers" else "schedule_v3"
        wanted = {"user": "Gil", "start": "2026-12-02T10:00:00Z", "end": "2026-12-02T14:00:00Z"}
        if kind == "shifts":
            (event,) = (
                e for e in at.sandbox.store.all("event") if len(e["assignment_strategy"]["members"]) == 2
            )
            wanted |= {"event": event["id"], "instead_of": "Ben"}
        tamper(at.sandbox.store, stored, "First", {"add_override": wanted}, clock=at.sandbox.world.clock)

        at.says(POLICY.format(kind=kind, people=PEOPLE, first=""))
        plan = json.loads(at.watchbill("-q", "plan", "--json").out)
        (told,) = (n for n in plan["notices"] if n["rule"] == "override-deleted")
        assert told["message"] == (
            "'First' is deleted, and an override goes with it: gil, Wed 2026-12-02 12:00-16:00"
        )
        gil = [row for row in plan["effects"]["shifts"] if row["before"] == "gil"]
        assert [(row["start"], row["end"], row["after"]) for row in gil] == [
            ("2026-12-02T10:00:00Z", "2026-12-02T14:00:00Z", None)
        ]
        assert at.applies().code == 0
        assert at.names(stored) == ["Other"]
