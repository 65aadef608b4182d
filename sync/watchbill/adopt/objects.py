"""Escalation policies and services in the words of the format.  Raises CannotSay."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from watchbill.account.objects import EscalationPolicy, Ref, Rule, Service, Urgency
from watchbill.account.services import DEFAULT_ACK_TIMEOUT
from watchbill.adopt import words
from watchbill.adopt.cannot import CannotSay
from watchbill.adopt.turns import Data
from watchbill.rota.clock import DAY, MINUTE

MOST_TARGETS = 10
MOST_LOOPS = 9
Target = Callable[[Ref], str]
"""Handle of whom or what a level pages; raises CannotSay."""


def named(name: str, *, escalation_policy: bool = False) -> Data:
    """`title`, and pagerduty.name where the title would not come out as the very name."""
    if escalation_policy and title_of(name) != name:
        return {"title": name, "pagerduty": {"name": name}}
    return {"title": name}


def title_of(name: str) -> str:
    """What a title becomes on its way to a policy's name (rulings 6)."""
    return " ".join(re.sub(r"[\\\\/&<>]", "-", name).split())


def ladder_data(
    policy: EscalationPolicy, target: Target, empty: Callable[[tuple[str, ...]], str | None]
) -> Data:
    """`empty`: why a level of these targets reaches nobody at times; None when it always reaches somebody."""
    if not policy.rules:
        raise CannotSay("it has no level")
    if policy.loops > MOST_LOOPS:
        raise CannotSay(f"it starts over {policy.loops} times; {MOST_LOOPS} is the most")
    data: Data = named(policy.name, escalation_policy=True)
    steps: dict[str, Any] = {}
    minute = 0
    for rule in policy.rules:
        if rule.delay_minutes < 1:
            raise CannotSay("two of its levels begin in the same minute")
        steps[words.duration(minute * MINUTE)] = _step(rule, target, empty)
        minute += rule.delay_minutes
    data["steps"] = steps
    data["last_wait"] = words.duration(policy.rules[-1].delay_minutes * MINUTE)
    if policy.loops:
        data["repeat"] = policy.loops
    if policy.handoff_notices == "always":
        data["handoff_notices"] = "always"
    return data


def _step(rule: Rule, target: Target, empty: Callable[[tuple[str, ...]], str | None]) -> Any:
    targets = tuple(sorted({target(ref) for ref in rule.targets}))
    if not targets:
        raise CannotSay("one of its levels has no target")
    if len(targets) > MOST_TARGETS:
        raise CannotSay(f"one of its levels has {len(targets)} targets; {MOST_TARGETS} is the most")
    page: Any = targets[0] if len(targets) == 1 else list(targets)
    reason = empty(targets)
    if not rule.round_robin and reason is None:
        return page
    long: Data = {"page": page}
    if rule.round_robin:
        long["round_robin"] = True
    if reason is not None:
        long["may_be_empty"] = reason
    return long


def service_data(service: Service, ladder: str, levels: int, support_hours: Callable[[str], str]) -> Data:
    """`levels` of its policy; `support_hours`: a window in words -> name of hours in the settings."""
    data: Data = {**named(service.name), "ladder": ladder}
    data["urgency"] = _urgency(service.urgency, support_hours)
    if data["urgency"] == "low" and levels > 1:
        raise CannotSay("its urgency is low, which never escalates, and its policy has several levels")
    if service.ack_timeout != DEFAULT_ACK_TIMEOUT:
        data["ack_timeout"] = words.duration(service.ack_timeout or 0)
    if service.resolve_timeout is not None:
        data["resolve_after"] = words.duration(service.resolve_timeout)
    return data


def support_window(urgency: Urgency) -> str:
    if not urgency.weekdays:
        raise CannotSay("its support hours name no day")
    length = (urgency.end - urgency.start) % DAY or DAY
    if urgency.start + length > DAY:
        raise CannotSay("its support hours end after midnight")
    days = [*urgency.weekdays]
    start = urgency.start
    if start == 0 and length == DAY and len(days) < 7:
        return words.days_in_words(days)
    return f"{words.days_in_words(days)} {words.clock(start)}-{words.clock(start + length)}"


def _urgency(urgency: Urgency, support_hours: Callable[[str], str]) -> Any:
    if urgency.type == "constant":
        return "by-severity" if urgency.urgency == "severity_based" else urgency.urgency
    if urgency.urgency != "high" or urgency.outside != "low":
        raise CannotSay(
            f"its urgency is {urgency.urgency} in support hours and {urgency.outside} outside; "
            "the format knows high in them and low outside"
        )
    return {"during": support_hours(support_window(urgency)), "high_else": "low"}
