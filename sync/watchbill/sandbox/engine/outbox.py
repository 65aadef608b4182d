"""Which subscription is told of which event, and the payload it gets."""

from __future__ import annotations

from typing import Any

from watchbill.rota.clock import Instant, iso
from watchbill.sandbox.engine.logbook import By
from watchbill.sandbox.store import Doc
from watchbill.sandbox.world import World


def emit(world: World, event_type: str, incident: Doc, by: By, at: Instant, data: Any = None) -> None:
    """`data` replaces the incident itself for events about a part of it."""
    subject = incident_data(world, incident) if data is None else data
    queue(world, event_type, "incident", subject, by, at, service=incident["service"], subject=incident["id"])


def queue(
    world: World,
    event_type: str,
    resource_type: str,
    data: Any,
    by: By | None,
    at: Instant,
    *,
    service: str = "",
    subject: str = "",
    only: str = "",
) -> None:
    """`only`: one subscription, whatever it subscribed to (pings)."""
    payload = {
        "event": {
            "id": world.store.new_id("event_id"),
            "event_type": event_type,
            "resource_type": resource_type,
            "occurred_at": f"{iso(at)[:-1]}.000Z",
            "agent": agent_view(world, by),
            "client": None,
            "data": data,
        }
    }
    for subscription in world.store.all("webhook_subscription"):
        if only == subscription["id"] or (not only and _wants(world, subscription, event_type, service)):
            delivery = {
                "id": world.store.new_id("event_id"),
                "subscription": subscription["id"],
                "subject": subject,
                "payload": payload,
                "attempts": 0,
                "next_at": at,
                "since": at,
            }
            world.store.put("delivery", delivery, parent=subscription["id"])


def agent_view(world: World, by: By | None) -> dict[str, Any] | None:
    if by is None:
        return None
    if by.kind == "integration":
        doc = {"id": by.id}
        type_ = "events_api_v2_inbound_integration_reference"
        return world.views.part("service", by.service, "integrations", type_, doc, "Events API v2")
    return world.views.reference(by.kind, by.id)


def _wants(world: World, subscription: Doc, event_type: str, service: str) -> bool:
    if not subscription["active"] or event_type not in subscription["events"]:
        return False
    target = subscription["filter"]
    if target["type"] == "account_reference":
        return True
    if target["type"] == "service_reference":
        return bool(target["id"] == service)
    policy = world.store.get(
        "escalation_policy", (world.store.get("service", service) or {}).get("escalation_policy", "")
    )
    return policy is not None and target["id"] in policy["teams"]


def incident_data(world: World, incident: Doc) -> dict[str, Any]:
    """Webhooks say `number` and `assignees` where the REST API says `incident_number` and `assignments`."""
    views = world.views
    priority = incident["priority"]
    service = world.store.get("service", incident["service"]) or {}
    policy = world.store.get("escalation_policy", service.get("escalation_policy", "")) or {}
    return {
        **views.head("incident", incident, incident["title"]),
        "number": incident["number"],
        "status": incident["status"],
        "incident_key": incident["incident_key"],
        "created_at": iso(incident["created_at"]),
        "title": incident["title"],
        "service": views.reference("service", incident["service"]),
        "assignees": [views.reference("user", a["user"]) for a in incident["assignments"]],
        "escalation_policy": views.reference("escalation_policy", incident["snapshot"]["id"]),
        "teams": views.references("team", policy.get("teams", [])),
        "priority": None if priority is None else views.reference("priority", priority),
        "urgency": incident["urgency"],
        "conference_bridge": incident["conference_bridge"],
        "resolve_reason": incident["resolve_reason"],
    }
