"""The handoffs of a rotation's dated crews: when they are, and how the policy writes them.

A handoff is the calendar one, also outside hours.  Where people have several turns each, only the handoffs at
which somebody else takes over count: a new crew in between would give one of them too many turns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from watchbill.errors import UsageError
from watchbill.model.policy import Policy
from watchbill.model.rotations import Counted, DatedCrew, Rotation
from watchbill.model.text import DateOrTime
from watchbill.rota.build import grid_of, inherit, plan_for, starts_at
from watchbill.rota.clock import DAY, HOUR, Instant, Zone, date_of, zone
from watchbill.rota.grid import DayGrid, Grid, HourGrid, StretchGrid
from watchbill.rota.turns import FOREVER
from watchbill.rota.windows import WeekPlan

ANCHOR = DateOrTime("2000-01-03")
"""Stands for the start of a crew that never needed one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A dated crew in force over [start, end).  `index`: which of the written ones; `at`: its `from`."""

    index: int
    at: DateOrTime | None
    start: Instant
    end: Instant
    order: tuple[str, ...]
    first: int
    counted: Counted
    grid: Grid | None
    """None where turns cannot be counted: no turn length is known."""
    plan: WeekPlan
    where: Zone

    @property
    def each(self) -> int:
        return self.counted.turns_each or 1

    def cycle_at(self, instant: Instant) -> tuple[int, ...]:
        """Places in `order`, beginning with who has the turn that begins at `instant`."""
        place = self.first
        if self.grid is not None and instant > self.start:
            place += (self.grid.index_at(instant) - self.grid.index_at(self.start)) // self.each
        count = len(self.order)
        return tuple((place + i) % count for i in range(count))

    def handoff_after(self, instant: Instant) -> tuple[Instant, str] | None:
        """The first handoff strictly after `instant` and how a `from` says it; None = turns cannot be counted."""
        grid = self.grid
        if grid is None:
            return None
        origin = grid.index_at(self.start)
        k = grid.index_at(instant) + 1
        k += -(k - origin) % self.each
        while grid.start(k) <= instant or self._text(grid, k) is None:
            k += self.each
        return grid.start(k), self._text(grid, k) or ""

    def _text(self, grid: Grid, k: int) -> str | None:
        """None: the wall clock cannot name it (the second of two equal hours)."""
        day, second = _wall_clock(grid, k, self.where)
        if second % 60:
            return None
        date = date_of(day).isoformat()
        timed = f"{date} {second // HOUR:02d}:{second % HOUR // 60:02d}"
        handoff = self.counted.handoff
        text = date if second == (handoff.second if handoff else 0) else timed
        return text if starts_at(self.counted, DateOrTime(text), self.where) == grid.start(k) else None


def _wall_clock(grid: Grid, k: int, where: Zone) -> tuple[int, int]:
    """As counted, not as shown: a handoff in the hour that a clock change skips keeps its name."""
    if isinstance(grid, DayGrid):
        day, second = grid.anchor_day + k * grid.step, grid.second
    elif isinstance(grid, HourGrid):
        days, part = divmod(k, 24 // grid.hours)
        day, second = grid.anchor_day + days, grid.second + part * grid.hours * HOUR
    elif isinstance(grid, StretchGrid):
        weeks, place = divmod(grid.offset + k * grid.each, len(grid.stretches))
        day, second = grid.anchor_week + 7 * weeks, grid.stretches[place][0]
    else:
        day, second = where.local(grid.start(k))
    return day + second // DAY, second % DAY


def dated_crews(rotation: Rotation) -> tuple[DatedCrew, ...]:
    """A plain `from`, `crew`, `first` is the form with one entry."""
    if rotation.crews is not None:
        return rotation.crews
    assert rotation.crew is not None
    return (
        DatedCrew.model_construct(from_=rotation.from_ or ANCHOR, order=rotation.crew, first=rotation.first),
    )


def entries(policy: Policy, handle: str, counting: Counted | None = None) -> tuple[Entry, ...]:
    """Of a rotation with `crew` or `crews`.  `counting`: turn and handoff for crews that have none."""
    rotation = policy.rotations[handle]
    where = zone(policy.zone_of(handle))
    made: list[Entry] = []
    for index, dated in enumerate(dated_crews(rotation)):
        counted = inherit(dated, rotation)
        if counted.turn is None and counting is not None:
            counted = counted.model_copy(update={"turn": counting.turn, "handoff": counting.handoff})
        plan = plan_for(policy.settings, dated.hours if dated.hours is not None else rotation.hours)
        made.append(
            Entry(
                index=index,
                at=dated.from_,
                start=starts_at(counted, dated.from_, where),
                end=FOREVER,
                order=dated.order,
                first=dated.order.index(dated.first) if dated.first in dated.order else 0,
                counted=counted,
                grid=grid_of(counted, dated.from_, where, plan),
                plan=plan,
                where=where,
            )
        )
    ends = [entry.start for entry in made[1:]] + [FOREVER]
    return tuple(replace(entry, end=end) for entry, end in zip(made, ends, strict=True))


def next_handoff(dated: tuple[Entry, ...], after: Instant) -> tuple[Instant, str, Entry | None]:
    """(when, how a `from` says it, the entry that begins there already) of the first handoff after `after`."""
    begun = [e for e in dated if e.start <= after]
    upcoming = next((e for e in dated if e.start > after), None)
    found = begun[-1].handoff_after(after) if begun else None
    if upcoming is not None and (found is None or found[0] >= upcoming.start):
        return upcoming.start, str(upcoming.at), upcoming
    if found is None:
        raise UsageError(
            "a crew of one has no handoffs, so nobody can take turns with it yet",
            remedy="say how long a turn is and when it changes hands: --turn '1 week' --handoff 'mon 09:00'",
        )
    return (*found, None)
