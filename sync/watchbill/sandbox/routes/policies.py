"""Escalation policies."""

from __future__ import annotations

from typing import Any

from watchbill.sandbox.call import NO_CONTENT, Call, Reply, Route
from watchbill.sandbox.errors import POLICY_IN_USE, ApiError, denied, invalid, max_targets, not_found
from watchbill.sandbox.paging import listing
from watchbill.sandbox.routes.schedules import team_ids
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import text_field, whole_number

STRATEGIES = ("assign_to_everyone", "round_robin")
STRATEGY_INCLUDE = "escalation_rule_assignment_strategies"
MOST_LOOPS = 9
_SPECIALS = frozenset("\\/&<>")
_SCHEDULE_TYPES = frozenset({"schedule", "schedule_reference", "schedule_v3", "schedule_v3_reference"})


def policy_view(call: Call, doc: Doc) -> dict[str, Any]:
    views, store = call.world.views, call.store
    services = store.linked_from("service", "escalation_policy", doc["id"])
    return {
        **views.head("escalation_policy", doc),
        "name": doc["name"],
        "description": doc["description"],
        "num_loops": doc["num_loops"],
        "on_call_handoff_notifications": doc["on_call_handoff_notifications"],
        "escalation_rules": [_rule_view(call, rule) for rule in doc["rules"]],
        "services": [call.included("services", "service", s) for s in services],
        "teams": [call.included("teams", "team", t) for t in doc["teams"]],
    }


def _rule_view(call: Call, rule: dict[str, Any]) -> dict[str, Any]:
    targets = call.world.shuffled(rule["targets"])
    view = {
        "id": rule["id"],
        "escalation_delay_in_minutes": rule["delay"],
        "targets": [call.included("targets", t["kind"], t["id"]) for t in targets],
    }
    if call.includes(STRATEGY_INCLUDE):
        view["escalation_rule_assignment_strategy"] = {"type": rule["strategy"]}
    return view


def check_entitled(call: Call) -> None:
    if not call.world.can("round_robin_scheduling"):
        raise denied("Account is not entitled to escalation rule assignment strategies")


def list_policies(call: Call) -> Reply:
    if call.includes(STRATEGY_INCLUDE):
        check_entitled(call)
    ids: set[str] | None = None
    for kind in ("user", "team"):
        wanted = call.many(f"{kind}_ids")
        if wanted:
            having = {p for w in wanted for p in call.store.linked_from("escalation_policy", kind, w)}
            ids = having if ids is None else ids & having
    return listing(
        call, "escalation_policies", "escalation_policy", lambda doc: policy_view(call, doc), ids_in=ids
    )


def show_policy(call: Call) -> Reply:
    if call.includes(STRATEGY_INCLUDE):
        check_entitled(call)
    return Reply({"escalation_policy": policy_view(call, existing(call))})


def create_policy(call: Call) -> Reply:
    call.requester(required=bool(call.sender))
    body = call.wrapped("escalation_policy")
    base: Doc = {
        "description": None,
        "num_loops": 0,
        "on_call_handoff_notifications": "if_has_services",
        "teams": [],
    }
    if "escalation_rules" not in body:
        raise invalid("Escalation rules can't be blank")
    doc = {"id": call.store.new_id("escalation_policy"), **base, **_fields(call, body, None)}
    call.store.put("escalation_policy", doc)
    call.world.record("escalation_policy", None, doc)
    return Reply({"escalation_policy": policy_view(call, doc)}, 201)


def update_policy(call: Call) -> Reply:
    before = existing(call)
    after = {**before, **_fields(call, {"name": before["name"], **call.wrapped("escalation_policy")}, before)}
    call.store.put("escalation_policy", after)
    call.world.record("escalation_policy", before, after)
    return Reply({"escalation_policy": policy_view(call, after)})


def delete_policy(call: Call) -> Reply:
    doc = existing(call)
    if call.store.linked_from("service", "escalation_policy", doc["id"]):
        raise invalid(POLICY_IN_USE)
    call.store.delete("escalation_policy", doc["id"])
    call.world.record("escalation_policy", doc, None)
    return NO_CONTENT


def existing(call: Call) -> Doc:
    doc = call.store.get("escalation_policy", call.params["id"])
    if doc is None:
        raise not_found("escalation_policy")
    return doc


