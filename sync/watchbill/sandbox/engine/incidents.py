"""What can be done to an incident.  Every function is told when, writes the log, and tells the webhooks.

Times in the document say what the clock will do next: `escalate_at`, `unack_at`, `resolve_at`, `urgency_at`, and
`pages`, the notifications still to ring.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from watchbill.rota.clock import MINUTE, Instant
from watchbill.sandbox.engine import outbox, timers
from watchbill.sandbox.engine.logbook import By, write
from watchbill.sandbox.engine.snapshot import first_manned_level, on_call_at, snapshot_of
from watchbill.sandbox.engine.urgency import next_urgency_change, urgency_of
from watchbill.sandbox.errors import ApiError
from watchbill.sandbox.store import Doc
from watchbill.sandbox.world import World

MOST_ACKNOWLEDGEMENTS = 100
"""Only told in the log; the real number is not published."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How an incident begins.  `assignees`: direct assignment, which never escalates."""

    title: str
    key: str
    policy: str = ""
    assignees: tuple[str, ...] = ()
    urgency: str = ""
    priority: str | None = None
    severity: str | None = None
    details: Any = None


def nobody_on_call() -> ApiError:
    return ApiError(400, "Escalation Policy Has No User On Call", 1015, ["No one is on call"])


def open_incident(world: World, service: Doc, how: Opening, by: By, at: Instant) -> Doc:
    """Raises ApiError 1015 when no level has anybody on call: then there is no incident."""
    policy = world.store.get("escalation_policy", how.policy or service["escalation_policy"])
    assert policy is not None
    snapshot = snapshot_of(policy)
    manned = (0, list(how.assignees)) if how.assignees else first_manned_level(world, snapshot, at)
    if manned is None:
        raise nobody_on_call()
    number = world.store.next_number("incident")
    urgency = how.urgency or urgency_of(service, how.severity, at)
    auto_resolve = service["auto_resolve_timeout"]
    incident: Doc = {
        "id": world.store.new_id("incident"),
        "number": number,
        "title": how.title,
        "name": f"[#{number}] {how.title}",
        "status": "triggered",
        "urgency": urgency,
        "service": service["id"],
        "priority": how.priority,
        "snapshot": snapshot,
        "level": manned[0],
        "loop": 0,
        "assigned_via": "direct_assignment" if how.assignees else "escalation_policy",
        "assignments": [],
        "acknowledgements": [],
        "incident_key": how.key,
        "details": how.details,
        "created_at": at,
        "updated_at": at,
        "changed_at": at,
        "changed_by": ["service", service["id"], ""],
        "resolved_at": None,
        "resolve_reason": None,
        "conference_bridge": None,
        "first_ack_at": None,
        "counts": {"timeout": 0, "manual": 0, "reassigned": 0, "notified": 0, "acknowledged": 0},
        "escalate_at": None,
        "unack_at": None,
        "resolve_at": at + auto_resolve if auto_resolve else None,
        "urgency_at": next_urgency_change(service, at) if urgency == "low" else None,
        "pages": [],
    }
    more = {"event_details": {"description": how.title}}
    incident["first_entry"] = write(world, incident, "trigger", by, at, **more)["id"]
    _assign(world, incident, manned[1], "assign", By("service", service["id"], "auto"), at)
    outbox.emit(world, "incident.triggered", incident, by, at)
    world.store.put("service", {**service, "last_incident_timestamp": at})
    return save(world, incident)


def save(world: World, incident: Doc) -> Doc:
    world.store.put("incident", incident, parent=incident["service"])
    due = [incident[key] for key in ("escalate_at", "unack_at", "resolve_at", "urgency_at")]
    due += [page["at"] for page in incident["pages"]]
    timers.wake(world.store, incident["id"], min((at for at in due if at is not None), default=None))
    _set_service_status(world, incident["service"])
    return incident


