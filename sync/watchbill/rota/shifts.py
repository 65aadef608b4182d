"""Shift-based schedules (v3).

1. An event's members advance by occurrence, `shifts_per_member` at a time, counted from its start_time: also
   those before effective_since and those an EXDATE drops.
2. every_member puts each member on call; an empty member keeps its turn and shows as user None.
3. Rotations, events and custom shifts stand beside each other; nothing hides anything.
4. An override replaces one member of one rotation or custom shift while that member has a shift there, and
   nobody else; of overlapping ones the last created wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from watchbill.rota.clock import Instant
from watchbill.rota.entries import Entry, in_window, latest_wins, merge
from watchbill.rota.readings import RULED, Reading
from watchbill.rota.recurrence import Recurrence

User = str | None
"""None is an empty member."""

Source = Literal["schedule_rotation", "custom_shift", "schedule_rotation_override", "custom_shift_override"]
_OVERRIDDEN: Mapping[Source, Source] = {
    "schedule_rotation": "schedule_rotation_override",
    "custom_shift": "custom_shift_override",
}


@dataclass(frozen=True, slots=True)
class Event:
    """`shifts_per_member` is None when every member is on call at once."""

    recurrence: Recurrence
    members: tuple[User, ...]
    shifts_per_member: int | None
    effective_since: Instant | None = None
    effective_until: Instant | None = None


@dataclass(frozen=True, slots=True)
class Rotation:
    id: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class CustomShift:
    id: str
    start: Instant
    end: Instant
    user: User


@dataclass(frozen=True, slots=True)
class ShiftOverride:
    """Exactly one of `rotation_id` and `custom_shift_id` is set."""

    id: str
    start: Instant
    end: Instant
    overridden: User
    overriding: User
    rotation_id: str | None = None
    custom_shift_id: str | None = None


@dataclass(frozen=True, slots=True)
class ShiftSchedule:
    """`overrides` in creation order."""

    rotations: tuple[Rotation, ...]
    custom_shifts: tuple[CustomShift, ...] = ()
    overrides: tuple[ShiftOverride, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """One shift of one member, or the part of it that an override leaves or takes."""

    start: Instant
    end: Instant
    user: User
    source: Source
    rotation_id: str | None = None
    shift_id: str | None = None
    override_id: str | None = None


def render_shifts(
    schedule: ShiftSchedule,
    since: Instant,
    until: Instant,
    *,
    overflow: bool = False,
    reading: Reading = RULED,
) -> list[Entry]:
    def draw(low: Instant, high: Instant) -> list[Entry]:
        return merge(
            Entry(max(a.start, low), min(a.end, high), a.user, a.source, a.rotation_id)
            for a in _pieces(schedule, low, high, reading)
        )

    return in_window(draw, since, until, overflow=overflow)


def assignments(
    schedule: ShiftSchedule, since: Instant, until: Instant, reading: Reading = RULED
) -> list[Assignment]:
    """Shift by shift, unmerged, those that touch [since, until), not cut there; in canonical order."""
    return sorted(_pieces(schedule, since, until, reading), key=_order)


def _pieces(
    schedule: ShiftSchedule, since: Instant, until: Instant, reading: Reading
) -> Iterator[Assignment]:
    replacements = _replacements(schedule.overrides, since, until)
    for base in _planned(schedule, since, until, reading):
        stand_ins = replacements.get((base.rotation_id, base.shift_id, base.user))
        if stand_ins is None:
            yield base
        else:
            yield from (p for p in _overridden(base, stand_ins) if p.start < until and p.end > since)


def _planned(
    schedule: ShiftSchedule, since: Instant, until: Instant, reading: Reading
) -> Iterator[Assignment]:
    for rotation in schedule.rotations:
        for event in rotation.events:
            for start, end, user in _event_shifts(event, since, until, reading):
                yield Assignment(start, end, user, "schedule_rotation", rotation_id=rotation.id)
    for shift in schedule.custom_shifts:
        if shift.start < until and shift.end > since and shift.start < shift.end:
            yield Assignment(shift.start, shift.end, shift.user, "custom_shift", shift_id=shift.id)


def _event_shifts(
    event: Event, since: Instant, until: Instant, reading: Reading
) -> Iterator[tuple[Instant, Instant, User]]:
    low, high = event.effective_since, event.effective_until
    first = since if low is None else max(since, low)
    last = until if high is None else min(until, high)
    if first >= last:
        return
    for place, start, end in event.recurrence.shifts(first, last, reading):
        if reading.under_way == "cut":
            begin = start if low is None else max(start, low)
            stop = end if high is None else min(end, high)
        elif (low is None or start >= low) and (high is None or start < high):
            begin, stop = start, end
        else:
            continue
        if begin < stop:
            for user in _on_duty(event, place):
                yield begin, stop, user


def _on_duty(event: Event, place: int) -> Sequence[User]:
    if event.shifts_per_member is None:
        return event.members
    return (event.members[place // event.shifts_per_member % len(event.members)],)


_Target = tuple[str | None, str | None, User]


def _replacements(
    overrides: Iterable[ShiftOverride], since: Instant, until: Instant
) -> dict[_Target, list[Entry]]:
    """For each member of each source: who stands in and when, free of overlap.  `source` is the override's id."""
    stacked: dict[_Target, list[Entry]] = {}
    for o in overrides:
        if o.start < until and o.end > since:
            target = (o.rotation_id, o.custom_shift_id, o.overridden)
            stacked.setdefault(target, []).append(Entry(o.start, o.end, o.overriding, o.id))
    return {target: latest_wins(stack) for target, stack in stacked.items()}


def _overridden(base: Assignment, replacements: Iterable[Entry]) -> Iterator[Assignment]:
    at = base.start
    for r in replacements:
        start, end = max(r.start, at), min(r.end, base.end)
        if start >= end:
            continue
        if at < start:
            yield replace(base, start=at, end=start)
        yield replace(
            base, start=start, end=end, user=r.user, source=_OVERRIDDEN[base.source], override_id=r.source
        )
        at = end
    if at < base.end:
        yield replace(base, start=at)


def _order(assignment: Assignment) -> tuple[int, int, str, str, str, str]:
    a = assignment
    return a.start, a.end, a.user or "", a.source, a.rotation_id or "", a.shift_id or ""
