"""From an event to people: the rule that takes it, the ladder it gets, and whom that ladder pages when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from watchbill.ladder.compose import ComposedLadder, compose, default_ladder_key
from watchbill.ladder.pcl import Event
from watchbill.ladder.routing import Route, Routes, domain_of_service, routes_of
from watchbill.ladder.simulate import Simulation, run
from watchbill.model.ladders import UrgencyByHours
from watchbill.model.policy import Policy
from watchbill.rota.build import plan_for
from watchbill.rota.clock import Instant, zone
from watchbill.rota.duty import Roster

LOUD = frozenset({"critical", "error"})
"""Alert severities that make a severity-based service urgent."""


@dataclass(frozen=True, slots=True)
class Asked:
    route: Route
    took: bool


@dataclass(frozen=True, slots=True)
class Routed:
    service: str
    asked: tuple[Asked, ...]
    """In order, up to the one that took the event.  Empty where the service has no event rules."""
    route: Route | None
    """The rule or the catch-all; None where nothing but the service's own ladder decides."""
    ladder: str
    """Key of the composed ladder, or the handle of another team's."""
    alert: str
    """The severity that goes on; the sender's where no rule sets one."""
    urgency: Literal["high", "low"]
    simulation: Simulation | None
    """None for another team's ladder: who is on it, the policy does not know."""


def route(roster: Roster, service: str, event: Event, at: Instant, *, ack_after: int | None = None) -> Routed:
    """`service`: a handle of the policy.  `ack_after`: minutes."""
    policy = roster.policy
    ladders = compose(policy)
    spec = policy.services[service]
    routes = None
    if policy.settings.pagerduty.event_rules and spec.manage and spec.ladder is None:
        routes = routes_of(policy, service, ladders)
    asked, taken = _asked(routes, event) if routes is not None else ((), None)
    key = taken.ladder if taken is not None else _own_ladder(policy, service)
    alert = taken.alert if taken is not None else str(event.get("severity") or "critical")
    urgency = urgency_of(policy, service, alert, at)
    simulation = None
    if key in ladders:
        simulation = run(
            roster, heard_ladder(ladders[key], urgency), at, ack_after=ack_after, path=_path(asked)
        )
    return Routed(service, asked, taken, key, alert, urgency, simulation)


def event_of(body: Mapping[str, Any]) -> Event:
    """What conditions see of an Events API v2 request: its payload.  A bare payload is taken as it is."""
    payload = body.get("payload")
    given = payload if isinstance(payload, Mapping) else body
    event = {name: value for name, value in given.items() if value is not None}
    details = event.get("custom_details")
    return {**event, "custom_details": details if isinstance(details, Mapping) else {}}


def urgency_of(policy: Policy, service: str, alert: str, at: Instant) -> Literal["high", "low"]:
    spec = policy.services[service]
    wish = spec.urgency or ("high" if domain_of_service(policy, service) is None else "by-severity")
    if isinstance(wish, UrgencyByHours):
        # PagerDuty's support hours know no holidays.
        hours = plan_for(policy.settings, (wish.during,)).bare
        return "high" if hours.spans(zone(policy.settings.time_zone), at, at + 1) else "low"
    if wish == "by-severity":
        return "high" if alert in LOUD else "low"
    return wish


def _asked(routes: Routes, event: Event) -> tuple[tuple[Asked, ...], Route]:
    found: list[Asked] = []
    for rule in routes.rules:
        found.append(Asked(rule, rule.takes(event)))
        if found[-1].took:
            return tuple(found), rule
    return tuple(found), routes.catch_all


def _own_ladder(policy: Policy, service: str) -> str:
    spec = policy.services[service]
    if spec.ladder is not None:
        return spec.ladder
    domain = domain_of_service(policy, service)
    return "" if domain is None else default_ladder_key(policy, domain)


def heard_ladder(ladder: ComposedLadder, urgency: Literal["high", "low"]) -> ComposedLadder:
    """A quiet incident stays on the first step for good."""
    if urgency == "high":
        return replace(ladder, urgency="high")
    return replace(ladder, urgency="low", steps=ladder.steps[:1], repeat=0)


def _path(asked: tuple[Asked, ...]) -> tuple[str, ...]:
    return tuple(f"{one.route.name}: {'yes' if one.took else 'no'}" for one in asked)
