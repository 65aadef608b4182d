"""Custom shifts and overrides of shift-based schedules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watchbill.rota.clock import Instant
from watchbill.sandbox.call import NO_CONTENT, Call, Reply, Route
from watchbill.sandbox.errors import invalid_fields, not_found
from watchbill.sandbox.events_v3 import member_of
from watchbill.sandbox.paging import part_of_list
from watchbill.sandbox.routes.schedules import check_window
from watchbill.sandbox.routes.v3_schedules import existing
from watchbill.sandbox.shift_docs import rotations_of
from watchbill.sandbox.shifts_view import custom_shift_view, override_view
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import parse_time

View = Callable[[Call, Doc, Doc, str], dict[str, Any]]
_VIEWS: dict[str, View] = {"custom_shift": custom_shift_view, "v3_override": override_view}


def _list(kind: str, key: str) -> Callable[[Call], Reply]:
    def handler(call: Call) -> Reply:
        schedule = existing(call)
        zone = call.zone(schedule["time_zone"])
        since, until = call.instant("since", zone), call.instant("until", zone)
        if since is None or until is None:
            raise invalid_fields(
                {n: ["is required"] for n, v in (("since", since), ("until", until)) if v is None}
            )
        check_window(since, until)
        docs = [
            d for d in call.store.children(kind, schedule["id"]) if d["start"] < until and d["end"] > since
        ]
        if not call.flag("overflow"):
            docs = [{**d, "start": max(d["start"], since), "end": min(d["end"], until)} for d in docs]
        docs.sort(key=lambda d: int(d["start"]))
        return part_of_list(call, key, docs, lambda d: _VIEWS[kind](call, schedule, d, zone))

    return handler


def _show(kind: str, key: str) -> Callable[[Call], Reply]:
    def handler(call: Call) -> Reply:
        schedule = existing(call)
        return Reply({key: _VIEWS[kind](call, schedule, _part(call, kind, key), "Etc/UTC")})

    return handler


def _create(
    kind: str, key: str, fields: Callable[[Call, dict[str, Any], str], Doc]
) -> Callable[[Call], Reply]:
    """All of the list or nothing."""

    def handler(call: Call) -> Reply:
        schedule = existing(call)
        sent = call.body.get(key) if isinstance(call.body, dict) else None
        if not isinstance(sent, list) or not sent:
            raise invalid_fields({key: ["must be a list of at least one"]})
        made = []
        for at, body in enumerate(sent):
            where = f"{key}.{at}"
            if not isinstance(body, dict):
                raise invalid_fields({where: ["must be an object"]})
            doc = {"id": call.store.new_id(kind), **_bounds(call, body, where), **fields(call, body, where)}
            call.store.put(kind, doc, parent=schedule["id"])
            made.append(doc)
        return Reply({key: [_VIEWS[kind](call, schedule, doc, "Etc/UTC") for doc in made]}, 201)

    return handler


def _bounds(call: Call, body: dict[str, Any], where: str) -> Doc:
    start, end = _moment(body, "start_time", where), _moment(body, "end_time", where)
    if end <= start:
        raise invalid_fields({f"{where}.end_time": ["must be after start_time"]})
    if end <= call.now:
        raise invalid_fields({f"{where}.end_time": ["must be in the future"]})
    return {"start": start, "end": end}


def _moment(body: dict[str, Any], key: str, where: str) -> Instant:
    instant = parse_time(body.get(key))
    if instant is None:
        raise invalid_fields({f"{where}.{key}": ["is invalid"]})
    return instant


def _custom_fields(call: Call, body: dict[str, Any], where: str) -> Doc:
    return {"assignment": call.store.new_id("custom_shift"), "member": _assigned(call, body, where)}


def _assigned(call: Call, body: dict[str, Any], where: str) -> dict[str, str]:
    """Exactly one assignment; two people are two shifts."""
    sent = body.get("assignments")
    if not isinstance(sent, list) or len(sent) != 1 or not isinstance(sent[0], dict):
        raise invalid_fields({f"{where}.assignments": ["must have exactly one assignment"]})
    return member_of(call, sent[0].get("member"), f"{where}.assignments.0.member")


def update_custom_shift(call: Call) -> Reply:
    """Once it has started only its end moves, and not into the past."""
    schedule, before = existing(call), _part(call, "custom_shift", "custom_shift")
    body, where = _inner(call, "custom_shift"), "custom_shift"
    _refuse_past(call, before, where)
    if before["start"] <= call.now and set(body) & {"start_time", "assignments"}:
        raise invalid_fields({where: ["Only end_time can be changed once a custom shift has started"]})
    after = _moved(call, before, body, where)
    if "assignments" in body:
        after["member"] = _assigned(call, body, where)
    call.store.put("custom_shift", after, parent=schedule["id"])
    return Reply({"custom_shift": custom_shift_view(call, schedule, after)})


def _moved(call: Call, before: Doc, body: dict[str, Any], where: str) -> Doc:
    after = dict(before)
    for key, field in (("start_time", "start"), ("end_time", "end")):
        if key in body:
            after[field] = _moment(body, key, where)
    after["end"] = max(after["end"], call.now) if before["start"] <= call.now else after["end"]
    if after["end"] <= after["start"]:
        raise invalid_fields({f"{where}.end_time": ["must be after start_time"]})
    return after


def _override_fields(call: Call, body: dict[str, Any], where: str) -> Doc:
    rotation, shift = body.get("rotation_id"), body.get("custom_shift_id")
    if (rotation is None) == (shift is None):
        raise invalid_fields({where: ["must have exactly one of rotation_id and custom_shift_id"]})
    schedule = existing(call)
    rotations = {r["id"] for r in rotations_of(call.store, schedule)}
    shifts = {s["id"] for s in call.store.children("custom_shift", schedule["id"])}
    if rotation is not None and rotation not in rotations:
        raise invalid_fields({f"{where}.rotation_id": ["Rotation not found"]})
    if shift is not None and shift not in shifts:
        raise invalid_fields({f"{where}.custom_shift_id": ["Custom shift not found"]})
    return {
        "rotation_id": rotation,
        "custom_shift_id": shift,
        **{
            key: member_of(call, body.get(key), f"{where}.{key}")
            for key in ("overridden_member", "overriding_member")
        },
    }


def update_override(call: Call) -> Reply:
    """Its bounds and who stands in; never whom or what it overrides."""
    schedule, before = existing(call), _part(call, "v3_override", "override")
    body, where = _inner(call, "override"), "override"
    _refuse_past(call, before, where)
    after = _moved(call, before, body, where)
    if "overriding_member" in body:
        after["overriding_member"] = member_of(call, body["overriding_member"], f"{where}.overriding_member")
    call.store.put("v3_override", after, parent=schedule["id"])
    return Reply({"override": override_view(call, schedule, after)})


def _delete(kind: str, key: str) -> Callable[[Call], Reply]:
    """Future: gone.  Running: ends now.  Ended: 400."""

    def handler(call: Call) -> Reply:
        schedule, doc = existing(call), _part(call, kind, key)
        _refuse_past(call, doc, key)
        if doc["start"] >= call.now:
            call.store.delete(kind, doc["id"])
        else:
            call.store.put(kind, {**doc, "end": call.now}, parent=schedule["id"])
        return NO_CONTENT

    return handler


def _refuse_past(call: Call, doc: Doc, where: str) -> None:
    if doc["end"] <= call.now:
        raise invalid_fields({where: ["has already ended"]})


def _inner(call: Call, key: str) -> dict[str, Any]:
    body = call.body.get(key) if isinstance(call.body, dict) else None
    if not isinstance(body, dict):
        raise invalid_fields({key: ["is missing or is no object"]})
    return body


def _part(call: Call, kind: str, key: str) -> Doc:
    for doc in call.store.children(kind, call.params["id"]):
        if doc["id"] == call.params[f"{key}_id"]:
            return doc
    raise not_found()


create_custom_shifts = _create("custom_shift", "custom_shifts", _custom_fields)
create_overrides = _create("v3_override", "overrides", _override_fields)

_SHIFTS, _OVERRIDES = "/v3/schedules/{id}/custom_shifts", "/v3/schedules/{id}/overrides"
ROUTES = [
    Route("GET", _SHIFTS, _list("custom_shift", "custom_shifts")),
    Route("POST", _SHIFTS, create_custom_shifts),
    Route("GET", _SHIFTS + "/{custom_shift_id}", _show("custom_shift", "custom_shift")),
    Route("PUT", _SHIFTS + "/{custom_shift_id}", update_custom_shift),
    Route("DELETE", _SHIFTS + "/{custom_shift_id}", _delete("custom_shift", "custom_shift")),
    Route("GET", _OVERRIDES, _list("v3_override", "overrides")),
    Route("POST", _OVERRIDES, create_overrides),
    Route("GET", _OVERRIDES + "/{override_id}", _show("v3_override", "override")),
    Route("PUT", _OVERRIDES + "/{override_id}", update_override),
    Route("DELETE", _OVERRIDES + "/{override_id}", _delete("v3_override", "override")),
]
