"""An event through one rule set of an orchestration: which rules match, and what their actions make of it.

The first matching rule of a set wins; its `route_to` goes on in a later set; a set without a match ends in the
catch-all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from watchbill.regex import BadPattern, Pattern
from watchbill.rota.clock import Instant
from watchbill.sandbox.engine.pcl import Context, PclError, parse, value_at
from watchbill.sandbox.store import Doc
from watchbill.sandbox.world import World

SEVERITIES = frozenset({"info", "warning", "error", "critical"})
_TEMPLATE = re.compile(r"\{\{\s*([^}]+?)\s*\}\}")


@dataclass(slots=True)
class Routed:
    """What is to become of the event."""

    event: dict[str, Any]
    raw_event: Any
    rules: list[str] = field(default_factory=list)
    """Ids of the rules that matched, in order."""
    priority: str | None = None
    escalation_policy: str | None = None
    event_action: str | None = None
    suppress: bool = False
    suspend: int = 0
    drop: bool = False
    notes: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    route_to: str | None = None
    """Of a router: a service, or `unrouted`."""


def event_of(payload: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """PD-CEF, as conditions see it."""
    event = {key: payload[key] for key in payload if payload[key] is not None}
    event["custom_details"] = payload.get("custom_details") or {}
    event["dedup_key"] = body.get("dedup_key")
    return event


def send_through(world: World, path: Doc, routed: Routed, at: Instant) -> None:
    """Changes `routed`.  A rule with an action the account's plan lacks is saved but not evaluated."""
    sets = {one["id"]: one for one in path["sets"]}
    following = "start"
    visited: set[str] = set()
    while following in sets and following not in visited:
        visited.add(following)
        rule = _first_match(world, path, sets[following], routed, at)
        if rule is None:
            break
        routed.rules.append(rule["id"])
        _act(rule.get("actions") or {}, routed, path, at)
        following = str((rule.get("actions") or {}).get("route_to") or "")
        if following not in sets:
            return
    else:
        return
    _act((path.get("catch_all") or {}).get("actions") or {}, routed, path, at)


def _first_match(world: World, path: Doc, one_set: Doc, routed: Routed, at: Instant) -> Doc | None:
    for rule in one_set["rules"]:
        if rule.get("disabled") or unevaluated(world, rule):
            continue
        if _holds(world, path, rule, routed, at):
            return dict(rule)
    return None


def unevaluated(world: World, rule: Doc) -> list[str]:
    """The rule's actions and condition features that the plan lacks."""
    actions = rule.get("actions") or {}
    text = " ".join(c.get("expression", "") for c in rule.get("conditions") or ())
    return [f for f in world.options.unevaluated if actions.get(f) or re.search(rf"\b{re.escape(f)}\b", text)]


def _holds(world: World, path: Doc, rule: Doc, routed: Routed, at: Instant) -> bool:
    conditions = rule.get("conditions") or []
    if not conditions:
        return True
    id_ = f"{path['id']}/{rule['id']}"

    def count(seconds: int) -> int:
        known = world.store.get("rule_count", id_) or {"id": id_, "at": []}
        recent = [moment for moment in known["at"] if moment > at - seconds] + [at]
        world.store.put("rule_count", {"id": id_, "at": recent})
        return len(recent)

    context = Context(
        routed.event, routed.raw_event, at, count, reset=lambda: world.store.delete("rule_count", id_)
    )
    return any(parse(condition["expression"])(context) for condition in conditions)


def _act(actions: dict[str, Any], routed: Routed, path: Doc, at: Instant) -> None:
    context = Context(routed.event, routed.raw_event, at)
    for variable in actions.get("variables") or ():
        value = _extracted(context, variable.get("path", ""), variable.get("value", ""))
        if value is not None:
            routed.variables[variable["name"]] = value
    for extraction in actions.get("extractions") or ():
        _extract(extraction, routed, context)
    if actions.get("severity") in SEVERITIES:
        routed.event["severity"] = actions["severity"]
    routed.priority = actions.get("priority") or routed.priority
    routed.escalation_policy = actions.get("escalation_policy") or routed.escalation_policy
    routed.event_action = actions.get("event_action") or routed.event_action
    routed.suppress = bool(actions.get("suppress", routed.suppress))
    routed.suspend = int(actions.get("suspend") or routed.suspend)
    routed.drop = bool(actions.get("drop_event", routed.drop))
    if actions.get("annotate"):
        routed.notes.append(_filled(actions["annotate"], routed, context))
    if path["type"] == "router":
        routed.route_to = actions.get("route_to") or routed.route_to


def _extract(extraction: dict[str, Any], routed: Routed, context: Context) -> None:
    """`{target, template}` or `{target, source, regex}`; targets are fields of the event."""
    if "template" in extraction:
        value: str | None = _filled(extraction["template"], routed, context)
    else:
        value = _extracted(context, extraction.get("source", ""), extraction.get("regex", ""))
    steps = str(extraction.get("target", "")).removeprefix("event.").split(".")
    if value is None or not steps[0]:
        return
    holder = routed.event
    for step in steps[:-1]:
        inner = holder.get(step)
        holder[step] = holder = dict(inner) if isinstance(inner, dict) else {}
    holder[steps[-1]] = value


def _extracted(context: Context, path: str, pattern: str) -> str | None:
    try:
        value = value_at(context, path)
    except PclError:
        return None
    try:
        return None if value is None else Pattern(pattern).first(str(value))
    except BadPattern:
        return None


def _filled(template: str, routed: Routed, context: Context) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name.startswith("variables."):
            return routed.variables.get(name.removeprefix("variables."), "")
        try:
            found = value_at(context, name)
        except PclError:
            return ""
        return "" if found is None else str(found)

    return _TEMPLATE.sub(value, template)


def rules_of(path: Doc) -> Iterator[Doc]:
    for one_set in path["sets"]:
        yield from one_set["rules"]
