"""What the API answers about a layer-based schedule."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from watchbill.rota.clock import DAY, Instant
from watchbill.rota.entries import Entry, coverage_percent
from watchbill.sandbox.call import Call
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import render_time

NEXT_ON_CALL_REACH = 90 * DAY
ALL_PARTS = frozenset({"schedule_layers", "overrides_subschedule", "final_schedule"})


@dataclass(frozen=True, slots=True)
class Window:
    since: Instant
    until: Instant
    overflow: bool


def schedule_view(
    call: Call,
    doc: Doc,
    zone: str | None = None,
    window: Window | None = None,
    parts: Collection[str] = ALL_PARTS,
) -> dict[str, Any]:
    """`parts`: which of the large members are shown; a list shows them only when asked to."""
    views, zone = call.world.views, zone or doc["time_zone"]
    view: dict[str, Any] = {
        **views.head("schedule", doc),
        "name": doc["name"],
        "time_zone": doc["time_zone"],
        "description": doc["description"],
        "escalation_policies": views.references(
            "escalation_policy", call.store.linked_from("escalation_policy", "schedule", doc["id"])
        ),
        "users": views.references("user", users_of(doc)),
        "teams": views.references("team", call.world.shuffled(doc["teams"])),
        "http_cal_url": f"https://{call.world.options.subdomain}.pagerduty.com/private/{doc['id']}/feed",
        "web_cal_url": f"webcal://{call.world.options.subdomain}.pagerduty.com/private/{doc['id']}/feed",
    }
    if "schedule_layers" in parts:
        layers = [_layer_view(call, doc, layer, zone, window) for layer in doc["layers"]]
        view["schedule_layers"] = layers[::-1] if call.world.options.reverse_layers else layers
    renderer = call.world.renderer
    if "overrides_subschedule" in parts:
        entries = (
            renderer.overrides(doc, window.since, window.until, overflow=window.overflow) if window else []
        )
        view["overrides_subschedule"] = {"name": "Overrides", **_rendered(call, entries, zone, window)}
    if "final_schedule" in parts:
        entries = renderer.final(doc, window.since, window.until, overflow=window.overflow) if window else []
        view["final_schedule"] = {"name": "Final Schedule", **_rendered(call, entries, zone, window)}
    wanted = call.first("include_next_oncall_for_user")
    if wanted:
        view["next_oncall_for_user"] = _next_on_call(call, doc, wanted, zone)
    return view


def users_of(doc: Doc) -> list[str]:
    """Everybody on a layer, top layer first."""
    return list(dict.fromkeys(user for layer in reversed(doc["layers"]) for user in layer["users"]))


def _layer_view(call: Call, doc: Doc, layer: Doc, zone: str, window: Window | None) -> dict[str, Any]:
    entries = []
    if window:
        entries = call.world.renderer.layer(
            doc, layer["id"], window.since, window.until, overflow=window.overflow
        )
    return {
        "id": layer["id"],
        "name": layer["name"],
        "start": render_time(layer["start"], zone),
        "end": None if layer["end"] is None else render_time(layer["end"], zone),
        "rotation_virtual_start": render_time(layer["rotation_virtual_start"], zone),
        "rotation_turn_length_seconds": layer["rotation_turn_length_seconds"],
        "users": [{"user": call.world.views.reference("user", user)} for user in layer["users"]],
        "restrictions": [dict(r) for r in layer["restrictions"]],
        **_rendered(call, entries, zone, window),
    }


def _rendered(call: Call, entries: list[Entry], zone: str, window: Window | None) -> dict[str, Any]:
    return {
        "rendered_schedule_entries": [entry_view(call, e, zone) for e in entries],
        "rendered_coverage_percentage": coverage_percent(entries, window.since, window.until)
        if window
        else None,
    }


def entry_view(call: Call, entry: Entry, zone: str) -> dict[str, Any]:
    assert entry.user is not None
    return {
        "start": render_time(entry.start, zone),
        "end": render_time(entry.end, zone),
        "user": call.world.views.reference("user", entry.user),
    }


def _next_on_call(call: Call, doc: Doc, user: str, zone: str) -> dict[str, Any] | None:
    entries = call.world.renderer.final(doc, call.now, call.now + NEXT_ON_CALL_REACH, overflow=True)
    for entry in entries:
        if entry.user == user:
            return entry_view(call, entry, zone)
    return None
