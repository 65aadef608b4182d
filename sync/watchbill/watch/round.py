"""One round of the watchdog: every open incident looked at afresh, one after the other, each on its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from watchbill.account.incidents import Incident
from watchbill.errors import AccountError, AccountUnauthorised, AccountUnreachable
from watchbill.incident.decide import Decision, Judged, judge
from watchbill.incident.on_duty import live_roster
from watchbill.incident.reading import situation_now
from watchbill.incident.situation import Situation, service_of
from watchbill.pagerduty.incidents import find_incident, open_incidents, read_tags, resolved_since
from watchbill.rota.duty import Roster
from watchbill.watch.act import Acted, Hands, act, finish, unfinished
from watchbill.watch.move import moved, rung_by
from watchbill.watch.remind import reminders

RESOLVED_WITHIN = 3600
"""Seconds in which a resolved incident is still asked about."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One incident in one round."""

    incident: Incident
    situation: Situation | None = None
    """None where it could not be read; `trouble` says why."""
    judged: tuple[Judged, ...] = ()
    reminders: tuple[Decision, ...] = ()
    acted: tuple[Acted, ...] = ()
    trouble: str = ""

    @property
    def decisions(self) -> tuple[Decision, ...]:
        return (*(d for j in self.judged for d in j.decisions), *self.reminders)


@dataclass
class Memory:
    """What a long-running watchdog need not ask again; nothing that a restart may not forget."""

    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)


def look(
    roster: Roster, hands: Hands, memory: Memory, now: int, *, robots: frozenset[str], dry: bool = False
) -> list[Seen]:
    """Of all incidents of the policy's services.  Raises AccountUnreachable, AccountUnauthorised; other trouble with
    one incident is told there, and the next one is looked at."""
    ours = [i for i in _incidents(hands, now) if service_of(roster.policy, i) is not None]
    memory.tags = {i.id: memory.tags[i.id] for i in ours if i.id in memory.tags}
    if ours:
        roster = live_roster(roster.policy, hands.transport, now)
    return [_one(roster, hands, memory, incident, now, robots, dry=dry) for incident in ours]


def look_at(
    roster: Roster, hands: Hands, memory: Memory, incident: Incident, now: int, robots: frozenset[str]
) -> Situation:
    if incident.id not in memory.tags:
        memory.tags[incident.id] = read_tags(hands.transport, incident.id)
    return situation_now(roster, hands.people, incident, memory.tags[incident.id], now, robots=robots)


def _incidents(hands: Hands, now: int) -> Iterable[Incident]:
    yield from open_incidents(hands.transport)
    yield from resolved_since(hands.transport, now - RESOLVED_WITHIN, now)


def _one(
    roster: Roster,
    hands: Hands,
    memory: Memory,
    incident: Incident,
    now: int,
    robots: frozenset[str],
    *,
    dry: bool,
) -> Seen:
    seen = Seen(incident)
    done: list[Acted] = []
    try:
        seen = _judged(roster, look_at(roster, hands, memory, incident, now, robots))
        if not dry and _has_work(seen, hands):
            incident = find_incident(hands.transport, incident.id)
            seen = _judged(roster, look_at(roster, hands, memory, incident, now, robots))
            _work(hands, seen, done)
    except (AccountUnreachable, AccountUnauthorised):
        raise
    except AccountError as refused:
        return replace(seen, acted=tuple(done), trouble=refused.message)
    except Exception as fault:  # noqa: BLE001  one incident of a shape nobody thought of holds up no other
        return replace(seen, acted=tuple(done), trouble=f"this went wrong inside of watchbill: {fault!r}")
    return replace(seen, acted=tuple(done))


def _judged(roster: Roster, situation: Situation) -> Seen:
    if not situation.incident.is_open:
        return Seen(situation.incident, situation, (), tuple(reminders(roster.policy, situation)))
    reminded = tuple(reminders(roster.policy, situation))
    move = next((decision for decision in reminded if decision.kind == "move"), None)
    if move is None:
        return Seen(situation.incident, situation, tuple(judge(roster, situation)), reminded)
    judged = judge(roster, moved(roster.policy, situation, move))
    rung, quiet = rung_by(move, judged)
    reminded = tuple(rung if decision is move else decision for decision in reminded)
    return Seen(situation.incident, situation, quiet, reminded)


def _has_work(seen: Seen, hands: Hands) -> bool:
    """The list was read at the round's beginning: before anybody is rung, the incident is looked at once more, since
    somebody may have taken it meanwhile."""
    assert seen.situation is not None
    return bool(seen.decisions) or any(unfinished(seen.situation, hands.people))


def _work(hands: Hands, seen: Seen, done: list[Acted]) -> None:
    """`done` grows with each act, so that what was done is told when the next one fails."""
    assert seen.situation is not None
    situation = seen.situation
    done.extend(finish(hands, situation, mark) for mark in unfinished(situation, hands.people))
    done.extend(act(hands, situation, decision) for decision in seen.decisions)