def _set_service_status(world: World, service_id: str) -> None:
    """critical with a triggered incident, warning with an acknowledged one, else active."""
    service = world.store.get("service", service_id)
    if service is None or service["status"] in {"disabled", "maintenance"}:
        return
    open_ones = {i["status"] for i in world.store.children("incident", service_id)}
    status = (
        "critical" if "triggered" in open_ones else "warning" if "acknowledged" in open_ones else "active"
    )
    if status != service["status"]:
        world.store.put("service", {**service, "status": status})


def _assign(
    world: World, incident: Doc, users: list[str], what: str, by: By, at: Instant, **more: Any
) -> None:
    """To these users, who are rung by their rules for this urgency; sets when it goes on to the next level."""
    incident["assignments"] = [{"user": user, "at": at} for user in users]
    incident["updated_at"] = at
    write(world, incident, what, by, at, assignees=users, **more)
    start_waiting(world, incident, at)


def start_waiting(world: World, incident: Doc, at: Instant) -> None:
    """Rings the assignees and sets the time of the next escalation; low urgency never escalates."""
    incident["pages"] = [
        {
            "at": at + rule["start_delay_in_minutes"] * MINUTE,
            "user": a["user"],
            "method": rule["contact_method"],
        }
        for a in incident["assignments"]
        for rule in world.store.children("notification_rule", a["user"])
        if rule["urgency"] == incident["urgency"]
    ]
    ring(world, incident, at)
    escalates = incident["assigned_via"] == "escalation_policy" and incident["urgency"] == "high"
    delay = incident["snapshot"]["rules"][incident["level"] - 1]["delay"] if escalates else 0
    incident["escalate_at"] = at + delay * MINUTE if escalates else None


def ring(world: World, incident: Doc, at: Instant) -> None:
    """The notifications that are due."""
    for page in [p for p in incident["pages"] if p["at"] <= at]:
        incident["pages"].remove(page)
        method = world.store.get("contact_method", page["method"])
        if method is None:
            continue
        kind = method["type"].removesuffix("_contact_method")
        channel = {"notification": {"type": kind, "status": "success", "address": "[hidden]"}}
        by = By("service", incident["service"], "auto")
        write(world, incident, "notify", by, page["at"], user=page["user"], channel=channel)
        incident["counts"]["notified"] += 1


def acknowledge(world: World, incident: Doc, by: By, at: Instant) -> None:
    """Stops escalation and ringing until the service's timeout, if it has one."""
    if incident["status"] == "resolved":
        raise already_resolved()
    if incident["status"] == "acknowledged" and any(a["user"] == by.id for a in incident["acknowledgements"]):
        raise ApiError(400, "Incident Already Acknowledged", 1002, ["Incident has already been acknowledged"])
    service = world.store.get("service", incident["service"]) or {}
    timeout = service.get("acknowledgement_timeout")
    incident["acknowledgements"].append({"user": by.id if by.kind == "user" else "", "at": at})
    incident["first_ack_at"] = incident["first_ack_at"] or at
    incident["counts"]["acknowledged"] += 1
    _quiet(incident)
    incident["unack_at"] = at + timeout if timeout else None
    _change_status(incident, "acknowledged", by, at)
    write(world, incident, "acknowledge", by, at, acknowledgement_timeout=timeout)
    if incident["counts"]["acknowledged"] == MOST_ACKNOWLEDGEMENTS:
        write(world, incident, "reach_ack_limit", by, at)
    outbox.emit(world, "incident.acknowledged", incident, by, at)


def _quiet(incident: Doc) -> None:
    incident["pages"], incident["escalate_at"], incident["unack_at"] = [], None, None


def _change_status(incident: Doc, status: str, by: By, at: Instant) -> None:
    incident["status"] = status
    incident["changed_at"] = incident["updated_at"] = at
    incident["changed_by"] = [by.kind, by.id, by.service]


def unacknowledge(world: World, incident: Doc, by: By, at: Instant) -> None:
    """The acknowledgement ran out: the same people are rung again and the level's wait starts over."""
    incident["acknowledgements"], incident["unack_at"] = [], None
    _change_status(incident, "triggered", by, at)
    write(world, incident, "unacknowledge", by, at)
    outbox.emit(world, "incident.unacknowledged", incident, by, at)
    start_waiting(world, incident, at)


