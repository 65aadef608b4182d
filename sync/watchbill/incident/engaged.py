"""Who is at work on an incident, and who of them may go."""

from __future__ import annotations

from dataclasses import dataclass

from watchbill.incident.people import People
from watchbill.incident.situation import Situation


@dataclass(frozen=True, slots=True)
class Engaged:
    user: str
    """Id."""
    name: str
    handle: str | None
    how: str
    """assigned | acknowledged | asked | joined"""
    since: int

    @property
    def is_owner(self) -> bool:
        return self.how in ("assigned", "acknowledged")


def engaged(situation: Situation, people: People) -> tuple[Engaged, ...]:
    """Whoever has it first, then who was asked beside them and has not been released."""
    incident = situation.incident
    found: dict[str, Engaged] = {}
    for user in (*incident.acknowledged_by, *incident.assignees):
        how = "acknowledged" if user in incident.acknowledged_by else "assigned"
        since = max((e.at for e in situation.log if user in e.assignees), default=incident.opened)
        found.setdefault(user, _one(people, situation, user, how, since))
    for responder in incident.responders:
        if responder.is_engaged and responder.user not in found:
            how = "joined" if responder.state == "joined" else "asked"
            found[responder.user] = _one(people, situation, responder.user, how, responder.at)
    return tuple(found.values())


def _one(people: People, situation: Situation, user: str, how: str, since: int) -> Engaged:
    known = situation.incident.names.get(user, "")
    return Engaged(user, people.name(user, known), people.handle(user), how, since)
