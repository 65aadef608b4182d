"""The policy's services: each on its own ladder, or on its domain's ladder for the default severity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from watchbill.account.ladders import ladder_key
from watchbill.account.lookup import Lookup
from watchbill.account.objects import Ref, Service, Urgency
from watchbill.findings import Place
from watchbill.ladder.compose import ComposedLadder, default_ladder_key
from watchbill.ladder.routing import domain_of_service
from watchbill.model.ladders import Service as ServiceSpec
from watchbill.model.ladders import UrgencyByHours
from watchbill.model.policy import Policy
from watchbill.model.text import Duration

DEFAULT_ACK_TIMEOUT = 3600
"""Seconds.  PagerDuty's own 30 minutes would undo the watchdog's work (rulings 6)."""


@dataclass(frozen=True, slots=True)
class MappedService:
    service: Service | None
    why: str = ""
    policy_only: bool = False


def service_key(handle: str) -> str:
    return f"service/{handle}"


def map_service(
    handle: str, spec: ServiceSpec, lookup: Lookup, ladders: Mapping[str, ComposedLadder]
) -> MappedService | None:
    """None: nothing routes to it, so there is nothing to set."""
    place: Place = ("services", handle)
    ladder, ref = _ladder(handle, spec, lookup, ladders)
    if ladder is None and ref is None:
        return None if spec.ladder is None else MappedService(None, f"its ladder {spec.ladder} is not there")
    if ref is None:
        assert ladder is not None
        ref = Ref(kind="escalation_policy", key=ladder_key(ladder.key), id=ladder.pagerduty_id or "")
    name = spec.pagerduty.name or spec.title
    pinned = spec.pagerduty.id or ""
    if not spec.manage:
        found = lookup.service(name, pinned, place)
        current = next((s for s in lookup.account.services if s.id == found), None)
        if current is None:
            return MappedService(None, f"there is no service {name!r}")
        want = current.model_copy(update={"key": service_key(handle), "policy": ref, "marker": None})
        return MappedService(want, policy_only=True)
    urgency = urgency_of(handle, lookup.policy)
    if urgency is None:
        assert isinstance(spec.urgency, UrgencyByHours)
        lookup.report(
            "urgency-hours",
            f"PagerDuty's support hours are one stretch a day, the same each day; {spec.urgency.during} is not",
            "name hours of that form, or say high, low or by-severity",
            (*place, "urgency", "during"),
        )
        return MappedService(None, "PagerDuty cannot express its urgency hours")
    acknowledged = _seconds(spec.ack_timeout)
    if spec.ack_timeout is None:
        acknowledged = (ladder.ack_timeout if ladder else None) or DEFAULT_ACK_TIMEOUT
    return MappedService(
        Service(
            key=service_key(handle),
            id=pinned,
            name=name,
            description=spec.description or "",
            policy=ref,
            urgency=urgency,
            ack_timeout=acknowledged,
            resolve_timeout=_seconds(spec.resolve_after),
        )
    )


def _ladder(
    handle: str, spec: ServiceSpec, lookup: Lookup, ladders: Mapping[str, ComposedLadder]
) -> tuple[ComposedLadder | None, Ref | None]:
    """One of ours, or another team's."""
    if spec.ladder is None:
        domain = domain_of_service(lookup.policy, handle)
        return (None if domain is None else ladders.get(default_ladder_key(lookup.policy, domain))), None
    if spec.ladder in ladders:
        return ladders[spec.ladder], None
    if spec.ladder in lookup.policy.external:
        return None, lookup.external(spec.ladder)
    return None, None


def _seconds(duration: Duration | None) -> int | None:
    """`0m` says never, like PagerDuty's 0."""
    return (duration.seconds or None) if duration is not None else None


def urgency_of(handle: str, policy: Policy) -> Urgency | None:
    """None: PagerDuty cannot express its hours."""
    in_domain = domain_of_service(policy, handle) is not None
    wish = policy.services[handle].urgency or ("by-severity" if in_domain else "high")
    if not isinstance(wish, UrgencyByHours):
        return Urgency(urgency="severity_based" if wish == "by-severity" else wish)
    hours = policy.settings.named_hours(wish.during)
    spans = [] if hours is None else [w for window in hours.windows for w in window.occurrences]
    clocks = {(start, start + length) for _, start, length in spans}
    if len(clocks) == 1:
        start, end = clocks.pop()
        if end <= 86_400:
            return Urgency(
                type="use_support_hours",
                urgency="high",
                outside=wish.high_else,
                time_zone=policy.settings.time_zone,
                weekdays=tuple(sorted({day for day, _, _ in spans})),
                start=start,
                end=end % 86_400,
            )
    return None
