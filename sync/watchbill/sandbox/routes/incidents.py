"""Incidents: listing, opening and changing them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watchbill.rota.clock import DAY
from watchbill.sandbox.call import Call, Reply, Route
from watchbill.sandbox.engine import incidents as engine
from watchbill.sandbox.engine import outbox
from watchbill.sandbox.engine.logbook import By, write
from watchbill.sandbox.errors import ApiError, invalid, not_found
from watchbill.sandbox.incident_view import alert_view, incident_view
from watchbill.sandbox.paging import sliced
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import reference_id, text_field, whole_number

MOST_AT_ONCE = 250
LONGEST_RANGE = 184 * DAY
_SORTS: dict[str, Callable[[Doc], Any]] = {
    "incident_number": lambda d: d["number"],
    "created_at": lambda d: d["created_at"],
    "resolved_at": lambda d: d["resolved_at"] or 0,
    "urgency": lambda d: d["urgency"],
}


def existing(call: Call, id_: str | None = None) -> Doc:
    """By id or by number."""
    wanted = call.params["id"] if id_ is None else id_
    doc = call.store.get("incident", wanted)
    if doc is None and wanted.isdecimal():
        doc = next((d for d in call.store.all("incident") if d["number"] == int(wanted)), None)
    if doc is None:
        raise not_found("incident")
    return doc


def by_requester(call: Call) -> By:
    user = call.requester()
    assert user is not None
    return By("user", user["id"], "api")


def list_incidents(call: Call) -> Reply:
    docs = [doc for doc in call.store.all("incident") if _wanted(call, doc)]
    since, until = call.instant("since"), call.instant("until")
    if call.first("date_range") != "all":
        until = call.now + 1 if until is None else until
        since = until - 31 * DAY if since is None else since
        if until < since or until - since > LONGEST_RANGE:
            raise ApiError(400, "Invalid date range", 2005, ["The date range may not exceed six months."])
        docs = [doc for doc in docs if since <= doc["created_at"] < until]
    for sort in reversed([s for text in call.query.get("sort_by", ()) for s in text.split(",")][:2]):
        key, _, direction = sort.partition(":")
        if key not in _SORTS:
            raise invalid("sort_by is invalid")
        docs.sort(key=_SORTS[key], reverse=direction == "desc")
    return sliced(call, "incidents", docs, lambda doc: incident_view(call, doc))


def _wanted(call: Call, doc: Doc) -> bool:
    statuses, urgencies = call.many("statuses"), call.many("urgencies")
    services, users, teams = call.many("service_ids"), call.many("user_ids"), call.many("team_ids")
    if teams:
        service = call.store.get("service", doc["service"]) or {}
        policy = call.store.get("escalation_policy", service.get("escalation_policy", "")) or {}
        if not set(teams) & set(policy.get("teams", ())):
            return False
    return (
        (not statuses or doc["status"] in statuses)
        and (not urgencies or doc["urgency"] in urgencies)
        and (not services or doc["service"] in services)
        and (not users or bool({a["user"] for a in doc["assignments"]} & set(users)))
        and call.first("incident_key", doc["incident_key"]) == doc["incident_key"]
    )


def show_incident(call: Call) -> Reply:
    return Reply({"incident": incident_view(call, existing(call))})


def create_incident(call: Call) -> Reply:
    """By hand: event orchestrations have no say, priority and policy are sent here."""
    by, body = by_requester(call), call.wrapped("incident")
    title = text_field(body, "title", "Title", most=1024, required=True)
    service = call.store.get("service", reference_id(body.get("service")) or "")
    if service is None:
        raise not_found("service")
    if service["status"] == "disabled":
        raise invalid("Service is disabled")
    if "escalation_policy" in body and body.get("assignments"):
        raise invalid("Escalation policy and assignments can't both be set")
    key = body.get("incident_key") or call.store.new_id("secret")
    if open_with_key(call, service["id"], key):
        raise invalid("Open incident with matching dedup key already exists on this service")
    sent_body = body.get("body")
    opening = engine.Opening(
        title=title or "",
        key=str(key),
        policy=_policy_id(call, body) or "",
        assignees=tuple(_assignees(call, body)),
        urgency=_urgency(body) or "",
        priority=_priority(call, body["priority"]) if body.get("priority") else None,
        details=sent_body.get("details") if isinstance(sent_body, dict) else None,
    )
    incident = engine.open_incident(call.world, service, opening, by, call.now)
    if isinstance(body.get("conference_bridge"), dict):
        incident["conference_bridge"] = body["conference_bridge"]
        engine.save(call.world, incident)
    return Reply({"incident": incident_view(call, incident)}, 201)


def open_with_key(call: Call, service: str, key: str) -> Doc | None:
    return next(
        (
            doc
            for doc in call.store.children("incident", service)
            if doc["incident_key"] == key and doc["status"] != "resolved"
        ),
        None,
    )


def _policy_id(call: Call, body: dict[str, Any]) -> str | None:
    if "escalation_policy" not in body:
        return None
    id_ = reference_id(body["escalation_policy"])
    if id_ is None or call.store.get("escalation_policy", id_) is None:
        raise not_found("escalation_policy")
    return id_


def _assignees(call: Call, body: dict[str, Any]) -> list[str]:
    sent = body.get("assignments") or []
    if not isinstance(sent, list):
        raise invalid("Assignments must be a list")
    ids = [reference_id(a.get("assignee")) if isinstance(a, dict) else None for a in sent]
    for id_ in ids:
        if id_ is None or call.store.get("user", id_) is None:
            raise ApiError(400, "Cannot Reassign", 1011, ["Assignee is not a user of this account"])
    return [id_ for id_ in dict.fromkeys(ids) if id_]


def _urgency(body: dict[str, Any]) -> str | None:
    if body.get("urgency") not in {None, "high", "low"}:
        raise invalid("Urgency is invalid")
    return body.get("urgency")


def _priority(call: Call, sent: object) -> str:
    """An object, or its name."""
    id_ = reference_id(sent)
    if isinstance(sent, str):
        id_ = next((p["id"] for p in call.store.all("priority") if p["name"].lower() == sent.lower()), None)
    if id_ is None or call.store.get("priority", id_) is None:
        raise ApiError(400, "Invalid Priority", 1020, ["Priority is invalid"])
    return id_


def update_incident(call: Call) -> Reply:
    by, body, incident = by_requester(call), call.wrapped("incident"), existing(call)
    change(call, incident, body, by)
    return Reply({"incident": incident_view(call, incident)})


def update_incidents(call: Call) -> Reply:
    """All of them or none."""
    by = by_requester(call)
    sent = call.body.get("incidents") if isinstance(call.body, dict) else None
    if not isinstance(sent, list) or not sent:
        raise invalid("Incidents must be a list of at least one")
    if len(sent) > MOST_AT_ONCE:
        raise ApiError(413, "Request Entity Too Large", 2001, [f"At most {MOST_AT_ONCE} incidents at once"])
    changed = []
    for body in sent:
        if not isinstance(body, dict):
            raise invalid("Incidents must be objects")
        incident = existing(call, str(body.get("id")))
        change(call, incident, body, by)
        changed.append(incident)
    return sliced(call, "incidents", changed, lambda doc: incident_view(call, doc))


def change(call: Call, incident: Doc, body: dict[str, Any], by: By) -> None:
    """What is sent, in this order: fields, policy, level, people, status."""
    world, at = call.world, call.now
    policy, assignees = _policy_id(call, body), _assignees(call, body)
    if policy and assignees:
        raise invalid("Escalation policy and assignments can't both be set")
    _change_fields(call, incident, body, by)
    level = whole_number(body["escalation_level"]) if "escalation_level" in body else 1
    if level is None:
        raise invalid("Escalation level must be a whole number")
    if policy is not None:
        doc = call.store.get("escalation_policy", policy)
        assert doc is not None
        engine.delegate(world, incident, doc, by, at, level)
    elif "escalation_level" in body:
        engine.escalate(world, incident, level, by, at)
    if assignees:
        engine.reassign(world, incident, assignees, by, at)
    if "status" in body:
        _change_status(call, incident, body, by)
    engine.save(world, incident)


def _change_status(call: Call, incident: Doc, body: dict[str, Any], by: By) -> None:
    world, at, status = call.world, call.now, body["status"]
    if status == "acknowledged":
        engine.acknowledge(world, incident, by, at)
    elif status == "resolved":
        engine.resolve(world, incident, by, at)
        _resolve_alerts(call, incident)
        if isinstance(body.get("resolution"), str) and body["resolution"]:
            write(world, incident, "annotate", by, at, note=body["resolution"])
    elif status == "triggered":
        if incident["status"] == "resolved":
            engine.reopen(world, incident, by, at)
        elif incident["status"] == "acknowledged":
            engine.unacknowledge(world, incident, by, at)
    else:
        raise invalid("Status is invalid")


def _resolve_alerts(call: Call, incident: Doc) -> None:
    for alert in call.store.children("alert", incident["id"]):
        call.store.put("alert", {**alert, "status": "resolved"}, parent=incident["id"])


def _change_fields(call: Call, incident: Doc, body: dict[str, Any], by: By) -> None:
    world, at = call.world, call.now
    changes: dict[str, Any] = {}
    if body.get("title"):
        changes["title"] = text_field(body, "title", "Title", most=1024)
    if "priority" in body:
        changes["priority"] = _priority(call, body["priority"]) if body["priority"] else None
    if _urgency(body):
        changes["urgency"] = body["urgency"]
    if isinstance(body.get("conference_bridge"), dict):
        changes["conference_bridge"] = body["conference_bridge"]
    if "service" in body:
        changes["service"] = reference_id(body["service"])
        if call.store.get("service", changes["service"] or "") is None:
            raise not_found("service")
    before = {key: incident[key] for key in changes}
    incident.update(changes)
    incident["name"] = f"[#{incident['number']}] {incident['title']}"
    incident["updated_at"] = at if changes else incident["updated_at"]
    for key, value in changes.items():
        if value == before[key]:
            continue
        if key == "urgency":
            write(world, incident, "urgency_change", by, at, urgency=value)
            if incident["status"] == "triggered":
                engine.start_waiting(world, incident, at)
        else:
            write(world, incident, "field_value_change", by, at, changeset=[key])
        if key in _TOLD:
            outbox.emit(world, _TOLD[key], incident, by, at)


_TOLD = {
    "priority": "incident.priority_updated",
    "service": "incident.service_updated",
    "conference_bridge": "incident.conference_bridge.updated",
}


def list_alerts(call: Call) -> Reply:
    statuses = call.many("statuses")
    alerts = [
        alert
        for alert in call.store.children("alert", existing(call)["id"])
        if (not statuses or alert["status"] in statuses)
        and call.first("alert_key", alert["alert_key"]) == alert["alert_key"]
    ]
    return sliced(call, "alerts", alerts, lambda alert: alert_view(call, alert))


ROUTES = [
    Route("GET", "/incidents", list_incidents),
    Route("POST", "/incidents", create_incident),
    Route("PUT", "/incidents", update_incidents),
    Route("GET", "/incidents/{id}", show_incident),
    Route("PUT", "/incidents/{id}", update_incident),
    Route("GET", "/incidents/{id}/alerts", list_alerts),
]