def _fields(call: Call, body: dict[str, Any], before: Doc | None) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": _name(call, body, before)}
    if "description" in body:
        fields["description"] = text_field(body, "description", "Description", most=1024)
    if "num_loops" in body:
        loops = whole_number(body["num_loops"])
        if loops is None or not 0 <= loops <= MOST_LOOPS:
            raise invalid(f"Num loops must be between 0 and {MOST_LOOPS}")
        fields["num_loops"] = loops
    if "on_call_handoff_notifications" in body:
        if body["on_call_handoff_notifications"] not in {"if_has_services", "always"}:
            raise invalid("On call handoff notifications is invalid")
        fields["on_call_handoff_notifications"] = body["on_call_handoff_notifications"]
    if "teams" in body:
        fields["teams"] = team_ids(call, body["teams"])
        if len(fields["teams"]) > 1:
            raise invalid("Teams may have at most one team")
    if "escalation_rules" in body:
        fields["rules"] = _rules(call, body["escalation_rules"], before)
    return fields


def _name(call: Call, body: dict[str, Any], before: Doc | None) -> str:
    name = text_field(body, "name", "Name", most=255, required=True)
    assert name is not None
    if name != name.rstrip() or not name.isprintable() or _SPECIALS & set(name):
        raise invalid("Name is invalid")
    for other in call.store.named("escalation_policy", name) if call.world.options.unique_names else ():
        if before is None or other["id"] != before["id"]:
            raise invalid("Name has already been taken")
    return name


def _rules(call: Call, sent: object, before: Doc | None) -> list[dict[str, Any]]:
    if not isinstance(sent, list):
        raise invalid("Escalation rules must be a list")
    if not sent:
        raise invalid(
            "Cannot Delete Only Rule For Escalation Policy" if before else "Escalation rules can't be blank"
        )
    keep = {rule["id"] for rule in before["rules"]} if before and call.world.options.keep_rule_ids else set()
    return [_rule(call, rule, keep) for rule in sent]


def _rule(call: Call, sent: object, keep: set[str]) -> dict[str, Any]:
    if not isinstance(sent, dict):
        raise invalid("Escalation rules must be objects")
    delay = whole_number(sent.get("escalation_delay_in_minutes"))
    if delay is None or delay < 1:
        raise invalid("Escalation delay in minutes must be greater than or equal to 1")
    targets = sent.get("targets")
    if not isinstance(targets, list) or not targets:
        raise invalid("Escalation targets can't be blank")
    if len(targets) > call.world.options.max_targets:
        raise invalid(max_targets(call.world.options.max_targets), code=2021)
    rule_id = sent.get("id")
    kept = isinstance(rule_id, str) and rule_id in keep
    if kept:
        keep.discard(rule_id)
    return {
        "id": rule_id if kept else call.store.new_id("escalation_rule"),
        "delay": delay,
        "targets": [_target(call, target) for target in targets],
        "strategy": _strategy(call, sent.get("escalation_rule_assignment_strategy")),
    }


def _target(call: Call, sent: object) -> dict[str, str]:
    """Whatever is not called a schedule is looked up as a user, so a wrong type is a 404 (go-pagerduty#33)."""
    if not isinstance(sent, dict) or not isinstance(sent.get("id"), str):
        raise invalid("Escalation targets is invalid")
    kinds = ("schedule", "schedule_v3") if sent.get("type") in _SCHEDULE_TYPES else ("user",)
    for kind in kinds:
        if call.store.get(kind, sent["id"]) is not None:
            return {"kind": kind, "id": sent["id"]}
    raise ApiError(404, "Not Found", 2100)


def _strategy(call: Call, sent: object) -> str:
    """An object in practice, a bare word in the published schema; both are taken."""
    if sent is None:
        return STRATEGIES[0]
    check_entitled(call)
    word = sent.get("type") if isinstance(sent, dict) else sent
    if word not in STRATEGIES:
        raise invalid("Escalation rule assignment strategy is invalid")
    return str(word)


ROUTES = [
    Route("GET", "/escalation_policies", list_policies),
    Route("POST", "/escalation_policies", create_policy),
    Route("GET", "/escalation_policies/{id}", show_policy),
    Route("PUT", "/escalation_policies/{id}", update_policy),
    Route("DELETE", "/escalation_policies/{id}", delete_policy),
]
