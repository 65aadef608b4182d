"""The escalation request: what the template asks for, what the incident itself answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from watchbill.errors import UsageError
from watchbill.incident.channel import channel_name, channel_problem
from watchbill.incident.fill import fill, line_by_line, missing_fields, one_of
from watchbill.incident.situation import Situation
from watchbill.model.escalation import DoNotDelay
from watchbill.model.policy import Policy

TEMPLATE = "escalation-request"
NEXT_UPDATE = 30
"""Minutes."""


@dataclass(frozen=True, slots=True)
class Request:
    """Exactly one of level, path, need and page."""

    level: int | None = None
    path: str = ""
    need: str = ""
    page: str = ""
    """One role, rotation or person, by handle."""
    said: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Fields of the template: impact, tried, why, ask, channel ..."""
    reason: str = ""
    """Handle of a reason not to delay; it stands for what is not said."""
    emergency: str = ""
    """Why levels are skipped."""
    confirmed: bool = False
    """The condition of a path's step holds: a human says so."""
    next_update: int = NEXT_UPDATE
    """Minutes until whoever is paged hears again."""

    @property
    def is_bare(self) -> bool:
        """Only a level, as the runbook writes the command, or a name: it pages at once, and the words follow."""
        if self.page:
            return not self.reason
        return self.level is not None and not self.reason and not any(self.said.values())


def reason_text(policy: Policy, reason: str) -> str:
    """Raises UsageError for a reason that the policy does not know."""
    if not reason:
        return ""
    known = policy.triggers.do_not_delay
    if reason not in known:
        raise UsageError(f"there is no reason {reason!r}", remedy=one_of(known, "triggers.do_not_delay"))
    found = known[reason]
    return found.title if isinstance(found, DoNotDelay) else found


def reason_trigger(policy: Policy, reason: str) -> str:
    """The automatic trigger that the reason sets off; "" for none."""
    found = policy.triggers.do_not_delay.get(reason)
    return found.trigger if isinstance(found, DoNotDelay) else ""


def values_of(policy: Policy, situation: Situation, request: Request) -> dict[str, Sequence[str]]:
    """Of every field that is known.  Raises UsageError for a channel that is not named as the runbook says."""
    said = {key: [line for line in lines if line.strip()] for key, lines in request.said.items()}
    said = {key: lines for key, lines in said.items() if lines}
    channel = (said.pop("channel", None) or [suggested_channel(situation)])[0].removeprefix("#")
    wrong = channel_problem(channel)
    if wrong:
        raise UsageError(f"#{channel}: {wrong}", remedy=f"such as #{suggested_channel(situation)}")
    known: dict[str, Sequence[str]] = {
        "incident": [situation.incident.label],
        "severity": [situation.severity or "unknown"],
        "duration": [duration_text(situation.now - situation.incident.opened)],
        "channel": [channel],
    }
    reason = reason_text(policy, request.reason)
    if reason:
        known |= {"why": [reason], "tried": [f"nothing yet: {reason}"]}
        known |= {"impact": ["not known yet"], "ask": [_ask(policy, request)]}
    fields = policy.messages[TEMPLATE].fields if TEMPLATE in policy.messages else {}
    unknown = sorted(set(said) - set(fields))
    if unknown and fields:
        raise UsageError(
            f"the escalation request has no field {', '.join(unknown)}",
            remedy=f"its fields: {', '.join(fields)}",
        )
    return {key: value for key, value in {**known, **said}.items() if key in fields or not fields}


def missing_of(policy: Policy, values: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return missing_fields(policy.messages[TEMPLATE], values) if TEMPLATE in policy.messages else ()


def text_of(policy: Policy, values: Mapping[str, Sequence[str]]) -> str:
    """The filled template; without one in the policy, the same words line by line."""
    values = {**dict.fromkeys(missing_of(policy, values), ("(to follow)",)), **values}
    if TEMPLATE in policy.messages:
        return fill(policy.messages[TEMPLATE], values)
    return line_by_line(values)


def suggested_channel(situation: Situation) -> str:
    opened = datetime.fromtimestamp(situation.incident.opened, UTC).date()
    return channel_name(situation.incident.title, opened)


def duration_text(seconds: int) -> str:
    """45 minutes; 2 hours 5 minutes"""
    hours, minutes = divmod(max(seconds, 0) // 60, 60)
    told = [
        f"{number} {unit}{'' if number == 1 else 's'}"
        for number, unit in ((hours, "hour"), (minutes, "minute"))
    ]
    return " ".join(told if hours and minutes else told[:1] if hours else told[1:])


def _ask(policy: Policy, request: Request) -> str:
    if request.need in policy.triggers.needs:
        return policy.triggers.needs[request.need].title
    return "join and take the next decision"
