"""Severity routing told by what becomes of an event, not by rules: "an event with severity warning: P3, ..."."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from watchbill.account.objects import Ref, ServiceRouting
from watchbill.account.rule_sets import RoutingRule, RuleActions
from watchbill.ladder.pcl import Event, NotUnderstood, condition
from watchbill.plan.document import FieldChange

ALERTS = ("critical", "error", "warning", "info")

_SEVERITY = re.compile(r"custom_details\.severity matches '([^'|]+)'")
_TAG = re.compile(r"custom_details\.tags\[0\] matches regex '\^\(([^)]+)\)\$'")

Say = Callable[[Ref], str]
"""Reference -> name."""


def told(
    before: ServiceRouting | None, after: ServiceRouting, say: Say, priority: Callable[[str], str]
) -> tuple[FieldChange, ...]:
    """What becomes of typical events, those that change alike together; "" where ours say nothing."""
    known = [routing for routing in (before, after) if routing is not None]
    alike: dict[tuple[str, str], list[str]] = {}
    for name, event in _typical_events(known).items():
        old = "" if before is None else _told(before, event, say, priority)
        new = _told(after, event, say, priority)
        if old != new:
            alike.setdefault((old, new), []).append(name)
    found = [
        FieldChange(path=", or ".join(names), before=old or None, after=new or None)
        for (old, new), names in alike.items()
    ]
    if before is not None and before.active != after.active:
        found.append(FieldChange(path="event rules", before="switched off", after="switched on"))
    return tuple(found)


def rules_told(routing: ServiceRouting, say: Say, priority: Callable[[str], str]) -> dict[str, str]:
    """Rule by rule, for differences that no typical event shows."""
    lines = {}
    for rule in routing.rules:
        lines[f"rule {rule.name} · when"] = " or ".join(rule.conditions) or "always"
        lines[f"rule {rule.name} · then"] = _actions(rule.actions, say, priority) + (
            " (switched off)" if rule.disabled else ""
        )
    lines["order"] = ", ".join(rule.name for rule in routing.rules)
    lines["catch-all"] = "" if routing.catch_all is None else _actions(routing.catch_all, say, priority)
    lines["in one run"] = "" if not routing.rules else "yes" if routing.together else "no"
    return lines


def _typical_events(routings: Iterable[ServiceRouting]) -> dict[str, Event]:
    """One of each alert severity, and of each severity and tag that their conditions name."""
    texts = [text for routing in routings for rule in routing.rules for text in rule.conditions]
    return {
        **{f"an event with severity {alert}": {"severity": alert} for alert in ALERTS},
        **{
            f"one that says {name}": {"custom_details": {"severity": name}}
            for name in _named(_SEVERITY, texts)
        },
        **{f"one tagged {tag}": {"custom_details": {"tags": [tag]}} for tag in _named(_TAG, texts)},
        "any other event": {},
    }


def _named(pattern: re.Pattern[str], texts: Iterable[str]) -> Iterator[str]:
    found = (match[1] for text in texts for match in pattern.finditer(text))
    yield from dict.fromkeys(name for names in found for name in names.split("|"))


def _told(routing: ServiceRouting, event: Event, say: Say, priority: Callable[[str], str]) -> str:
    for rule in routing.rules:
        taken = False if rule.disabled else _takes(rule, event)
        if taken is None:
            return f"unclear: rule {rule.name} has a condition of another kind"
        if taken:
            return _actions(rule.actions, say, priority)
    return "" if routing.catch_all is None else _actions(routing.catch_all, say, priority)


def _takes(rule: RoutingRule, event: Event) -> bool | None:
    """None: somebody wrote a condition that asks for more than the event."""
    try:
        return not rule.conditions or any(condition(text)(event) for text in rule.conditions)
    except NotUnderstood:
        return None


def _actions(actions: RuleActions, say: Say, priority: Callable[[str], str]) -> str:
    found = []
    if actions.policy is not None:
        found.append(say(actions.policy))
    if actions.priority:
        found.append(f"priority {priority(actions.priority)}")
    if actions.severity:
        found.append(f"as {actions.severity}")
    found += [f"{name}: {value}" for name, value in sorted(actions.other.items())]
    return ", ".join(found)
