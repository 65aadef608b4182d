"""A rotation that gets another handle keeps what watchbill derived for it, as its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inprocess import Desk, desk
from policy_text import NAMES, PEOPLE
from watchbill.rota.clock import HOUR, parse_instant

HOLIDAY = parse_instant("2026-11-30T10:00:00Z")
POLICY = """settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  hours: {{business: {{windows: mon-fri 09:00-18:00, except_holidays: RO}}}}
  pagerduty: {{account: acme, new_schedules: {kind}}}
{people}rotations:
  always: {{title: Always, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [{always}]}}
  {handle}:
    title: Office
    turn: 1 week
    handoff: mon 09:00
    from: 2026-01-05
    crew: [cleo, dan]
    hours: business
    otherwise: always
"""


def policy(kind: str, handle: str, always: str) -> str:
    text = POLICY.format(kind=kind, people=PEOPLE, handle=handle, always=always)
    return text if handle == "office" else f"{text}    previously: office\n"


def on_the_holiday(at: Desk, stored: str) -> set[str | None]:
    names = {user["id"]: user["name"] for user in at.sandbox.store.all("user")}
    found = at.sandbox.world.on_call_entries(stored, at.doc(stored, "Office")["id"], HOLIDAY, HOLIDAY + HOUR)
    return {names.get(entry.user or "") for entry in found}


def adoptable(at: Desk) -> list[Any]:
    told = at.watchbill("-q", "--json", "adopt", "--overrides", "--dry-run")
    answer = json.loads(told.out)
    return [*answer["adopted"], *answer["left"]]


@pytest.mark.parametrize("kind", ["layers", "shifts"])
def test_what_was_derived_is_still_ours(tmp_path: Path, kind: str) -> None:
    with desk(tmp_path, *NAMES) as at:
        at.says(policy(kind, "office", "eve, eve"))
        assert at.applies().code == 0
        stored = "schedule" if kind == "layers" else "schedule_v3"
        assert on_the_holiday(at, stored) == {"Eve"}

        at.says(policy(kind, "desk", "eve, eve"))
        assert adoptable(at) == []
        assert at.applies().code == 0
        assert at.in_sync
        assert adoptable(at) == []

        at.says(policy(kind, "desk", "gil, gil"))
        assert at.applies().code == 0
        assert on_the_holiday(at, stored) == {"Gil"}
        assert at.in_sync
