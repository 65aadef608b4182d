"""Webhook subscriptions (v3)."""

from __future__ import annotations

from typing import Any

from watchbill.sandbox.call import NO_CONTENT, Call, Reply, Route
from watchbill.sandbox.engine import outbox
from watchbill.sandbox.errors import invalid, not_found
from watchbill.sandbox.paging import sliced
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import text_field

FILTERS = ("service_reference", "team_reference", "account_reference")
EVENTS = frozenset(
    f"incident.{name}"
    for name in [
        "acknowledged",
        "action_invocation.created",
        "action_invocation.terminated",
        "action_invocation.updated",
        "annotated",
        "conference_bridge.updated",
        "custom_field_values.updated",
        "delegated",
        "escalated",
        "incident_type.changed",
        "priority_updated",
        "reassigned",
        "reopened",
        "resolved",
        "responder.added",
        "responder.replied",
        "role.assigned",
        "service_updated",
        "status_update_published",
        "triggered",
        "unacknowledged",
        "workflow.started",
        "workflow.completed",
    ]
) | {
    "service.created",
    "service.updated",
    "service.deleted",
    "service.custom_field_values.updated",
    "pagey.ping",
}


def subscription_view(doc: Doc, *, secret: bool = False) -> dict[str, Any]:
    """The secret comes with the answer to its making, and never again."""
    return {
        "id": doc["id"],
        "type": "webhook_subscription",
        "active": doc["active"],
        "delivery_method": {
            "id": doc["method_id"],
            "type": "http_delivery_method",
            "url": doc["url"],
            "secret": doc["secret"] if secret else None,
            "temporarily_disabled": doc["disabled_until"] is not None,
            "custom_headers": [{"name": h["name"], "value": "<redacted>"} for h in doc["custom_headers"]],
        },
        "description": doc["description"],
        "events": doc["events"],
        "filter": doc["filter"],
    }


def list_subscriptions(call: Call) -> Reply:
    kind, id_ = call.first("filter_type"), call.first("filter_id")
    wanted = [
        doc
        for doc in call.store.all("webhook_subscription")
        if (not kind or doc["filter"]["type"] == f"{kind}_reference")
        and (not id_ or doc["filter"].get("id") == id_)
    ]
    return sliced(call, "webhook_subscriptions", wanted, subscription_view)


def show_subscription(call: Call) -> Reply:
    return Reply({"webhook_subscription": subscription_view(existing(call))})


def create_subscription(call: Call) -> Reply:
    body = call.wrapped("webhook_subscription")
    method = body.get("delivery_method")
    url = method.get("url") if isinstance(method, dict) else None
    if (
        not isinstance(method, dict)
        or not isinstance(url, str)
        or not url.startswith(("http://", "https://"))
    ):
        raise invalid("Delivery method url is invalid")
    doc = {
        "id": call.store.new_id("webhook_subscription"),
        "method_id": call.store.new_id("delivery_method"),
        "url": url,
        "secret": call.store.new_id("secret"),
        "custom_headers": _headers(method.get("custom_headers") or []),
        "description": "",
        "active": True,
        "drops": 0,
        "disabled_until": None,
        **_fields(call, body, whole=True),
    }
    call.store.put("webhook_subscription", doc)
    return Reply({"webhook_subscription": subscription_view(doc, secret=True)})


def _headers(sent: Any) -> list[dict[str, str]]:
    if not isinstance(sent, list) or not all(
        isinstance(h, dict) and {"name", "value"} <= set(h) for h in sent
    ):
        raise invalid("Custom headers must be a list of names and values")
    return [{"name": str(h["name"]), "value": str(h["value"])} for h in sent]


def update_subscription(call: Call) -> Reply:
    before = existing(call)
    after = {**before, **_fields(call, call.wrapped("webhook_subscription"), whole=False)}
    call.store.put("webhook_subscription", after)
    return Reply({"webhook_subscription": subscription_view(after)})


def delete_subscription(call: Call) -> Reply:
    doc = existing(call)
    for delivery in call.store.children("delivery", doc["id"]):
        call.store.delete("delivery", delivery["id"])
    call.store.delete("webhook_subscription", doc["id"])
    return NO_CONTENT


def enable_subscription(call: Call) -> Reply:
    after = {**existing(call), "disabled_until": None, "drops": 0}
    call.store.put("webhook_subscription", after)
    return Reply({"webhook_subscription": subscription_view(after)})


def ping(call: Call) -> Reply:
    doc = existing(call)
    data = {"message": "Hello from your friend Pagey!", "type": "ping"}
    outbox.queue(call.world, "pagey.ping", "pagey", data, None, call.now, only=doc["id"])
    return Reply(status=202)


def existing(call: Call) -> Doc:
    doc = call.store.get("webhook_subscription", call.params["id"])
    if doc is None:
        raise not_found()
    return doc


def _fields(call: Call, body: dict[str, Any], *, whole: bool) -> Doc:
    fields: Doc = {}
    if "events" in body or whole:
        events = body.get("events")
        if not isinstance(events, list) or not events or not set(map(str, events)) <= EVENTS:
            raise invalid("Events is invalid")
        fields["events"] = events
    if "filter" in body or whole:
        fields["filter"] = _filter(call, body.get("filter"))
    if "description" in body:
        fields["description"] = text_field(body, "description", "Description", most=1024) or ""
    if "active" in body:
        fields["active"] = bool(body["active"])
    return fields


def _filter(call: Call, sent: Any) -> Doc:
    if not isinstance(sent, dict) or sent.get("type") not in FILTERS:
        raise invalid("Filter is invalid")
    if sent["type"] == "account_reference":
        return {"type": sent["type"]}
    kind = sent["type"].removesuffix("_reference")
    if call.store.get(kind, str(sent.get("id"))) is None:
        raise not_found(kind)
    return {"type": sent["type"], "id": sent["id"]}


_BASE = "/webhook_subscriptions"
ROUTES = [
    Route("GET", _BASE, list_subscriptions),
    Route("POST", _BASE, create_subscription),
    Route("GET", _BASE + "/{id}", show_subscription),
    Route("PUT", _BASE + "/{id}", update_subscription),
    Route("DELETE", _BASE + "/{id}", delete_subscription),
    Route("POST", _BASE + "/{id}/enable", enable_subscription),
    Route("POST", _BASE + "/{id}/ping", ping),
]
