"""What the API answers about a shift-based schedule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watchbill.rota.clock import Instant
from watchbill.rota.entries import Entry, coverage_percent
from watchbill.rota.shifts import Assignment, assignments
from watchbill.sandbox.call import Call
from watchbill.sandbox.schedule_view import Window
from watchbill.sandbox.shift_docs import event_wire, events_of, rotations_of, shift_schedule
from watchbill.sandbox.store import Doc
from watchbill.sandbox.views import API
from watchbill.sandbox.wire import render_time
from watchbill.sandbox.world import World


def schedule_view(call: Call, doc: Doc, window: Window | None = None, zone_name: str = "") -> dict[str, Any]:
    views = call.world.views
    view: dict[str, Any] = {
        **views.head("schedule_v3", doc),
        "name": doc["name"],
        "time_zone": doc["time_zone"],
        "description": doc["description"] or "",
        "teams": views.references("team", call.world.shuffled(doc["teams"])),
        "escalation_policies": views.references(
            "escalation_policy", call.store.linked_from("escalation_policy", "schedule_v3", doc["id"])
        ),
        "rotations": [rotation_view(call, doc, r) for r in rotations_of(call.store, doc)],
        "http_cal_url": f"https://{call.world.options.subdomain}.pagerduty.com/private/{doc['id']}/feed",
        "web_cal_url": f"webcal://{call.world.options.subdomain}.pagerduty.com/private/{doc['id']}/feed",
    }
    if window is not None:
        view["final_schedule"] = final_view(call.world, doc, window, zone_name or doc["time_zone"])
    return view


def rotation_view(
    call: Call, schedule: Doc, rotation: Doc, events: Sequence[Doc] | None = None
) -> dict[str, Any]:
    shown = events_of(call.store, rotation) if events is None else events
    path = f"{schedule['id']}/rotations/{rotation['id']}"
    return {
        "id": rotation["id"],
        "type": "schedule_rotation",
        "events": [event_view(call, schedule, e) for e in shown],
        **_places(call, path),
    }


def event_view(call: Call, schedule: Doc, event: Doc) -> dict[str, Any]:
    path = f"{schedule['id']}/rotations/{event['rotation']}/events/{event['id']}"
    return {"id": event["id"], "type": "schedule_event", **event_wire(event), **_places(call, path)}


def custom_shift_view(call: Call, schedule: Doc, shift: Doc, zone_name: str = "Etc/UTC") -> dict[str, Any]:
    return {
        "id": shift["id"],
        "type": "custom_shift",
        "start_time": render_time(shift["start"], zone_name),
        "end_time": render_time(shift["end"], zone_name),
        "assignments": [{"id": shift["assignment"], "type": "shift_assignment", "member": shift["member"]}],
        **_places(call, f"{schedule['id']}/custom_shifts/{shift['id']}"),
    }


def override_view(call: Call, schedule: Doc, override: Doc, zone_name: str = "Etc/UTC") -> dict[str, Any]:
    source = "rotation_id" if override["rotation_id"] else "custom_shift_id"
    return {
        "id": override["id"],
        "type": "override_shift",
        source: override[source],
        "start_time": render_time(override["start"], zone_name),
        "end_time": render_time(override["end"], zone_name),
        "overridden_member": override["overridden_member"],
        "overriding_member": override["overriding_member"],
        **_places(call, f"{schedule['id']}/overrides/{override['id']}"),
    }


def _places(call: Call, path: str) -> dict[str, str]:
    site = f"https://{call.world.options.subdomain}.pagerduty.com"
    return {"self": f"{API}/v3/schedules/{path}", "html_url": f"{site}/schedules/{path}"}


def final_view(world: World, doc: Doc, window: Window, zone_name: str) -> dict[str, Any]:
    """Overlapping entries are normal, and so are those of an empty member."""
    stop, reading = max(window.until, window.since + 1), world.options.reading
    found = assignments(shift_schedule(world.store, doc), window.since, stop, reading)
    if not window.overflow:
        found = [_cut(a, window.since, window.until) for a in found]
    entries = [Entry(a.start, a.end, a.user) for a in found]
    return {
        "type": "final_schedule",
        "rendered_coverage_percentage": coverage_percent(entries, window.since, window.until),
        "computed_shift_assignments": [_assignment_view(a, zone_name) for a in found if a.start < a.end],
    }


def _cut(a: Assignment, since: Instant, until: Instant) -> Assignment:
    stop = max(until, since + 1)
    return Assignment(
        max(a.start, since), min(a.end, stop), a.user, a.source, a.rotation_id, a.shift_id, a.override_id
    )


def _assignment_view(a: Assignment, zone_name: str) -> dict[str, Any]:
    source = {"rotation_id": a.rotation_id, "shift_id": a.shift_id, "override_id": a.override_id}
    return {
        "type": "computed_shift_assignment",
        "start_time": render_time(a.start, zone_name),
        "end_time": render_time(a.end, zone_name),
        "member": {"type": "user_member", "user_id": a.user} if a.user else {"type": "empty_member"},
        "source": {"type": a.source, **{key: value for key, value in source.items() if value}},
    }
