"""From the policy's words to turn sequences: anchors, grids, hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from watchbill.model.policy import Policy
from watchbill.model.rotations import Counted, DatedCrew, LayerSpec, Rotation
from watchbill.model.settings import ALWAYS as ALWAYS_OPEN
from watchbill.model.settings import HoursValue, Settings, as_hours
from watchbill.model.text import DateOrTime, Window
from watchbill.rota.clock import DAY, HOUR, Instant, Zone, day_number, weekday, zone
from watchbill.rota.grid import DayGrid, ElapsedGrid, Grid, HourGrid, stretch_grid
from watchbill.rota.turns import (
    FOREVER,
    LONG_AGO,
    CrewSequence,
    Segment,
    ShiftedSequence,
    TurnSequence,
    numbered,
)
from watchbill.rota.windows import ALWAYS, Occurrence, WeekPlan, plan_of_groups


@dataclass(frozen=True, slots=True)
class Source:
    """One stream of duty: a rotation's crew, or one of its layers."""

    sequence: TurnSequence
    zone: Zone
    start: Instant
    until: Instant
    name: str = ""


def plan_for(settings: Settings, hours: Sequence[Window | str] | None) -> WeekPlan:
    """Every window with the holidays that it skips; a window named without any happens on holidays too."""
    if not hours or ALWAYS_OPEN in hours:
        return ALWAYS
    return _plan(tuple(item if isinstance(item, Window) else settings.hours[item] for item in hours))


@lru_cache(maxsize=256)
def _plan(hours: tuple[HoursValue, ...]) -> WeekPlan:
    groups: dict[str | None, list[Occurrence]] = {}
    for value in hours:
        named = as_hours(value)
        for window in named.windows:
            groups.setdefault(named.except_holidays, []).extend(window.occurrences)
    return plan_of_groups(groups)


def local_instant(when: DateOrTime, where: Zone, second: int = 0) -> Instant:
    """A date without a time means `second` of that day."""
    clock = when.time
    return where.instant(day_number(when.day), clock.hour * HOUR + clock.minute * 60 if clock else second)


def end_of(policy: Policy, handle: str) -> Instant:
    rotation = policy.rotations[handle]
    return local_instant(rotation.until, zone(policy.zone_of(handle))) if rotation.until else FOREVER


def sources(policy: Policy, handle: str) -> tuple[Source, ...]:
    """The streams of duty of a rotation, base first; none for a rotation that is covered or listed."""
    rotation = policy.rotations[handle]
    where = zone(policy.zone_of(handle))
    until = end_of(policy, handle)
    if rotation.layers is not None:
        return tuple(_layer(policy, layer, where, until) for layer in rotation.layers)
    sequence = sequence_of(policy, handle)
    if sequence is None:
        return ()
    start = LONG_AGO
    if isinstance(sequence, CrewSequence):
        start = sequence.segments[0].start
    elif isinstance(sequence, ShiftedSequence):
        start = next((s for s, _, _ in sequence.of.plans(LONG_AGO, FOREVER)), LONG_AGO)
    return (Source(sequence, where, start, until),)


def sequence_of(policy: Policy, handle: str) -> TurnSequence | None:
    """The turns of a rotation with one crew (dated or not), or of one that follows such a crew."""
    rotation = policy.rotations[handle]
    where = zone(policy.zone_of(handle))
    if rotation.same_crew is not None:
        other = sequence_of(policy, rotation.same_crew.as_)
        plan = plan_for(policy.settings, rotation.hours)
        return ShiftedSequence(other, rotation.same_crew.turns_later, plan) if other else None
    if rotation.crew is not None:
        return numbered([_segment(policy, rotation, rotation.from_, rotation.crew, rotation.hours, where)])
    if rotation.crews is not None:
        return numbered(_dated(policy, rotation, where))
    return None


def _dated(policy: Policy, rotation: Rotation, where: Zone) -> list[Segment]:
    made: list[Segment] = []
    for dated in rotation.crews or ():
        counted = inherit(dated, rotation)
        hours = dated.hours if dated.hours is not None else rotation.hours
        made.append(_segment(policy, counted, dated.from_, dated.order, hours, where))
    for i in range(len(made) - 1):
        made[i] = replace(made[i], end=made[i + 1].start)
    return made


def inherit(dated: DatedCrew, rotation: Rotation) -> Counted:
    """What a dated crew does not say, its rotation says; `first` is its own."""
    return Counted(
        turn=dated.turn or rotation.turn,
        handoff=dated.handoff or rotation.handoff,
        counted=dated.counted if "counted" in dated.model_fields_set else rotation.counted,
        turns_each=dated.turns_each or rotation.turns_each,
        first=dated.first,
    )


def _layer(policy: Policy, layer: LayerSpec, where: Zone, until: Instant) -> Source:
    segment = _segment(policy, layer, layer.from_, layer.crew, layer.hours, where)
    end = min(until, local_instant(layer.until, where)) if layer.until else until
    return Source(numbered([segment]), where, segment.start, end, layer.name or "")


def _segment(
    policy: Policy,
    counted: Counted,
    since: DateOrTime | None,
    order: tuple[str, ...],
    hours: Sequence[Window | str] | None,
    where: Zone,
) -> Segment:
    plan = plan_for(policy.settings, hours)
    grid = grid_of(counted, since, where, plan)
    start = starts_at(counted, since, where)
    first = order.index(counted.first) if counted.first in order else 0
    return Segment(start, FOREVER, order, grid, plan, first, counted.turns_each or 1)


def starts_at(counted: Counted, since: DateOrTime | None, where: Zone) -> Instant:
    if since is None:
        return LONG_AGO
    return local_instant(since, where, counted.handoff.second if counted.handoff else 0)


def grid_of(counted: Counted, since: DateOrTime | None, where: Zone, plan: WeekPlan) -> Grid | None:
    """None where turns cannot be counted: no turn length or no start."""
    turn = counted.turn
    if turn is None or since is None:
        return None
    start = starts_at(counted, since, where)
    day, second = _wall_clock(since, counted)
    if turn.unit == "shifts":
        return stretch_grid(where, plan.stretches or ((0, 7 * DAY),), turn.count, start)
    if turn.unit == "hours":
        if counted.counted == "clock" and 24 % turn.count == 0:
            return HourGrid(where, day, second, turn.count)
        return ElapsedGrid(start, turn.count * HOUR)
    handoff = counted.handoff
    at = handoff.second if handoff else second
    if second < at:
        day -= 1
    if turn.unit == "weeks" and handoff is not None and handoff.weekday is not None:
        day -= (weekday(day) - handoff.weekday) % 7
    return DayGrid(where, day, at, turn.count * (7 if turn.unit == "weeks" else 1))


def _wall_clock(since: DateOrTime, counted: Counted) -> tuple[int, int]:
    clock = since.time
    if clock is not None:
        return day_number(since.day), clock.hour * HOUR + clock.minute * 60
    return day_number(since.day), counted.handoff.second if counted.handoff else 0
