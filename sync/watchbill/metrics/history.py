"""The incidents of a period with their logs, as facts."""

from __future__ import annotations

from collections.abc import Callable

from watchbill.incident.people import People
from watchbill.incident.situation import service_of, situation_of
from watchbill.metrics.facts import Facts, facts_of
from watchbill.metrics.missed import missed_of
from watchbill.pagerduty.incidents import incidents_between, read_logs
from watchbill.pagerduty.transport import Transport
from watchbill.rota.duty import Roster


def facts_between(
    roster: Roster,
    people: People,
    transport: Transport,
    since: int,
    until: int,
    now: int,
    *,
    robots: frozenset[str] = frozenset(),
    progress: Callable[[str], None] = lambda text: None,
) -> list[Facts]:
    """Of incidents that opened in [since, until), on services of the policy.  Judged by the policy as it is now."""
    incidents = [
        one
        for one in incidents_between(transport, since, until)
        if service_of(roster.policy, one) is not None
    ]
    progress(f"reading the logs of {len(incidents)} incidents")
    logs = read_logs(transport, [one.id for one in incidents])
    found = []
    for incident in incidents:
        situation = situation_of(roster, people, incident, logs[incident.id], now, robots=robots)
        found.append(facts_of(situation, missed_of(roster, situation, robots)))
    return found
