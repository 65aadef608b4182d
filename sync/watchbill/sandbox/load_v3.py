"""Shift-based schedules: REST shapes <-> stored documents, for estates.  Nothing is clamped or refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watchbill.errors import UsageError
from watchbill.rota.clock import Instant, iso
from watchbill.sandbox.shift_docs import event_wire, rotations_of
from watchbill.sandbox.store import Doc, Store
from watchbill.sandbox.wire import parse_time


def schedule_v3_from_rest(store: Store, item: Mapping[str, Any]) -> None:
    id_ = item.get("id") or store.new_id("schedule")
    schedule = {
        "id": id_,
        "name": item["name"],
        "time_zone": item["time_zone"],
        "description": item.get("description") or "",
        "teams": [team["id"] for team in item.get("teams") or ()],
    }
    remove_parts(store, id_)
    store.put("schedule_v3", schedule)
    for rotation in item.get("rotations") or ():
        rotation_id = rotation.get("id") or store.new_id("rotation")
        store.put("rotation", {"id": rotation_id}, parent=id_)
        for event in rotation.get("events") or ():
            stored = _event(event, item["name"])
            event_id = event.get("id")
            if not event_id or store.get("event", event_id) is not None:  # unique within a rotation only
                event_id = store.new_id("event")
            stored |= {"id": event_id, "schedule": id_, "rotation": rotation_id}
            store.put("event", stored, parent=rotation_id)
    for shift in item.get("custom_shifts") or ():
        store.put("custom_shift", _custom_shift(store, shift, item["name"]), parent=id_)
    for override in item.get("overrides") or ():
        stored = {key: override.get(key) for key in ("rotation_id", "custom_shift_id")}
        stored |= {key: override[key] for key in ("overridden_member", "overriding_member")}
        stored |= {"id": override.get("id") or store.new_id("v3_override"), **_bounds(override, item["name"])}
        store.put("v3_override", stored, parent=id_)


def remove_parts(store: Store, schedule_id: str) -> None:
    for rotation in store.children("rotation", schedule_id):
        for event in store.children("event", rotation["id"]):
            store.delete("event", event["id"])
    for kind in ("rotation", "custom_shift", "v3_override"):
        for part in store.children(kind, schedule_id):
            store.delete(kind, part["id"])


def _event(item: Mapping[str, Any], schedule: str) -> Doc:
    until = item.get("effective_until")
    return {
        "name": item.get("name") or "Shift",
        "recurrence": item["recurrence"],
        "assignment_strategy": item["assignment_strategy"],
        "start_time": _zoned(item["start_time"], schedule),
        "end_time": _zoned(item["end_time"], schedule),
        "effective_since": _instant(item["effective_since"], schedule),
        "effective_until": None if until is None else _instant(until, schedule),
    }


def _zoned(item: Mapping[str, Any], schedule: str) -> Doc:
    at = parse_time(item["date_time"], item["time_zone"])
    return {"at": _instant(item["date_time"], schedule) if at is None else at, "time_zone": item["time_zone"]}


def _custom_shift(store: Store, item: Mapping[str, Any], schedule: str) -> Doc:
    (assignment,) = item["assignments"]
    return {
        "id": item.get("id") or store.new_id("custom_shift"),
        "assignment": assignment.get("id") or store.new_id("custom_shift"),
        "member": assignment["member"],
        **_bounds(item, schedule),
    }


def _bounds(item: Mapping[str, Any], schedule: str) -> dict[str, Instant]:
    return {
        "start": _instant(item["start_time"], schedule),
        "end": _instant(item["end_time"], schedule),
    }


def _instant(value: object, schedule: str) -> Instant:
    instant = parse_time(value)
    if instant is None:
        raise UsageError(f"{schedule}: {value!r} is no time", remedy="write it like 2026-11-23T14:00:00Z")
    return instant


def schedule_v3_to_rest(store: Store, doc: Doc) -> Doc:
    return {
        "id": doc["id"],
        "type": "schedule_v3",
        "name": doc["name"],
        "time_zone": doc["time_zone"],
        "description": doc["description"],
        "teams": [{"id": team, "type": "team_reference"} for team in doc["teams"]],
        "rotations": [
            {
                "id": rotation["id"],
                "type": "schedule_rotation",
                "events": [
                    {"id": event["id"], "type": "schedule_event", **event_wire(event)}
                    for event in store.children("event", rotation["id"])
                ],
            }
            for rotation in rotations_of(store, doc)
        ],
        "custom_shifts": [
            {
                "id": shift["id"],
                "type": "custom_shift",
                "start_time": iso(shift["start"]),
                "end_time": iso(shift["end"]),
                "assignments": [
                    {"id": shift["assignment"], "type": "shift_assignment", "member": shift["member"]}
                ],
            }
            for shift in store.children("custom_shift", doc["id"])
        ],
        "overrides": [
            {
                **{key: value for key, value in override.items() if key not in {"start", "end"} and value},
                "type": "override_shift",
                "start_time": iso(override["start"]),
                "end_time": iso(override["end"]),
            }
            for override in store.children("v3_override", doc["id"])
        ],
    }
