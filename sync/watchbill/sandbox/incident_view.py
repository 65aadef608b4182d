"""What the API answers about incidents, their alerts and log entries."""

from __future__ import annotations

from typing import Any

from watchbill.sandbox.call import Call
from watchbill.sandbox.engine.logbook import By
from watchbill.sandbox.engine.outbox import agent_view
from watchbill.sandbox.store import Doc
from watchbill.sandbox.views import API
from watchbill.sandbox.wire import render_time


def incident_view(call: Call, doc: Doc) -> dict[str, Any]:
    views, zone = call.world.views, call.zone("Etc/UTC")
    service = call.store.get("service", doc["service"]) or {}
    policy = call.store.get("escalation_policy", service.get("escalation_policy", "")) or {}
    alerts = call.store.children("alert", doc["id"])
    resolved = sum(alert["status"] == "resolved" for alert in alerts)
    view: dict[str, Any] = {
        **views.head("incident", doc),
        "incident_number": doc["number"],
        "title": doc["title"],
        "description": doc["title"],
        "created_at": render_time(doc["created_at"], zone),
        "updated_at": render_time(doc["updated_at"], zone),
        "status": doc["status"],
        "urgency": doc["urgency"],
        "incident_key": doc["incident_key"],
        "service": call.included("services", "service", doc["service"]),
        "assignments": [
            {"at": render_time(a["at"], zone), "assignee": call.included("assignees", "user", a["user"])}
            for a in doc["assignments"]
        ],
        "assigned_via": doc["assigned_via"],
        "acknowledgements": [
            {
                "at": render_time(a["at"], zone),
                "acknowledger": call.included("acknowledgers", "user", a["user"]),
            }
            for a in doc["acknowledgements"]
            if a["user"]
        ],
        "last_status_change_at": render_time(doc["changed_at"], zone),
        "last_status_change_by": agent_view(
            call.world, By(doc["changed_by"][0], doc["changed_by"][1], "", doc["changed_by"][2])
        ),
        "resolved_at": None if doc["resolved_at"] is None else render_time(doc["resolved_at"], zone),
        "resolve_reason": doc["resolve_reason"],
        "first_trigger_log_entry": entry_reference(call, doc["first_entry"], doc["id"], "trigger_log_entry"),
        "alert_counts": {"all": len(alerts), "triggered": len(alerts) - resolved, "resolved": resolved},
        "is_mergeable": doc["status"] != "resolved",
        "incident_type": {"name": "incident_default"},
        "escalation_policy": call.included("escalation_policies", "escalation_policy", doc["snapshot"]["id"]),
        "teams": [call.included("teams", "team", t) for t in policy.get("teams", ())],
        "pending_actions": _pending(doc, zone),
        "priority": None,
        "conference_bridge": doc["conference_bridge"],
        "incidents_responders": [
            responder_view(call, doc, r) for r in call.store.children("responder", doc["id"])
        ],
        "responder_requests": [],
    }
    if doc["priority"] is not None:
        view["priority"] = call.included("priorities", "priority", doc["priority"])
    return view


def _pending(doc: Doc, zone: str) -> list[dict[str, Any]]:
    """What the clock will do next, soonest first."""
    actions: list[tuple[int, dict[str, Any]]] = []
    for key, type_ in (("unack_at", "unacknowledge"), ("escalate_at", "escalate"), ("resolve_at", "resolve")):
        if doc[key] is not None:
            actions.append((doc[key], {"type": type_, "at": render_time(doc[key], zone)}))
    if doc["urgency_at"] is not None:
        at = doc["urgency_at"]
        actions.append((at, {"type": "urgency_change", "at": render_time(at, zone), "to": "high"}))
    return [action for _, action in sorted(actions, key=lambda a: a[0])]


def responder_view(call: Call, incident: Doc, doc: Doc) -> dict[str, Any]:
    views = call.world.views
    return {
        "state": doc["state"],
        "user": views.reference("user", doc["user"]),
        "incident": views.reference("incident", incident["id"]),
        "updated_at": render_time(doc["at"], "Etc/UTC"),
        "message": doc["message"],
        "requester": views.reference("user", doc["requester"]),
        "requested_at": render_time(doc["asked_at"], "Etc/UTC"),
    }


def alert_view(call: Call, doc: Doc) -> dict[str, Any]:
    views = call.world.views
    return {
        "id": doc["id"],
        "type": "alert",
        "summary": doc["name"],
        "self": f"{API}/incidents/{doc['incident']}/alerts/{doc['id']}",
        "html_url": None,
        "created_at": render_time(doc["created_at"], "Etc/UTC"),
        "status": doc["status"],
        "alert_key": doc["alert_key"],
        "service": views.reference("service", doc["service"]),
        "incident": views.reference("incident", doc["incident"]),
        "suppressed": False,
        "severity": doc["severity"],
        "body": {"type": "alert_body", "contexts": doc["contexts"], "details": doc["details"]},
    }


def entry_reference(call: Call, id_: str, incident: str, type_: str) -> dict[str, Any]:
    known = call.store.get("log_entry", id_) or {}
    return {**_entry_head(call, id_, incident, known.get("summary")), "type": f"{type_}_reference"}


def _entry_head(call: Call, id_: str, incident: str, summary: str | None) -> dict[str, Any]:
    site = f"https://{call.world.options.subdomain}.pagerduty.com"
    return {
        "id": id_,
        "summary": summary,
        "self": f"{API}/log_entries/{id_}?incident_id={incident}",
        "html_url": f"{site}/incidents/{incident}/log_entries/{id_}",
    }


def entry_view(call: Call, doc: Doc) -> dict[str, Any]:
    views, zone = call.world.views, call.zone("Etc/UTC")
    service = call.store.get("service", doc["service"]) or {}
    policy = call.store.get("escalation_policy", service.get("escalation_policy", "")) or {}
    kind, id_, owner = doc["agent"]
    view: dict[str, Any] = {
        **_entry_head(call, doc["id"], doc["incident"], doc["summary"]),
        "type": doc["type"],
        "created_at": render_time(doc["at"], zone),
        "agent": agent_view(call.world, By(kind, id_, "", owner)),
        "channel": doc["channel"],
        "incident": call.included("incidents", "incident", doc["incident"]),
        "service": call.included("services", "service", doc["service"]),
        "teams": [call.included("teams", "team", t) for t in policy.get("teams", ())],
        "contexts": [],
    }
    if "assignees" in doc:
        view["assignees"] = views.references("user", doc["assignees"])
    if "user" in doc:
        view["user"] = views.reference("user", doc["user"])
    for key in ("note", "acknowledgement_timeout", "event_details", "changeset", "urgency"):
        if doc.get(key) is not None:
            view[key] = doc[key]
    return view
