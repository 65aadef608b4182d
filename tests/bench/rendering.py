"""One year of 1,000 weekly rotations with business hours: the renderer against dateutil, in one run.

Both give the same shifts; that is checked before any figure is printed.  Seconds are of processor time.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import FR, MO, TH, TU, WE, WEEKLY, rrule

from watchbill.model.policy import Policy
from watchbill.rota.duty import Roster, Shift

ROTATIONS = 1000
ZONES = ("Europe/Bucharest", "America/Chicago", "Australia/Lord_Howe", "Asia/Kolkata")
PEOPLE = [f"p{n}" for n in range(200)]
FIRST = datetime(2026, 1, 5, 9)  # noqa: DTZ001  a wall clock in every zone
SINCE, UNTIL = datetime(2026, 1, 5), datetime(2027, 1, 4)  # noqa: DTZ001

Row = tuple[int, int, str]


def crew(number: int) -> list[str]:
    return [PEOPLE[(number * 7 + i * 3) % len(PEOPLE)] for i in range(3 + number % 5)]


def policy() -> Policy:
    rotations: dict[str, Any] = {
        f"r{n}": {
            "title": f"Rotation {n}",
            "time_zone": ZONES[n % len(ZONES)],
            "turn": "1 week",
            "handoff": "mon 09:00",
            "from": "2026-01-05",
            "crew": crew(n),
            "hours": "business",
        }
        for n in range(ROTATIONS)
    }
    return Policy.model_validate(
        {
            "settings": {
                "format": 1,
                "organization": "Bench",
                "time_zone": ZONES[0],
                "hours": {"business": ["mon-fri 09:00-18:00"]},
            },
            "people": {p: {"name": p, "email": f"{p}@x.example"} for p in PEOPLE},
            "rotations": rotations,
        }
    )


def bounds(zone: str) -> tuple[int, int]:
    where = ZoneInfo(zone)
    return int(SINCE.replace(tzinfo=where).timestamp()), int(UNTIL.replace(tzinfo=where).timestamp())


def by_dateutil(number: int) -> list[Row]:
    where, people = ZoneInfo(ZONES[number % len(ZONES)]), crew(number)
    windows = rrule(WEEKLY, byweekday=(MO, TU, WE, TH, FR), dtstart=FIRST, until=UNTIL)
    turns = list(rrule(WEEKLY, dtstart=FIRST, until=UNTIL))
    found: list[Row] = []
    turn = 0
    for begin in windows:
        while turn + 1 < len(turns) and turns[turn + 1] <= begin:
            turn += 1
        end = begin + timedelta(hours=9)
        start = int(begin.replace(tzinfo=where).timestamp())
        found.append((start, int(end.replace(tzinfo=where).timestamp()), people[turn % len(people)]))
    return found


def by_watchbill(roster: Roster, number: int, spans: dict[str, tuple[int, int]]) -> list[Shift]:
    return roster.shifts(f"r{number}", *spans[ZONES[number % len(ZONES)]])


def main() -> int:
    loaded = policy()
    spans = {zone: bounds(zone) for zone in ZONES}
    runs: list[float] = []
    for _ in range(5):
        began = process_time()
        roster = Roster(loaded)
        drawn = sum(len(by_watchbill(roster, n, spans)) for n in range(ROTATIONS))
        runs.append(process_time() - began)
    began = process_time()
    expected = sum(len(by_dateutil(n)) for n in range(ROTATIONS))
    reference = process_time() - began
    for n in range(ROTATIONS):
        if [s[:3] for s in by_watchbill(roster, n, spans)] != by_dateutil(n):
            print(f"rotation r{n} differs; no figures")
            return 1
    assert drawn == expected
    print(f"{ROTATIONS} rotations, one year, {expected:,} shifts, equal in both")
    print(f"dateutil          {reference:8.3f} s")
    print(f"watchbill, first  {runs[0]:8.3f} s   {reference / runs[0]:6.1f} times faster")
    print(f"watchbill, best   {min(runs):8.3f} s   {reference / min(runs):6.1f} times faster")
    return 0


if __name__ == "__main__":
    sys.exit(main())
