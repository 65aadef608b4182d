"""When the condition of an automatic trigger holds: pure, from the incident and its log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from watchbill.account.incidents import LogEntry
from watchbill.incident.situation import Situation
from watchbill.model.escalation import AutomaticTrigger, When
from watchbill.model.policy import Policy

State = Literal["holds", "waits", "no"]


@dataclass(frozen=True, slots=True)
class Condition:
    state: State
    why: str
    since: int = 0
    """From when on it has been building up: the level of that time is what `levels` counts from."""
    due: int = 0
    """When it holds, or will."""


def condition_of(policy: Policy, situation: Situation, name: str, trigger: AutomaticTrigger) -> Condition:
    chosen = [m.at for m in situation.marks if m.values.get("set-off") == name]
    if chosen:
        return Condition("holds", "somebody chose that reason", chosen[0], chosen[0])
    missing = _missing(policy, situation, trigger.when)
    if missing:
        return Condition("no", missing)
    starts: list[int] = [situation.began]
    due = situation.began
    for since, length, none in _spans(policy, situation, name, trigger.when):
        if since is None:
            return Condition("no", none)
        starts.append(since)
        due = max(due, since + length)
    if situation.now >= due:
        return Condition("holds", trigger.title, max(starts), due)
    left = -(-(due - situation.now) // 60)
    return Condition("waits", f"in {left} min", max(starts), due)


def triggered_since(opened: int, log: Iterable[LogEntry]) -> int | None:
    """Since when nobody has it; None while it is acknowledged."""
    since: int | None = opened
    for entry in log:
        if entry.what in ("acknowledge", "snooze", "resolve"):
            since = None
        elif entry.what in ("unacknowledge", "trigger", "escalate", "delegate", "assign") and since is None:
            since = entry.at
    return since


def priority_raised_at(policy: Policy, situation: Situation) -> int | None:
    """When its priority became more severe than the ladder it stands on."""
    order = list(policy.severities)
    ladder, severity = situation.ladder, situation.severity
    before = ladder.severity if ladder is not None else None
    changes = [
        e.at for e in situation.log if e.what == "field_value_change" and e.changed[0] in ("priority", "")
    ]
    moved = [m.at for m in situation.marks if m.what == "trigger" and m.values.get("name") == "moved-up"]
    if moved:  # it stands on the higher ladder already; what raised it came before
        return max((at for at in changes if at <= moved[0]), default=moved[0])
    if before not in order or severity not in order or order.index(severity) >= order.index(before):
        return None
    return changes[-1] if changes else None


def _missing(policy: Policy, situation: Situation, when: When) -> str:
    service = situation.spec(policy)
    if when.severity and situation.severity not in when.severity:
        return f"only for {', '.join(when.severity)}"
    if when.tags and not (
        set(when.tags) & set(situation.tags) or _home_tags(policy, situation) & set(when.tags)
    ):
        return f"not tagged {' or '.join(when.tags)}"
    if when.customer_facing is not None and when.customer_facing != (
        service is not None and service.customer_facing
    ):
        return "its service is not customer-facing"
    if when.financial is not None and when.financial != (service is not None and service.financial):
        return "its service is not financial"
    return ""


def _home_tags(policy: Policy, situation: Situation) -> set[str]:
    """An incident of a domain counts as tagged with what that domain claims."""
    return set(policy.domains[situation.domain].tags) if situation.domain else set()


def _spans(
    policy: Policy, situation: Situation, name: str, when: When
) -> Iterable[tuple[int | None, int, str]]:
    """(start, seconds, why not while there is no start) of each condition that time decides."""
    if when.unacknowledged_for is not None:
        since = triggered_since(situation.incident.opened, situation.log)
        if situation.incident.status == "acknowledged":
            since = None
        yield since, when.unacknowledged_for.seconds, "somebody has acknowledged it"
    if when.no_activity_for is not None:
        fired = [m.at for m in situation.marks if m.what == "trigger" and m.values.get("name") == name]
        yield max([situation.active_at, *fired]), when.no_activity_for.seconds, ""
    if when.open_for is not None:
        yield situation.began, when.open_for.seconds, ""
    if when.impact is not None:
        told = [m.at for m in situation.marks if m.values.get("impact") == when.impact]
        raised = priority_raised_at(policy, situation)
        signs = [*told, *([raised] if raised is not None else [])]
        yield min(signs, default=None), 0, "no sign of it"
