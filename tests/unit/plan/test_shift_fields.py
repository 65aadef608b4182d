"""Events in words."""

from __future__ import annotations

from typing import Any

import pytest

from watchbill.account.events import named
from watchbill.account.objects import ShiftEvent, ShiftRotation, ShiftSchedule
from watchbill.plan.shift_fields import shifts_in_words, told
from watchbill.rota.clock import DAY, HOUR, WEEK, parse_instant

MONDAY = parse_instant("2026-11-23T07:00:00Z")
"""09:00 in Bucharest."""


def event(rule: str, length: int, **given: Any) -> ShiftEvent:
    fields = {"start": MONDAY, "end": MONDAY + length, "members": ("ana", "ben"), "per_member": 1}
    zone = {"time_zone": "Europe/Bucharest", "rule": rule, "name": "an event"}
    return ShiftEvent.model_validate({**fields, **zone, **given})


@pytest.mark.parametrize(
    ("rule", "length", "words"),
    [
        ("FREQ=DAILY", 12 * HOUR, "daily 09:00-21:00"),
        ("FREQ=WEEKLY", WEEK, "Mon 09:00 - Mon 09:00"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", 2 * DAY, "every 2 weeks, Mon 09:00 - Wed 09:00"),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", 9 * HOUR, "Mon-Fri 09:00-18:00"),
        ("FREQ=WEEKLY;BYDAY=MO,FR;WKST=MO", 9 * HOUR, "Mon,Fri 09:00-18:00"),
        ("FREQ=HOURLY;INTERVAL=6", 6 * HOUR, "every 6 hours"),
        ("FREQ=MONTHLY;BYDAY=1MO", 9 * HOUR, "FREQ=MONTHLY;BYDAY=1MO, 09:00-18:00"),
        ("FREQ=WEEKLY;COUNT=3", 9 * HOUR, "FREQ=WEEKLY;COUNT=3, 09:00-18:00"),
    ],
)
def test_recurrences_as_people_say_them(rule: str, length: int, words: str) -> None:
    assert shifts_in_words(event(rule, length)) == words


def test_a_schedule_event_by_event_and_those_of_one_name_are_numbered() -> None:
    first = named(event("FREQ=DAILY", 12 * HOUR, until=MONDAY + DAY), "turns")
    second = named(
        event("FREQ=DAILY", 12 * HOUR, since=MONDAY + DAY, members=("ben", ""), per_member=2), "turns"
    )
    both = named(event("FREQ=DAILY", HOUR, per_member=None), "together daily 09:00-10:00")
    schedule = ShiftSchedule(
        name="s",
        time_zone="Etc/UTC",
        rotations=(ShiftRotation(events=(second, first)), ShiftRotation(events=(both,))),
    )
    assert told(schedule, str.title, MONDAY) == {
        "together daily 09:00-10:00 · people": "Ana + Ben",
        "turns · people": "Ana, Ben",
        "turns · turn": "1 shift each",
        "turns · first turn": "Ana from Mon 2026-11-23 09:00",
        "turns · shifts": "daily 09:00-21:00",
        "turns · until": "Tue 2026-11-24 09:00",
        "turns 2 · people": "Ben, nobody",
        "turns 2 · turn": "2 shifts each",
        "turns 2 · first turn": "Ben from Mon 2026-11-23 09:00",
        "turns 2 · shifts": "daily 09:00-21:00",
        "turns 2 · from": "Tue 2026-11-24 09:00",
    }
