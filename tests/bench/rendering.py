"""One year of 1,000 weekly rotations with business hours: the renderer against dateutil, in one run.

Once with one handoff for all, as most policies have it, once with a handoff for each.  Both give the same
shifts; that is checked before any figure is printed.  Seconds are of processor time.
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
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PEOPLE = [f"p{n}" for n in range(200)]
FIRST = datetime(2026, 1, 5, 9)  # noqa: DTZ001  a wall clock in every zone
SINCE, UNTIL = datetime(2026, 1, 5), datetime(2027, 1, 4)  # noqa: DTZ001

Row = tuple[int, int, str]


def crew(number: int) -> list[str]:
    return [PEOPLE[(number * 7 + i * 3) % len(PEOPLE)] for i in range(3 + number % 5)]


def handoff(number: int, *, own: bool) -> datetime:
    """The first one; with `own` any half hour of the week."""
    return FIRST + timedelta(minutes=30 * (number * 37 % 336)) if own else FIRST


def policy(*, own: bool = False) -> Policy:
    rotations: dict[str, Any] = {}
    for n in range(ROTATIONS):
        first = handoff(n, own=own)
        rotations[f"r{n}"] = {
            "title": f"Rotation {n}",
            "time_zone": ZONES[n % len(ZONES)],
            "turn": "1 week",
            "handoff": f"{DAYS[first.weekday()]} {first:%H:%M}",
            "from": f"{first:%Y-%m-%d}",
            "crew": crew(n),
            "hours": "business",
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


def by_dateutil(number: int, *, own: bool) -> list[Row]:
    where, people = ZoneInfo(ZONES[number % len(ZONES)]), crew(number)
    windows = rrule(WEEKLY, byweekday=(MO, TU, WE, TH, FR), dtstart=FIRST, until=UNTIL)
    turns = list(rrule(WEEKLY, dtstart=handoff(number, own=own), until=UNTIL + timedelta(weeks=1)))
    found: list[Row] = []
    turn = 0
    for opens in windows:
        closes = opens + timedelta(hours=9)
        begin = max(opens, turns[0])
        while begin < closes:
            while turns[turn + 1] <= begin:
                turn += 1
            end = min(closes, turns[turn + 1])
            start = int(begin.replace(tzinfo=where).timestamp())
            found.append((start, int(end.replace(tzinfo=where).timestamp()), people[turn % len(people)]))
            begin = end
    return found


def by_watchbill(roster: Roster, number: int, spans: dict[str, tuple[int, int]]) -> list[Shift]:
    return roster.shifts(f"r{number}", *spans[ZONES[number % len(ZONES)]])


def compare(*, own: bool) -> bool:
    loaded = policy(own=own)
    spans = {zone: bounds(zone) for zone in ZONES}
    runs: list[float] = []
    for _ in range(5):
        began = process_time()
        roster = Roster(loaded)
        drawn = sum(len(by_watchbill(roster, n, spans)) for n in range(ROTATIONS))
        runs.append(process_time() - began)
    began = process_time()
    expected = sum(len(by_dateutil(n, own=own)) for n in range(ROTATIONS))
    reference = process_time() - began
    for n in range(ROTATIONS):
        if [s[:3] for s in by_watchbill(roster, n, spans)] != by_dateutil(n, own=own):
            print(f"rotation r{n} differs; no figures")
            return False
    assert drawn == expected
    rhythm = "each with a handoff of its own" if own else "one handoff"
    print(f"{ROTATIONS} rotations, {rhythm}, one year, {expected:,} shifts, equal in both")
    print(f"dateutil          {reference:8.3f} s")
    print(f"watchbill, first  {runs[0]:8.3f} s   {reference / runs[0]:6.1f} times faster")
    print(f"watchbill, best   {min(runs):8.3f} s   {reference / min(runs):6.1f} times faster")
    return True


def main() -> int:
    return 0 if all([compare(own=False), compare(own=True)]) else 1


if __name__ == "__main__":
    sys.exit(main())
