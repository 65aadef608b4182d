"""The incidents that are open now, each in the policy's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from watchbill.account.incidents import Incident
from watchbill.errors import AccountError, AccountUnauthorised, AccountUnreachable
from watchbill.incident.people import People
from watchbill.incident.reading import situation_now
from watchbill.incident.situation import Situation, service_of, situation_of
from watchbill.model.policy import Policy
from watchbill.pagerduty.incidents import read_tags
from watchbill.rota.duty import Roster

_AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class Open:
    situation: Situation
    level: int | None
    """Of its ladder; None where the log was not read, or no ladder of the policy is known."""

    @property
    def owners(self) -> tuple[str, ...]:
        """Ids of who acknowledged it, else of who was paged last."""
        incident = self.situation.incident
        return incident.acknowledged_by or incident.assignees

    @property
    def how(self) -> str:
        """acknowledged | assigned (directly, the ladder stands still) | paged | nobody"""
        incident = self.situation.incident
        if not self.owners:
            return "nobody"
        return "acknowledged" if incident.acknowledged_by else "assigned" if incident.direct else "paged"


def of_policy(policy: Policy, incidents: Iterable[Incident]) -> tuple[list[Incident], list[Incident]]:
    """Those of the policy's services, and the others."""
    ours: list[Incident] = []
    others: list[Incident] = []
    for incident in incidents:
        (others if service_of(policy, incident) is None else ours).append(incident)
    return ours, others


def at_first_sight(roster: Roster, people: People, incident: Incident, now: int) -> Open:
    """By the list alone, without a request: no level, and tags that only its alert has are not known."""
    return Open(situation_of(roster, people, incident, (), now), None)


def look_at(roster: Roster, people: People, incident: Incident, now: int) -> Open:
    """With its log and tags; at first sight where the account does not give them.  Raises AccountUnreachable,
    AccountUnauthorised."""
    try:
        tags = read_tags(people.transport, incident.id)
        situation = situation_now(roster, people, incident, tags, now)
    except (AccountUnreachable, AccountUnauthorised):
        raise
    except AccountError:
        return at_first_sight(roster, people, incident, now)
    return Open(situation, situation.level if situation.ladder else None)


def look_at_all(roster: Roster, people: People, incidents: Sequence[Incident], now: int) -> list[Open]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(lambda one: look_at(roster, people, one, now), incidents))
    return worst_first(roster.policy, found)


def worst_first(policy: Policy, found: Iterable[Open]) -> list[Open]:
    """By severity, then the oldest."""
    order = {severity: place for place, severity in enumerate(policy.severities)}

    def place(one: Open) -> tuple[int, int]:
        return order.get(one.situation.severity or "", len(order)), one.situation.incident.number

    return sorted(found, key=place)
