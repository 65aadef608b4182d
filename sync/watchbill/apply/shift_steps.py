"""The steps of a change to one shift-based schedule: each request journalled, and none of them doubled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from watchbill.account.event_changes import ChangePlan
from watchbill.account.event_steps import (
    Bridge,
    Create,
    Delete,
    Edit,
    End,
    RemoveBridge,
    Shorten,
    Step,
    after,
)
from watchbill.account.events import rotations_form, same_event
from watchbill.account.objects import CustomShiftSlot, ShiftEvent, ShiftRotation
from watchbill.account.settling import SETTLING, begun
from watchbill.apply.ground import READS, RUN_AGAIN, Failed, Ground, Record
from watchbill.apply.once import once
from watchbill.apply.shift_reading import Whole, read_again
from watchbill.pagerduty import shift_read, shift_writes
from watchbill.pagerduty.problems import Refused
from watchbill.pagerduty.transport import Transport
from watchbill.pagerduty.write import Written

FRESH = 2.0
"""Seconds.  What was read longer ago is read again before the next write."""


class Steps:
    """`before` as it was read just now.  `listed`: the bridges that the marker names; no other one is made."""

    def __init__(
        self,
        before: Whole,
        plan: ChangePlan,
        listed: Iterable[CustomShiftSlot],
        ground: Ground,
        record: Record,
    ) -> None:
        self.id = before.schedule.id
        self.ground, self.record = ground, record
        self.state = plan.state
        self._rotations = {r.id: r.id for r in before.schedule.rotations}
        upcoming = {o.source.id for o in before.overrides}
        self._spare = [
            r.id
            for r in before.schedule.rotations
            if not plan.state.rotations.get(r.id) and r.id not in upcoming
        ]
        self._shifts = {slot.match: slot.id for slot in plan.state.custom_shifts}
        """Those that are ours, by content."""
        others = {s.match for s in before.schedule.custom_shifts if s.match not in self._shifts}
        self._makeable = {slot.match for slot in listed} - others
        self._read_at = before.read_at

    def carry_out(self, step: Step) -> None:
        """Raises Failed where somebody else changed the schedule meanwhile."""
        self._look_again()
        if isinstance(step, Bridge):
            self._bridge(step.shifts)
        elif isinstance(step, RemoveBridge):
            self._remove(step.shifts)
        elif isinstance(step, Shorten):
            self._shorten(step)
        elif isinstance(step, Create):
            self._create(step)
        else:
            self._change(step)
        self.state = after(self.state, step)

    def _look_again(self) -> None:
        clock = self.ground.transport.clock
        if clock.monotonic() - self._read_at <= FRESH:
            return
        expected = [ShiftRotation(key=name, events=events) for name, events in self.state.rotations.items()]
        for attempt in range(READS):
            self._read_at = clock.monotonic()
            if self._form(read_again(self.id, self.ground).rotations) == self._form(expected):
                return
            self.ground.settle(attempt)
        raise Failed("somebody edited its events while they were being changed", RUN_AGAIN)

    def _form(self, rotations: Iterable[ShiftRotation]) -> list[dict[str, Any]]:
        now = self.ground.now
        return rotations_form(begun(rotations, now, slack=SETTLING), now, starts=True)

    def _sent(self, what: str, done: Written) -> None:
        self.record.written(self.id, done.request_ids, request=what, part=done.id)

    def _about_to(self, what: str, part: str = "") -> None:
        self.record.about_to_write(self.id, request=what, part=part)

    def _bridge(self, slots: Iterable[CustomShiftSlot]) -> None:
        """One like somebody else's would have no owner afterwards, and is not needed."""
        wanted = [slot for slot in slots if slot.match in self._makeable]

        def missing() -> list[CustomShiftSlot]:
            return [slot for slot in wanted if slot.match not in self._shifts]

        def send() -> bool:
            left = missing()
            made = shift_writes.create_custom_shifts(self.ground.transport, self.id, left)
            self._shifts |= {slot.match: one.id for slot, one in zip(left, made, strict=True)}
            self._sent("make bridge", Written(made[0].id, made[0].request_ids))
            return True

        def look() -> bool | None:
            since, until = min(s.start for s in wanted), max(s.end for s in wanted)
            found = shift_read.read_custom_shifts(self.ground.transport, self.id, since, until)
            self._shifts |= {s.match: s.id for s in found if s.match in {w.match for w in wanted}}
            return True if not missing() else None

        if missing():
            once(
                "custom shifts",
                self.ground,
                before=lambda: self._about_to("make bridge"),
                send=send,
                look=look,
            )

    def _remove(self, slots: Iterable[CustomShiftSlot]) -> None:
        for slot in slots:
            id_ = self._shifts.get(slot.match, "")
            if id_ and slot.end > self.ground.now:
                self._about_to("remove bridge", id_)
                self._sent(
                    "remove bridge", shift_writes.delete_custom_shift(self.ground.transport, self.id, id_)
                )

    def _shorten(self, step: Shorten) -> None:
        id_ = self._shifts.get(step.shift.match, "")
        if id_:
            self._about_to("shorten bridge", id_)
            done = shift_writes.end_custom_shift(self.ground.transport, self.id, id_, step.end)
            self._sent("shorten bridge", done)
            self._shifts[step.shift.model_copy(update={"end": step.end}).match] = id_

    def _change(self, step: End | Edit | Delete) -> None:
        transport = self.ground.transport
        place = (transport, self.id, self._rotations[step.rotation], step.event.id)
        what = f"{type(step).__name__.lower()} event"
        self._about_to(what, step.event.id)
        if isinstance(step, End):
            done = shift_writes.end_event(*place, step.until)
        elif isinstance(step, Edit):
            done = self._edit(place, step.into)
        else:
            done = shift_writes.delete_event(*place)
        self._sent(what, done)

    def _edit(self, place: tuple[Transport, str, str, str], into: ShiftEvent) -> Written:
        """One that begins at once runs as soon as it is written: sent again, it is refused though it is there."""
        try:
            return shift_writes.edit_event(*place, into, now=self.ground.now)
        except Refused:
            event_id = place[-1]
            events = [e for r in read_again(self.id, self.ground).rotations for e in r.events]
            if not any(e.id == event_id and _like(e, into, self.ground.now) for e in events):
                raise
            return Written(event_id)

    def _create(self, step: Create) -> None:
        rotation = self._rotations.get(step.rotation) or self._new_rotation(step.rotation)
        transport, now = self.ground.transport, self.ground.now

        def look() -> Written | None:
            """Two events of one rotation never overlap, so one like it is it."""
            found = [
                e for r in read_again(self.id, self.ground).rotations if r.id == rotation for e in r.events
            ]
            made = next((e for e in found if _like(e, step.event, now)), None)
            return None if made is None else Written(made.id)

        self._sent(
            "create event",
            once(
                "event",
                self.ground,
                before=lambda: self._about_to("create event"),
                send=lambda: shift_writes.create_event(transport, self.id, rotation, step.event, now=now),
                look=look,
            ),
        )

    def _new_rotation(self, name: str) -> str:
        """An empty one that is there is used first: an earlier run may have left it."""
        if self._spare:
            id_ = self._spare.pop(0)
        else:
            known = set(self._rotations.values())

            def look() -> Written | None:
                found = [r.id for r in read_again(self.id, self.ground).rotations if r.id not in known]
                return Written(found[0]) if found else None

            done = once(
                "rotation",
                self.ground,
                before=lambda: self._about_to("create rotation"),
                send=lambda: shift_writes.create_rotation(self.ground.transport, self.id),
                look=look,
            )
            self._sent("create rotation", done)
            id_ = done.id
        self._rotations[name] = id_
        return id_


def _like(event: ShiftEvent, wanted: ShiftEvent, now: int) -> bool:
    (settled,) = begun([ShiftRotation(events=(event,))], now, slack=SETTLING)[0].events
    (other,) = begun([ShiftRotation(events=(wanted,))], now, slack=SETTLING)[0].events
    return same_event(settled, other, now)
