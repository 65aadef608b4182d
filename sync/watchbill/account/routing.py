"""The policy's routes as rules in the rule set of a service's event orchestration."""

from __future__ import annotations

from collections.abc import Mapping

from watchbill.account.labels import routing_key
from watchbill.account.ladders import ladder_key
from watchbill.account.lookup import Lookup
from watchbill.account.objects import Ref, ServiceRouting
from watchbill.account.rule_sets import RoutingRule, RuleActions
from watchbill.account.services import service_key
from watchbill.findings import Finding
from watchbill.ladder.compose import ComposedLadder
from watchbill.ladder.routing import Route, routes_of
from watchbill.model.ladders import Service
from watchbill.model.policy import Policy


def wanted_routings(policy: Policy) -> tuple[str, ...]:
    """Handles of the services whose rule sets the policy writes: those of domains, unless only looked up."""
    if not policy.settings.pagerduty.event_rules:
        return ()
    named = dict.fromkeys(handle for domain in policy.domains.values() for handle in domain.services)
    return tuple(h for h in named if h in policy.services and _is_routed(policy.services[h]))


def _is_routed(spec: Service) -> bool:
    """A service that stands on a ladder of its own is not routed by the domain it may also be in."""
    return spec.manage and spec.ladder is None


def map_routing(
    handle: str, lookup: Lookup, ladders: Mapping[str, ComposedLadder], name: str
) -> ServiceRouting | None:
    """`name`: the service's in PagerDuty."""
    routes = routes_of(lookup.policy, handle, ladders)
    if routes is None:
        return None
    rules = tuple(
        RoutingRule(name=route.name, conditions=(route.condition,), actions=_actions(route, lookup, ladders))
        for route in routes.rules
    )
    return ServiceRouting(
        key=routing_key(handle),
        name=name,
        service=Ref(
            kind="service", key=service_key(handle), id=lookup.policy.services[handle].pagerduty.id or ""
        ),
        rules=rules,
        catch_all=_actions(routes.catch_all, lookup, ladders),
    )


def _actions(route: Route, lookup: Lookup, ladders: Mapping[str, ComposedLadder]) -> RuleActions:
    return RuleActions(
        priority=_priority(route, lookup),
        severity=route.alert,
        policy=Ref(
            kind="escalation_policy",
            key=ladder_key(route.ladder),
            id=ladders[route.ladder].pagerduty_id or "",
        ),
        keeps_word=True,
    )


def _priority(route: Route, lookup: Lookup) -> str:
    """By exact name.  Without it the right people are paged all the same, so it is no reason to refuse the rest."""
    found = [priority.id for priority in lookup.account.priorities if priority.name == route.priority]
    if len(found) == 1:
        return found[0]
    names = ", ".join(p.name for p in lookup.account.priorities)
    if not names:
        message = f"account {lookup.account.name} has no priorities, so incidents get none"
        hint = "an admin switches them on under Incident Priorities in the account settings; the smallest plans have none"
        lookup.add(Finding("priority-missing", "warning", message, hint, ("severities",)))
        return ""
    number = "no" if not found else "more than one"
    message = f"account {lookup.account.name} has {number} priority named {route.priority!r}"
    message += f", so incidents of {route.severity} get none"
    hint = f"its priorities are: {names}; say `priority:` with one of them"
    lookup.add(Finding("priority-missing", "warning", message, hint, ("severities", route.severity)))
    return ""
