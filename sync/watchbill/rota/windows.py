"""The policy's hours: weekly wall-clock windows as spans of instants.

A window is named by the local day it starts on.  On a holiday of hours that except them, the windows that
start that day do not happen; one that began the day before keeps its tail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from watchbill.rota.clock import DAY, WEEK, Zone, date_of, day_number, weekday
from watchbill.rota.spans import Span, between, union

Occurrence = tuple[int, int, int]
"""(weekday, Monday is 0; clock second it starts; clock seconds it lasts)"""

Group = tuple[str | None, tuple[Occurrence, ...]]
"""Windows, and the country on whose holidays they do not happen."""


@dataclass(frozen=True, slots=True)
class WeekPlan:
    """Windows of one week, grouped by the holidays that they skip.  No windows = always."""

    groups: tuple[Group, ...] = ()

    @property
    def is_always(self) -> bool:
        return not self.groups

    @property
    def occurrences(self) -> tuple[Occurrence, ...]:
        return tuple(sorted({o for _, occurrences in self.groups for o in occurrences}))

    @property
    def stretches(self) -> tuple[tuple[int, int], ...]:
        """Unbroken stretches as (second of the week from Monday 00:00, seconds), in order; holidays ignored."""
        return _stretches(self)

    @property
    def bare(self) -> WeekPlan:
        """The same windows on holidays too."""
        if all(country is None for country, _ in self.groups):
            return self
        return plan_of(self.occurrences)

    def spans(self, zone: Zone, since: int, until: int) -> Sequence[Span]:
        """What of the plan lies in [since, until), sorted and joined."""
        if since >= until:
            return []
        if self.is_always:
            return [(since, until)]
        return between(_spans(self, zone, *_block(since, until)), since, until)


def plan_of(occurrences: Iterable[Occurrence], country: str | None = None) -> WeekPlan:
    return plan_of_groups({country: occurrences})


def plan_of_groups(groups: Mapping[str | None, Iterable[Occurrence]]) -> WeekPlan:
    made = [(country, tuple(sorted(set(occurrences)))) for country, occurrences in groups.items()]
    return WeekPlan(tuple(sorted((g for g in made if g[1]), key=lambda group: group[0] or "")))


ALWAYS = WeekPlan()

_BLOCK = 8 * WEEK


def _block(since: int, until: int) -> tuple[int, int]:
    """Rounded outwards, so that neighbouring questions share one expansion."""
    return since // _BLOCK * _BLOCK, -(-until // _BLOCK) * _BLOCK


@lru_cache(maxsize=512)
def _spans(plan: WeekPlan, zone: Zone, since: int, until: int) -> tuple[Span, ...]:
    found: list[Span] = []
    for country, occurrences in plan.groups:
        longest = max(length for _, _, length in occurrences)
        first_day = zone.day_of(since) - longest // DAY - 2
        last_day = zone.day_of(until) + 1
        skipped = holidays_of(country, date_of(first_day).year, date_of(last_day).year)
        by_weekday: dict[int, list[tuple[int, int]]] = {}
        for day, start, length in occurrences:
            by_weekday.setdefault(day, []).append((start, length))
        for day in range(first_day, last_day + 1):
            if day not in skipped:
                found += [
                    (zone.instant(day, start), zone.instant(day, start + length))
                    for start, length in by_weekday.get(weekday(day), ())
                ]
    return tuple(span for span in union(found) if span[1] > since and span[0] < until)


@lru_cache(maxsize=512)
def _stretches(plan: WeekPlan) -> tuple[tuple[int, int], ...]:
    marks = [(day * DAY + start, day * DAY + start + length) for day, start, length in plan.occurrences]
    joined = union([(s + shift, e + shift) for s, e in marks for shift in (-WEEK, 0, WEEK)])
    if any(end - start >= WEEK for start, end in joined):
        return ((0, WEEK),)
    return tuple((start, end - start) for start, end in joined if 0 <= start < WEEK)


def holidays_of(country: str | None, first_year: int, last_year: int) -> frozenset[int]:
    """Day numbers; `country` may name a subdivision: DE-BY."""
    if country is None:
        return frozenset()
    return frozenset().union(*(_holidays(country, year) for year in range(first_year, last_year + 1)))


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> frozenset[int]:
    import holidays  # noqa: PLC0415  large; only for policies that except holidays

    name, _, subdivision = country.partition("-")
    days = holidays.country_holidays(name, subdiv=subdivision or None, years=year)
    return frozenset(day_number(day) for day in days)


def knows_holidays(country: str) -> bool:
    import holidays  # noqa: PLC0415

    name, _, subdivision = country.partition("-")
    supported = holidays.list_supported_countries()
    return name in supported and (not subdivision or subdivision in supported[name])
