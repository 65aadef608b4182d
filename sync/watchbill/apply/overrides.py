"""One override made or taken back; and everybody's overrides kept while a schedule is rewritten."""

from __future__ import annotations

from dataclasses import dataclass

from watchbill.account.objects import NamedObject, OverrideSlot, Schedule
from watchbill.apply import shift_slots
from watchbill.apply.ground import Failed, Ground, Record
from watchbill.apply.once import once
from watchbill.apply.resolve import NotYetMade
from watchbill.apply.shift_reading import HORIZON
from watchbill.pagerduty import write
from watchbill.pagerduty.read import read_overrides
from watchbill.plan.document import Change, OverrideWrite


@dataclass(frozen=True, slots=True)
class Snapshot:
    schedule_id: str
    slots: tuple[OverrideSlot, ...]


def carry_out_override(change: Change, ground: Ground, record: Record) -> None:
    """One that is there already, or gone already, is as wanted; a declared one begins now at the earliest, so that who
    was on call before, was.  Raises NotYetMade, Failed."""
    assert isinstance(change.want, OverrideWrite)
    schedule_id = change.want.schedule_id or ground.ids.get(change.want.schedule_key, "")
    if not schedule_id:
        raise NotYetMade(change.want.schedule_key)
    slot = change.want.slot
    if isinstance(slot, OverrideSlot):
        if change.action == "create" and not change.want.derived:  # those are known by their start, too
            slot = slot.model_copy(update={"start": max(slot.start, ground.now)})
        (_make if change.action == "create" else _take_back)(schedule_id, slot, ground, record)
    else:
        take = shift_slots.make if change.action == "create" else shift_slots.take_back
        take(schedule_id, slot, ground, record)


def snapshot(want: NamedObject, schedule_id: str, ground: Ground) -> Snapshot | None:
    """Overrides were reported lost when a schedule's layers were rewritten (terraform-provider-pagerduty #817)."""
    if not isinstance(want, Schedule):
        return None
    slots = read_overrides(ground.transport, schedule_id, ground.now, ground.now + HORIZON)
    return Snapshot(schedule_id, slots)


def put_back(before: Snapshot | None, ground: Ground, record: Record) -> None:
    if before is None or not before.slots:
        return
    after = read_overrides(ground.transport, before.schedule_id, ground.now, ground.now + HORIZON)
    lost = [slot for slot in before.slots if not any(_same(slot, kept, ground.now) for kept in after)]
    for slot in lost:
        _post(before.schedule_id, slot, ground, record)
    record.id = before.schedule_id
    if lost:
        record.notes.append(f"PagerDuty dropped {len(lost)} overrides with the change; they were made again")


def _make(schedule_id: str, slot: OverrideSlot, ground: Ground, record: Record) -> None:
    there = _find(schedule_id, slot, ground)
    if there is not None:
        record.id = there.id
        return
    _post(schedule_id, slot, ground, record)
    if _find(schedule_id, slot, ground) is None:
        raise Failed(
            "PagerDuty took the override and does not list it", "run `watchbill plan` to see what differs"
        )


def _post(schedule_id: str, slot: OverrideSlot, ground: Ground, record: Record) -> None:
    def look() -> write.Written | None:
        made = _find(schedule_id, slot, ground)
        return None if made is None else write.Written(made.id)

    done = once(
        "override",
        ground,
        before=record.about_to_write,
        send=lambda: write.create_override(ground.transport, schedule_id, slot),
        look=look,
    )
    record.written(done.id, done.request_ids)


def _take_back(schedule_id: str, slot: OverrideSlot, ground: Ground, record: Record) -> None:
    there = _find(schedule_id, slot, ground)
    if there is None or slot.end <= ground.now:
        return
    record.about_to_write(there.id)
    done = write.delete_override(ground.transport, schedule_id, there.id)
    record.written(there.id, done.request_ids)
    if _find(schedule_id, slot, ground) is not None:
        raise Failed("PagerDuty took the delete and still has the override")


def _find(schedule_id: str, slot: OverrideSlot, ground: Ground) -> OverrideSlot | None:
    if slot.end <= slot.start:
        raise Failed("the override ends before it starts")
    found = read_overrides(ground.transport, schedule_id, slot.start, slot.end)
    return next((one for one in found if _same(one, slot, ground.now)), None)


def _same(left: OverrideSlot, right: OverrideSlot, now: int) -> bool:
    """PagerDuty may move a start in the past to the time of the write."""
    starts = (max(left.start, now), max(right.start, now))
    return left.user == right.user and left.end == right.end and starts[0] == starts[1]
