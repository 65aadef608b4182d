"""A shift-based schedule with everything on it, read before and after it is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from watchbill.account.events import for_rendering
from watchbill.account.objects import CustomShiftSlot, ShiftOverrideSlot, ShiftSchedule
from watchbill.account.shift_differences import spans_of_people
from watchbill.apply import verify
from watchbill.apply.ground import Ground
from watchbill.errors import UsageError
from watchbill.pagerduty import shift_read
from watchbill.pagerduty.shift_normal import shift_schedule
from watchbill.pagerduty.shift_wire import WireShiftSchedule
from watchbill.rota.clock import DAY, Instant
from watchbill.rota.entries import Entry
from watchbill.rota.shifts import ShiftSchedule as Drawn
from watchbill.rota.shifts import render_shifts

HORIZON = 360 * DAY
"""How far ahead overrides and custom shifts are looked for when a schedule is written."""


@dataclass(frozen=True, slots=True)
class Whole:
    wire: WireShiftSchedule
    schedule: ShiftSchedule
    """With its custom shifts, other people's too."""
    overrides: tuple[ShiftOverrideSlot, ...]
    read_at: float
    """By the transport's clock: when the schedule itself was asked for, after all the rest."""


def read_whole(id_: str, ground: Ground) -> Whole:
    """As of the run's now.  Raises NotFound, OtherKind."""
    span = (ground.now, ground.now + HORIZON)
    overrides, custom = shift_read.read_extras(ground.transport, id_, *span)
    read_at = ground.transport.clock.monotonic()
    wire = shift_read.read_shift_wire(ground.transport, id_, rendered=verify.window(ground.now))
    schedule = shift_schedule(wire, now=ground.now).model_copy(update={"custom_shifts": custom})
    return Whole(wire, schedule, overrides, read_at)


def read_again(id_: str, ground: Ground) -> ShiftSchedule:
    return shift_schedule(shift_read.read_shift_wire(ground.transport, id_), now=ground.now)


def rendering_note(whole: Whole, now: Instant) -> str:
    """What is odd about PagerDuty's rendering of what it holds."""
    final = whole.wire.final_schedule
    if final is None:
        return ""
    span = verify.window(now)
    theirs = spans_of_people(
        Entry(max(a.start_time, span[0]), min(a.end_time, span[1]), a.member.user_id or None)
        for a in final.computed_shift_assignments
        if max(a.start_time, span[0]) < min(a.end_time, span[1])
    )
    try:
        ours = spans_of_people(render_shifts(_drawn(whole), *span))
    except UsageError:  # a rule of somebody else's that this tool cannot read
        return ""
    if ours | {"": []} == theirs | {"": []}:
        return ""
    return "PagerDuty renders the next two weeks differently than this tool; compare them by eye"


def _drawn(whole: Whole) -> Drawn:
    rotations = [r.model_copy(update={"key": r.id}) for r in whole.schedule.rotations]
    custom = whole.schedule.custom_shifts
    return for_rendering(rotations, custom, [_named(o, custom) for o in whole.overrides])


def _named(override: ShiftOverrideSlot, custom: Iterable[CustomShiftSlot]) -> ShiftOverrideSlot:
    """Its source by the key that rendering uses."""
    source = override.source
    keys = {slot.id: slot.key for slot in custom}
    key = keys.get(source.id, "") if source.kind == "custom_shift" else source.id
    return override.model_copy(update={"source": source.model_copy(update={"key": key})})
