"""What an incident is in the policy's words: its domain, severity, ladder, level, and who is at work on it.

PagerDuty does not tell on which level an incident is, so the log is read: whoever it was assigned to is looked
for on the ladder, one level after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from watchbill.account.incidents import Incident, LogEntry
from watchbill.incident.notes import Mark, marks
from watchbill.incident.people import People
from watchbill.ladder.compose import ComposedLadder, compose, ladder_for
from watchbill.ladder.resolve import domain_of, reached
from watchbill.model.ladders import Service
from watchbill.model.policy import Policy
from watchbill.rota.duty import Roster

PeopleAt = Callable[[int, int], frozenset[str]]
"""Level (from 1) and instant -> ids of the users it pages."""

_HUMAN = frozenset(
    {
        "acknowledge",
        "annotate",
        "assign",
        "delegate",
        "escalate",
        "snooze",
        "field_value_change",
        "custom_field_value_change",
        "urgency_change",
    }
)
_MACHINE_MARKS = frozenset({"trigger", "warning", "reminder", "failed"})
_OPENS_AGAIN = frozenset({"trigger", "unacknowledge", "acknowledge", "assign", "delegate", "escalate"})
"""The first of these after a resolution."""
_SAME_ACT = 15
"""Seconds between what the watchdog does and the note it leaves about it."""


@dataclass(frozen=True, slots=True)
class Situation:
    incident: Incident
    log: tuple[LogEntry, ...]
    now: int
    service: str | None
    """Handle of the policy's service."""
    domain: str | None
    severity: str | None
    tags: tuple[str, ...]
    ladder: ComposedLadder | None
    """None for an incident of a service that the policy does not know."""
    level: int
    """Of its escalation policy, from 1."""
    engaged: int
    """The highest level that was reached, on the ladder or by a page of ours."""
    active_at: int
    """The last human activity, or the opening."""
    began: int
    """When it opened, or was reopened last: from then on everything counts anew."""
    marks: tuple[Mark, ...] = field(default=())
    """Since it began."""
    history: tuple[tuple[int, int], ...] = ()
    """(instant, level from then on), oldest first."""

    @property
    def levels(self) -> int:
        return len(self.ladder.steps) if self.ladder else 0

    @property
    def climbs(self) -> bool:
        """PagerDuty itself takes it from level to level.  False once a person has it (acknowledged, also while it is
        snoozed, or assigned directly), and at low urgency: then others are asked to join."""
        one = self.incident
        return one.status == "triggered" and one.urgency == "high" and not one.direct

    @property
    def present(self) -> int:
        """The level that an escalation must exceed: where the ladder is; where the ladder stands still, the highest
        level that was paged, on the ladder or by a request to join."""
        return self.level if self.climbs else self.engaged

    def engaged_at(self, at: int) -> int:
        """The highest level that was reached by then since the ladder last began."""
        levels = [level for when, level in self.history if when <= at][-1:]
        paged = [m.number("level") for m in self.marks if m.what in ("escalate", "trigger") and m.at <= at]
        return max([1, *levels, *paged])

    @property
    def asked(self) -> frozenset[str]:
        """Ids of everybody whom it was assigned to or who was asked to join, whatever they answered."""
        assigned = (user for entry in self.log if entry.at >= self.began for user in entry.assignees)
        requested = (r.user for r in self.incident.responders if r.asked_at >= self.began)
        return frozenset((*self.incident.assignees, *assigned, *requested))

    def spec(self, policy: Policy) -> Service | None:
        return policy.services.get(self.service) if self.service else None


def situation_of(
    roster: Roster,
    people: People,
    incident: Incident,
    log: Sequence[LogEntry],
    now: int,
    *,
    robots: frozenset[str] = frozenset(),
) -> Situation:
    """`robots`: ids of users that are no humans; what they do is no human activity."""
    policy = roster.policy
    service = service_of(policy, incident)
    home = next((key for key, spec in policy.domains.items() if service in spec.services), None)
    began = began_at(incident, log)
    ours = tuple(mark for mark in marks(log) if mark.at >= began)
    tags = _tags(incident, marks(log))
    domain = _domain(policy, home, tags)
    ladder = _own_ladder(policy, incident)
    severity = severity_of(policy, incident, domain, ladder)
    if ladder is None and severity and domain:
        ladder = ladder_for(policy, severity, domain)
    history = level_history(log, _pages(roster, people, ladder), len(ladder.steps)) if ladder else ()
    level = history[-1][1] if history else 1
    engaged = max([level, *(mark.number("level") for mark in ours if mark.what in ("escalate", "trigger"))])
    return Situation(
        incident,
        tuple(log),
        now,
        service,
        domain,
        severity,
        tags,
        ladder,
        level,
        engaged,
        last_human_activity(incident, log, robots),
        began,
        ours,
        history,
    )


