"""Overrides and custom shifts of shift-based schedules: one made or taken back, and everybody's kept."""

from __future__ import annotations

from collections.abc import Sequence

from watchbill.account.objects import CustomShiftSlot, ShiftOverrideSlot, ShiftSource
from watchbill.account.sources import sources_at
from watchbill.apply.ground import Failed, Ground, Record
from watchbill.apply.once import once
from watchbill.apply.shift_reading import Whole, read_again
from watchbill.pagerduty import shift_read, shift_writes
from watchbill.pagerduty.write import Written

ShiftSlot = ShiftOverrideSlot | CustomShiftSlot


def make(schedule_id: str, slot: ShiftSlot, ground: Ground, record: Record) -> None:
    """One that is there already is as wanted."""
    for one in _placed(schedule_id, slot, ground):
        there = _find(schedule_id, one, ground)
        if there:
            record.id = record.id or there[0].id
            continue
        _post(schedule_id, one, ground, record)
        if not _find(schedule_id, one, ground):
            raise Failed(
                f"PagerDuty took the {_word(slot)} and does not list it",
                "run `watchbill plan` to see what differs",
            )


def take_back(schedule_id: str, slot: ShiftSlot, ground: Ground, record: Record) -> None:
    """One that is gone already is as wanted.  With an id only that one: another may be somebody else's."""
    if slot.end <= ground.now:
        return
    delete = (
        shift_writes.delete_custom_shift
        if isinstance(slot, CustomShiftSlot)
        else shift_writes.delete_override
    )

    def left() -> list[ShiftSlot]:
        return [one for one in _find(schedule_id, slot, ground) if slot.id in ("", one.id)]

    for there in left():
        record.about_to_write(there.id)
        done = delete(ground.transport, schedule_id, there.id)
        record.written(there.id, done.request_ids)
    if left():
        raise Failed(f"PagerDuty took the delete and still has the {_word(slot)}")


def put_back(
    before: Whole, after: Whole, ours: Sequence[CustomShiftSlot], ground: Ground, record: Record
) -> bool:
    """What got lost while the schedule was written, except `ours`: overrides were reported lost when a schedule's
    layers were rewritten (terraform-provider-pagerduty#817).  Whether something was."""
    mine = {slot.match for slot in ours}
    kept = {slot.id for slot in after.schedule.custom_shifts}
    made_anew: dict[str, str] = {}
    for shift in before.schedule.custom_shifts:
        if shift.id not in kept and shift.match not in mine:
            made_anew[shift.id] = _post(before.schedule.id, shift, ground, record)
    there = {slot.id for slot in after.overrides}
    lost = [slot for slot in before.overrides if slot.id not in there]
    rotations = {rotation.id for rotation in after.schedule.rotations}
    for override in lost:
        source = override.source
        if source.kind == "rotation" and source.id not in rotations:
            raise Failed("PagerDuty dropped a rotation with its overrides", "run `watchbill plan`")
        moved = source.model_copy(update={"id": made_anew.get(source.id, source.id)})
        _post(before.schedule.id, override.model_copy(update={"source": moved}), ground, record)
    if made_anew or lost:
        count = len(made_anew) + len(lost)
        record.notes.append(f"PagerDuty dropped {count} overrides with the change; they were made again")
    return bool(made_anew or lost)


def _placed(schedule_id: str, slot: ShiftSlot, ground: Ground) -> list[ShiftSlot]:
    """An override with the id of what it stands on: on each rotation where its person has duty then."""
    if isinstance(slot, CustomShiftSlot):
        return [slot]
    schedule = read_again(schedule_id, ground)
    if slot.source.kind == "custom_shift":
        custom = shift_read.read_custom_shifts(ground.transport, schedule_id, slot.start, slot.end)
        schedule = schedule.model_copy(update={"custom_shifts": custom})
    found: Sequence[ShiftSource] = sources_at(schedule, slot)
    if not found:
        raise Failed(
            "whom it replaces is not on duty then, so PagerDuty would have nothing to override",
            "make a new plan: `watchbill plan`",
        )
    return [slot.model_copy(update={"source": source}) for source in found]


def _post(schedule_id: str, slot: ShiftSlot, ground: Ground, record: Record) -> str:
    def send() -> Written:
        if isinstance(slot, CustomShiftSlot):
            return shift_writes.create_custom_shifts(ground.transport, schedule_id, [slot])[0]
        return shift_writes.create_override(ground.transport, schedule_id, slot)

    def look() -> Written | None:
        found = _find(schedule_id, slot, ground)
        return Written(found[0].id) if found else None

    done = once(_word(slot), ground, before=record.about_to_write, send=send, look=look)
    record.written(done.id, done.request_ids)
    return done.id


def _find(schedule_id: str, slot: ShiftSlot, ground: Ground) -> list[ShiftSlot]:
    if slot.end <= slot.start:
        raise Failed(f"the {_word(slot)} ends before it starts")
    found: Sequence[ShiftSlot]
    if isinstance(slot, CustomShiftSlot):
        found = shift_read.read_custom_shifts(ground.transport, schedule_id, slot.start, slot.end)
    else:
        found = shift_read.read_shift_overrides(ground.transport, schedule_id, slot.start, slot.end)
    return [one for one in found if _same(one, slot, ground.now)]


def _same(there: ShiftSlot, slot: ShiftSlot, now: int) -> bool:
    """PagerDuty may move a start in the past to the time of the write."""
    if max(there.start, now) != max(slot.start, now) or (there.user, there.end) != (slot.user, slot.end):
        return False
    if isinstance(there, ShiftOverrideSlot) and isinstance(slot, ShiftOverrideSlot):
        placed = not slot.source.id or slot.source.id == there.source.id
        return there.instead_of == slot.instead_of and there.source.kind == slot.source.kind and placed
    return type(there) is type(slot)


def _word(slot: ShiftSlot) -> str:
    return "custom shift" if isinstance(slot, CustomShiftSlot) else "override"
