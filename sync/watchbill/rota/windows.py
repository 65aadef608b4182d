"""The policy's hours: weekly wall-clock windows as spans of instants.

A window is named by the local day it starts on.  On a holiday of hours that except them, the windows that
start that day do not happen; one that began the day before keeps its tail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from watchbill.rota.clock import DAY, WEEK, Zone, date_of, weekday
from watchbill.rota.spans import Span, union

Occurrence = tuple[int, int, int]
"""(weekday, Monday is 0; clock second it starts; clock seconds it lasts)"""


@dataclass(frozen=True, slots=True)
class WeekPlan:
    """Windows of one week.  `country` names the holidays on which they do not happen; no windows = always."""

    occurrences: tuple[Occurrence, ...] = ()
    country: str | None = None

    @property
    def is_always(self) -> bool:
        return not self.occurrences

    @property
    def stretches(self) -> tuple[tuple[int, int], ...]:
        """Unbroken stretches as (second of the week from Monday 00:00, seconds), in order; holidays ignored."""
        return _stretches(self.occurrences)

    def spans(self, zone: Zone, since: int, until: int) -> list[Span]:
        """What of the plan touches [since, until), whole (not cut at the bounds), sorted and joined."""
        if self.is_always:
            return [(since, until)] if since < until else []
        return list(_spans(self, zone, *_block(since, until)))

    def holidays(self, first_year: int, last_year: int) -> frozenset[int]:
        """Day numbers of the holidays that these windows skip."""
        if self.country is None:
            return frozenset()
        return frozenset().union(*(_holidays(self.country, y) for y in range(first_year, last_year + 1)))


def plan_of(occurrences: Iterable[Occurrence], country: str | None = None) -> WeekPlan:
    return WeekPlan(tuple(sorted(set(occurrences))), country)


ALWAYS = WeekPlan()

_BLOCK = 8 * WEEK


def _block(since: int, until: int) -> tuple[int, int]:
    """Rounded outwards, so that neighbouring questions share one expansion."""
    return since // _BLOCK * _BLOCK, -(-until // _BLOCK) * _BLOCK


@lru_cache(maxsize=512)
def _spans(plan: WeekPlan, zone: Zone, since: int, until: int) -> tuple[Span, ...]:
    longest = max(length for _, _, length in plan.occurrences)
    first_day = zone.day_of(since) - longest // DAY - 2
    last_day = zone.day_of(until) + 1
    skipped = plan.holidays(date_of(first_day).year, date_of(last_day).year)
    by_weekday: dict[int, list[tuple[int, int]]] = {}
    for day, start, length in plan.occurrences:
        by_weekday.setdefault(day, []).append((start, length))
    found: list[Span] = []
    for day in range(first_day, last_day + 1):
        if day in skipped:
            continue
        for start, length in by_weekday.get(weekday(day), ()):
            found.append((zone.instant(day, start), zone.instant(day, start + length)))
    return tuple(span for span in union(found) if span[1] > since and span[0] < until)


@lru_cache(maxsize=512)
def _stretches(occurrences: tuple[Occurrence, ...]) -> tuple[tuple[int, int], ...]:
    marks = [(day * DAY + start, day * DAY + start + length) for day, start, length in occurrences]
    joined = union([(s + shift, e + shift) for s, e in marks for shift in (-WEEK, 0, WEEK)])
    if any(end - start >= WEEK for start, end in joined):
        return ((0, WEEK),)
    return tuple((start, end - start) for start, end in joined if 0 <= start < WEEK)


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> frozenset[int]:
    import holidays  # noqa: PLC0415  large; only for policies that except holidays

    from watchbill.rota.clock import day_number  # noqa: PLC0415

    name, _, subdivision = country.partition("-")
    days = holidays.country_holidays(name, subdiv=subdivision or None, years=year)
    return frozenset(day_number(day) for day in days)


def knows_holidays(country: str) -> bool:
    import holidays  # noqa: PLC0415

    name, _, subdivision = country.partition("-")
    supported = holidays.list_supported_countries()
    return name in supported and (not subdivision or subdivision in supported[name])