def service_of(policy: Policy, incident: Incident) -> str | None:
    """By its pinned id, else by its exact name."""
    for handle, spec in policy.services.items():
        if spec.pagerduty.id == incident.service:
            return handle
    return next(
        (
            handle
            for handle, spec in policy.services.items()
            if not spec.pagerduty.id and (spec.pagerduty.name or spec.title) == incident.service_name
        ),
        None,
    )


def severity_of(
    policy: Policy, incident: Incident, domain: str | None, ladder: ComposedLadder | None
) -> str | None:
    """By its priority; without one, by the ladder that it is on; else what its domain takes an incident for."""
    for handle, spec in policy.severities.items():
        if incident.priority and incident.priority == (spec.priority or handle):
            return handle
    if ladder is not None and ladder.severity:
        return ladder.severity
    return policy.domains[domain].default_severity if domain else None


def began_at(incident: Incident, log: Iterable[LogEntry]) -> int:
    """When it opened, or the last time that it was opened again after it was resolved."""
    began, over = incident.opened, False
    for entry in log:
        if entry.what == "resolve":
            over = True
        elif over and entry.what in _OPENS_AGAIN:
            began, over = entry.at, False
    return began


def is_over(log: Iterable[LogEntry]) -> bool:
    """Whether it was resolved and not opened again."""
    told = [e.what for e in log if e.what == "resolve" or e.what in _OPENS_AGAIN]
    return told[-1:] == ["resolve"]


def last_human_activity(incident: Incident, log: Iterable[LogEntry], robots: frozenset[str]) -> int:
    """Acknowledgements, notes, reassignments, field changes and answers of responders; not what PagerDuty's clock
    or the watchdog did."""
    entries = list(log)
    machine = [mark for mark in marks(entries) if mark.what in _MACHINE_MARKS]
    seen = [began_at(incident, entries)]
    for entry in entries:
        if entry.what not in _HUMAN or not entry.agent.is_user or entry.agent.id in robots:
            continue
        if any(entry.agent.id == m.by and abs(entry.at - m.at) <= _SAME_ACT for m in machine):
            continue
        seen.append(entry.at)
    seen += [r.at for r in incident.responders if r.state in ("joined", "declined")]
    return max(seen)


def level_history(log: Iterable[LogEntry], people_at: PeopleAt, levels: int) -> tuple[tuple[int, int], ...]:
    """(instant, level from then on).  Of several levels that page the same people the nearest one up counts."""
    level = 0
    found: list[tuple[int, int]] = []
    for entry in log:
        if entry.what in ("trigger", "delegate", "repeat_escalation_path"):
            level = 0
        if entry.what not in ("assign", "escalate", "delegate") or not entry.assignees:
            continue
        who = frozenset(entry.assignees)
        above = [n for n in range(level + 1, levels + 1) if people_at(n, entry.at) == who]
        below = [n for n in range(1, min(level, levels) + 1) if people_at(n, entry.at) == who]
        if above:
            level = above[0]
        elif below:
            level = below[-1]
        elif entry.what != "assign" or level == 0:
            level = min(level + 1, levels)
        found.append((entry.at, max(level, 1)))
    return tuple(found)


def _pages(roster: Roster, people: People, ladder: ComposedLadder | None) -> PeopleAt:
    def at(level: int, when: int) -> frozenset[str]:
        if ladder is None:
            return frozenset()
        step = ladder.steps[level - 1]
        handles = [duty.person for name in step.targets for duty in reached(roster, name, when)]
        return frozenset(people.ids(handles))

    return at


def _tags(incident: Incident, ours: Iterable[Mark]) -> tuple[str, ...]:
    said = [tag for mark in ours for tag in mark.values.get("tags", "").split(",") if tag]
    return tuple(dict.fromkeys((*(incident.tags or ()), *said)))


def _domain(policy: Policy, home: str | None, tags: tuple[str, ...]) -> str | None:
    if home is None:
        return next((key for key, spec in policy.domains.items() if set(spec.tags) & set(tags)), None)
    return domain_of(policy, home, tags)


def _own_ladder(policy: Policy, incident: Incident) -> ComposedLadder | None:
    """The one that it is on, by its policy's id or name."""
    for ladder in compose(policy).values():
        if ladder.pagerduty_id == incident.policy or ladder.vendor_name == incident.policy_name:
            return ladder
    return None
