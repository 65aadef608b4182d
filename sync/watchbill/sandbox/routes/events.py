"""Events API v2 (in reality on events.pagerduty.com): no token, the routing key is the credential."""

from __future__ import annotations

from typing import Any

from watchbill.sandbox.call import Call, Reply, Route
from watchbill.sandbox.engine import events
from watchbill.sandbox.engine.routing import SEVERITIES

ACTIONS = ("trigger", "acknowledge", "resolve")


def enqueue(call: Call) -> Reply:
    body: dict[str, Any] = call.body if isinstance(call.body, dict) else {}
    errors = _errors(body)
    source = events.source_of(call.world, str(body.get("routing_key")))
    if source is None and not errors:
        errors = ["'routing_key' is invalid"]
    if errors or source is None:
        refused = {"status": "invalid event", "message": "Event object is invalid", "errors": errors}
        return Reply(refused, 400)
    key = str(body.get("dedup_key") or call.store.new_id("secret"))
    events.take(call.world, source, body, key, call.now)
    return Reply({"status": "success", "message": "Event processed", "dedup_key": key}, 202)


def _errors(body: dict[str, Any]) -> list[str]:
    if not isinstance(body.get("routing_key"), str):
        return ["'routing_key' is missing or blank"]
    action = body.get("event_action")
    if action not in ACTIONS:
        return ["'event_action' is invalid (must be one of: trigger, acknowledge, resolve)"]
    if action != "trigger":
        return [] if body.get("dedup_key") else ["'dedup_key' is missing or blank"]
    payload = body.get("payload")
    if not isinstance(payload, dict):
        return ["'payload' is missing or blank"]
    errors = [f"'payload.{key}' is missing or blank" for key in ("summary", "source") if not payload.get(key)]
    if payload.get("severity") not in SEVERITIES:
        errors.append("'payload.severity' is invalid (must be one of: critical, warning, error, info)")
    if payload.get("custom_details") is not None and not isinstance(payload["custom_details"], dict):
        errors.append("'payload.custom_details' must be an object")
    return errors


ROUTES = [Route("POST", "/v2/enqueue", enqueue)]
