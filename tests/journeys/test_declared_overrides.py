"""Declared overrides in the account: from now on, and taken back whole, whatever was changed in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import START, Desk, desk
from policy_text import NAMES, PEOPLE
from watchbill.rota.clock import DAY, iso, parse_instant
from watchbill.sandbox.tamper import tamper

SETTINGS = """settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  pagerduty: {{account: acme, new_schedules: {kind}}}
"""
NOW = parse_instant(START)
WEEKLY = "handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]"
GIL = "from: 2026-12-06 09:00, until: 2026-12-09 09:00"
"""Across a handoff."""


def policy(kind: str, turns: str, override: str = "") -> str:
    rotation = f"rotations:\n  first: {{title: First, turn: 1 week, {turns}}}\n"
    item = f"overrides:\n  - {{rotation: first, person: gil, {override}}}\n" if override else ""
    return f"{SETTINGS.format(kind=kind)}{PEOPLE}{rotation}{item}"


def on_call(at: Desk, since: int, until: int) -> list[tuple[str, str, str]]:
    """Within the window, from .. until .. name."""
    kind = "schedule" if at.names("schedule") else "schedule_v3"
    names = {user["id"]: user["name"] for user in at.sandbox.store.all("user")}
    found = at.sandbox.world.on_call_entries(kind, at.doc(kind, "First")["id"], since, until)
    return [(iso(max(e.start, since)), iso(min(e.end, until)), names[e.user or ""]) for e in found]


@pytest.mark.parametrize("kind", ["layers", "shifts"])
def test_one_that_begins_in_the_past_begins_now(tmp_path: Path, kind: str) -> None:
    with desk(tmp_path, *NAMES) as at:
        at.sandbox.move(iso(NOW - 9 * DAY))
        at.now = iso(NOW - 9 * DAY)
        at.says(policy(kind, WEEKLY))
        assert at.applies().code == 0
        at.sandbox.move(START)
        at.now = START
        before = on_call(at, NOW - 8 * DAY, NOW)
        at.says(policy(kind, WEEKLY, "from: 2026-11-22 09:00, until: 2026-11-25 09:00"))
        assert at.applies().code == 0
        assert on_call(at, NOW - 8 * DAY, NOW) == before
        assert on_call(at, NOW, NOW + DAY) == [(START, iso(NOW + DAY), "Gil")]
        assert at.in_sync
        at.now = iso(NOW + DAY)
        at.sandbox.move(at.now)
        assert at.in_sync


@pytest.mark.parametrize("kind", ["layers", pytest.param("shifts", marks=pytest.mark.long)])
@pytest.mark.parametrize(
    ("now", "span", "wanted"),
    [
        (
            "2026-03-28T20:00:00Z",
            "from: 2026-03-29 02:30, for: 2h",
            ("2026-03-29T00:30:00Z", "2026-03-29T02:30:00Z"),
        ),
        (
            "2026-10-24T20:00:00Z",
            "from: 2026-10-25 02:30, for: 2h",
            ("2026-10-24T23:30:00Z", "2026-10-25T01:30:00Z"),
        ),
        (
            "2026-10-24T20:00:00Z",
            "from: 2026-10-25 03:30, until: 2026-10-25 03:30 2nd",
            ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
        ),
        (
            "2026-10-24T20:00:00Z",
            "from: 2026-10-25 03:45 2nd, for: 1 day",
            ("2026-10-25T01:45:00Z", "2026-10-26T01:45:00Z"),
        ),
    ],
)
def test_a_length_is_real_time_in_the_account(
    tmp_path: Path, kind: str, now: str, span: str, wanted: tuple[str, str]
) -> None:
    with desk(tmp_path, *NAMES) as at:
        at.sandbox.move(now)
        at.now = now
        at.says(policy(kind, WEEKLY, span))
        ran = at.applies()
        assert ran.code == 0, ran.out
        start = parse_instant(now)
        gil = [row for row in on_call(at, start, start + 3 * DAY) if row[2] == "Gil"]
        assert gil == [(*wanted, "Gil")]
        assert at.in_sync


@pytest.mark.parametrize(
    "turns",
    [
        "handoff: tue 09:00, from: 2026-01-06, crew: [ana, ben]",
        "handoff: sun 20:00, from: 2026-01-04, crew: [ana, ben]",
        "handoff: mon 09:00, from: 2026-01-05, crew: [cleo, dan]",
        "handoff: mon 09:00, from: 2026-01-05, crew: [ben, ana]",
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_one_is_taken_back_whole_though_turns_moved(tmp_path: Path, turns: str, at_once: bool) -> None:
    with desk(tmp_path, *NAMES) as at:
        at.says(policy("shifts", WEEKLY, GIL))
        assert at.applies().code == 0
        if not at_once:
            at.says(policy("shifts", turns, GIL))
            assert at.applies().code == 0
            assert ("2026-12-06T07:00:00Z", "2026-12-09T07:00:00Z", "Gil") in on_call(at, NOW, NOW + 30 * DAY)
        at.says(policy("shifts", turns, f"{GIL}, cancelled: true"))
        ran = at.applies()
        assert ran.code == 0, ran.out
        assert "Gil" not in {who for _, _, who in on_call(at, NOW, NOW + 30 * DAY)}
        assert at.sandbox.store.children("v3_override", at.doc("schedule_v3", "First")["id"]) == []
        assert at.in_sync


def test_somebody_elses_within_it_stays(tmp_path: Path) -> None:
    with desk(tmp_path, *NAMES) as at:
        at.says(policy("shifts", WEEKLY, GIL))
        assert at.applies().code == 0
        (event,) = at.sandbox.store.all("event")
        theirs = {"event": event["id"], "instead_of": "Ana", "user": "Gil"}
        theirs |= {"start": "2026-12-08T10:00:00Z", "end": "2026-12-08T12:00:00Z"}
        tamper(
            at.sandbox.store, "schedule_v3", "First", {"add_override": theirs}, clock=at.sandbox.world.clock
        )
        at.says(policy("shifts", WEEKLY, f"{GIL}, cancelled: true"))
        assert at.applies().code == 0
        gil = [row for row in on_call(at, NOW, NOW + 30 * DAY) if row[2] == "Gil"]
        assert gil == [("2026-12-08T10:00:00Z", "2026-12-08T12:00:00Z", "Gil")]


KOLKATA = """settings:
  format: 1
  organization: Example
  time_zone: Asia/Kolkata
  hours: {{business: {{windows: mon-fri 09:00-18:00, except_holidays: IN}}}}
  pagerduty: {{account: acme, new_schedules: shifts}}
{people}rotations:
  always: {{title: Always, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben, cleo, dan]}}
  first: {{title: First, turn: 12 hours, from: 2026-01-05, crew: [eve, fay, gil, ana], hours: business, otherwise: always}}
"""


def test_a_followed_one_has_room_beside_many_holidays(tmp_path: Path) -> None:
    """Who follows keeps room in the list until it holds about a hundred."""
    with desk(tmp_path, *NAMES) as at:
        at.now = "2026-02-22T19:34:00Z"
        at.sandbox.move(at.now)
        text = KOLKATA.format(people=PEOPLE)
        at.says(text)
        assert at.applies().code == 0
        derived = at.sandbox.store.children("v3_override", at.doc("schedule_v3", "First")["id"])
        assert 40 < len(derived) < 90
        span = "from: 2026-02-24 01:09, until: 2026-02-27 21:09"
        at.says(f"{text}overrides:\n  - {{rotation: always, person: ben, {span}}}\n")
        ran = at.applies()
        assert (ran.code, "too-many-derived" in ran.out) == (0, False), ran.out
        night = parse_instant("2026-02-26T14:00:00Z")
        assert on_call(at, night, night + DAY // 2) == [(iso(night), iso(night + DAY // 2), "Ben")]
        assert at.in_sync
