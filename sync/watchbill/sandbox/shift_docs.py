"""Stored shift-based schedules -> what `rota` renders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from watchbill.rota.clock import Instant, zone
from watchbill.rota.shifts import CustomShift, Rotation, ShiftOverride, ShiftSchedule
from watchbill.rota.shifts_wire import event_from_wire
from watchbill.sandbox.store import Doc, Store
from watchbill.sandbox.wire import render_time

Phase = Literal["past", "active", "future"]


def phase(event: Doc, now: Instant) -> Phase:
    if event["effective_until"] is not None and event["effective_until"] <= now:
        return "past"
    return "active" if event["effective_since"] <= now else "future"


def event_wire(event: Doc) -> dict[str, Any]:
    """The configuration as the API shows it: times in UTC, zones beside them."""
    until = event["effective_until"]
    return {
        "name": event["name"],
        "start_time": _zoned(event["start_time"]),
        "end_time": _zoned(event["end_time"]),
        "effective_since": render_time(event["effective_since"], "Etc/UTC"),
        "effective_until": None if until is None else render_time(until, "Etc/UTC"),
        "recurrence": list(event["recurrence"]),
        "assignment_strategy": event["assignment_strategy"],
    }


def _zoned(stored: Mapping[str, Any]) -> dict[str, str]:
    return {"date_time": render_time(stored["at"], "Etc/UTC"), "time_zone": stored["time_zone"]}


def shift_schedule(store: Store, doc: Doc) -> ShiftSchedule:
    """Rotations that were deleted keep their past, so they are here too."""
    home = zone(doc["time_zone"])
    return ShiftSchedule(
        rotations=tuple(
            Rotation(
                rotation["id"],
                tuple(event_from_wire(event_wire(e), home) for e in store.children("event", rotation["id"])),
            )
            for rotation in store.children("rotation", doc["id"])
        ),
        custom_shifts=tuple(
            CustomShift(s["id"], s["start"], s["end"], s["member"].get("user_id"))
            for s in store.children("custom_shift", doc["id"])
        ),
        overrides=tuple(
            ShiftOverride(
                id=o["id"],
                start=o["start"],
                end=o["end"],
                overridden=o["overridden_member"].get("user_id"),
                overriding=o["overriding_member"].get("user_id"),
                rotation_id=o["rotation_id"],
                custom_shift_id=o["custom_shift_id"],
            )
            for o in store.children("v3_override", doc["id"])
        ),
    )


def rotations_of(store: Store, doc: Doc) -> list[Doc]:
    return [r for r in store.children("rotation", doc["id"]) if not r.get("deleted")]


def events_of(store: Store, rotation: Doc) -> list[Doc]:
    return sorted(store.children("event", rotation["id"]), key=lambda e: int(e["start_time"]["at"]))
