"""Events of shift-based schedules: what a write may say, when it may say it, and what is stored of it.

Instants are stored as instants, zones beside them; faults are answered in the v3 shape, dotted path -> messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from watchbill.errors import UsageError
from watchbill.rota.clock import DAY, Instant
from watchbill.rota.shifts import Rotation, ShiftSchedule, assignments
from watchbill.rota.shifts_wire import event_from_wire
from watchbill.rota.spans import Span, intersect, union
from watchbill.sandbox.call import Call
from watchbill.sandbox.errors import invalid_fields
from watchbill.sandbox.shift_docs import event_wire, phase
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import known_zone, parse_time, whole_number
from watchbill.sandbox.zones import canonical

MOST_ROTATIONS = 10
MOST_EVENTS = 5
MOST_MEMBERS = 20
FARTHEST_AHEAD = 366 * DAY
OVERLAP_HORIZON = 400 * DAY
ROTATING = "rotating_member_assignment_strategy"
EVERY = "every_member_assignment_strategy"
FIELDS = (
    "name",
    "start_time",
    "end_time",
    "effective_since",
    "effective_until",
    "recurrence",
    "assignment_strategy",
)


def event_fields(call: Call, body: Mapping[str, Any]) -> Doc:
    """For a new event, and for one still to come; a past effective_since becomes now."""
    missing = [f for f in FIELDS if f != "effective_until" and body.get(f) is None]
    if missing:
        raise invalid_fields({f"event.{field}": ["can't be blank"] for field in missing})
    name = body["name"]
    if not isinstance(name, str) or not name.strip() or len(name) > 255:
        raise invalid_fields({"event.name": ["is too short or too long (1 to 255 characters)"]})
    since = _moment(body, "effective_since")
    if since > call.now + FARTHEST_AHEAD:
        raise invalid_fields({"event.effective_since": ["Date cannot be more than 12 months in the future"]})
    since = max(since, call.now)
    until = None if body.get("effective_until") is None else _moment(body, "effective_until")
    if until is not None and until <= since:
        raise invalid_fields({"event.effective_until": ["must be after effective_since"]})
    fields: Doc = {
        "name": name,
        "start_time": _stored_time(body, "start_time"),
        "end_time": _stored_time(body, "end_time"),
        "effective_since": since,
        "effective_until": until,
        "recurrence": _recurrence(body["recurrence"]),
        "assignment_strategy": _strategy(call, body["assignment_strategy"]),
    }
    try:
        event_from_wire(event_wire(fields), None)
    except UsageError as fault:
        raise invalid_fields({"event.recurrence": [fault.message]}) from fault
    return fields


def _moment(body: Mapping[str, Any], key: str) -> Instant:
    instant = parse_time(body[key])
    if instant is None:
        raise invalid_fields({f"event.{key}": ["is invalid"]})
    return instant


def _stored_time(body: Mapping[str, Any], key: str) -> dict[str, Any]:
    sent = body[key]
    zone = sent.get("time_zone") if isinstance(sent, dict) else None
    if not isinstance(sent, dict) or not isinstance(zone, str) or not known_zone(zone, listed_only=False):
        raise invalid_fields({f"event.{key}.time_zone": ["is invalid"]})
    instant = parse_time(sent.get("date_time"), zone)
    if instant is None:
        raise invalid_fields({f"event.{key}.date_time": ["is invalid"]})
    return {"at": instant, "time_zone": canonical(zone)}


def _recurrence(sent: object) -> list[str]:
    lines = sent if isinstance(sent, list) else []
    if not lines or not all(isinstance(line, str) for line in lines):
        raise invalid_fields({"event.recurrence": ["must be a list of strings"]})
    if sum(line.upper().startswith("RRULE:") for line in lines) != 1:
        raise invalid_fields({"event.recurrence": ["must have exactly one RRULE"]})
    return [str(line) for line in lines]


def _strategy(call: Call, sent: object) -> dict[str, Any]:
    at = "event.assignment_strategy"
    kind = sent.get("type") if isinstance(sent, dict) else None
    if not isinstance(sent, dict) or kind not in {ROTATING, EVERY}:
        raise invalid_fields({f"{at}.type": ["is invalid"]})
    members = sent.get("members")
    if not isinstance(members, list) or not 1 <= len(members) <= MOST_MEMBERS:
        raise invalid_fields({f"{at}.members": [f"must have 1 to {MOST_MEMBERS} members"]})
    stored: dict[str, Any] = {"type": kind}
    if kind == ROTATING:
        shifts = whole_number(sent.get("shifts_per_member", 1))
        if shifts is None or shifts < 1:
            raise invalid_fields({f"{at}.shifts_per_member": ["must be at least 1"]})
        stored["shifts_per_member"] = shifts
    stored["members"] = [member_of(call, member, f"{at}.members.{i}") for i, member in enumerate(members)]
    return stored


def member_of(call: Call, sent: object, at: str) -> dict[str, str]:
    kind = sent.get("type") if isinstance(sent, dict) else None
    if kind == "empty_member":
        return {"type": "empty_member"}
    user = sent.get("user_id") if isinstance(sent, dict) else None
    if kind != "user_member" or not isinstance(user, str):
        raise invalid_fields({at: ["must be a user_member or an empty_member"]})
    if call.store.get("user", user) is None:
        raise invalid_fields({f"{at}.user_id": ["User not found"]})
    return {"type": "user_member", "user_id": user}


def refuse_crowding(call: Call, new: Doc, others: Iterable[Doc]) -> None:
    """At most so many events that are not past, and no two shifts of one rotation at a time."""
    living = [e for e in others if e["id"] != new["id"] and phase(e, call.now) != "past"]
    if len(living) >= MOST_EVENTS:
        raise invalid_fields(
            {"event": [f"A rotation can have at most {MOST_EVENTS} events that are not past"]}
        )
    since = new["effective_since"]
    spans = _spans(new, since, since + OVERLAP_HORIZON)
    for other in living:
        if intersect(spans, _spans(other, since, since + OVERLAP_HORIZON)):
            raise invalid_fields({"event": [f"Events in a rotation can't overlap: {other['name']}"]})


def _spans(event: Doc, since: Instant, until: Instant) -> list[Span]:
    schedule = ShiftSchedule((Rotation("R", (event_from_wire(event_wire(event), None),)),))
    return union((a.start, a.end) for a in assignments(schedule, since, until))
