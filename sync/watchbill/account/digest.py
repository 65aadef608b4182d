"""Digests: six hex digits in a marker say what was written last, so that later it shows which side moved."""

from __future__ import annotations

import hashlib
import json

from watchbill.account.canon import Form, form_of, timeless_form_of
from watchbill.account.marker import to_minute
from watchbill.account.objects import ManagedObject, Marker, OverrideSlot, Schedule

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
    if isinstance(obj, Schedule) and obj.shape == "shifts":
        return None
    return digest_of(obj, marker.at) == marker.digest


def fingerprint_of(obj: ManagedObject) -> str:
    """Of the object as read, for the re-reading before a write; time passing does not change it."""
    at = obj.marker.at if obj.marker else 0
    marker = obj.marker.model_dump(mode="json") if obj.marker else None
    return _hex({**timeless_form_of(obj, at=at), "id": obj.id, "marker": marker})[:32]


def override_hash(schedule_key: str, slot: OverrideSlot) -> str:
    """How a derived override is listed in a marker."""
    return _hex({"on": schedule_key, "slot": list(slot.match)})[:DIGITS]


def same(left: ManagedObject, right: ManagedObject, *, now: int) -> bool:
    return form_of(left, now=now) == form_of(right, now=now)


def _hex(form: Form) -> str:
    text = json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
