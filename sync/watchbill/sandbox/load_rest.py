"""REST shapes <-> stored documents, for estates: nothing is clamped, refused or shuffled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watchbill.errors import UsageError
from watchbill.rota.clock import Instant, iso
from watchbill.sandbox.store import Doc, Store
from watchbill.sandbox.wire import parse_time, render_time


def _instant(item: Mapping[str, Any], key: str, where: str) -> Instant:
    instant = parse_time(item.get(key))
    if instant is None:
        raise UsageError(
            f"{where}: {key} is no time: {item.get(key)!r}", remedy="write it like 2026-11-23T14:00:00Z"
        )
    return instant


def user_from_rest(store: Store, item: Mapping[str, Any]) -> None:
    """Without `contact_methods` a user gets an e-mail address and a push device that rings at once."""
    id_ = item.get("id") or store.new_id("user")
    user = {
        "id": id_,
        "name": item["name"],
        "email": item["email"].strip().lower(),
        "time_zone": item.get("time_zone") or "Etc/UTC",
        "color": item.get("color") or "purple",
        "role": item.get("role") or "user",
        "description": item.get("description"),
        "job_title": item.get("job_title") or "",
    }
    store.put("user", user)
    methods = item.get("contact_methods")
    if methods is None:
        _default_contacts(store, user)
        return
    for method in methods:
        kept = {k: v for k, v in method.items() if k not in {"summary", "self", "html_url"}}
        kept |= {
            "id": method.get("id") or store.new_id("contact_method"),
            "label": method.get("label") or "Default",
        }
        store.put("contact_method", kept, parent=id_)
    for rule in item.get("notification_rules") or ():
        made = {key: rule[key] for key in ("start_delay_in_minutes", "urgency")}
        made |= {
            "id": rule.get("id") or store.new_id("notification_rule"),
            "contact_method": rule["contact_method"]["id"],
        }
        store.put("notification_rule", made, parent=id_)


def _default_contacts(store: Store, user: Doc) -> None:
    email: Doc = {"id": store.new_id("contact_method"), "type": "email_contact_method", "label": "Work"}
    email |= {"address": user["email"], "send_short_email": False}
    push = {
        "id": store.new_id("contact_method"),
        "type": "push_notification_contact_method",
        "label": "Phone app",
    }
    push |= {"address": f"push-{user['id'].lower()}", "device_type": "android"}
    for method in (email, push):
        store.put("contact_method", method, parent=user["id"])
    for urgency, method in (("high", push), ("low", email)):
        rule = {"id": store.new_id("notification_rule"), "start_delay_in_minutes": 0, "urgency": urgency}
        store.put("notification_rule", {**rule, "contact_method": method["id"]}, parent=user["id"])


def user_to_rest(store: Store, doc: Doc) -> Doc:
    rules = store.children("notification_rule", doc["id"])
    return {
        **doc,
        "type": "user",
        "contact_methods": store.children("contact_method", doc["id"]),
        "notification_rules": [
            {**rule, "type": "assignment_notification_rule", "contact_method": {"id": rule["contact_method"]}}
            for rule in rules
        ],
    }


def schedule_from_rest(store: Store, item: Mapping[str, Any]) -> None:
    id_ = item.get("id") or store.new_id("schedule")
    layers = [_layer(store, layer, item["name"]) for layer in reversed(item.get("schedule_layers") or [])]
    for place, layer in enumerate(layers, start=1):
        layer["name"] = layer["name"] or f"Layer {place}"
    schedule = {
        "id": id_,
        "name": item["name"],
        "time_zone": item["time_zone"],
        "description": item.get("description"),
        "teams": [team["id"] for team in item.get("teams") or ()],
        "layers": layers,
    }
    store.put("schedule", schedule)
    for override in item.get("overrides") or ():
        where = f"an override of {item['name']}"
        made: Doc = {"start": _instant(override, "start", where), "end": _instant(override, "end", where)}
        made |= {"id": override.get("id") or store.new_id("override"), "user": override["user"]["id"]}
        store.put("override", made, parent=id_)


def _layer(store: Store, item: Mapping[str, Any], schedule: str) -> Doc:
    where = f"layer {item.get('name')!r} of {schedule}"
    return {
        "id": item.get("id") or store.new_id("layer"),
        "name": item.get("name") or "",
        "start": _instant(item, "start", where),
        "end": None if item.get("end") is None else _instant(item, "end", where),
        "rotation_virtual_start": _instant(item, "rotation_virtual_start", where),
        "rotation_turn_length_seconds": item["rotation_turn_length_seconds"],
        "users": [member["user"]["id"] for member in item["users"]],
        "restrictions": [
            {k: v for k, v in r.items() if not k.startswith("_")} for r in item.get("restrictions") or ()
        ],
    }


def layer_to_rest(layer: Doc, zone: str) -> Doc:
    return {
        **layer,
        "start": render_time(layer["start"], zone),
        "end": None if layer["end"] is None else render_time(layer["end"], zone),
        "rotation_virtual_start": render_time(layer["rotation_virtual_start"], zone),
        "users": [{"user": {"id": user, "type": "user_reference"}} for user in layer["users"]],
    }


def schedule_to_rest(store: Store, doc: Doc) -> Doc:
    zone = doc["time_zone"]
    return {
        "id": doc["id"],
        "type": "schedule",
        "name": doc["name"],
        "time_zone": zone,
        "description": doc["description"],
        "teams": [{"id": team, "type": "team_reference"} for team in doc["teams"]],
        "schedule_layers": [layer_to_rest(layer, zone) for layer in reversed(doc["layers"])],
        "overrides": [
            {
                "id": o["id"],
                "start": iso(o["start"]),
                "end": iso(o["end"]),
                "user": {"id": o["user"], "type": "user_reference"},
            }
            for o in store.children("override", doc["id"])
        ],
    }


def policy_from_rest(store: Store, item: Mapping[str, Any]) -> None:
    rules = []
    for rule in item["escalation_rules"]:
        strategy = rule.get("escalation_rule_assignment_strategy") or "assign_to_everyone"
        rules.append(
            {
                "id": rule.get("id") or store.new_id("escalation_rule"),
                "delay": rule["escalation_delay_in_minutes"],
                "targets": [_target(store, target) for target in rule["targets"]],
                "strategy": strategy["type"] if isinstance(strategy, Mapping) else strategy,
            }
        )
    policy = {
        "id": item.get("id") or store.new_id("escalation_policy"),
        "name": item["name"],
        "description": item.get("description"),
        "num_loops": item.get("num_loops", 0),
        "on_call_handoff_notifications": item.get("on_call_handoff_notifications", "if_has_services"),
        "teams": [team["id"] for team in item.get("teams") or ()],
        "rules": rules,
    }
    store.put("escalation_policy", policy)


def _target(store: Store, item: Mapping[str, Any]) -> dict[str, str]:
    kind = str(item["type"]).removesuffix("_reference")
    if kind == "schedule" and store.get("schedule_v3", item["id"]) is not None:
        kind = "schedule_v3"
    return {"kind": kind, "id": item["id"]}


def policy_to_rest(doc: Doc) -> Doc:
    return {
        **{k: v for k, v in doc.items() if k not in {"rules", "teams"}},
        "type": "escalation_policy",
        "escalation_rules": [
            {
                "id": rule["id"],
                "escalation_delay_in_minutes": rule["delay"],
                "targets": [{"id": t["id"], "type": f"{t['kind']}_reference"} for t in rule["targets"]],
                "escalation_rule_assignment_strategy": {"type": rule["strategy"]},
            }
            for rule in doc["rules"]
        ],
        "teams": [{"id": team, "type": "team_reference"} for team in doc["teams"]],
    }


def service_from_rest(store: Store, item: Mapping[str, Any]) -> None:
    id_ = item.get("id") or store.new_id("service")
    service = {
        "id": id_,
        "name": item["name"],
        "description": item.get("description"),
        "created_at": parse_time(item.get("created_at")) or 0,
        "status": item.get("status", "active"),
        "last_incident_timestamp": parse_time(item.get("last_incident_timestamp")),
        "escalation_policy": item["escalation_policy"]["id"],
        "auto_resolve_timeout": item.get("auto_resolve_timeout"),
        "acknowledgement_timeout": item.get("acknowledgement_timeout"),
        "incident_urgency_rule": item.get("incident_urgency_rule") or {"type": "constant", "urgency": "high"},
        "support_hours": item.get("support_hours"),
        "scheduled_actions": item.get("scheduled_actions") or [],
        "auto_pause": item.get("auto_pause_notifications_parameters") or {"enabled": False, "timeout": 300},
    }
    store.put("service", service)
    for integration in item.get("integrations") or ():
        made = {
            "id": integration.get("id") or store.new_id("integration"),
            "type": integration["type"].removesuffix("_reference"),
            "name": integration.get("name") or integration.get("summary") or "Events API v2",
            "created_at": parse_time(integration.get("created_at")) or 0,
            "integration_key": integration.get("integration_key") or store.new_id("routing_key"),
        }
        store.put("integration", made, parent=id_)


def service_to_rest(store: Store, doc: Doc) -> Doc:
    kept = {k: v for k, v in doc.items() if k not in {"auto_pause", "updated_at", "orchestration_active"}}
    last = doc["last_incident_timestamp"]
    return {
        **kept,
        "type": "service",
        "created_at": iso(doc["created_at"]),
        "last_incident_timestamp": None if last is None else iso(last),
        "escalation_policy": {"id": doc["escalation_policy"], "type": "escalation_policy_reference"},
        "auto_pause_notifications_parameters": doc["auto_pause"],
        "integrations": [
            {**i, "created_at": iso(i["created_at"])} for i in store.children("integration", doc["id"])
        ],
    }
