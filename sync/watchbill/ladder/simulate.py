"""The ladder as it would really run.

PagerDuty skips a level at once when nobody is on call there, so the levels after it come earlier; an
acknowledgement stops the ladder; a low-urgency incident never leaves its first level.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from watchbill.findings import Finding
from watchbill.ladder.compose import ComposedLadder, LadderStep, ladder_for
from watchbill.ladder.resolve import OnDuty, domain_of, reached, resolve
from watchbill.model.base import PLACEHOLDER, UNSET
from watchbill.model.policy import Policy
from watchbill.rota.clock import Instant
from watchbill.rota.duty import Roster


@dataclass(frozen=True, slots=True)
class SimulatedStep:
    after_minutes: int
    """When it really pages."""
    planned_minutes: int
    """When the policy says."""
    level: int
    at: Instant
    targets: tuple[OnDuty, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Simulation:
    ladder: ComposedLadder
    opened: Instant
    steps: tuple[SimulatedStep, ...]
    problems: tuple[Finding, ...] = ()
    over_at: int | None = None
    """Minutes until the ladder starts over; None when it never does."""
    stopped_at: int | None = None
    """Minutes until the acknowledgement that stopped it."""
    path: tuple[str, ...] = field(default=())
    """The decisions that led to this ladder, in words."""


def simulate(
    roster: Roster,
    severity: str,
    domain: str,
    at: Instant,
    *,
    tags: tuple[str, ...] = (),
    ack_after: int | None = None,
) -> Simulation:
    """`ack_after`: minutes.  Raises KeyError for a severity or domain that the policy lacks."""
    policy = roster.policy
    belongs = domain_of(policy, domain, tags)
    ladder = ladder_for(policy, severity, belongs)
    path = _path(policy, severity, domain, belongs, ladder)
    return run(roster, ladder, at, ack_after=ack_after, path=path)


def run(
    roster: Roster, ladder: ComposedLadder, at: Instant, *, ack_after: int | None, path: tuple[str, ...]
) -> Simulation:
    """Of a ladder that is known already."""
    problems: list[Finding] = []
    steps: list[SimulatedStep] = []
    minute = 0
    for number, (step, delay) in enumerate(zip(ladder.steps, ladder.delays, strict=True), start=1):
        if ack_after is not None and minute > 0 and ack_after <= minute:
            break
        targets = _targets(roster, step, at + minute * 60)
        problems += _problems(roster.policy, step, targets, number)
        note = _note(step, targets, minute)
        steps.append(SimulatedStep(minute, step.minute, number, at + minute * 60, targets, note))
        if targets:
            minute += delay
    reached_somebody = any(step.targets for step in steps)
    stopped = ack_after if ack_after is not None and reached_somebody and ack_after <= minute else None
    over = minute if stopped is None and ladder.repeat and reached_somebody else None
    return Simulation(ladder, at, tuple(steps), tuple(problems), over, stopped, path)


def _targets(roster: Roster, step: LadderStep, at: Instant) -> tuple[OnDuty, ...]:
    found: dict[tuple[str, str | None], OnDuty] = {}
    for name in step.targets:
        for duty in reached(roster, name, at):
            found.setdefault((duty.person, duty.rotation), duty)
    return tuple(found.values())


def _note(step: LadderStep, targets: tuple[OnDuty, ...], minute: int) -> str:
    notes = []
    if not targets:
        notes.append(
            f"nobody here: skipped at once ({step.may_be_empty})"
            if step.may_be_empty
            else "nobody here: skipped at once"
        )
    if step.confirm:
        notes.append(f"asked in chat ten minutes before: {step.confirm}?")
    if minute != step.minute:
        notes.append(f"planned for +{step.minute} min, comes earlier because a level was empty")
    return "; ".join(notes)


def _problems(policy: Policy, step: LadderStep, targets: tuple[OnDuty, ...], level: int) -> list[Finding]:
    found = []
    for name in step.targets:
        if resolve(policy, name) is None:
            held = policy.roles[name].held_by if name in policy.roles else None
            why = f"is {held}" if held in (UNSET, PLACEHOLDER) else "stands for nobody"
            found.append(
                Finding(
                    "unset-holder",
                    "warning",
                    f"level {level}: {policy.title_of(name)} {why}",
                    "say who holds the role",
                    ("roles", name, "held_by"),
                )
            )
    for duty in targets:
        person = policy.people.get(duty.person)
        if person is not None and person.is_placeholder:
            found.append(
                Finding(
                    "placeholder-person",
                    "note",
                    f"level {level}: {duty.person} is a placeholder",
                    "put the person's name and e-mail",
                    ("people", duty.person, "name"),
                )
            )
    if not targets and not step.may_be_empty:
        names = ", ".join(policy.title_of(name) for name in step.targets) or "no target"
        found.append(
            Finding(
                "empty-level",
                "error",
                f"level {level} ({names}) reaches nobody at this instant",
                "give the rotation hours or `otherwise`, or declare may_be_empty",
            )
        )
    return found


def _path(
    policy: Policy, severity: str, domain: str, belongs: str, ladder: ComposedLadder
) -> tuple[str, ...]:
    lines = [f"severity {severity}", f"domain {policy.domains[domain].title}"]
    if belongs != domain:
        lines.append(f"a tag moves it to {policy.domains[belongs].title}")
    if policy.domains[belongs].steps is not None:
        lines.append(f"{policy.domains[belongs].title} has steps of its own, for every severity")
    lines.append(f"ladder {ladder.vendor_name}: {len(ladder.steps)} level(s), {ladder.urgency} urgency")
    return tuple(lines)
