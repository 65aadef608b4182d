"""When turns begin: the four ways of counting them, each by arithmetic.

A grid numbers its turns by integers; `start(k)` is the instant turn k begins, `index_at(t)` the turn under
way at t.  Starts never decrease; where a clock change swallows a turn of hours, two starts coincide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from watchbill.rota.clock import DAY, HOUR, WEEK, Instant, Zone, weekday


class Grid(Protocol):
    def start(self, k: int) -> Instant: ...

    def index_at(self, at: Instant) -> int: ...

    def __hash__(self) -> int: ...


def _settle(grid: Grid, guess: int, at: Instant) -> int:
    """The last k near `guess` whose start is not after `at`."""
    while grid.start(guess) > at:
        guess -= 1
    while grid.start(guess + 1) <= at:
        guess += 1
    return guess


@dataclass(frozen=True, slots=True)
class DayGrid:
    """Turns of whole days or weeks: handoff at the same wall-clock time, whatever the clock does."""

    zone: Zone
    anchor_day: int
    second: int
    step: int

    def start(self, k: int) -> Instant:
        return self.zone.instant(self.anchor_day + k * self.step, self.second)

    def index_at(self, at: Instant) -> int:
        return _settle(self, (self.zone.day_of(at) - self.anchor_day) // self.step, at)


@dataclass(frozen=True, slots=True)
class HourGrid:
    """Turns of N hours, N dividing 24, on the wall clock: the same hand-offs every day."""

    zone: Zone
    anchor_day: int
    second: int
    hours: int

    def start(self, k: int) -> Instant:
        days, part = divmod(k, 24 // self.hours)
        return self.zone.instant(self.anchor_day + days, self.second + part * self.hours * HOUR)

    def index_at(self, at: Instant) -> int:
        day, second = self.zone.local(at)
        elapsed = (day - self.anchor_day) * DAY + second - self.second
        return _settle(self, elapsed // (self.hours * HOUR), at)


@dataclass(frozen=True, slots=True)
class ElapsedGrid:
    """Turns of real time: no handoff time of day."""

    anchor: Instant
    seconds: int

    def start(self, k: int) -> Instant:
        return self.anchor + k * self.seconds

    def index_at(self, at: Instant) -> int:
        return (at - self.anchor) // self.seconds


@dataclass(frozen=True, slots=True)
class StretchGrid:
    """Turns of N stretches of duty; stretches of the weekly plan, counted on holidays too."""

    zone: Zone
    stretches: tuple[tuple[int, int], ...]
    each: int
    anchor_week: int
    """Day number of the Monday from which stretches are numbered."""
    offset: int
    """Number of the stretch that begins turn 0."""
    since: Instant
    """Turn 0 is under way here, also where its first stretch is still to come."""

    def start(self, k: int) -> Instant:
        begin = self.stretch_start(self.offset + k * self.each)
        return begin if k else min(begin, self.since)

    def stretch_start(self, number: int) -> Instant:
        weeks, place = divmod(number, len(self.stretches))
        return self.zone.instant(self.anchor_week + 7 * weeks, self.stretches[place][0])

    def stretch_end(self, number: int) -> Instant:
        weeks, place = divmod(number, len(self.stretches))
        start, length = self.stretches[place]
        return self.zone.instant(self.anchor_week + 7 * weeks, start + length)

    def index_at(self, at: Instant) -> int:
        weeks = (self.zone.day_of(at) - self.anchor_week) // 7
        return _settle(self, (weeks * len(self.stretches) - self.offset) // self.each, at)


def stretch_grid(
    zone: Zone, stretches: tuple[tuple[int, int], ...], each: int, since: Instant
) -> StretchGrid:
    """Turn 0 begins with the stretch under way at `since`, or else the next one."""
    day = zone.day_of(since)
    monday = day - weekday(day)
    grid = StretchGrid(zone, stretches, each, monday, 0, since)
    number = -len(stretches)
    while grid.stretch_end(number) <= since:
        number += 1
    return StretchGrid(zone, stretches, each, monday, number, since)


__all__ = ["WEEK", "DayGrid", "ElapsedGrid", "Grid", "HourGrid", "StretchGrid", "stretch_grid"]
