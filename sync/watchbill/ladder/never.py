"""People in a crew who never have a shift there, because all their turns fall outside the hours."""

from __future__ import annotations

from collections.abc import Iterator
from math import lcm

from watchbill.model.base import NOBODY
from watchbill.rota.clock import DAY, HOUR, WEEK, Instant
from watchbill.rota.duty import Roster
from watchbill.rota.grid import DayGrid, ElapsedGrid, HourGrid, StretchGrid
from watchbill.rota.spans import Span
from watchbill.rota.turns import CrewSequence, Segment, ShiftedSequence, TurnSequence
from watchbill.rota.windows import WeekPlan

LONGEST = 731 * DAY


def never_on_call(roster: Roster, rotation: str, now: Instant) -> list[str]:
    """Each crew in force or to come is looked at until it repeats with the week, at most two years.

    A crew that ends before it repeats is left alone: who leaves with it need not serve again.
    """
    spec = roster.policy.rotations[rotation]
    if spec.listed or spec.together or spec.covered_by:
        return []
    members: dict[str, None] = {}
    cycles: list[Span] = []
    some_hours = len(roster.sources(rotation)) > 1
    for source in roster.sources(rotation):
        for segment, plan in _segments(source.sequence):
            begin, end = max(segment.start, source.start, now), min(segment.end, source.until)
            cycle = min(_repeats_after(segment), LONGEST)
            if end - begin >= cycle and begin < now + LONGEST:
                members.update(dict.fromkeys(segment.order))
                cycles.append((begin, begin + cycle))
                some_hours = some_hours or not plan.is_always
    if not some_hours:
        return []
    bare = Roster(roster.policy, plain=True)
    serving = {
        shift.person
        for start, end in dict.fromkeys(cycles)
        for shift in bare.shifts(rotation, start, end)
        if shift.rotation == rotation
    }
    return [person for person in members if person != NOBODY and person not in serving]


def _segments(sequence: TurnSequence) -> Iterator[tuple[Segment, WeekPlan]]:
    """With the hours that hold: a crew that serves elsewhere too has other hours there."""
    if isinstance(sequence, CrewSequence):
        yield from ((segment, segment.plan) for segment in sequence.segments)
    elif isinstance(sequence, ShiftedSequence):
        yield from ((segment, sequence.plan) for segment, _ in _segments(sequence.of))


def _repeats_after(segment: Segment) -> int:
    """Seconds after which crew and week are in step again, and a week for the clock changes."""
    turns = len(segment.order) * segment.each
    grid = segment.grid
    if isinstance(grid, DayGrid):
        return lcm(turns * grid.step * DAY, WEEK) + WEEK
    if isinstance(grid, HourGrid):
        return lcm(turns * grid.hours * HOUR, WEEK) + WEEK
    if isinstance(grid, ElapsedGrid):
        return lcm(turns * grid.seconds, WEEK) + WEEK
    if isinstance(grid, StretchGrid):
        return (turns * grid.each // max(len(grid.stretches), 1) + 2) * WEEK
    return WEEK