def resolve(world: World, incident: Doc, by: By, at: Instant, reason: Doc | None = None) -> None:
    if incident["status"] == "resolved":
        raise already_resolved()
    _quiet(incident)
    incident["resolve_at"] = incident["urgency_at"] = None
    incident["resolved_at"], incident["resolve_reason"] = at, reason
    incident["assignments"] = []
    _change_status(incident, "resolved", by, at)
    write(world, incident, "resolve", by, at)
    outbox.emit(world, "incident.resolved", incident, by, at)


def already_resolved() -> ApiError:
    return ApiError(400, "Incident Already Resolved", 1001, ["Incident has already been resolved"])


def reopen(world: World, incident: Doc, by: By, at: Instant) -> None:
    """From resolved back to the first level with somebody on call."""
    manned = first_manned_level(world, incident["snapshot"], at)
    if manned is None:
        raise nobody_on_call()
    incident["resolved_at"] = incident["resolve_reason"] = None
    incident["acknowledgements"], incident["loop"] = [], 0
    incident["assigned_via"], incident["level"] = "escalation_policy", manned[0]
    _change_status(incident, "triggered", by, at)
    write(world, incident, "trigger", by, at)
    _assign(world, incident, manned[1], "assign", By("service", incident["service"], "auto"), at)
    outbox.emit(world, "incident.reopened", incident, by, at)


def escalate(world: World, incident: Doc, level: int, by: By, at: Instant) -> None:
    """To a level, by hand or by the clock; back to triggered if it was acknowledged."""
    users = on_call_at(world, incident["snapshot"], level, at) if _has_level(incident, level) else []
    if not users:
        raise ApiError(400, "Cannot Escalate", 1006, [f"Escalation level {level} has no one on call"])
    move_to_level(world, incident, level, users, by, at)


def _has_level(incident: Doc, level: int) -> bool:
    return 1 <= level <= len(incident["snapshot"]["rules"])


def move_to_level(world: World, incident: Doc, level: int, users: list[str], by: By, at: Instant) -> None:
    if incident["status"] == "resolved":
        raise already_resolved()
    incident["level"], incident["assigned_via"] = level, "escalation_policy"
    incident["counts"]["timeout" if by.channel == "timeout" else "manual"] += 1
    _back_to_triggered(incident, by, at)
    _assign(world, incident, users, "escalate", by, at)
    outbox.emit(world, "incident.escalated", incident, by, at)


def _back_to_triggered(incident: Doc, by: By, at: Instant) -> None:
    incident["acknowledgements"], incident["unack_at"] = [], None
    if incident["status"] != "triggered":
        _change_status(incident, "triggered", by, at)


def reassign(world: World, incident: Doc, users: list[str], by: By, at: Instant) -> None:
    """Direct assignment: nothing escalates any more."""
    if incident["status"] == "resolved":
        raise already_resolved()
    incident["assigned_via"] = "direct_assignment"
    incident["counts"]["reassigned"] += 1
    _back_to_triggered(incident, by, at)
    _assign(world, incident, users, "assign", by, at)
    outbox.emit(world, "incident.reassigned", incident, by, at)


def delegate(world: World, incident: Doc, policy: Doc, by: By, at: Instant, level: int = 1) -> None:
    """To another policy, from the first level on that has somebody on call (policy and level in one request are
    documented fields; what they do together is not)."""
    if incident["status"] == "resolved":
        raise already_resolved()
    snapshot = snapshot_of(policy)
    manned = first_manned_level(world, snapshot, at, level)
    if manned is None:
        raise nobody_on_call()
    incident["snapshot"], incident["loop"] = snapshot, 0
    incident["level"], incident["assigned_via"] = manned[0], "escalation_policy"
    _back_to_triggered(incident, by, at)
    _assign(world, incident, manned[1], "delegate", by, at)
    outbox.emit(world, "incident.delegated", incident, by, at)
