"""Escalations that should have been and were not: the triggers and the ladder replayed on what happened.

A trigger is missed when it still fires, by its own rules, a little after it became due; a level is missed when
nobody had the incident for the level's whole wait, and it was not moved on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from watchbill.account.incidents import Incident, LogEntry
from watchbill.incident.conditions import triggered_since
from watchbill.incident.decide import judge
from watchbill.incident.notes import marks
from watchbill.incident.situation import Situation, began_at, is_over, last_human_activity
from watchbill.rota.duty import Roster

GRACE = 120
"""Seconds (A28)."""

_MOVES = frozenset({"escalate", "assign", "delegate", "repeat_escalation_path", "exhaust_escalation_path"})
_TAKES = frozenset({"acknowledge", "resolve", "snooze"})


def missed_of(roster: Roster, situation: Situation, robots: frozenset[str]) -> tuple[str, ...]:
    """In words, each once."""
    found = [*_triggers(roster, situation, robots), *_levels(situation)]
    return tuple(dict.fromkeys(found))


def _triggers(roster: Roster, situation: Situation, robots: frozenset[str]) -> Iterator[str]:
    """Between two entries of the log nothing changes but time, so each stretch is judged by its own dues."""
    incident = situation.incident
    until = incident.resolved or situation.now
    times = sorted({e.at for e in situation.log if e.at < until} | {incident.opened})
    for at, end in zip(times, [*times[1:], until], strict=True):
        then = at_time(situation, at, robots)
        for judged in judge(roster, then) if then.incident.is_open else ():
            due = judged.due if judged.state == "waits" else at
            if judged.state not in ("waits", "fires") or due + GRACE > until or due > end:
                continue
            later = at_time(situation, due + GRACE, robots)
            firing = [j for j in judge(roster, later) if j.name == judged.name and j.state == "fires"]
            if any(decision.kind == "page" for j in firing for decision in j.decisions):
                yield f"{judged.title}: no escalation"


def _levels(situation: Situation) -> Iterator[str]:
    """Of the ladder it stands on: high urgency, nobody has it, and there is a level above."""
    ladder, incident = situation.ladder, situation.incident
    if ladder is None or incident.urgency == "low" or incident.direct:
        return
    until = incident.resolved or situation.now
    for at, level in situation.history:
        if level >= len(ladder.steps):
            continue
        due = at + ladder.delays[level - 1] * 60
        if due + GRACE > until:
            continue
        moved = [e for e in situation.log if at < e.at <= due + GRACE and e.what in _MOVES]
        taken = [e for e in situation.log if at <= e.at <= due + GRACE and e.what in _TAKES]
        if not moved and not taken:
            yield f"level {level + 1} of {ladder.title} was never reached"


def at_time(situation: Situation, at: int, robots: frozenset[str]) -> Situation:
    """As it stood then.  The priority is the last one: PagerDuty does not tell what it was before."""
    log = tuple(entry for entry in situation.log if entry.at <= at)
    began = began_at(situation.incident, log)
    ours = tuple(mark for mark in marks(log) if mark.at >= began)
    history = tuple((when, level) for when, level in situation.history if when <= at)
    level = history[-1][1] if history else 1
    incident = _incident_then(situation.incident, log, at)
    paged = [m.number("level") for m in ours if m.what in ("escalate", "trigger")]
    return replace(
        situation,
        incident=incident,
        log=log,
        now=at,
        level=level,
        engaged=max([level, *paged]),
        active_at=last_human_activity(incident, log, robots),
        began=began,
        marks=ours,
        history=history,
    )


def _incident_then(incident: Incident, log: tuple[LogEntry, ...], at: int) -> Incident:
    resolved = is_over(log) or (incident.resolved is not None and incident.resolved <= at)
    status: Literal["triggered", "acknowledged", "resolved"] = "acknowledged"
    if resolved:
        status = "resolved"
    elif triggered_since(incident.opened, log) is not None:
        status = "triggered"
    responders = tuple(r for r in incident.responders if r.asked_at <= at)
    changed = {"status": status, "responders": responders, "escalates_at": None}
    return incident.model_copy(update={**changed, "resolved": at if resolved else None})
