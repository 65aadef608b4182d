"""Whose turn it is: crews, dated crews and shifted crews, counted on a grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from watchbill.rota.clock import Instant
from watchbill.rota.grid import Grid
from watchbill.rota.windows import WeekPlan

FOREVER: Instant = 253_402_300_800
"""The year 10000; ends what has no end."""
LONG_AGO: Instant = -62_135_596_800
"""The year 1."""


class Turn(NamedTuple):
    """One crew member's span between handoffs, whatever the hours say."""

    start: Instant
    end: Instant
    holder: str
    """A handle, or `nobody`."""
    ordinal: int
    """Counts the turns of the rotation through all its crews."""
    crew: int
    """Which dated crew it belongs to."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One crew in force over [start, end).  `grid` is None where its turns cannot be counted: the first has all."""

    start: Instant
    end: Instant
    order: tuple[str, ...]
    grid: Grid | None
    plan: WeekPlan
    first: int = 0
    """Place in `order` of who has the turn under way at `start`."""
    each: int = 1
    """Consecutive turns of one person."""
    number: int = 0
    base: int = 0
    """Ordinal of the turn under way at `start`."""

    @property
    def is_one_person(self) -> bool:
        return self.grid is None or len(set(self.order)) == 1

    @property
    def origin(self) -> int:
        """Grid index of the turn under way at `start`."""
        return self.grid.index_at(self.start) if self.grid else 0

    def place(self, steps: int) -> int:
        """Position in `order` of who serves `steps` turns after the one under way at `start`."""
        return (self.first + steps // self.each) % len(self.order)

    def holder(self, ordinal: int) -> str:
        return self.order[self.place(ordinal - self.base)]

    @property
    def length(self) -> int | None:
        """How many turns begin in it (the one under way at its start included); None = without end."""
        if self.grid is None or self.end >= FOREVER:
            return None
        return self.grid.index_at(self.end - 1) - self.origin + 1

    def turns(self, since: Instant, until: Instant) -> Iterator[Turn]:
        """The turns that touch [since, until), cut at the segment's own bounds only."""
        low, high = max(since, self.start), min(until, self.end)
        if low >= high:
            return
        if self.grid is None:
            yield Turn(self.start, self.end, self.order[self.first], self.base, self.number)
            return
        grid, origin = self.grid, self.origin
        order, each, count = self.order, self.each, len(self.order)
        k = grid.index_at(low)
        begin = grid.start(k)
        while begin < high:
            finish = grid.start(k + 1)
            if finish > begin:
                holder = order[(self.first + (k - origin) // each) % count]
                yield Turn(
                    max(begin, self.start),
                    min(finish, self.end),
                    holder,
                    self.base + k - origin,
                    self.number,
                )
            k, begin = k + 1, finish


class Run(NamedTuple):
    """A time over which one grid counts the turns."""

    start: Instant
    end: Instant
    grid: Grid | None
    plan: WeekPlan
    crew: int
    ordinal: int
    """Of the grid's turn 0."""


class TurnSequence(Protocol):
    """All turns of one rotation (or of one of its layers), in order."""

    def turns(self, since: Instant, until: Instant) -> Iterator[Turn]: ...

    def holder(self, ordinal: int) -> str: ...

    def holders(self, ordinal: int, count: int) -> list[str]:
        """Of so many turns from that one on."""
        ...

    def runs(self, since: Instant, until: Instant) -> list[Run]: ...

    def plans(self, since: Instant, until: Instant) -> list[tuple[Instant, Instant, WeekPlan]]:
        """Which hours hold when, over [since, until)."""
        ...


@dataclass(frozen=True, slots=True)
class CrewSequence:
    segments: tuple[Segment, ...]

    def turns(self, since: Instant, until: Instant) -> Iterator[Turn]:
        for segment in self.segments:
            yield from segment.turns(since, until)

    def holder(self, ordinal: int) -> str:
        """Before the first crew its order is continued backwards."""
        chosen = self.segments[0]
        for segment in self.segments:
            if segment.base <= ordinal:
                chosen = segment
        return chosen.holder(ordinal)

    def holders(self, ordinal: int, count: int) -> list[str]:
        if len(self.segments) > 1:
            return [self.holder(ordinal + i) for i in range(count)]
        only = self.segments[0]
        order, each, size = only.order, only.each, len(only.order)
        steps = ordinal - only.base
        return [order[(only.first + (steps + i) // each) % size] for i in range(count)]

    def runs(self, since: Instant, until: Instant) -> list[Run]:
        return [
            Run(max(s.start, since), min(s.end, until), s.grid, s.plan, s.number, s.base - s.origin)
            for s in self.segments
            if s.start < until and s.end > since
        ]

    def plans(self, since: Instant, until: Instant) -> list[tuple[Instant, Instant, WeekPlan]]:
        return [
            (max(s.start, since), min(s.end, until), s.plan)
            for s in self.segments
            if s.start < until and s.end > since
        ]


@dataclass(frozen=True, slots=True)
class ShiftedSequence:
    """`same_crew`: the holder of a turn is who had the turn `later` turns before; handoffs are the same."""

    of: TurnSequence
    later: int
    plan: WeekPlan

    def turns(self, since: Instant, until: Instant) -> Iterator[Turn]:
        for turn in self.of.turns(since, until):
            yield turn._replace(holder=self.of.holder(turn.ordinal - self.later))

    def holder(self, ordinal: int) -> str:
        return self.of.holder(ordinal - self.later)

    def holders(self, ordinal: int, count: int) -> list[str]:
        return self.of.holders(ordinal - self.later, count)

    def runs(self, since: Instant, until: Instant) -> list[Run]:
        return [run._replace(plan=self.plan) for run in self.of.runs(since, until)]

    def plans(self, since: Instant, until: Instant) -> list[tuple[Instant, Instant, WeekPlan]]:
        starts = [s for s, _, _ in self.of.plans(since, until)]
        return [(max(since, min(starts)), until, self.plan)] if starts else []


def numbered(segments: list[Segment]) -> CrewSequence:
    """Gives each segment its number and the ordinal it starts with."""
    if len(segments) == 1:
        return CrewSequence(tuple(segments))
    placed: list[Segment] = []
    base = 0
    for number, segment in enumerate(segments):
        placed.append(replace(segment, number=number, base=base))
        length = placed[-1].length
        base += 1 if length is None else length
    return CrewSequence(tuple(placed))
