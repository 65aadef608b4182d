"""Windows cut at handoffs, before anybody's name is put on them: shared by all rotations of one rhythm."""

from __future__ import annotations

from functools import lru_cache
from operator import lt
from typing import NamedTuple

from watchbill.rota.clock import Instant, Zone
from watchbill.rota.grid import DayGrid, Grid, HourGrid
from watchbill.rota.windows import WeekPlan


class Cells(NamedTuple):
    first: int
    """Number of the first turn."""
    turns: int
    """How many turns from it on, whether or not they have duty."""
    starts: tuple[Instant, ...]
    ends: tuple[Instant, ...]
    places: tuple[int, ...]
    """Of the turn each belongs to, counted from the first."""
    apart: bool
    """No two of them touch."""


def cells(grid: Grid | None, plan: WeekPlan, zone: Zone, since: Instant, until: Instant) -> Cells:
    """`grid` None: one turn without end, number 0."""
    turns = 0
    if isinstance(grid, DayGrid):
        shift, anchor = divmod(grid.anchor_day, grid.step)
        grid, turns = DayGrid(grid.zone, anchor, grid.second, grid.step), -shift
    elif isinstance(grid, HourGrid):
        turns = -grid.anchor_day * (24 // grid.hours)
        grid = HourGrid(grid.zone, 0, grid.second, grid.hours)
    found = _cells(grid, plan, zone, since, until)
    return found._replace(first=found.first + turns) if turns else found


@lru_cache(maxsize=512)
def _cells(grid: Grid | None, plan: WeekPlan, zone: Zone, since: Instant, until: Instant) -> Cells:
    spans = plan.spans(zone, since, until)
    if not spans:
        return Cells(0, 0, (), (), (), apart=True)
    if grid is None:
        starts, ends = zip(*spans, strict=True)
        return Cells(0, 1, starts, ends, (0,) * len(spans), apart=True)
    first = k = grid.index_at(spans[0][0])
    handoff = grid.start(k + 1)
    rows: list[tuple[Instant, Instant, int]] = []
    for start, end in spans:
        if handoff <= start:
            k = grid.index_at(start)
            handoff = grid.start(k + 1)
        at = start
        while handoff < end:
            if at < handoff:
                rows.append((at, handoff, k - first))
                at = handoff
            k += 1
            handoff = grid.start(k + 1)
        rows.append((at, end, k - first))
    starts, ends, places = zip(*rows, strict=True)
    return Cells(first, k - first + 1, starts, ends, places, all(map(lt, ends, starts[1:])))
