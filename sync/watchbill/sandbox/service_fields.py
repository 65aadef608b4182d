"""What a write to a service may say, checked: timeouts, urgency rule, support hours, scheduled actions."""

from __future__ import annotations

import re
from typing import Any

from watchbill.sandbox.call import Call
from watchbill.sandbox.errors import invalid, not_found
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import known_zone, reference_id, text_field, whole_number

URGENCIES = frozenset({"high", "low", "severity_based"})
PAUSES = frozenset({120, 180, 300, 600, 900})
_TIME = re.compile(r"^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$")


def service_fields(call: Call, body: dict[str, Any], before: Doc | None) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": _name(call, body, before)}
    if "description" in body:
        fields["description"] = text_field(body, "description", "Description", most=1024)
    if "escalation_policy" in body:
        policy = reference_id(body["escalation_policy"])
        if policy is None or call.store.get("escalation_policy", policy) is None:
            raise not_found("escalation_policy")
        fields["escalation_policy"] = policy
    for key in ("auto_resolve_timeout", "acknowledgement_timeout"):
        if key in body:
            fields[key] = _timeout(body[key], key)
    if body.get("status") in {"active", "disabled"}:
        fields["status"] = body["status"]
    if "auto_pause_notifications_parameters" in body:
        fields["auto_pause"] = _auto_pause(body["auto_pause_notifications_parameters"])
    return fields | _urgency_fields(call, body, before)


def _name(call: Call, body: dict[str, Any], before: Doc | None) -> str:
    name = text_field(body, "name", "Name", most=255, required=True)
    assert name is not None
    if name != name.rstrip() or not name.isprintable():
        raise invalid("Name is invalid")
    for other in call.store.named("service", name):
        if before is None or other["id"] != before["id"]:
            raise invalid("Name has already been taken")
    return name


def _timeout(value: object, key: str) -> int | None:
    """Seconds; null and 0 switch it off."""
    seconds = None if value is None else whole_number(value)
    if value is not None and (seconds is None or seconds < 0):
        raise invalid(f"{key.capitalize().replace('_', ' ')} must be a whole number of seconds")
    return seconds or None


def _auto_pause(value: object) -> dict[str, Any]:
    if not isinstance(value, dict) or not isinstance(value.get("enabled"), bool):
        raise invalid("Auto pause notifications parameters is invalid")
    timeout = value.get("timeout") or 300
    if timeout not in PAUSES:
        raise invalid("Auto pause notifications timeout is invalid")
    return {"enabled": value["enabled"], "timeout": timeout}


def _urgency_fields(call: Call, body: dict[str, Any], before: Doc | None) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if body.get("incident_urgency_rule") is not None:
        fields["incident_urgency_rule"] = _urgency_rule(body["incident_urgency_rule"])
    if "support_hours" in body:
        fields["support_hours"] = _support_hours(call, body["support_hours"])
    if "scheduled_actions" in body:
        fields["scheduled_actions"] = _scheduled_actions(body["scheduled_actions"])
    resulting = {**(before or {}), **fields}
    rule = resulting.get("incident_urgency_rule") or {}
    if rule.get("type") == "use_support_hours" and not resulting.get("support_hours"):
        raise invalid("Support hours can't be blank")
    return fields


def _urgency_rule(sent: object) -> dict[str, Any]:
    kind = sent.get("type") if isinstance(sent, dict) else None
    if not isinstance(sent, dict) or kind not in {"constant", "use_support_hours"}:
        raise invalid("Incident urgency rule is invalid")
    if kind == "constant":
        return _constant(sent)
    if "urgency" in sent:
        raise invalid("Incident urgency rule must not have an urgency of its own with support hours")
    return {
        "type": kind,
        "during_support_hours": _constant(sent.get("during_support_hours")),
        "outside_support_hours": _constant(sent.get("outside_support_hours")),
    }


def _constant(sent: object) -> dict[str, str]:
    if not isinstance(sent, dict) or sent.get("urgency") not in URGENCIES:
        raise invalid("Incident urgency rule urgency is invalid")
    return {"type": "constant", "urgency": sent["urgency"]}


def _support_hours(call: Call, sent: object) -> dict[str, Any] | None:
    if sent is None:
        return None
    if not isinstance(sent, dict) or not known_zone(
        sent.get("time_zone"), listed_only=call.world.options.strict_zones
    ):
        raise invalid("Support hours time zone is invalid")
    days = sent.get("days_of_week")
    if not isinstance(days, list) or not days or any(whole_number(d) not in range(1, 8) for d in days):
        raise invalid("Support hours days of week is invalid")
    for key in ("start_time", "end_time"):
        if not isinstance(sent.get(key), str) or not _TIME.match(sent[key]):
            raise invalid(f"Support hours {key.replace('_', ' ')} is invalid")
    return {
        "type": "fixed_time_per_day",
        "time_zone": sent["time_zone"],
        "days_of_week": sorted(set(days)),
        "start_time": sent["start_time"],
        "end_time": sent["end_time"],
    }


def _scheduled_actions(sent: object) -> list[dict[str, Any]]:
    if not isinstance(sent, list):
        raise invalid("Scheduled actions must be a list")
    made = []
    for action in sent:
        at = action.get("at") if isinstance(action, dict) else None
        name = at.get("name") if isinstance(at, dict) else None
        if name not in {"support_hours_start", "support_hours_end"}:
            raise invalid("Scheduled actions is invalid")
        made.append(
            {"type": "urgency_change", "at": {"type": "named_time", "name": name}, "to_urgency": "high"}
        )
    return made
