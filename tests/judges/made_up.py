"""Requests made up by schemathesis from PagerDuty's document, brought near to what an account holds."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from contract import test_sandbox_contract as journey
from contract.client import Client
from watchbill.sandbox.store import Store

ZONES = ("Etc/UTC", "Europe/Bucharest", "America/New_York")
_KINDS = {
    "users": "user",
    "teams": "team",
    "schedules": "schedule",
    "v3": "schedule_v3",
    "escalation_policies": "escalation_policy",
    "services": "service",
    "incidents": "incident",
    "tags": "tag",
    "event_orchestrations": "orchestration",
    "webhook_subscriptions": "webhook_subscription",
    "log_entries": "log_entry",
}


def with_bodies(document: dict[str, Any]) -> dict[str, Any]:
    """What may have a body has one, and what is required in it may be sent.

    The document leaves every body optional, and marks ids and types that a request needs as `readOnly`.
    """
    for item in document["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and "requestBody" in operation:
                operation["requestBody"] = {**operation["requestBody"], "required": True}
    _drop(document, "readOnly")
    return document


def _drop(node: Any, key: str) -> None:
    if isinstance(node, dict):
        if isinstance(node.get(key), bool):
            del node[key]
        for child in node.values():
            _drop(child, key)
    elif isinstance(node, list):
        for child in node:
            _drop(child, key)


def populate(api: Client) -> dict[str, str]:
    """One of everything; the values of path parameters that are not simply `id`."""
    ana, bo = journey.drive_people(api)
    team = journey.drive_teams(api, ana, bo)
    schedule = journey.drive_schedules(api, ana, bo)
    policy = journey.drive_policies(api, schedule, ana, team)
    service = journey.drive_services(api, policy, team)
    ids = {"ana": ana, "bo": bo, "team": team, "schedule": schedule, "policy": policy, "service": service}
    journey.drive_incidents(api, ids)
    incident = {"type": "incident", "title": "Open", "service": {"id": service, "type": "service_reference"}}
    made(api, "/incidents", "incident", incident)
    shifts = f"/v3/schedules/{made(api, '/v3/schedules', 'schedule', {'name': 'Shifts', 'time_zone': 'UTC'})}"
    rotation = journey.ok(api.post(f"{shifts}/rotations", {}))["rotation"]["id"]
    alerts = {"type": "events_api_v2_inbound_integration", "name": "Alerts"}
    phone = {"type": "phone_contact_method", "label": "Mobile", "address": "5551234", "country_code": 40}
    method = made(api, f"/users/{ana}/contact_methods", "contact_method", phone)
    made(api, "/event_orchestrations", "orchestration", {"name": "All"})
    made(api, "/tags", "tag", {"type": "tag", "label": "Batch"})
    hook = {"type": "webhook_subscription", "events": ["incident.triggered"]}
    hook |= {"delivery_method": {"type": "http_delivery_method", "url": "http://127.0.0.1:9/"}}
    hook |= {"filter": {"type": "service_reference", "id": service}}
    made(api, "/webhook_subscriptions", "webhook_subscription", hook)
    return {
        "user_id": bo,
        "escalation_policy_id": policy,
        "service_id": service,
        "contact_method_id": method,
        "rotation_id": rotation,
        "event_id": made(api, f"{shifts}/rotations/{rotation}/events", "event", journey.event(ana, bo)),
        "integration_id": made(api, f"/services/{service}/integrations", "integration", alerts),
    }


def made(api: Client, path: str, key: str, body: Mapping[str, Any]) -> str:
    return str(journey.ok(api.post(path, {key: body}))[key]["id"])


def target(
    template: str, drawn: Mapping[str, Any], held: Mapping[str, str], store: Store, dice: random.Random
) -> str:
    """The path, two times in three of things that are there."""
    kind = _KINDS.get(template.strip("/").split("/")[0], "")
    docs = store.all(kind)
    real = dice.random() < 0.67

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if real and name in held:
            return held[name]
        if real and name == "id" and docs:
            return str(dice.choice(docs)["id"])
        return quote(str(drawn.get(name, "X")), safe="") or "X"

    return re.sub(r"\{(\w+)\}", value, template)


def brought_near(node: Any, store: Store, dice: random.Random) -> Any:
    """References point at something that is there, if anything is."""
    if isinstance(node, list):
        return [brought_near(item, store, dice) for item in node]
    if not isinstance(node, dict):
        return node
    near = {key: brought_near(value, store, dice) for key, value in node.items()}
    kinds = {
        "id": str(near.get("type", "")).removesuffix("_reference"),
        "user_id": "user",
        "requester_id": "user",
    }
    for key, kind in kinds.items():
        docs = store.all(kind) if key in near else []
        if docs:
            near[key] = dice.choice(docs)["id"]
    if "time_zone" in near and isinstance(near["time_zone"], str):
        near["time_zone"] = dice.choice(ZONES)
    return near


def pairs(query: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in query.items():
        for item in value if isinstance(value, list) else [value]:
            yield name, str(item).lower() if isinstance(item, bool) else str(item)
