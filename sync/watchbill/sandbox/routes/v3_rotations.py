"""Rotations of shift-based schedules and their events."""

from __future__ import annotations

from typing import Any

from watchbill.sandbox.call import NO_CONTENT, Call, Reply, Route
from watchbill.sandbox.errors import invalid_fields, not_found
from watchbill.sandbox.events_v3 import FIELDS, MOST_ROTATIONS, event_fields, refuse_crowding
from watchbill.sandbox.paging import part_of_list
from watchbill.sandbox.routes.v3_schedules import existing
from watchbill.sandbox.shift_docs import event_wire, events_of, phase, rotations_of
from watchbill.sandbox.shifts_view import event_view, rotation_view
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import parse_time


def list_rotations(call: Call) -> Reply:
    schedule = existing(call)
    rotations = rotations_of(call.store, schedule)
    return part_of_list(call, "rotations", rotations, lambda r: rotation_view(call, schedule, r))


def create_rotation(call: Call) -> Reply:
    """The body is empty: a rotation has nothing of its own."""
    schedule = existing(call)
    if call.body not in (None, {}, {"rotation": {}}):
        raise invalid_fields({"rotation": ["takes no fields"]})
    standing = [r for r in rotations_of(call.store, schedule) if _is_active(call, r)]
    if len(standing) >= MOST_ROTATIONS:
        raise invalid_fields({"rotation": [f"A schedule can have at most {MOST_ROTATIONS} active rotations"]})
    rotation = {"id": call.store.new_id("rotation")}
    call.store.put("rotation", rotation, parent=schedule["id"])
    _record(call, "rotation", None, rotation)
    return Reply({"rotation": rotation_view(call, schedule, rotation)}, 201)


def _is_active(call: Call, rotation: Doc) -> bool:
    """One without events counts; one whose events are all past does not."""
    events = call.store.children("event", rotation["id"])
    return not events or any(phase(e, call.now) != "past" for e in events)


def show_rotation(call: Call) -> Reply:
    """With since and until, the events in effect then."""
    schedule, rotation = existing(call), _rotation(call)
    since, until = call.instant("since"), call.instant("until")
    events = [
        e
        for e in events_of(call.store, rotation)
        if (until is None or e["effective_since"] < until)
        and (since is None or e["effective_until"] is None or e["effective_until"] > since)
    ]
    return Reply({"rotation": rotation_view(call, schedule, rotation, events)})


def delete_rotation(call: Call) -> Reply:
    """Past events stay in history, a running one ends now, future ones go."""
    schedule, rotation = existing(call), _rotation(call)
    for event in call.store.children("event", rotation["id"]):
        _end_or_remove(call, event)
    call.store.put("rotation", {**rotation, "deleted": True}, parent=schedule["id"])
    _record(call, "rotation", rotation, None)
    return NO_CONTENT


def _end_or_remove(call: Call, event: Doc) -> None:
    standing = phase(event, call.now)
    if standing == "future":
        call.store.delete("event", event["id"])
    elif standing == "active":
        call.store.put("event", {**event, "effective_until": call.now}, parent=event["rotation"])


def list_events(call: Call) -> Reply:
    schedule, rotation = existing(call), _rotation(call)
    return part_of_list(
        call, "events", events_of(call.store, rotation), lambda e: event_view(call, schedule, e)
    )


def create_event(call: Call) -> Reply:
    schedule, rotation = existing(call), _rotation(call)
    event = {"id": call.store.new_id("event"), "schedule": schedule["id"], "rotation": rotation["id"]}
    event |= event_fields(call, _body(call))
    refuse_crowding(call, event, call.store.children("event", rotation["id"]))
    call.store.put("event", event, parent=rotation["id"])
    _record(call, "event", None, event)
    return Reply({"event": event_view(call, schedule, event)}, 201)


def show_event(call: Call) -> Reply:
    schedule, rotation = existing(call), _rotation(call)
    return Reply({"event": event_view(call, schedule, _event(call, rotation))})


def update_event(call: Call) -> Reply:
    """Past: nothing.  Active: effective_until alone, even an unchanged other field is refused.  Future: all."""
    schedule, rotation = existing(call), _rotation(call)
    before, body = _event(call, rotation), _body(call)
    standing = phase(before, call.now)
    if standing == "past":
        raise invalid_fields({"event": ["A past event can't be changed"]})
    if standing == "active":
        after = {**before, "effective_until": _new_end(call, body)}
    else:
        after = {**before, **event_fields(call, {**event_wire(before), **body})}
    refuse_crowding(call, after, call.store.children("event", rotation["id"]))
    call.store.put("event", after, parent=rotation["id"])
    _record(call, "event", before, after)
    return Reply({"event": event_view(call, schedule, after)})


def _new_end(call: Call, body: dict[str, Any]) -> int | None:
    fixed = [field for field in FIELDS if field in body and field != "effective_until"]
    if fixed or "effective_until" not in body:
        text = "can't be changed while the event is active; only effective_until can"
        raise invalid_fields({f"event.{field}": [text] for field in fixed or ["effective_until"]})
    if body["effective_until"] is None:
        return None
    until = parse_time(body["effective_until"])
    if until is None:
        raise invalid_fields({"event.effective_until": ["is invalid"]})
    return max(until, call.now)


def delete_event(call: Call) -> Reply:
    existing(call)
    event = _event(call, _rotation(call))
    if phase(event, call.now) == "past":
        raise invalid_fields({"event": ["A past event can't be deleted"]})
    _end_or_remove(call, event)
    _record(call, "event", event, call.store.get("event", event["id"]))
    return NO_CONTENT


def _body(call: Call) -> dict[str, Any]:
    body = call.body.get("event") if isinstance(call.body, dict) else None
    if not isinstance(body, dict):
        raise invalid_fields({"event": ["is missing or is no object"]})
    return body


def _rotation(call: Call) -> Doc:
    for rotation in call.store.children("rotation", call.params["id"]):
        if rotation["id"] == call.params["rotation_id"] and not rotation.get("deleted"):
            return rotation
    raise not_found()


def _event(call: Call, rotation: Doc) -> Doc:
    for event in call.store.children("event", rotation["id"]):
        if event["id"] == call.params["event_id"]:
            return event
    raise not_found()


def _record(call: Call, kind: str, before: Doc | None, after: Doc | None) -> None:
    call.world.audit.record(call.world.actor, kind, before, after, root=("schedule_v3", call.params["id"]))


_ROTATIONS = "/v3/schedules/{id}/rotations"
_EVENTS = _ROTATIONS + "/{rotation_id}/events"
ROUTES = [
    Route("GET", _ROTATIONS, list_rotations),
    Route("POST", _ROTATIONS, create_rotation),
    Route("GET", _ROTATIONS + "/{rotation_id}", show_rotation),
    Route("DELETE", _ROTATIONS + "/{rotation_id}", delete_rotation),
    Route("GET", _EVENTS, list_events),
    Route("POST", _EVENTS, create_event),
    Route("GET", _EVENTS + "/{event_id}", show_event),
    Route("PUT", _EVENTS + "/{event_id}", update_event),
    Route("DELETE", _EVENTS + "/{event_id}", delete_event),
]
