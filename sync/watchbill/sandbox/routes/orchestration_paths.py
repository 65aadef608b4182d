"""The rule sets of orchestrations: router, global, unrouted, and one for each service.

There is no POST and no DELETE: PUT replaces the whole document.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watchbill.sandbox.call import Call, Reply, Route
from watchbill.sandbox.engine.pcl import PclError, parse
from watchbill.sandbox.engine.routing import SEVERITIES, rules_of, unevaluated
from watchbill.sandbox.errors import denied, invalid, not_found
from watchbill.sandbox.routes.orchestrations import stamp
from watchbill.sandbox.rules_view import path_view
from watchbill.sandbox.store import Doc

_LISTS = ("automation_actions", "extractions", "incident_custom_field_updates", "variables")
"""Actions that are lists of objects."""


def _key(call: Call, name: str) -> tuple[str, str, str]:
    """Key of the rule set, id and kind of what it belongs to; the service of a deleted one is a 403 (facts 5)."""
    if name == "service":
        service = call.params["service_id"]
        if call.store.get("service", service) is None:
            raise (
                denied("Service not found")
                if call.store.name_of("service", service)
                else not_found("service")
            )
        return f"service/{service}", service, "service"
    orchestration = call.params["id"]
    if call.store.get("orchestration", orchestration) is None:
        raise not_found()
    return f"{orchestration}/{name}", orchestration, "event_orchestration"


def _current(call: Call, name: str) -> Doc:
    """Never written: one empty set, and a router that routes nowhere."""
    key, parent, parent_kind = _key(call, name)
    stored = call.store.get("orchestration_path", key)
    if stored is not None:
        return stored
    empty = {"route_to": "unrouted"} if name == "router" else {}
    return {
        "id": key,
        "type": name,
        "parent": parent,
        "parent_kind": parent_kind,
        "sets": [{"id": "start", "rules": []}],
        "catch_all": {"actions": empty},
        "created_at": 0,
        "created_by": "",
        "updated_at": 0,
        "updated_by": "",
        "version": "",
    }


def _show(name: str) -> Callable[[Call], Reply]:
    return lambda call: Reply({"orchestration_path": path_view(_current(call, name))})


def _replace(name: str) -> Callable[[Call], Reply]:
    def handler(call: Call) -> Reply:
        before = _current(call, name)
        body = call.wrapped("orchestration_path")
        after = {
            **before,
            "sets": _sets(call, body, before, name),
            "catch_all": _catch_all(call, body, before),
        }
        after |= stamp(call, before if before["version"] else None)
        call.store.put("orchestration_path", after)
        reply: dict[str, Any] = {"orchestration_path": path_view(after)}
        warnings = [w for rule in rules_of(after) for w in _warnings(call, rule)]
        if warnings:
            reply["warnings"] = warnings
        return Reply(reply)

    return handler


def _sets(call: Call, body: dict[str, Any], before: Doc, name: str) -> list[Doc]:
    sent = body.get("sets", before["sets"])
    if not isinstance(sent, list) or not sent or not all(isinstance(s, dict) for s in sent):
        raise invalid("sets must be a list of at least one set")
    ids = [s.get("id") for s in sent]
    if ids[0] != "start" or len(set(map(str, ids))) < len(ids) or not all(isinstance(i, str) for i in ids):
        raise invalid("the first set must be start, and every set needs an id of its own")
    if name == "router" and len(sent) > 1:
        raise invalid("a router has one set")
    known = {rule["id"] for rule in rules_of(before)}
    return [
        {"id": s["id"], "rules": [_rule(call, r, known, ids[at + 1 :], name) for r in _rules(s)]}
        for at, s in enumerate(sent)
    ]


def _rules(one_set: dict[str, Any]) -> list[Any]:
    rules = one_set.get("rules") or []
    if not isinstance(rules, list):
        raise invalid("rules must be a list")
    return rules


def _rule(call: Call, sent: Any, known: set[str], later: list[str], name: str) -> Doc:
    if not isinstance(sent, dict):
        raise invalid("rules must be objects")
    conditions, actions = sent.get("conditions") or [], sent.get("actions") or {}
    if not isinstance(conditions, list) or not isinstance(actions, dict):
        raise invalid("conditions must be a list and actions an object")
    for condition in conditions:
        expression = condition.get("expression") if isinstance(condition, dict) else None
        try:
            parse(expression if isinstance(expression, str) else "")
        except PclError as bad:
            raise invalid(f"Condition is invalid: {bad}") from bad
    _check_actions(call, actions)
    _check_route(call, actions, later, name)
    rule_id = sent.get("id")
    return {
        "id": rule_id if rule_id in known else call.store.new_id("orchestration_rule"),
        "label": str(sent.get("label") or ""),
        "conditions": [{"expression": c["expression"]} for c in conditions],
        "actions": _given(actions),
        "disabled": bool(sent.get("disabled", False)),
    }


def _check_actions(call: Call, actions: dict[str, Any]) -> None:
    for key in _LISTS:
        sent = actions.get(key) or []
        if not isinstance(sent, list) or not all(isinstance(item, dict) for item in sent):
            raise invalid(f"{key} must be a list of objects")
    for action in actions.get("automation_actions") or []:
        for key in ("headers", "parameters"):
            sent = action.get(key) or []
            if not isinstance(sent, list) or not all(isinstance(item, dict) for item in sent):
                raise invalid(f"{key} of an automation action must be a list of objects")
    for variable in actions.get("variables") or []:
        if variable.get("type", "regex") != "regex":
            raise invalid("type of a variable must be regex")
        if not all(isinstance(variable.get(key, ""), str) for key in ("name", "path", "value")):
            raise invalid("name, path and value of a variable must be text")
    if actions.get("event_action") not in (None, "trigger", "resolve"):
        raise invalid("event_action must be trigger or resolve")
    if "severity" in actions and actions["severity"] not in SEVERITIES:
        raise invalid("severity is invalid")
    if actions.get("priority") and call.store.get("priority", str(actions["priority"])) is None:
        raise invalid("priority is invalid")
    policy = actions.get("escalation_policy")
    if policy and call.store.get("escalation_policy", str(policy)) is None:
        raise invalid("escalation_policy is invalid")


def _check_route(call: Call, actions: dict[str, Any], later: list[str], name: str) -> None:
    route = actions.get("route_to")
    if route is None:
        return
    if name == "router":
        if route != "unrouted" and call.store.get("service", str(route)) is None:
            raise invalid("route_to is no service")
    elif route not in later:
        raise invalid("route_to must name a later set")


def _catch_all(call: Call, body: dict[str, Any], before: Doc) -> Doc:
    sent = body.get("catch_all", before["catch_all"])
    if not isinstance(sent, dict) or not isinstance(sent.get("actions", {}), dict):
        raise invalid("catch_all must be an object with actions")
    _check_actions(call, sent.get("actions") or {})
    return {"actions": _given(sent.get("actions") or {})}


def _given(actions: dict[str, Any]) -> dict[str, Any]:
    """A null asks for nothing and is not kept."""
    return {name: value for name, value in actions.items() if value is not None}


def _warnings(call: Call, rule: Doc) -> list[dict[str, str]]:
    """The rule is saved, and not evaluated: the account's plan lacks the feature."""
    return [
        {
            "feature": feature,
            "feature_type": "actions" if rule["actions"].get(feature) else "conditions",
            "message": f"The account's plan does not include {feature}; the rule will not be evaluated",
            "rule_id": rule["id"],
            "warning_type": "forbidden_feature",
        }
        for feature in unevaluated(call.world, rule)
    ]


def show_active(call: Call) -> Reply:
    _key(call, "service")
    service = call.store.get("service", call.params["service_id"]) or {}
    return Reply({"active": bool(service.get("orchestration_active"))})


def set_active(call: Call) -> Reply:
    _key(call, "service")
    active = call.body.get("active") if isinstance(call.body, dict) else None
    if not isinstance(active, bool):
        raise invalid("active must be true or false")
    service = call.store.get("service", call.params["service_id"]) or {}
    call.store.put("service", {**service, "orchestration_active": active})
    return Reply({"active": active})


_BASE = "/event_orchestrations"
_SERVICE = _BASE + "/services/{service_id}"
ROUTES = [
    Route("GET", _SERVICE + "/active", show_active),
    Route("PUT", _SERVICE + "/active", set_active),
    Route("GET", _SERVICE, _show("service")),
    Route("PUT", _SERVICE, _replace("service")),
    *(
        route
        for name in ("router", "global", "unrouted")
        for route in (
            Route("GET", f"{_BASE}/{{id}}/{name}", _show(name)),
            Route("PUT", f"{_BASE}/{{id}}/{name}", _replace(name)),
        )
    ),
]
