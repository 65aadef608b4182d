"""The Events API: an alert comes in, an orchestration judges it, an incident begins, goes on or ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from watchbill.rota.clock import Instant
from watchbill.sandbox.engine import incidents, suspended
from watchbill.sandbox.engine.incidents import Opening, open_incident, save
from watchbill.sandbox.engine.logbook import By, write
from watchbill.sandbox.engine.routing import Routed, event_of, send_through
from watchbill.sandbox.errors import ApiError
from watchbill.sandbox.store import Doc
from watchbill.sandbox.world import World

MOST_ALERTS = 1000


@dataclass(frozen=True, slots=True)
class Source:
    """Where a routing key leads: a service's integration, or an orchestration that picks the service."""

    integration: str
    service: str = ""
    orchestration: str = ""


def source_of(world: World, routing_key: str) -> Source | None:
    for service in world.store.all("service"):
        for integration in world.store.children("integration", service["id"]):
            if integration["integration_key"] == routing_key:
                return Source(integration["id"], service=service["id"])
    for orchestration in world.store.all("orchestration"):
        for integration in orchestration["integrations"]:
            if integration["routing_key"] == routing_key:
                return Source(integration["id"], orchestration=orchestration["id"])
    return None


def take(world: World, source: Source, body: dict[str, Any], dedup_key: str, at: Instant) -> Doc | None:
    """The incident it touched; None when it was dropped, suppressed, or found nobody on call."""
    payload = body.get("payload") or {}
    routed = Routed(event=event_of(payload, {**body, "dedup_key": dedup_key}), raw_event=body)
    routed.event_action = body["event_action"]
    service_id = source.service
    if source.orchestration:
        found = _through_global(world, source.orchestration, routed, at)
        if found is None or routed.drop:
            return None
        service_id = found
    service = world.store.get("service", service_id)
    if service is None or service["status"] == "disabled":
        return None
    path = world.store.get("orchestration_path", f"service/{service_id}")
    if path is not None and service.get("orchestration_active"):
        send_through(world, path, routed, at)
    if routed.drop or routed.suppress:
        return None
    by = By("integration", source.integration, "api", service_id)
    current = _open_with_key(world, service_id, dedup_key)
    if routed.event_action == "acknowledge":
        return _acknowledge(world, current, by, at)
    if routed.event_action == "resolve":
        if suspended.let_go(world, service_id, dedup_key):
            return None
        return _resolve(world, current, dedup_key, by, at)
    pause = service["auto_pause"]["timeout"] if service["auto_pause"]["enabled"] else 0
    if current is None and (routed.suspend or pause):
        suspended.hold(world, service, dedup_key, _kept(routed, by), at, routed.suspend or pause)
        return None
    return _trigger(world, service, current, routed, dedup_key, by, at)


def _kept(routed: Routed, by: By) -> Doc:
    fields = ("event", "raw_event", "priority", "escalation_policy", "notes")
    return {**{field: getattr(routed, field) for field in fields}, "integration": by.id}


def release(world: World, doc: Doc, at: Instant) -> None:
    """A held alert whose time is up, and which nobody resolved meanwhile."""
    suspended.drop(world, doc)
    service = world.store.get("service", doc["service"])
    if service is not None:
        routed = Routed(doc["event"], doc["raw_event"], priority=doc["priority"], notes=doc["notes"])
        routed.escalation_policy = doc["escalation_policy"]
        current = _open_with_key(world, service["id"], doc["key"])
        by = By("integration", doc["integration"], "api", service["id"])
        _trigger(world, service, current, routed, doc["key"], by, at)


def _through_global(world: World, orchestration: str, routed: Routed, at: Instant) -> str | None:
    for name in ("global", "router"):
        path = world.store.get("orchestration_path", f"{orchestration}/{name}")
        if path is not None:
            send_through(world, path, routed, at)
    if routed.route_to in {None, "unrouted"}:
        path = world.store.get("orchestration_path", f"{orchestration}/unrouted")
        if path is not None:
            send_through(world, path, routed, at)
        return None
    return routed.route_to


def _open_with_key(world: World, service: str, key: str) -> Doc | None:
    return next(
        (
            i
            for i in world.store.children("incident", service)
            if i["status"] != "resolved"
            and (
                i["incident_key"] == key
                or any(a["alert_key"] == key for a in world.store.children("alert", i["id"]))
            )
        ),
        None,
    )


def _trigger(
    world: World, service: Doc, current: Doc | None, routed: Routed, key: str, by: By, at: Instant
) -> Doc | None:
    if current is not None:
        _add_alert(world, current, routed, key, by, at)
        return current
    priority = routed.priority if world.store.get("priority", routed.priority or "") else None
    policy = (
        routed.escalation_policy
        if world.store.get("escalation_policy", routed.escalation_policy or "")
        else ""
    )
    opening = Opening(
        title=str(routed.event.get("summary") or "No summary"),
        key=key,
        policy=policy or "",
        priority=priority,
        severity=str(routed.event.get("severity") or "critical"),
        details=routed.event["custom_details"],
    )
    try:
        incident = open_incident(world, service, opening, by, at)
    except ApiError:
        return None
    _add_alert(world, incident, routed, key, by, at)
    for note in routed.notes:
        doc = {"id": world.store.new_id("note"), "user": "", "content": note, "at": at}
        world.store.put("note", doc, parent=incident["id"])
        write(world, incident, "annotate", By("service", service["id"], "auto"), at, note=note)
    return incident


def _add_alert(world: World, incident: Doc, routed: Routed, key: str, by: By, at: Instant) -> None:
    alerts = world.store.children("alert", incident["id"])
    if any(alert["alert_key"] == key for alert in alerts):
        return
    if len(alerts) >= MOST_ALERTS:
        write(world, incident, "reach_trigger_limit", by, at)
        return
    alert = {
        "id": world.store.new_id("alert"),
        "name": str(routed.event.get("summary") or ""),
        "incident": incident["id"],
        "service": incident["service"],
        "status": "triggered",
        "alert_key": key,
        "severity": routed.event.get("severity") or "critical",
        "created_at": at,
        "contexts": [],
        "details": routed.event["custom_details"],
    }
    world.store.put("alert", alert, parent=incident["id"])


def _acknowledge(world: World, current: Doc | None, by: By, at: Instant) -> Doc | None:
    if current is not None and current["status"] == "triggered":
        incidents.acknowledge(world, current, by, at)
        save(world, current)
    return current


def _resolve(world: World, current: Doc | None, key: str, by: By, at: Instant) -> Doc | None:
    """The incident ends with its last alert."""
    if current is None:
        return None
    left = 0
    for alert in world.store.children("alert", current["id"]):
        if alert["alert_key"] == key:
            world.store.put("alert", {**alert, "status": "resolved"}, parent=current["id"])
        elif alert["status"] != "resolved":
            left += 1
    if not left:
        incidents.resolve(world, current, by, at)
        save(world, current)
    return current
