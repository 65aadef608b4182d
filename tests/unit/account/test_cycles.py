"""The same duty, however it is cut into events; and what only looks like it."""

from __future__ import annotations

import pytest

from watchbill.account.cycles import recurring_of, same_duty
from watchbill.account.event_changes import change_plan
from watchbill.account.objects import ShiftEvent, ShiftRotation
from watchbill.rota.clock import DAY, HOUR, WEEK, parse_instant, zone

NOW = parse_instant("2026-11-23T14:00:00Z")
WHERE = zone("Europe/Bucharest")
MONDAY = WHERE.day_of(parse_instant("2026-11-02T12:00:00Z"))
CHANGE = parse_instant("2026-12-07T07:00:00Z")


def shift(rule: str, members: str, each: int | None = 1, *, days: int = 0, **more: int | None) -> ShiftEvent:
    """From Monday 09:00 on, in hours; `length` in seconds."""
    length = more.pop("length", WEEK) or WEEK
    first = MONDAY * DAY + 9 * HOUR + days * DAY
    return ShiftEvent(
        name="x",
        start=WHERE.instant(*divmod(first, DAY)),
        end=WHERE.instant(*divmod(first + length, DAY)),
        time_zone=WHERE.name,
        rule=rule,
        members=tuple("" if m == "-" else m for m in members.split()),
        per_member=each,
        since=more.get("since"),
        until=more.get("until"),
    )


def rotations(*events: ShiftEvent) -> list[ShiftRotation]:
    return [ShiftRotation(key=str(i), id=f"R{i}", events=(event,)) for i, event in enumerate(events)]


WEEKLY = [shift("FREQ=WEEKLY;BYDAY=MO", "a b c")]
SAME = [
    [shift("FREQ=WEEKLY", "a b c a b c")],
    [shift("FREQ=DAILY", "a b c", 7, length=DAY)],
    [shift("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "a b c", 7, length=DAY)],
    [shift("FREQ=HOURLY;INTERVAL=12", "a b c", 14, length=12 * HOUR)],
    [
        shift("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "a b c", 5, length=DAY),
        shift("FREQ=WEEKLY;BYDAY=SA,SU", "a b c", 2, length=DAY, days=5),
    ],
    [
        shift("FREQ=WEEKLY;INTERVAL=2", "a c b"),
        shift("FREQ=WEEKLY;INTERVAL=2", "b a c", days=7),
    ],
    [
        shift("FREQ=WEEKLY;BYDAY=MO", "a b c", until=CHANGE),
        shift("FREQ=DAILY", "a b c", 7, length=DAY, since=CHANGE),
    ],
]
OTHER = [
    [shift("FREQ=WEEKLY;BYDAY=MO", "b c a")],
    [shift("FREQ=WEEKLY;BYDAY=MO", "a b c", 2)],
    [shift("FREQ=WEEKLY;BYDAY=MO", "a b -")],
    [shift("FREQ=WEEKLY;BYDAY=MO", "a b c", None)],
    [shift("FREQ=WEEKLY;BYDAY=MO", "a b c", until=CHANGE)],
    [shift("FREQ=WEEKLY;BYDAY=MO", "a b c", since=CHANGE)],
    [shift("FREQ=WEEKLY;BYDAY=MO", "a b c", length=WEEK - HOUR)],
    [*WEEKLY, *WEEKLY],
    [shift("FREQ=WEEKLY;BYDAY=MO;COUNT=9", "a b c")],
    [shift("FREQ=WEEKLY;BYDAY=MO", "a b c").model_copy(update={"time_zone": "Europe/Helsinki"})],
    [],
]


@pytest.mark.parametrize("events", SAME)
def test_the_same_duty_is_no_change(events: list[ShiftEvent]) -> None:
    assert same_duty(rotations(*WEEKLY), rotations(*events), NOW)
    assert same_duty(rotations(*events), rotations(*WEEKLY), NOW)
    assert change_plan(rotations(*WEEKLY), rotations(*events), NOW).steps == ()


@pytest.mark.parametrize("events", OTHER)
def test_another_duty_is_one(events: list[ShiftEvent]) -> None:
    assert not same_duty(rotations(*WEEKLY), rotations(*events), NOW)
    assert not same_duty(rotations(*events), rotations(*WEEKLY), NOW)
    assert change_plan(rotations(*WEEKLY), rotations(*events), NOW).steps


def test_what_repeats_unevenly_is_the_same_only_in_the_same_form() -> None:
    odd = shift("FREQ=MONTHLY;BYDAY=1MO", "a b c", length=DAY)
    assert recurring_of(odd) is None
    assert same_duty(rotations(odd), rotations(odd), NOW)
    again = odd.model_copy(update={"rule": "FREQ=MONTHLY;BYDAY=1MO;WKST=SU"})
    assert not same_duty(rotations(odd), rotations(again), NOW)
    assert same_duty(rotations(odd, *WEEKLY), rotations(*SAME[1], odd), NOW), "beside it, others may"


def test_a_shift_that_ended_is_history() -> None:
    over = shift("FREQ=WEEKLY;BYDAY=MO", "z", until=NOW - DAY)
    assert same_duty(rotations(over, *WEEKLY), rotations(*WEEKLY), NOW)
