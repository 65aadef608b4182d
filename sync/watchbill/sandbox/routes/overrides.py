"""Overrides of layer-based schedules."""

from __future__ import annotations

from typing import Any

from watchbill.rota.clock import Instant
from watchbill.sandbox.call import NO_CONTENT, Call, Reply, Route
from watchbill.sandbox.errors import OVERRIDE_ENDS_FIRST, OVERRIDE_PAST, ApiError, invalid, not_found
from watchbill.sandbox.routes.schedules import check_window, existing
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import known_zone, parse_time, reference_id, render_time


def override_view(call: Call, doc: Doc, zone: str) -> dict[str, Any]:
    return {
        "id": doc["id"],
        "start": render_time(doc["start"], zone),
        "end": render_time(doc["end"], zone),
        "user": call.world.views.reference("user", doc["user"]),
    }


def list_overrides(call: Call) -> Reply:
    schedule = existing(call)
    zone = schedule["time_zone"]
    since, until = _bound(call, "since", zone), _bound(call, "until", zone)
    check_window(since, until)
    editable, whole = call.flag("editable"), call.flag("overflow")
    shown = []
    for doc in call.store.children("override", schedule["id"]):
        if not (doc["start"] < until and doc["end"] > since):
            continue
        if not editable:
            cut = doc if whole else {**doc, "start": max(doc["start"], since), "end": min(doc["end"], until)}
            shown.append(override_view(call, cut, zone))
        elif doc["start"] > call.now:
            shown.append({"id": doc["id"]})
    return Reply({"overrides": shown})


def _bound(call: Call, name: str, zone: str) -> Instant:
    instant = call.instant(name, zone)
    if instant is None:
        raise ApiError(400, "Invalid Input Provided", 2001, [f"{name.capitalize()} can't be blank."])
    return instant


def create_overrides(call: Call) -> Reply:
    """Always 201 with an item each; an item that failed says so in its own status."""
    schedule = existing(call)
    sent = call.body.get("overrides") if isinstance(call.body, dict) else None
    legacy = call.body.get("override") if isinstance(call.body, dict) else None
    if legacy is not None and sent is None:
        return _create_legacy(call, schedule, legacy)
    if not isinstance(sent, list) or not sent:
        raise invalid("Overrides must be a list of at least one override")
    return Reply([_created(call, schedule, item) for item in sent], 201)


def _create_legacy(call: Call, schedule: Doc, sent: Any) -> Reply:
    """`{"override": {...}}` is deprecated and still sent by PagerDuty's Go client; it answers the same shape."""
    made = _created(call, schedule, sent)
    if made["status"] != 201:
        raise invalid(*made["errors"], code=4004, message="Invalid Override")
    return Reply({"override": made["override"]}, 201)


def _created(call: Call, schedule: Doc, sent: Any) -> dict[str, Any]:
    if not isinstance(sent, dict):
        raise invalid("Overrides must be objects")
    zone: str = schedule["time_zone"]
    if known_zone(sent.get("time_zone"), listed_only=False):
        zone = sent["time_zone"]
    start, end = parse_time(sent.get("start"), zone), parse_time(sent.get("end"), zone)
    user = reference_id(sent.get("user"))
    errors = []
    if start is None:
        errors.append("Start is invalid")
    if end is None:
        errors.append("End is invalid")
    if start is not None and end is not None and end <= start:
        errors.append(OVERRIDE_ENDS_FIRST)
    if end is not None and end <= call.now and not errors:
        errors.append("Override must end in the future")
    if user is None or call.store.get("user", user) is None:
        errors.append("User is invalid")
    if errors or start is None or end is None or user is None:
        return {"status": 400, "errors": errors, "override": _echo(call, sent, user)}
    doc = {"id": call.store.new_id("override"), "start": start, "end": end, "user": user}
    call.store.put("override", doc, parent=schedule["id"])
    return {"status": 201, "override": override_view(call, doc, zone)}


def _echo(call: Call, sent: dict[str, Any], user: str | None) -> dict[str, Any]:
    echo: dict[str, Any] = {key: sent[key] for key in ("start", "end") if isinstance(sent.get(key), str)}
    if user is not None:
        echo["user"] = call.world.views.reference("user", user)
    return echo


def delete_override(call: Call) -> Reply:
    """A future one disappears (204); a running one ends now (200); a past one stays (400)."""
    schedule = existing(call)
    override = next(
        (o for o in call.store.children("override", schedule["id"]) if o["id"] == call.params["override_id"]),
        None,
    )
    if override is None:
        raise not_found()
    if override["end"] <= call.now:
        raise invalid(OVERRIDE_PAST, code=4004, message="Invalid Override")
    if override["start"] >= call.now:
        call.store.delete("override", override["id"])
        return NO_CONTENT
    call.store.put("override", {**override, "end": call.now}, parent=schedule["id"])
    return Reply()


ROUTES = [
    Route("GET", "/schedules/{id}/overrides", list_overrides),
    Route("POST", "/schedules/{id}/overrides", create_overrides),
    Route("DELETE", "/schedules/{id}/overrides/{override_id}", delete_override),
]
