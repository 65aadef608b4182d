"""The restrictions of a layer: daily and weekly windows of the local clock, united.

They wrap midnight and the week.  Start and end are local times; what happens when one is skipped or
repeated says `clock`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from watchbill.rota.clock import DAY, HOUR, MINUTE, WEEK, Instant, Zone, weekday
from watchbill.rota.entries import refuse_flood
from watchbill.rota.readings import RULED, Reading
from watchbill.rota.spans import Span, between, union
from watchbill.rota.wire import fault, need, text, whole_number

_LONGEST_CACHED_DAYS = 3 * 366


@dataclass(frozen=True, slots=True)
class Restriction:
    """`day` is 0 for Monday to 6 for Sunday, None for every day; `second` counts from local midnight."""

    day: int | None
    second: int
    duration: int

    @property
    def days_apart(self) -> int:
        return 1 if self.day is None else 7


Restrictions = tuple[Restriction, ...]


def restriction_from_wire(wire: Mapping[str, Any], where: str = "restriction") -> Restriction:
    """start_day_of_week runs from 1 for Monday to 7; released clients also send 0 and mean Sunday."""
    kind = need(wire, "type", where)
    second = _time_of_day(need(wire, "start_time_of_day", where), f"{where}.start_time_of_day")
    duration = whole_number(need(wire, "duration_seconds", where), f"{where}.duration_seconds")
    if kind == "daily_restriction":
        return Restriction(None, second, min(duration, DAY))
    if kind == "weekly_restriction":
        place = f"{where}.start_day_of_week"
        day = whole_number(need(wire, "start_day_of_week", where), place, least=0, most=7)
        return Restriction((day - 1) % 7, second, min(duration, WEEK))
    raise fault(f"{where}.type", f"is {kind!r}; it must be daily_restriction or weekly_restriction")


def windows(
    restrictions: Restrictions, zone: Zone, since: Instant, until: Instant, reading: Reading = RULED
) -> list[Span]:
    """The open windows in [since, until), sorted and disjoint.  No restriction at all: always open."""
    if since >= until:
        return []
    if not restrictions:
        return [(since, until)]
    first, last = since // DAY - 2, until // DAY + 2
    refuse_flood(sum((last - first) // r.days_apart for r in restrictions), "these restrictions")
    if last - first > _LONGEST_CACHED_DAYS:
        return between(_expand(restrictions, zone, first, last, reading.window_end), since, until)
    # Whole weeks, so that windows that differ by hours share one expansion.
    return between(
        _expand_cached(restrictions, zone, first - first % 7, last - last % -7, reading.window_end),
        since,
        until,
    )


def _expand(
    restrictions: Restrictions, zone: Zone, first: int, last: int, window_end: str
) -> tuple[Span, ...]:
    """All windows that touch the local days first to last."""
    spans: list[Span] = []
    instant = zone.instant
    for r in restrictions:
        step, second, stop = r.days_apart, r.second, r.second + r.duration
        begin = first - stop // DAY - 1
        if r.day is not None:
            begin += (r.day - weekday(begin)) % 7
        if window_end == "clock":
            spans.extend((instant(day, second), instant(day, stop)) for day in range(begin, last + 1, step))
        else:
            spans.extend(
                (at, at + r.duration)
                for day in range(begin, last + 1, step)
                for at in (instant(day, second),)
            )
    return tuple(union(spans))


_expand_cached = lru_cache(maxsize=128)(_expand)


def _time_of_day(value: object, where: str) -> int:
    parts = text(value, where).split(":")
    if len(parts) in (2, 3) and all(len(p) == 2 and p.isascii() and p.isdigit() for p in parts):
        hour, minute, second = (*map(int, parts), 0)[:3]
        if hour < 24 and minute < 60 and second < 60:
            return hour * HOUR + minute * MINUTE + second
    raise fault(where, f"is no time of day: {value!r}", "write it like 09:00:00")
