"""Event orchestrations: the objects themselves and their integrations."""

from __future__ import annotations

from typing import Any

from watchbill.sandbox.call import NO_CONTENT, Call, Reply, Route
from watchbill.sandbox.errors import invalid, not_found
from watchbill.sandbox.paging import listing
from watchbill.sandbox.rules_view import small_reference, written
from watchbill.sandbox.store import Doc
from watchbill.sandbox.views import API
from watchbill.sandbox.wire import reference_id, text_field


def orchestration_view(call: Call, doc: Doc) -> dict[str, Any]:
    router = call.store.get("orchestration_path", f"{doc['id']}/router")
    team = doc["team"]
    return {
        "id": doc["id"],
        "self": f"{API}/event_orchestrations/{doc['id']}",
        "name": doc["name"],
        "description": doc["description"] or "",
        "team": None if team is None else small_reference("team", "teams", team),
        "integrations": [integration_view(i) for i in doc["integrations"]],
        "routes": sum(len(s["rules"]) for s in router["sets"]) if router else 0,
        **written(doc),
    }


def stamp(call: Call, before: Doc | None) -> Doc:
    """The read-only fields of a write."""
    user = call.world.actor.user
    first = {"created_at": call.now, "created_by": user}
    kept = {key: before[key] for key in first} if before else first
    return {**kept, "updated_at": call.now, "updated_by": user, "version": call.store.new_id("secret")}


def integration_view(doc: Doc) -> dict[str, Any]:
    return {
        "id": doc["id"],
        "label": doc["label"],
        "parameters": {"routing_key": doc["routing_key"], "type": "global"},
    }


def list_orchestrations(call: Call) -> Reply:
    return listing(call, "orchestrations", "orchestration", lambda doc: orchestration_view(call, doc))


def show_orchestration(call: Call) -> Reply:
    return Reply({"orchestration": orchestration_view(call, existing(call))})


def create_orchestration(call: Call) -> Reply:
    doc = {
        "id": call.store.new_id("orchestration"),
        "team": None,
        "description": "",
        **_fields(call, call.wrapped("orchestration")),
        **stamp(call, None),
        "integrations": [_integration(call, "Default Integration")],
    }
    call.store.put("orchestration", doc)
    return Reply({"orchestration": orchestration_view(call, doc)}, 201)


def update_orchestration(call: Call) -> Reply:
    before = existing(call)
    after = {
        **before,
        **_fields(call, {"name": before["name"], **call.wrapped("orchestration")}),
        **stamp(call, before),
    }
    call.store.put("orchestration", after)
    return Reply({"orchestration": orchestration_view(call, after)})


def delete_orchestration(call: Call) -> Reply:
    doc = existing(call)
    for name in ("router", "global", "unrouted"):
        call.store.delete("orchestration_path", f"{doc['id']}/{name}")
    call.store.delete("orchestration", doc["id"])
    return NO_CONTENT


def list_integrations(call: Call) -> Reply:
    integrations = existing(call)["integrations"]
    return Reply({"integrations": [integration_view(i) for i in integrations], "total": len(integrations)})


def create_integration(call: Call) -> Reply:
    doc, body = existing(call), call.wrapped("integration")
    made = _integration(call, text_field(body, "label", "Label", most=255, required=True) or "")
    call.store.put("orchestration", {**doc, "integrations": [*doc["integrations"], made]})
    return Reply({"integration": integration_view(made)}, 201)


def show_integration(call: Call) -> Reply:
    return Reply({"integration": integration_view(_one(call, existing(call)))})


def update_integration(call: Call) -> Reply:
    doc, body = existing(call), call.wrapped("integration")
    before = _one(call, doc)
    after = {**before, "label": text_field(body, "label", "Label", most=255, required=True)}
    others = [after if i["id"] == before["id"] else i for i in doc["integrations"]]
    call.store.put("orchestration", {**doc, "integrations": others})
    return Reply({"integration": integration_view(after)})


def delete_integration(call: Call) -> Reply:
    doc = existing(call)
    unwanted = _one(call, doc)
    if len(doc["integrations"]) == 1:
        raise invalid("An orchestration must keep one integration")
    left = [i for i in doc["integrations"] if i["id"] != unwanted["id"]]
    call.store.put("orchestration", {**doc, "integrations": left})
    return NO_CONTENT


def existing(call: Call) -> Doc:
    doc = call.store.get("orchestration", call.params["id"])
    if doc is None:
        raise not_found()
    return doc


def _one(call: Call, doc: Doc) -> Doc:
    for integration in doc["integrations"]:
        if integration["id"] == call.params["integration_id"]:
            return dict(integration)
    raise not_found()


def _integration(call: Call, label: str) -> Doc:
    return {
        "id": call.store.new_id("orchestration_integration"),
        "label": label,
        "routing_key": f"R{call.store.new_id('routing_key')[:31].upper()}",
    }


def _fields(call: Call, body: dict[str, Any]) -> Doc:
    fields: Doc = {"name": text_field(body, "name", "Name", most=255, required=True)}
    if "description" in body:
        fields["description"] = text_field(body, "description", "Description", most=1024) or ""
    if "team" in body:
        fields["team"] = None if body["team"] is None else reference_id(body["team"])
        if fields["team"] is not None and call.store.get("team", fields["team"]) is None:
            raise not_found("team")
    return fields


_BASE = "/event_orchestrations"
ROUTES = [
    Route("GET", _BASE, list_orchestrations),
    Route("POST", _BASE, create_orchestration),
    Route("GET", _BASE + "/{id}", show_orchestration),
    Route("PUT", _BASE + "/{id}", update_orchestration),
    Route("DELETE", _BASE + "/{id}", delete_orchestration),
    Route("GET", _BASE + "/{id}/integrations", list_integrations),
    Route("POST", _BASE + "/{id}/integrations", create_integration),
    Route("GET", _BASE + "/{id}/integrations/{integration_id}", show_integration),
    Route("PUT", _BASE + "/{id}/integrations/{integration_id}", update_integration),
    Route("DELETE", _BASE + "/{id}/integrations/{integration_id}", delete_integration),
]
