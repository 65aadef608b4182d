"""Digests: six hex digits in a marker say what was written last, so that later it shows which side moved."""

from __future__ import annotations

import hashlib
import json

from watchbill.account.canon import Form, form_of, timeless_form_of
from watchbill.account.event_changes import change_plan
from watchbill.account.events import digest_in_name, event_digest
from watchbill.account.marker import to_minute
from watchbill.account.objects import (
    CustomShiftSlot,
    ManagedObject,
    Marker,
    ShiftSchedule,
    Slot,
)
from watchbill.account.parts import CannotExpress
from watchbill.account.settling import settled

DIGITS = 6


def digest_of(obj: ManagedObject, at: int) -> str:
    """Of the object as written at `at`; the same whenever it is read again unchanged.

    Everything it points at must exist: a reference counts by its id.  Overrides are not in it.
    """
    return _hex(timeless_form_of(obj, at=to_minute(at)))[:DIGITS]


def marker_for(obj: ManagedObject, at: int, derived: tuple[str, ...] = ()) -> Marker:
    return Marker(key=obj.key, digest=digest_of(obj, at), at=to_minute(at), derived=derived)


def as_written(obj: ManagedObject) -> bool | None:
    """Whether the object still is what its marker says was written; None = the marker tells no story."""
    marker = obj.marker
    if marker is None or marker.version != 1 or marker.state == "writing" or not marker.digest:
        return None
    if digest_of(obj, marker.at) == marker.digest:
        return True
    return None if became_shift_based(obj) else False


def is_half_written(obj: ManagedObject) -> bool:
    """By an apply that was killed; and nothing of it is anybody else's, since each of our events is named by its
    content."""
    return (
        isinstance(obj, ShiftSchedule)
        and obj.marker is not None
        and obj.marker.state == "writing"
        and all(digest_in_name(e.name) == event_digest(e) for r in obj.rotations for e in r.events)
    )


def became_shift_based(obj: ManagedObject) -> bool:
    """Written with other content, and not one of its events has a name that we gave: upgraded, or rebuilt."""
    if not isinstance(obj, ShiftSchedule) or obj.marker is None or not obj.marker.digest:
        return False
    names = [event.name for rotation in obj.rotations for event in rotation.events]
    named = any(digest_in_name(name) for name in names)
    return bool(names) and not named and digest_of(obj, obj.marker.at) != obj.marker.digest


def fingerprint_of(obj: ManagedObject) -> str:
    """Of the object as read, for the re-reading before a write; time passing does not change it."""
    at = obj.marker.at if obj.marker else 0
    marker = obj.marker.model_dump(mode="json") if obj.marker else None
    return _hex({**timeless_form_of(obj, at=at), "id": obj.id, "marker": marker})[:32]


def override_hash(schedule_key: str, slot: Slot) -> str:
    """How a derived override, or a derived custom shift, is listed in a marker."""
    return _hex({"on": schedule_key, "slot": list(slot.match)})[:DIGITS]


def bridge_hash(slot: CustomShiftSlot) -> str:
    """How a custom shift that covers a change of events is listed, beside the derived ones, until it is removed."""
    return _hex({"bridge": list(slot.match)})[:DIGITS]


def bridges_of(schedule: ShiftSchedule) -> tuple[CustomShiftSlot, ...]:
    """Those of its custom shifts that an earlier change made and did not remove."""
    listed = {one.removeprefix("-") for one in schedule.marker.derived} if schedule.marker else set()
    return tuple(slot for slot in schedule.custom_shifts if bridge_hash(slot) in listed)


def same(want: ManagedObject, has: ManagedObject, *, now: int) -> bool:
    """Of events: whether nothing is left to write.  One that gives way to its successor in a few minutes is as wanted."""
    has = settled(want, has, now=now)
    wanted, found = form_of(want, now=now), form_of(has, now=now)
    if not (isinstance(want, ShiftSchedule) and isinstance(has, ShiftSchedule)):
        return wanted == found
    bridges = bridges_of(has)
    if wanted == found and not bridges:
        return True
    if wanted | {"events": []} != found | {"events": []}:
        return False
    try:
        return not change_plan(has.rotations, want.rotations, now, bridges).steps
    except CannotExpress:
        return False


def _hex(form: Form) -> str:
    text = json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
