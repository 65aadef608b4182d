"""Services and their integrations."""

from __future__ import annotations

from typing import Any

from watchbill.sandbox.call import NO_CONTENT, Call, Reply, Route
from watchbill.sandbox.engine import outbox
from watchbill.sandbox.engine.logbook import By
from watchbill.sandbox.errors import invalid, not_found
from watchbill.sandbox.paging import listing
from watchbill.sandbox.service_fields import service_fields
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import render_time, text_field

_SOURCES = (
    "aws_cloudwatch cloudkick event_transformer_api generic_email generic_events_api keynote nagios pingdom "
    "sql_monitor events_api_v2"
)
INTEGRATIONS = frozenset(f"{source}_inbound_integration" for source in _SOURCES.split())


def service_view(call: Call, doc: Doc) -> dict[str, Any]:
    """`teams` follow the policy; `auto_pause_notifications_parameters` come only when asked for."""
    views, zone = call.world.views, call.zone(call.world.account_zone)
    policy = call.store.get("escalation_policy", doc["escalation_policy"])
    last: int | None = doc["last_incident_timestamp"]
    integrations = call.store.children("integration", doc["id"])
    shown = integration_view if call.includes("integrations") else integration_reference
    view: dict[str, Any] = {
        **views.head("service", doc),
        "name": doc["name"],
        "description": doc["description"],
        "created_at": render_time(doc["created_at"], zone),
        "updated_at": render_time(doc.get("updated_at") or doc["created_at"], zone),
        "status": doc["status"],
        "last_incident_timestamp": last if last is None else render_time(last, zone),
        "auto_resolve_timeout": doc["auto_resolve_timeout"],
        "acknowledgement_timeout": doc["acknowledgement_timeout"],
        "escalation_policy": call.included(
            "escalation_policies", "escalation_policy", doc["escalation_policy"]
        ),
        "teams": [call.included("teams", "team", t) for t in (policy or {}).get("teams", [])],
        "integrations": [shown(call, doc["id"], i) for i in integrations],
        "addons": [],
        "incident_urgency_rule": doc["incident_urgency_rule"],
        "support_hours": doc["support_hours"],
        "scheduled_actions": doc["scheduled_actions"],
        "alert_creation": "create_alerts_and_incidents",
        "response_play": None,
    }
    if call.includes("auto_pause_notifications_parameters"):
        view["auto_pause_notifications_parameters"] = doc["auto_pause"]
    return view


def integration_view(call: Call, service_id: str, doc: Doc) -> dict[str, Any]:
    return {
        **call.world.views.part("service", service_id, "integrations", doc["type"], doc, doc["name"]),
        "name": doc["name"],
        "service": call.world.views.reference("service", service_id),
        "created_at": render_time(doc["created_at"], call.world.account_zone),
        "integration_key": doc["integration_key"],
    }


def integration_reference(call: Call, service_id: str, doc: Doc) -> dict[str, Any]:
    type_ = f"{doc['type']}_reference"
    return call.world.views.part("service", service_id, "integrations", type_, doc, doc["name"])


def list_services(call: Call) -> Reply:
    ids: set[str] | None = None
    if call.many("team_ids"):
        policies = {
            p for t in call.many("team_ids") for p in call.store.linked_from("escalation_policy", "team", t)
        }
        ids = {s for p in policies for s in call.store.linked_from("service", "escalation_policy", p)}
    if call.first("name"):
        exact = {
            s["id"]
            for s in call.store.named("service", call.first("name"))
            if s["name"] == call.first("name")
        }
        ids = exact if ids is None else ids & exact
    return listing(call, "services", "service", lambda doc: service_view(call, doc), ids_in=ids)


def show_service(call: Call) -> Reply:
    return Reply({"service": service_view(call, existing(call))})


def create_service(call: Call) -> Reply:
    """A timeout that is not sent is off, whatever the schema's default says (facts 5)."""
    body = call.wrapped("service")
    if "escalation_policy" not in body:
        raise invalid("Escalation policy can't be blank")
    base: Doc = {
        "description": None,
        "created_at": call.now,
        "status": "active",
        "last_incident_timestamp": None,
        "auto_resolve_timeout": None,
        "acknowledgement_timeout": None,
        "incident_urgency_rule": {"type": "constant", "urgency": "high"},
        "support_hours": None,
        "scheduled_actions": [],
        "auto_pause": {"enabled": False, "timeout": 300},
    }
    fields = service_fields(call, {**body, "status": "active"}, None)
    doc = {"id": call.store.new_id("service"), **base, **fields}
    call.store.put("service", doc)
    call.world.record("service", None, doc)
    _tell(call, "service.created", doc)
    return Reply({"service": service_view(call, doc)}, 201)


