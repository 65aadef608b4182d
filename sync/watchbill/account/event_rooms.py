"""Where events can go, and what one of them alone gives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from watchbill.account.event_steps import Edit, End, Step
from watchbill.account.events import DIGITS, event_for_rendering, for_rendering
from watchbill.account.lanes import MOST_EVENTS
from watchbill.account.objects import (
    CustomShiftSlot,
    ShiftEvent,
    ShiftOverrideSlot,
    ShiftRotation,
    ShiftSource,
)
from watchbill.rota.clock import DAY, WEEK, Instant
from watchbill.rota.shifts import Rotation, ShiftSchedule, assignments, render_shifts
from watchbill.rota.spans import intersect, union

_LONGEST_TURN = 400 * DAY
_LOOK_FOR_OVERLAP = 100 * DAY
MOST_BRIDGED = 14
"""Two weeks of nights."""


class Held(NamedTuple):
    rotation: str
    event: ShiftEvent


def label_of(event: ShiftEvent) -> str:
    """The part's own words, and what its window is, without the digest."""
    return event.name[: -DIGITS - 1] if len(event.name) > DIGITS else event.name


class Rooms:
    """Which events each rotation will hold once everything is written."""

    def __init__(
        self, held: Iterable[Held], steps: Iterable[Step], leaving: Iterable[Held], now: Instant
    ) -> None:
        self.now = now
        self.events: dict[str, list[ShiftEvent]] = {}
        changed = {id(s.event): s for s in steps if isinstance(s, End | Edit)}
        gone = {id(h.event) for h in leaving}
        for h in held:
            home = self.events.setdefault(h.rotation, [])
            step = changed.get(id(h.event))
            if isinstance(step, End):
                home.append(h.event.model_copy(update={"until": step.until}))
            elif isinstance(step, Edit):
                home.append(step.into)
            elif id(h.event) not in gone:
                home.append(h.event)

    def has_room(self, name: str, new: ShiftEvent, *, instead: bool = False) -> bool:
        there = self.events.get(name, [])
        if len(there) >= MOST_EVENTS:
            return False
        begin = new.since or self.now
        reach = begin, begin + _LOOK_FOR_OVERLAP
        return not any(intersect(_spans(new, *reach), _spans(e, *reach)) for e in there)

    def choose(self, new: ShiftEvent, home: str) -> str:
        """Its own, else one with room, else a new one."""
        found = next((n for n in (home, *self.events) if self.has_room(n, new)), None)
        return found if found is not None else f"{home} and more {len(self.events)}"

    def add(self, name: str, event: ShiftEvent) -> None:
        self.events.setdefault(name, []).append(event)


def _shifts(event: ShiftEvent, since: Instant, until: Instant) -> list[CustomShiftSlot]:
    schedule = ShiftSchedule((Rotation("", (event_for_rendering(event),)),))
    cut = [
        (max(a.start, since), min(a.end, until), a.user or "") for a in assignments(schedule, since, until)
    ]
    return [CustomShiftSlot(user=user, start=start, end=end) for start, end, user in cut if start < end]


def _spans(event: ShiftEvent, since: Instant, until: Instant) -> list[tuple[Instant, Instant]]:
    return union((s.start, s.end) for s in _shifts(event, since, until))


def first_turn(event: ShiftEvent, at: Instant) -> tuple[list[CustomShiftSlot], Instant]:
    """Its shifts from `at` on until somebody else takes over, and when that is; a week where nobody ever does.

    Of a turn of very many shifts the first ones, since each takes room in the schedule's description.
    """
    if event.per_member is None or len(set(event.members)) == 1:
        return [s for s in _shifts(event, at, at + WEEK) if s.user], at + WEEK
    coming = _shifts(event, at, at + _LONGEST_TURN)
    turn: list[CustomShiftSlot] = []
    for shift in coming:
        if shift.user != coming[0].user or len(turn) == MOST_BRIDGED:
            return [s for s in turn if s.user], shift.start
        turn.append(shift)
    return [s for s in turn if s.user], turn[-1].end if turn else at + _LONGEST_TURN


def stood_in(
    event: ShiftEvent, slots: Iterable[CustomShiftSlot], overrides: Iterable[ShiftOverrideSlot]
) -> list[CustomShiftSlot]:
    """These shifts of the event as the overrides of its rotation leave them; vacant ones are left out."""
    on_it = [o.model_copy(update={"source": ShiftSource(key="it")}) for o in overrides]
    if not on_it:
        return list(slots)
    drawn = for_rendering([ShiftRotation(key="it", events=(event,))], (), on_it)
    return [
        CustomShiftSlot(user=e.user, start=max(e.start, slot.start), end=min(e.end, slot.end))
        for slot in slots
        for e in render_shifts(drawn, slot.start, slot.end)
        if e.user
    ]
