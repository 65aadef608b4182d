"""One incident's escalations as its log tells them: when, by whom, to whom, answered when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from watchbill.account.incidents import Incident, LogEntry
from watchbill.incident.notes import marks
from watchbill.incident.situation import Situation

SAME_ACT = 15
"""Seconds between what was done and the note about it."""
SUSPECT_WITHIN = 300
"""Seconds: resolved so soon after an escalation that nobody answered, it may have been needless."""


How = Literal["ladder", "hand", "responders"]
Asked = tuple[int, How, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Escalation:
    at: int
    how: How
    people: frozenset[str]
    """Ids of users."""
    answered: int | None
    """When one of them acknowledged or joined; None = nobody did before they were asked again, or at all."""

    @property
    def seconds_to_answer(self) -> int | None:
        return None if self.answered is None else self.answered - self.at


@dataclass(frozen=True, slots=True)
class Facts:
    incident: Incident
    severity: str | None
    domain: str | None
    teams: tuple[str, ...]
    escalations: tuple[Escalation, ...]
    levels: int
    """The highest level it reached; 1 = nobody beyond the first."""
    needed: Literal["yes", "no", ""]
    """What was said at the stand-down."""
    suspected: bool
    """Looks needless: nobody of the last escalation answered, and it was over in five minutes.  Never counted."""
    first_ack: int | None = None
    """Seconds from its opening."""
    missed: tuple[str, ...] = ()
    """Triggers and levels that should have escalated and did not, in words."""

    @property
    def first_escalation(self) -> int | None:
        """Seconds from its opening."""
        return self.escalations[0].at - self.incident.opened if self.escalations else None


def facts_of(situation: Situation, missed: Iterable[str] = ()) -> Facts:
    incident, log = situation.incident, situation.log
    escalations = tuple(_escalations(incident, log))
    said = [m.values["needed"] for m in marks(log, "stand-down") if m.values.get("needed") in ("yes", "no")]
    last = escalations[-1] if escalations else None
    quick = (
        incident.resolved is not None and last is not None and incident.resolved - last.at < SUSPECT_WITHIN
    )
    paged = [m.number("level") for m in marks(log, "escalate", "trigger")]
    levels = max([1, *(level for _, level in situation.history), *paged])
    return Facts(
        incident,
        situation.severity,
        situation.domain,
        incident.teams,
        escalations,
        levels,
        "no" if said[-1:] == ["no"] else "yes" if said else "",
        bool(quick and last is not None and last.answered is None),
        next((e.at - incident.opened for e in log if e.what == "acknowledge"), None),
        tuple(missed),
    )


def _escalations(incident: Incident, log: tuple[LogEntry, ...]) -> list[Escalation]:
    """Moves up the ladder, and requests to join; those of one minute and kind are one."""
    found: list[Asked] = [
        (e.at, "ladder" if e.by_timeout else "hand", frozenset(e.assignees))
        for e in log
        if e.what == "escalate"
    ]
    asked: dict[int, set[str]] = {}
    for responder in incident.responders:
        near = next((at for at in asked if abs(at - responder.asked_at) <= SAME_ACT), responder.asked_at)
        asked.setdefault(near, set()).add(responder.user)
    found += [(at, "responders", frozenset(users)) for at, users in asked.items()]
    found.sort(key=lambda one: one[0])
    return [
        Escalation(at, how, who, _answer(incident, log, at, _end(found, n), who))
        for n, (at, how, who) in enumerate(found)
    ]


def _end(found: Sequence[Asked], place: int) -> int:
    """Until when an answer belongs to it: the next time that one of the same people is asked."""
    people = found[place][2]
    return next((at for at, _, others in found[place + 1 :] if others & people), 1 << 62)


def _answer(
    incident: Incident, log: tuple[LogEntry, ...], at: int, end: int, people: frozenset[str]
) -> int | None:
    acknowledged = [
        e.at for e in log if e.what == "acknowledge" and e.agent.id in people and at <= e.at <= end
    ]
    joined = [
        r.at for r in incident.responders if r.user in people and r.state == "joined" and at <= r.at <= end
    ]
    return min([*acknowledged, *joined], default=None)
