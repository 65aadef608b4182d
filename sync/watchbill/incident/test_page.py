"""Does my phone ring?  A page to oneself, and what PagerDuty's rules say about everybody else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from watchbill.account.incidents import Incident
from watchbill.errors import UsageError
from watchbill.incident.notes import Mark, with_mark
from watchbill.incident.people import Actor, People
from watchbill.pagerduty.incidents import NewIncident, add_note, open_incident
from watchbill.pagerduty.transport import Transport

TITLE = "Test page by watchbill: does your phone ring? Acknowledge and resolve it."


@dataclass(frozen=True, slots=True)
class Reach:
    person: str
    """Handle."""
    loud: bool | None
    """A phone, SMS or push rule at minute 0 for high urgency; None = the account has no such user."""


def page_oneself(
    transport: Transport, people: People, actor: Actor, service: str, *, whom: str = ""
) -> Incident:
    """A real high-urgency incident on that service (an id), assigned to the one person.  Raises UsageError."""
    handle = whom or actor.handle
    user = people.user(handle)
    if user is None:
        raise UsageError(f"the account has no user for {handle}", remedy="check the e-mail in people.yaml")
    new = NewIncident(service, TITLE, f"Asked for by {actor.name}.", users=(user.id,))
    made = open_incident(transport, new, actor.acting)
    add_note(transport, made.id, with_mark(TITLE, Mark("test", {"who": handle})), actor.acting)
    return made


def reach_of(people: People, handles: Iterable[str]) -> tuple[Reach, ...]:
    found = []
    for handle in handles:
        user = people.user(handle)
        found.append(Reach(handle, None if user is None else bool(user.loud)))
    return tuple(found)
