"""Layer-based schedules (v2)."""

from __future__ import annotations

from typing import Any

from watchbill.rota.clock import DAY, WEEK, Instant
from watchbill.sandbox.call import NO_CONTENT, Call, Reply, Route
from watchbill.sandbox.errors import (
    IS_SHIFT_SCHEDULE,
    SCHEDULE_IN_POLICY,
    SCHEDULE_IN_SNAPSHOT,
    ApiError,
    invalid,
    not_found,
)
from watchbill.sandbox.layers import layers_from
from watchbill.sandbox.paging import listing
from watchbill.sandbox.routes.users import user_view
from watchbill.sandbox.schedule_view import Window, schedule_view
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import known_zone, reference_id, text_field
from watchbill.sandbox.zones import canonical

LONGEST_WINDOW = 3 * 366 * DAY


def window_of(call: Call, zone: str) -> Window | None:
    """None without since and until; with one of them the other is two weeks away."""
    since, until = call.instant("since", zone), call.instant("until", zone)
    if since is None and until is None:
        return None
    if since is None:
        since = (until or 0) - 2 * WEEK
    if until is None:
        until = since + 2 * WEEK
    check_window(since, until)
    return Window(since, until, call.flag("overflow"))


def check_window(since: Instant, until: Instant) -> None:
    if until < since:
        raise ApiError(400, "Invalid date range", 2005, ["Until must not be before since."])
    if until - since > LONGEST_WINDOW:
        raise ApiError(400, "Invalid date range", 2005, ["The date range may not exceed three years."])


def existing(call: Call) -> Doc:
    id_ = call.params["id"]
    doc = call.store.get("schedule", id_)
    if doc is not None:
        return doc
    if call.store.get("schedule_v3", id_) is not None:
        raise invalid(IS_SHIFT_SCHEDULE, message=IS_SHIFT_SCHEDULE)
    raise not_found("schedule")


def list_schedules(call: Call) -> Reply:
    """Times in the request's zone, else the requester's, else the account's."""
    user = call.requester(required=False)
    zone = call.zone(user["time_zone"] if user else call.world.account_zone)
    ids = None
    if call.many("team_ids"):
        ids = {s for team in call.many("team_ids") for s in call.store.linked_from("schedule", "team", team)}
    parts = {p for p in ("schedule_layers", "overrides_subschedule", "final_schedule") if call.includes(p)}
    window = window_of(call, zone)
    return listing(
        call, "schedules", "schedule", lambda doc: schedule_view(call, doc, zone, window, parts), ids_in=ids
    )


def show_schedule(call: Call) -> Reply:
    doc = existing(call)
    zone = call.zone(doc["time_zone"])
    return Reply({"schedule": schedule_view(call, doc, zone, window_of(call, zone))})


def create_schedule(call: Call) -> Reply:
    doc = _made(call, call.store.new_id("schedule"))
    call.store.put("schedule", doc)
    call.world.record("schedule", None, doc)
    return Reply({"schedule": schedule_view(call, doc)}, call.world.options.create_schedule_status)


def preview_schedule(call: Call) -> Reply:
    doc = _made(call, "PREVIEW")
    zone = call.zone(doc["time_zone"])
    return Reply({"schedule": schedule_view(call, doc, zone, window_of(call, zone))})


def update_schedule(call: Call) -> Reply:
    before = existing(call)
    body = call.wrapped("schedule")
    after = {**before, **_fields(call, {**_sent(before), **body}, before)}
    after["layers"] = before["layers"]
    if "schedule_layers" in body:
        after["layers"] = layers_from(call, body["schedule_layers"], before["layers"], after["time_zone"])
        if call.world.options.lost_overrides:
            for override in call.store.children("override", before["id"]):
                call.store.delete("override", override["id"])
    save(call, before, after)
    return Reply({"schedule": schedule_view(call, after)})


def save(call: Call, before: Doc, after: Doc) -> None:
    """What was shown until now stays shown: the past keeps the layers it had."""
    call.world.close_era(before, after)
    call.store.put("schedule", after)
    call.world.record("schedule", before, after)


def delete_schedule(call: Call) -> Reply:
    doc = existing(call)
    refuse_delete_in_use(call, "schedule", doc["id"])
    for kind in ("override", "era"):
        for part in call.store.children(kind, doc["id"]):
            call.store.delete(kind, part["id"])
    call.store.delete("schedule", doc["id"])
    call.world.record("schedule", doc, None)
    return NO_CONTENT


def refuse_delete_in_use(call: Call, kind: str, id_: str) -> None:
    if call.store.linked_from("escalation_policy", kind, id_):
        raise invalid(SCHEDULE_IN_POLICY)
    if call.store.linked_from("incident", kind, id_):
        raise invalid(SCHEDULE_IN_SNAPSHOT)


def list_oncall_users(call: Call) -> Reply:
    doc = existing(call)
    window = window_of(call, doc["time_zone"]) or Window(call.now, call.now, overflow=False)
    entries = call.world.renderer.final(doc, window.since, window.until)
    users = [call.store.get("user", id_) for id_ in dict.fromkeys(e.user for e in entries if e.user)]
    return Reply({"users": [user_view(call, user) for user in users if user]})


def _made(call: Call, id_: str) -> Doc:
    body = call.wrapped("schedule")
    doc = {"id": id_, "description": None, "teams": [], **_fields(call, body, None)}
    doc["layers"] = layers_from(call, body.get("schedule_layers", []), [], doc["time_zone"])
    return doc


def _sent(doc: Doc) -> dict[str, Any]:
    """A stored schedule's own fields as a write would send them."""
    return {"name": doc["name"], "time_zone": doc["time_zone"], "description": doc["description"]}


def _fields(call: Call, body: dict[str, Any], before: Doc | None) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": text_field(body, "name", "Name", most=255, required=True)}
    refuse_taken_name(call, fields["name"], before)
    zone = body.get("time_zone")
    if zone is None:
        raise invalid("Time zone can't be blank")
    if not known_zone(zone, listed_only=call.world.options.strict_zones) and zone != (before or {}).get(
        "time_zone"
    ):
        raise invalid("Time zone is invalid")
    fields["time_zone"] = canonical(zone)
    if "description" in body:
        fields["description"] = text_field(body, "description", "Description", most=1024)
    if "teams" in body:
        fields["teams"] = team_ids(call, body["teams"])
    return fields


def refuse_taken_name(call: Call, name: str, before: Doc | None) -> None:
    """Both kinds of schedule share their names."""
    if not call.world.options.unique_names:
        return
    for kind in ("schedule", "schedule_v3"):
        for other in call.store.named(kind, name):
            if before is None or other["id"] != before["id"]:
                raise invalid("Name has already been taken")


def team_ids(call: Call, sent: object) -> list[str]:
    if not isinstance(sent, list):
        raise invalid("Teams must be a list")
    ids = [reference_id(team) for team in sent]
    for id_ in ids:
        if id_ is None or call.store.get("team", id_) is None:
            raise not_found("team")
    return [id_ for id_ in dict.fromkeys(ids) if id_]


ROUTES = [
    Route("GET", "/schedules", list_schedules),
    Route("POST", "/schedules", create_schedule),
    Route("POST", "/schedules/preview", preview_schedule),
    Route("GET", "/schedules/{id}", show_schedule),
    Route("PUT", "/schedules/{id}", update_schedule),
    Route("DELETE", "/schedules/{id}", delete_schedule),
    Route("GET", "/schedules/{id}/users", list_oncall_users),
]
