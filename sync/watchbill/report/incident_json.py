"""`incident ... --json`, as models: `watchbill.incident/1` and `watchbill.escalation/1`."""

from __future__ import annotations

from typing import Literal

from watchbill.incident.engaged import Engaged
from watchbill.incident.notes import marks
from watchbill.incident.ring import Rung
from watchbill.incident.situation import Situation
from watchbill.incident.targets import Targets
from watchbill.model.base import Model
from watchbill.rota.clock import iso


class AtWork(Model):
    person: str | None
    """Handle; null for a user whom the policy does not know."""
    name: str
    how: str
    """assigned | acknowledged | asked | joined"""
    since: str
    """ISO, UTC."""


class Done(Model):
    what: str
    at: str
    """ISO, UTC."""
    values: dict[str, str]


class IncidentAnswer(Model):
    format: Literal["watchbill.incident/1"] = "watchbill.incident/1"
    id: str
    number: int
    title: str
    status: str
    urgency: str
    opened: str
    """ISO, UTC."""
    service: str | None
    domain: str | None
    severity: str | None
    tags: tuple[str, ...]
    ladder: str | None
    level: int
    """Of the ladder, from 1."""
    engaged_level: int
    """The highest level reached, also by a page beside the ladder."""
    levels: int
    last_activity: str
    """ISO, UTC: of a human."""
    at_work: tuple[AtWork, ...]
    done: tuple[Done, ...]
    """What watchbill noted on it, oldest first."""


class PagedPerson(Model):
    person: str
    role: str | None
    rotation: str | None
    because: str


class EscalationAnswer(Model):
    format: Literal["watchbill.escalation/1"] = "watchbill.escalation/1"
    what: str
    title: str
    """Level, step or need in words."""
    level: int
    paged: tuple[PagedPerson, ...]
    told: tuple[str, ...]
    """Roles that are told."""
    message: str
    done: bool
    """false: only shown."""
    how: str
    """level | responders | level-again | nobody; "" while not done."""
    missed: tuple[str, ...] = ()
    """Who could not be paged: call them."""
    problems: tuple[str, ...] = ()


def incident_answer(situation: Situation, at_work: tuple[Engaged, ...]) -> IncidentAnswer:
    incident = situation.incident
    return IncidentAnswer(
        id=incident.id,
        number=incident.number,
        title=incident.title,
        status=incident.status,
        urgency=incident.urgency,
        opened=iso(incident.opened),
        service=situation.service,
        domain=situation.domain,
        severity=situation.severity,
        tags=situation.tags,
        ladder=situation.ladder.key if situation.ladder else None,
        level=situation.level,
        engaged_level=situation.engaged,
        levels=situation.levels,
        last_activity=iso(situation.active_at),
        at_work=tuple(
            AtWork(person=one.handle, name=one.name, how=one.how, since=iso(one.since)) for one in at_work
        ),
        done=tuple(Done(what=m.what, at=iso(m.at), values=dict(m.values)) for m in marks(situation.log)),
    )


def escalation_answer(
    targets: Targets, message: str, rung: Rung | None = None, problems: tuple[str, ...] = ()
) -> EscalationAnswer:
    return EscalationAnswer(
        what="escalate",
        title=targets.title,
        level=targets.level,
        paged=tuple(
            PagedPerson(person=d.person, role=d.role, rotation=d.rotation, because=d.because)
            for d in targets.paged
        ),
        told=tuple(told.role for told in targets.told),
        message=message,
        done=rung is not None,
        how=rung.how if rung else "",
        missed=rung.missed if rung else (),
        problems=problems,
    )
