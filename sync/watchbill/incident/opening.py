"""Opening an incident by hand, as an alert would: its domain's service, the ladder of its severity, its priority and
urgency.

A second open incident of the same title on the same service is refused.  Of two people who open the same at once
PagerDuty refuses the second: both send the same key.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from watchbill.account.incidents import Incident
from watchbill.errors import AccountError, AccountUnfit, GuardRefused, UsageError
from watchbill.incident.notes import Mark, with_mark
from watchbill.incident.people import Actor
from watchbill.ladder.compose import ComposedLadder, compose
from watchbill.ladder.route import heard_ladder, urgency_of
from watchbill.ladder.routing import domain_of_service, route_to
from watchbill.model.policy import Policy
from watchbill.pagerduty.incidents import (
    NewIncident,
    add_note,
    open_incident,
    open_incidents,
    open_with_key,
    policy_id,
)
from watchbill.pagerduty.priorities import priority_id
from watchbill.pagerduty.problems import AmbiguousWrite, Refused
from watchbill.pagerduty.service_ids import service_ids
from watchbill.pagerduty.transport import Transport

LONGEST_TITLE = 1024
NOBODY_ON_CALL = 1015


@dataclass(frozen=True, slots=True)
class Wanted:
    """In the policy's words."""

    severity: str
    domain: str
    title: str
    service: str
    """Handle."""
    ladder: ComposedLadder
    """As the urgency lets it run."""
    priority: str
    """Exact name in PagerDuty."""
    urgency: Literal["high", "low"]
    tags: tuple[str, ...] = ()
    """What makes it an incident of its domain, where the service is another domain's."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Found in the account.  Ids."""

    wanted: Wanted
    service: str
    policy: str
    priority: str | None
    """None where the account has no priority of that name."""
    doubles: tuple[Incident, ...]
    """Open ones of the same title on the same service."""

    @property
    def key(self) -> str:
        """The same for whoever opens the same; another one for each that is open already."""
        digest = sha256(folded(self.wanted.title).encode()).hexdigest()[:20]
        return f"watchbill-{digest}" + (f"-{len(self.doubles)}" if self.doubles else "")


def wanted(policy: Policy, severity: str, domain: str, title: str, *, service: str, now: int) -> Wanted:
    """`service`: a handle, "" for the domain's first.  Raises UsageError."""
    title = " ".join(title.split())
    if not title or len(title) > LONGEST_TITLE:
        raise UsageError(
            f"the title has {len(title)} characters",
            remedy=f"describe in 1 to {LONGEST_TITLE} characters what is broken",
        )
    spec = policy.domains[domain]
    handle = service or next(iter(spec.services), "")
    if not handle:
        raise UsageError(
            f"the domain {domain} has no service, and PagerDuty opens an incident on a service",
            remedy=f"add `services:` to the domain {domain}, or name one with --service",
        )
    is_own = domain_of_service(policy, handle) == domain
    if not is_own and not spec.tags:
        own = ", ".join(spec.services) or "none"
        raise UsageError(
            f"the service {handle} is not in the domain {domain}", remedy=f"services of {domain}: {own}"
        )
    route = route_to(policy, domain, severity)
    urgency = urgency_of(policy, handle, route.alert, now)
    ladder = heard_ladder(compose(policy)[route.ladder], urgency)
    tags = () if is_own else spec.tags[:1]
    return Wanted(severity, domain, title, handle, ladder, route.priority, urgency, tags)


def look_up(transport: Transport, policy: Policy, wish: Wanted) -> Ready:
    """Raises AccountUnfit where the account lacks the service or the escalation policy."""
    spec = policy.services[wish.service]
    name = spec.pagerduty.name or spec.title
    service = spec.pagerduty.id or service_ids(transport, [name]).get(name)
    if service is None:
        raise AccountUnfit(f"the account has no service {name}", remedy="run `watchbill apply` first")
    ladder = wish.ladder.pagerduty_id or policy_id(transport, wish.ladder.vendor_name)
    if ladder is None:
        raise AccountUnfit(
            f"the account has no escalation policy {wish.ladder.vendor_name}",
            remedy="run `watchbill apply` first",
        )
    same = [one for one in open_incidents(transport, [service]) if folded(one.title) == folded(wish.title)]
    return Ready(wish, service, ladder, priority_id(transport, wish.priority), tuple(same))


def not_twice(ready: Ready) -> None:
    """Raises GuardRefused where it is open already."""
    if ready.doubles:
        raise _is_open(ready.doubles[-1])


def carry_out(transport: Transport, actor: Actor, ready: Ready) -> tuple[Incident, tuple[str, ...]]:
    """The incident, and what went wrong after it was open.  Raises GuardRefused, AccountUnfit, AccountError."""
    wish = ready.wanted
    new = NewIncident(
        service=ready.service,
        title=wish.title,
        details=f"Opened by {actor.name} with watchbill: {wish.severity} in {wish.domain}.",
        urgency=wish.urgency,
        policy=ready.policy,
        priority=ready.priority or "",
        key=ready.key,
    )
    made = _opened(transport, actor, new, wish)
    if not wish.tags:
        return made, ()
    note = with_mark(new.details, Mark("opened", {"tags": ",".join(wish.tags)}))
    try:
        add_note(transport, made.id, note, actor.acting)
    except AccountError as failed:
        return made, (f"the incident is open, but its domain was not noted on it: {failed.message}",)
    return made, ()


def _opened(transport: Transport, actor: Actor, new: NewIncident, wish: Wanted) -> Incident:
    """An answer that was lost is looked for before the request is sent again."""
    try:
        return open_incident(transport, new, actor.acting)
    except AmbiguousWrite:
        return open_with_key(transport, new.service, new.key) or open_incident(transport, new, actor.acting)
    except Refused as refused:
        if refused.code == NOBODY_ON_CALL:
            raise AccountUnfit(
                f"nobody is on call on {wish.ladder.vendor_name}, so PagerDuty opens no incident",
                remedy=f"call people: `watchbill who {wish.domain}`; then see `watchbill gaps`",
            ) from refused
        other = open_with_key(transport, new.service, new.key)
        if other is not None:
            raise _is_open(other) from refused
        raise


def _is_open(double: Incident) -> GuardRefused:
    return GuardRefused(
        f"an incident with this title is open on this service already: {double.label}",
        remedy=f"`watchbill incident show {double.number}` shows it; --again opens one more",
    )


def folded(title: str) -> str:
    return " ".join(title.split()).casefold()