def update_service(call: Call) -> Reply:
    before = existing(call)
    body = {"name": before["name"], **call.wrapped("service")}
    after = {**before, **service_fields(call, body, before), "updated_at": call.now}
    call.store.put("service", after)
    call.world.record("service", before, {**after, "updated_at": before.get("updated_at")})
    _tell(call, "service.updated", after)
    return Reply({"service": service_view(call, after)})


def delete_service(call: Call) -> Reply:
    doc = existing(call)
    for integration in call.store.children("integration", doc["id"]):
        call.store.delete("integration", integration["id"])
    _tell(call, "service.deleted", doc)
    call.store.delete("orchestration_path", f"service/{doc['id']}")
    call.store.delete("service", doc["id"], tombstone_at=call.now)
    call.world.record("service", doc, None)
    return NO_CONTENT


def _tell(call: Call, event_type: str, doc: Doc) -> None:
    user = call.world.actor.user
    by = By("user", user, "api") if user else None
    data = {**call.world.views.head("service", doc), "teams": []}
    outbox.queue(call.world, event_type, "service", data, by, call.now, service=doc["id"], subject=doc["id"])


def existing(call: Call) -> Doc:
    doc = call.store.get("service", call.params["id"])
    if doc is None:
        raise not_found("service")
    return doc


def create_integration(call: Call) -> Reply:
    service, body = existing(call), call.wrapped("integration")
    doc = {"id": call.store.new_id("integration"), "created_at": call.now, **_integration_fields(body)}
    doc["integration_key"] = body.get("integration_key") or call.store.new_id("routing_key")
    call.store.put("integration", doc, parent=service["id"])
    call.world.audit.record(call.world.actor, "integration", None, doc, root=("service", service["id"]))
    return Reply({"integration": integration_view(call, service["id"], doc)}, 201)


def show_integration(call: Call) -> Reply:
    service = existing(call)
    return Reply({"integration": integration_view(call, service["id"], _integration(call, service))})


def update_integration(call: Call) -> Reply:
    service = existing(call)
    before = _integration(call, service)
    after = {**before, **_integration_fields({**before, **call.wrapped("integration")})}
    call.store.put("integration", after, parent=service["id"])
    call.world.audit.record(call.world.actor, "integration", before, after, root=("service", service["id"]))
    return Reply({"integration": integration_view(call, service["id"], after)})


def delete_integration(call: Call) -> Reply:
    service = existing(call)
    doc = _integration(call, service)
    call.store.delete("integration", doc["id"])
    call.world.audit.record(call.world.actor, "integration", doc, None, root=("service", service["id"]))
    return NO_CONTENT


def _integration(call: Call, service: Doc) -> Doc:
    for doc in call.store.children("integration", service["id"]):
        if doc["id"] == call.params["integration_id"]:
            return doc
    raise not_found()


def _integration_fields(body: dict[str, Any]) -> dict[str, Any]:
    type_ = str(body.get("type", "")).removesuffix("_reference")
    if type_ not in INTEGRATIONS:
        raise invalid("Type is invalid")
    return {"type": type_, "name": text_field(body, "name", "Name", most=255) or "Events API v2"}


_INTEGRATIONS = "/services/{id}/integrations"
ROUTES = [
    Route("GET", "/services", list_services),
    Route("POST", "/services", create_service),
    Route("GET", "/services/{id}", show_service),
    Route("PUT", "/services/{id}", update_service),
    Route("DELETE", "/services/{id}", delete_service),
    Route("POST", _INTEGRATIONS, create_integration),
    Route("GET", _INTEGRATIONS + "/{integration_id}", show_integration),
    Route("PUT", _INTEGRATIONS + "/{integration_id}", update_integration),
    Route("DELETE", _INTEGRATIONS + "/{integration_id}", delete_integration),
]
