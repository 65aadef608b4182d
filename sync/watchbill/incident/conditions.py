"""When the condition of an automatic trigger holds: pure, from the incident and its log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from watchbill.account.incidents import LogEntry
from watchbill.incident.situation import Situation
from watchbill.model.escalation import AutomaticTrigger, When
from watchbill.model.ladders import Service
from watchbill.model.policy import Policy
from watchbill.model.text import Duration

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
    case = _Case(policy, situation, name)
    wanted = {key: value for key in When.model_fields if (value := getattr(trigger.when, key)) is not None}
    missing = next((why for key in FACTS if key in wanted and (why := FACTS[key](case, wanted[key]))), "")
    if missing:
        return Condition("no", missing)
    starts: list[int] = [situation.began]
    due = situation.began
    for key in CLOCKS:
        if key not in wanted:
            continue
        since, length, none = CLOCKS[key](case, wanted[key])
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


@dataclass(frozen=True, slots=True)
class _Case:
    policy: Policy
    situation: Situation
    name: str
    """Of the trigger."""

    @property
    def service(self) -> Service | None:
        return self.situation.spec(self.policy)


def _severity(case: _Case, wanted: tuple[str, ...]) -> str:
    return "" if case.situation.severity in wanted else f"only for {', '.join(wanted)}"


def _tags(case: _Case, wanted: tuple[str, ...]) -> str:
    """An incident of a domain counts as tagged with what that domain claims."""
    domain = case.situation.domain
    home = case.policy.domains[domain].tags if domain else ()
    is_tagged = set(wanted) & {*case.situation.tags, *home}
    return "" if is_tagged else f"not tagged {' or '.join(wanted)}"


def _customer_facing(case: _Case, wanted: bool) -> str:
    is_so = case.service is not None and case.service.customer_facing
    return "" if is_so == wanted else "its service is not customer-facing"


def _financial(case: _Case, wanted: bool) -> str:
    is_so = case.service is not None and case.service.financial
    return "" if is_so == wanted else "its service is not financial"


_Span = tuple[int | None, int, str]
"""(start, seconds, why not while there is no start)"""


def _unacknowledged_for(case: _Case, wanted: Duration) -> _Span:
    incident = case.situation.incident
    is_taken = incident.status == "acknowledged"
    since = None if is_taken else triggered_since(incident.opened, case.situation.log)
    return since, wanted.seconds, "somebody has acknowledged it"


def _no_activity_for(case: _Case, wanted: Duration) -> _Span:
    marks = case.situation.marks
    fired = [m.at for m in marks if m.what == "trigger" and m.values.get("name") == case.name]
    return max([case.situation.active_at, *fired]), wanted.seconds, ""


def _open_for(case: _Case, wanted: Duration) -> _Span:
    return case.situation.began, wanted.seconds, ""


def _impact(case: _Case, wanted: str) -> _Span:
    signs = [m.at for m in case.situation.marks if m.values.get("impact") == wanted]
    raised = priority_raised_at(case.policy, case.situation)
    return min([*signs, *([raised] if raised is not None else [])], default=None), 0, "no sign of it"


FACTS: Mapping[str, Callable[[_Case, Any], str]] = {
    "severity": _severity,
    "tags": _tags,
    "customer_facing": _customer_facing,
    "financial": _financial,
}
"""Key of `when` -> why it does not hold; empty = it holds."""
CLOCKS: Mapping[str, Callable[[_Case, Any], _Span]] = {
    "unacknowledged_for": _unacknowledged_for,
    "no_activity_for": _no_activity_for,
    "open_for": _open_for,
    "impact": _impact,
}
"""Key of `when` -> since when it builds up, and for how long it has to."""
