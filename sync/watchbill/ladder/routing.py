"""Which ladder an event gets: the rules of one service, in the order in which they are asked.

    tags        an incident of another domain, whatever its service: security-P1 .. security-P4, security
    severities  P1 .. P4: the event says so, or its alert severity is one that opens them
    catch-all   the domain's default severity

The severity that goes on is PagerDuty's own, since that decides the urgency: the first loud severity becomes
critical, the other loud ones error, the quiet ones info (rulings 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from watchbill.ladder.compose import ComposedLadder, compose
from watchbill.ladder.pcl import Event, condition, quoted
from watchbill.model.policy import Policy

AlertSeverity = Literal["critical", "error", "info"]

LISTED_TAGS = 5
"""How many places of a list of tags are asked: conditions know no "contains" for lists."""


@dataclass(frozen=True, slots=True)
class Route:
    name: str
    """P1, security-P1, security; "" is the catch-all."""
    condition: str
    """PCL; "" for the catch-all."""
    domain: str
    severity: str
    ladder: str
    """Key of the composed ladder."""
    priority: str
    """Exact name in PagerDuty."""
    alert: AlertSeverity

    def takes(self, event: Event) -> bool:
        return not self.condition or condition(self.condition)(event)


@dataclass(frozen=True, slots=True)
class Routes:
    service: str
    """Handle."""
    rules: tuple[Route, ...]
    catch_all: Route

    def of(self, event: Event) -> Route:
        return next((rule for rule in self.rules if rule.takes(event)), self.catch_all)


def domain_of_service(policy: Policy, service: str) -> str | None:
    return next((key for key, domain in policy.domains.items() if service in domain.services), None)


def routes_of(
    policy: Policy, service: str, ladders: Mapping[str, ComposedLadder] | None = None
) -> Routes | None:
    """None for a service that no domain has: it stands on one ladder of its own."""
    home = domain_of_service(policy, service)
    if home is None:
        return None
    known = compose(policy) if ladders is None else ladders
    rules = [
        route
        for domain, spec in policy.domains.items()
        if spec.tags and domain != home and _differs(policy, home, domain)
        for route in _tagged(policy, domain, known)
    ]
    rules += [
        _route(policy, home, severity, severity, says(policy, severity), known)
        for severity in policy.severities
    ]
    default = policy.domains[home].default_severity
    return Routes(service, tuple(rules), _route(policy, home, default, "", "", known))


def route_to(policy: Policy, domain: str, severity: str) -> Route:
    """Where an event of this severity in this domain goes, whatever takes it there."""
    return _route(policy, domain, severity, "", "", compose(policy))


def says(policy: Policy, severity: str) -> str:
    """The condition by which an event is of this severity."""
    terms = [f"event.severity matches {quoted(word)}" for word in policy.severities[severity].from_alerts]
    return " or ".join([*terms, f"event.custom_details.severity matches {quoted(severity)}"])


def tagged(tags: tuple[str, ...]) -> str:
    """The condition by which an event has one of these tags: as one word, several in a text, or in a list."""
    any_of = f"({'|'.join(tags)})"
    whole = quoted(f"^{any_of}$")
    terms = [f"event.custom_details.tag matches regex {whole}"]
    within = quoted(f"(^|[,; ]){any_of}([,; ]|$)")
    terms.append(f"event.custom_details.tags matches regex {within}")
    terms += [f"event.custom_details.tags[{i}] matches regex {whole}" for i in range(LISTED_TAGS)]
    return " or ".join(terms)


def ladder_key_of(policy: Policy, domain: str, severity: str) -> str:
    """Of the ladder that the routing profile makes for them."""
    profile = policy.settings.pagerduty.routing
    if profile == "severity":
        return severity
    if profile == "domain" or policy.domains[domain].steps is not None:
        return domain
    return f"{domain}-{severity}"


def _tagged(policy: Policy, domain: str, ladders: Mapping[str, ComposedLadder]) -> list[Route]:
    has_tag = tagged(policy.domains[domain].tags)
    found = [
        _route(
            policy,
            domain,
            severity,
            f"{domain}-{severity}",
            f"({has_tag}) and ({says(policy, severity)})",
            ladders,
        )
        for severity in policy.severities
    ]
    default = policy.domains[domain].default_severity
    return [*found, _route(policy, domain, default, domain, has_tag, ladders)]


def _differs(policy: Policy, home: str, other: str) -> bool:
    """Whether a tag leads to other people: with one ladder per severity for all domains it does not."""
    return any(ladder_key_of(policy, home, s) != ladder_key_of(policy, other, s) for s in policy.severities)


def _route(
    policy: Policy,
    domain: str,
    severity: str,
    name: str,
    when: str,
    ladders: Mapping[str, ComposedLadder],
) -> Route:
    spec = policy.severities[severity]
    key = ladder_key_of(policy, domain, severity)
    return Route(
        name=name,
        condition=when,
        domain=domain,
        severity=severity,
        ladder=key,
        priority=spec.priority or severity,
        alert=_alert(policy, severity, ladders[key]),
    )


def _alert(policy: Policy, severity: str, ladder: ComposedLadder) -> AlertSeverity:
    """A ladder of a domain's own is loud for every severity: a quiet incident would never leave its first step."""
    loud = [handle for handle, spec in policy.severities.items() if spec.urgency == "high"]
    if loud and severity == loud[0]:
        return "critical"
    return "error" if severity in loud or (ladder.severity is None and ladder.urgency == "high") else "info"
