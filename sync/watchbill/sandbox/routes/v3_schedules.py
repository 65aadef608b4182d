"""Shift-based schedules (v3)."""

from __future__ import annotations

from typing import Any

from watchbill.rota.clock import WEEK
from watchbill.sandbox.call import NO_CONTENT, Call, Reply, Route
from watchbill.sandbox.errors import IS_LAYER_SCHEDULE, V3_ZONE_EMPTY, invalid, invalid_fields, not_found
from watchbill.sandbox.load_v3 import remove_parts
from watchbill.sandbox.paging import window as page_window
from watchbill.sandbox.routes.audit import records_of
from watchbill.sandbox.routes.schedules import (
    check_window,
    refuse_delete_in_use,
    refuse_taken_name,
    team_ids,
)
from watchbill.sandbox.schedule_view import Window
from watchbill.sandbox.shifts_view import schedule_view
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import known_zone
from watchbill.sandbox.zones import canonical


def existing(call: Call) -> Doc:
    """A layer-based schedule is a 400, not a 404: that is how clients find out its kind."""
    id_ = call.params["id"]
    doc = call.store.get("schedule_v3", id_)
    if doc is not None:
        return doc
    if call.store.get("schedule", id_) is not None:
        raise invalid(IS_LAYER_SCHEDULE, message=IS_LAYER_SCHEDULE)
    raise not_found("schedule")


def list_schedules(call: Call) -> Reply:
    """References only."""
    limit, offset = page_window(call, default=100, most=1000)
    ids = None
    if call.many("team_ids"):
        ids = {s for t in call.many("team_ids") for s in call.store.linked_from("schedule_v3", "team", t)}
    docs, total = call.store.page(
        "schedule_v3", limit=limit, offset=offset, query=call.first("query"), ids_in=ids
    )
    shown = [call.world.views.reference("schedule_v3", doc["id"]) for doc in docs]
    more = offset + len(shown) < total
    body = {"schedules": shown, "limit": limit, "offset": offset, "more": more}
    return Reply({**body, "total": total} if call.flag("total") else body)


def show_schedule(call: Call) -> Reply:
    doc = existing(call)
    zone = call.zone(doc["time_zone"])
    window = None
    if call.includes("final_schedule"):
        since, until = call.instant("since", zone), call.instant("until", zone)
        since = call.now if since is None and until is None else since
        since = (until or 0) - 2 * WEEK if since is None else since
        until = since + 2 * WEEK if until is None else until
        check_window(since, until)
        window = Window(since, until, call.flag("overflow"))
    return Reply({"schedule": schedule_view(call, doc, window, zone)})


def create_schedule(call: Call) -> Reply:
    body = call.wrapped("schedule")
    for forbidden in ("rotations", "escalation_policies"):
        if body.get(forbidden):
            raise invalid_fields({f"schedule.{forbidden}": ["can't be set here"]})
    doc = {"id": call.store.new_id("schedule"), "description": "", "teams": [], **_fields(call, body, None)}
    call.store.put("schedule_v3", doc)
    call.world.record("schedule_v3", None, doc)
    return Reply({"schedule": schedule_view(call, doc)}, 201)


def update_schedule(call: Call) -> Reply:
    """name and time_zone are wanted each time (PagerDuty's own MCP server says so, the document does not)."""
    before = existing(call)
    after = {**before, **_fields(call, call.wrapped("schedule"), before)}
    call.store.put("schedule_v3", after)
    call.world.record("schedule_v3", before, after)
    return Reply({"schedule": schedule_view(call, after)})


def delete_schedule(call: Call) -> Reply:
    doc = existing(call)
    refuse_delete_in_use(call, "schedule_v3", doc["id"])
    remove_parts(call.store, doc["id"])
    call.store.delete("schedule_v3", doc["id"])
    call.world.record("schedule_v3", doc, None)
    return NO_CONTENT


def _fields(call: Call, body: dict[str, Any], before: Doc | None) -> Doc:
    name, zone, description = body.get("name"), body.get("time_zone"), body.get("description")
    if before is not None and not call.world.options.v3_put_is_whole:
        name, zone = body.get("name", before["name"]), body.get("time_zone", before["time_zone"])
    if not isinstance(name, str) or not name.strip() or len(name) > 255:
        raise invalid_fields({"schedule.name": ["Name cannot be empty nor longer than 255 characters."]})
    if not zone:
        raise invalid_fields({"schedule.time_zone": [V3_ZONE_EMPTY]})
    if not known_zone(zone, listed_only=False):
        raise invalid_fields({"schedule.time_zone": ["Time zone is invalid."]})
    if description is not None and (not isinstance(description, str) or len(description) > 1024):
        raise invalid_fields({"schedule.description": ["Description is too long (maximum is 1024)."]})
    refuse_taken_name(call, name, before)
    fields: Doc = {"name": name, "time_zone": canonical(zone)}
    if description is not None:
        fields["description"] = description
    if "teams" in body:
        fields["teams"] = team_ids(call, body["teams"])
    return fields


ROUTES = [
    Route("GET", "/v3/schedules", list_schedules),
    Route("POST", "/v3/schedules", create_schedule),
    Route("GET", "/v3/schedules/{id}", show_schedule),
    Route("PUT", "/v3/schedules/{id}", update_schedule),
    Route("DELETE", "/v3/schedules/{id}", delete_schedule),
    Route("GET", "/v3/schedules/{id}/audit/records", records_of("schedule_v3")),
]
