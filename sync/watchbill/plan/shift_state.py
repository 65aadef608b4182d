"""A shift-based schedule as the account has it, as a change leaves it, and who serves in each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import reduce

from watchbill.account.digest import bridges_of
from watchbill.account.event_changes import change_plan
from watchbill.account.event_steps import after
from watchbill.account.events import for_rendering
from watchbill.account.objects import (
    CustomShiftSlot,
    ShiftOverrideSlot,
    ShiftRotation,
    ShiftSchedule,
    ShiftSource,
    Slot,
)
from watchbill.account.sources import sources_at
from watchbill.plan import words
from watchbill.plan.document import FieldChange
from watchbill.plan.duty import Stint, together
from watchbill.rota.clock import Instant
from watchbill.rota.shifts import ShiftSchedule as Rendered
from watchbill.rota.shifts import assignments


@dataclass(frozen=True, slots=True)
class Turned:
    """`final`: once every step is written, at their earliest; without custom shifts that only bridge it."""

    before: ShiftSchedule | None
    final: ShiftSchedule
    turning: Instant | None
    """From when on shifts are the wanted ones; None = nothing is written."""


def turned(want: ShiftSchedule, current: ShiftSchedule | None, now: Instant) -> Turned:
    """Raises CannotExpress where the change needs more room than a schedule has."""
    if current is None:
        return Turned(None, want, now)
    bridges = bridges_of(current)
    plan = change_plan(current.rotations, want.rotations, now, bridges)
    ids = {rotation.id for rotation in current.rotations}
    rotations = reduce(after, plan.steps, plan.state).rotations
    final = want.model_copy(
        update={
            "id": current.id,
            "rotations": tuple(
                ShiftRotation(key=name, id=name if name in ids else "", events=events)
                for name, events in rotations.items()
            ),
            "custom_shifts": tuple(slot for slot in current.custom_shifts if slot not in bridges),
        }
    )
    return Turned(current, final, plan.turning if plan.steps else None)


def takes_effect(state: Turned | None, now: Instant) -> tuple[FieldChange, ...]:
    """What runs cannot be edited, only followed by something else a little later."""
    if state is None or state.before is None or state.turning is None or state.turning <= now:
        return ()
    return (FieldChange(path="takes effect", after=words.local(state.turning, state.final.time_zone)),)


def with_slots(schedule: ShiftSchedule, made: Sequence[Slot], gone: Collection[Slot]) -> ShiftSchedule:
    """With its custom shifts as they will be."""
    stays = tuple(slot for slot in schedule.custom_shifts if slot not in gone)
    new = tuple(slot for slot in made if isinstance(slot, CustomShiftSlot))
    return schedule.model_copy(update={"custom_shifts": (*stays, *new)})


def on_sources(schedule: ShiftSchedule, slot: ShiftOverrideSlot) -> list[ShiftOverrideSlot]:
    """The slot on everything that it has to stand on."""
    return [slot.model_copy(update={"source": source}) for source in sources_at(schedule, slot)]


def drawn(schedule: ShiftSchedule, overrides: Sequence[ShiftOverrideSlot]) -> Rendered:
    """Each override goes by its place in the list."""
    shifts = {shift.id: shift.key for shift in schedule.custom_shifts}

    def placed(slot: ShiftOverrideSlot) -> ShiftOverrideSlot:
        source = slot.source
        key = source.id or source.key
        if source.kind == "custom_shift":
            key = shifts.get(source.id, source.key)
        return slot.model_copy(update={"source": ShiftSource(kind=source.kind, key=key)})

    rotations = [r.model_copy(update={"key": r.id or r.key}) for r in schedule.rotations]
    return for_rendering(rotations, schedule.custom_shifts, [placed(slot) for slot in overrides])


def of_shifts(
    schedule: ShiftSchedule,
    overrides: Sequence[ShiftOverrideSlot],
    user: Callable[[str], str],
    since: Instant,
    until: Instant,
    declared: Collection[Slot] = (),
) -> list[Stint]:
    """As PagerDuty renders it.  `user`: vendor id -> what people call that user."""
    by_override = {str(i) for i, slot in enumerate(overrides) if slot in declared}
    by_shift = {slot.key for slot in declared if isinstance(slot, CustomShiftSlot)}
    stints = []
    for a in assignments(drawn(schedule, overrides), since, until):
        start, end = max(a.start, since), min(a.end, until)
        if a.user and start < end:
            meant = a.override_id in by_override or a.shift_id in by_shift
            stints.append(Stint(start, end, user(a.user), meant))
    return together(stints)


__all__ = ["Turned", "drawn", "of_shifts", "on_sources", "takes_effect", "turned", "with_slots"]
