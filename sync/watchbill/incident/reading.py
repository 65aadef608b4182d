"""An incident as it stands in the account right now, in the policy's words."""

from __future__ import annotations

from watchbill.account.incidents import Incident
from watchbill.incident.people import People
from watchbill.incident.situation import Situation, situation_of
from watchbill.pagerduty.incidents import find_incident, read_log, read_tags
from watchbill.rota.duty import Roster


def read_situation(roster: Roster, people: People, name: str, now: int) -> Situation:
    """`name`: id, number, #1234, INC-1234 or address.  Raises UsageError, AccountError."""
    found = find_incident(people.transport, name)
    return situation_now(roster, people, found, read_tags(people.transport, found.id), now)


def situation_now(
    roster: Roster,
    people: People,
    incident: Incident,
    tags: tuple[str, ...],
    now: int,
    *,
    robots: frozenset[str] = frozenset(),
) -> Situation:
    """Of an incident that was just read, with its log.  Raises AccountError."""
    tagged = incident.model_copy(update={"tags": tags})
    return situation_of(roster, people, tagged, read_log(people.transport, incident.id), now, robots=robots)
