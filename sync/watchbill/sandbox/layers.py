"""Layers of a v2 schedule: checking what a write sends, and what the server makes of it.

Stored lowest precedence first, the order in which PUT and POST send them; times are instants.
"""

from __future__ import annotations

import re
from typing import Any

from watchbill.rota.clock import Instant
from watchbill.sandbox.call import Call
from watchbill.sandbox.errors import invalid
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import parse_time, reference_id, whole_number

SHORTEST_TURN, LONGEST_TURN = 3600, 31_536_000
LONGEST_RESTRICTION = 604_799
_TIME_OF_DAY = re.compile(r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$")
_ABSENT = object()


def layers_from(call: Call, sent: object, old: list[Doc], zone: str) -> list[Doc]:
    """`sent` in write order.  A layer with a known id is updated, one without is new, none ever disappears."""
    if not isinstance(sent, list):
        raise invalid("Schedule layers must be a list")
    known = {layer["id"]: layer for layer in old}
    made = [_layer(call, body, known, zone, place) for place, body in enumerate(sent, start=1)]
    ids = [layer["id"] for layer in made]
    if len(set(ids)) < len(ids):
        raise invalid("Schedule layers must not repeat an id")
    if call.world.options.layers_with_ids == "stored":
        stored = {layer["id"]: place for place, layer in enumerate(old)}
        made.sort(key=lambda layer: stored.get(layer["id"], len(stored)))
    return _with_omitted(call, made, old)


def _with_omitted(call: Call, made: list[Doc], old: list[Doc]) -> list[Doc]:
    present = {layer["id"] for layer in made}
    for place, layer in enumerate(old):
        if layer["id"] in present:
            continue
        if layer["end"] is None or layer["end"] > call.now:
            if call.world.options.omitted_layers == "refuse":
                raise invalid(f"Schedule layer {layer['id']} can't be removed; give it an end instead")
            if call.world.options.omitted_layers == "end":
                layer = {**layer, "end": call.now}  # noqa: PLW2901
        made.insert(min(place, len(made)), layer)
    return made


def _layer(call: Call, body: object, known: dict[str, Doc], zone: str, place: int) -> Doc:
    if not isinstance(body, dict):
        raise invalid("Schedule layers must be objects")
    before = known.get(body.get("id") or "")
    turn = whole_number(body.get("rotation_turn_length_seconds"))
    if turn is None or not SHORTEST_TURN <= turn <= LONGEST_TURN:
        raise invalid(f"Rotation turn length seconds must be between {SHORTEST_TURN} and {LONGEST_TURN}")
    anchor = _instant(body.get("rotation_virtual_start"), zone, "Rotation virtual start")
    if anchor % 60:
        raise invalid("Rotation virtual start must be on a whole minute")
    start = max(_instant(body.get("start"), zone, "Start"), call.now)
    end = body.get("end", _ABSENT)
    if end is _ABSENT:
        keeps = before is not None and call.world.options.end_left_out == "keep"
        ends = before["end"] if before is not None and keeps else None
    else:
        ends = None if end is None else _instant(end, zone, "End")
    if before is not None and ends is not None and ends <= call.now and before["end"] == ends:
        start = before["start"]  # an ended layer sent back as it was stays as it was
    return {
        "id": before["id"] if before else call.store.new_id("layer"),
        "name": _name(body, before, place),
        "start": start,
        "end": ends,
        "rotation_virtual_start": anchor,
        "rotation_turn_length_seconds": turn,
        "users": _users(call, body.get("users"), before),
        "restrictions": _restrictions(body.get("restrictions")),
    }


def _name(body: dict[str, Any], before: Doc | None, place: int) -> str:
    name = body.get("name")
    if name is None or name == "":
        return str(before["name"]) if before else f"Layer {place}"
    if not isinstance(name, str) or len(name) > 255:
        raise invalid("Layer name is invalid")
    return name


def _users(call: Call, sent: object, before: Doc | None) -> list[str]:
    """A user deleted since may stay where they were, as they do in the real service."""
    if not isinstance(sent, list) or not sent:
        raise invalid("Schedule layers users can't be blank")
    users: list[str] = []
    for member in sent:
        id_ = reference_id(member.get("user")) if isinstance(member, dict) else None
        alive = id_ is not None and call.store.get("user", id_) is not None
        if id_ is None or not (alive or (before and id_ in before["users"])):
            raise invalid("Schedule layers users is invalid")
        users.append(id_)
    return users


def _restrictions(sent: object) -> list[dict[str, Any]]:
    if sent is None:
        return []
    if not isinstance(sent, list):
        raise invalid("Restrictions must be a list")
    return [_restriction(r) for r in sent]


def _restriction(sent: object) -> dict[str, Any]:
    if not isinstance(sent, dict):
        raise invalid("Restrictions must be objects")
    kind, time_of_day = sent.get("type"), sent.get("start_time_of_day")
    if kind not in {"daily_restriction", "weekly_restriction"}:
        raise invalid("Restriction type is invalid")
    if not isinstance(time_of_day, str) or not _TIME_OF_DAY.match(time_of_day):
        raise invalid("Restriction start time of day is invalid")
    duration = whole_number(sent.get("duration_seconds"))
    most = 86_399 if kind == "daily_restriction" else LONGEST_RESTRICTION
    if duration is None or not 1 <= duration <= most:
        raise invalid(f"Restriction duration seconds must be between 1 and {most}")
    made = {
        "type": kind,
        "start_time_of_day": time_of_day if len(time_of_day) == 8 else f"{time_of_day}:00",
        "duration_seconds": duration,
    }
    day = sent.get("start_day_of_week")
    if kind == "weekly_restriction":
        number = whole_number(day)
        if number is None or not 0 <= number <= 7:
            raise invalid("Restriction start day of week must be between 1 and 7")
        made["start_day_of_week"] = number or 7
    elif day:
        raise invalid("Restriction start day of week is for weekly restrictions only")
    return made


def _instant(value: object, zone: str, label: str) -> Instant:
    if value is None or value == "":
        raise invalid(f"{label} can't be blank")
    instant = parse_time(value, zone)
    if instant is None:
        raise invalid(f"{label} is invalid")
    return instant
