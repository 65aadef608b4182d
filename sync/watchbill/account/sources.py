"""What an override of a shift-based schedule stands on: found by who is on duty when, since ids come and go."""

from __future__ import annotations

from collections.abc import Iterable

from watchbill.account.events import event_for_rendering
from watchbill.account.objects import (
    CustomShiftSlot,
    ShiftOverrideSlot,
    ShiftRotation,
    ShiftSchedule,
    ShiftSource,
)
from watchbill.rota.clock import Instant
from watchbill.rota.shifts import Rotation, assignments
from watchbill.rota.shifts import ShiftSchedule as Rendered
from watchbill.rota.spans import Span, intersect, union


def sources_at(schedule: ShiftSchedule, slot: ShiftOverrideSlot) -> tuple[ShiftSource, ...]:
    """Wherever the replaced member has duty within the slot; with ids where there are any.  Usually one."""
    if slot.source.kind == "custom_shift":
        found = _custom_shifts(schedule.custom_shifts, slot)
    else:
        found = [
            ShiftSource(kind="rotation", id=rotation.id, key=rotation.key)
            for rotation in schedule.rotations
            if intersect(duty_in(rotation, slot.instead_of, slot.start, slot.end), [(slot.start, slot.end)])
        ]
    return tuple(found)


def _custom_shifts(shifts: Iterable[CustomShiftSlot], slot: ShiftOverrideSlot) -> list[ShiftSource]:
    return [
        ShiftSource(kind="custom_shift", id=shift.id, key=shift.key)
        for shift in shifts
        if shift.user == slot.instead_of and shift.start < slot.end and slot.start < shift.end
    ]


def duty_in(rotation: ShiftRotation, user: str, since: Instant, until: Instant) -> list[Span]:
    """When the rotation has this member on duty, overrides aside; "" is a place vacant on purpose."""
    if since >= until:
        return []
    drawn = Rendered((Rotation(rotation.id, tuple(map(event_for_rendering, rotation.events))),))
    found = assignments(drawn, since, until)
    return union(
        (max(a.start, since), min(a.end, until)) for a in found if (a.user or "") == user and a.end > since
    )
