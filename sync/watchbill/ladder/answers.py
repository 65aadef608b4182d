"""`who`: the answer for a rotation, a role, a domain, or everybody on duty."""

from __future__ import annotations

from dataclasses import dataclass, replace

from watchbill.ladder.compose import ladder_for
from watchbill.ladder.resolve import resolve
from watchbill.ladder.stints import now_and_next
from watchbill.model.policy import Policy
from watchbill.rota.clock import MINUTE, Instant
from watchbill.rota.duty import Roster, Shift
from watchbill.rota.turns import FOREVER, LONG_AGO


@dataclass(frozen=True, slots=True)
class Next:
    person: str
    since: Instant
    until: Instant


@dataclass(frozen=True, slots=True)
class Answer:
    asked: str
    """The handle that was asked for, or came with a domain's ladder."""
    title: str
    rotation: str | None
    """None for a role or person who is paged directly."""
    role: str | None
    person: str | None
    """None: nobody is on duty."""
    since: Instant | None
    until: Instant | None
    """When that person's duty in the rotation really ends, whatever pieces it is made of."""
    because: str
    turn_of: str | None = None
    """Whose turn it is, where that is another rotation."""
    next: Next | None = None
    after_minutes: int | None = None
    """With a severity: when the ladder pages this target."""


def who(roster: Roster, handles: list[str], at: Instant) -> list[Answer]:
    return [answer for handle in handles for answer in _answers(roster, handle, at)]


def who_on_ladder(roster: Roster, severity: str, domain: str, at: Instant) -> list[Answer]:
    """Every target of the ladder, each at the minute it would be paged if the incident opened at `at`."""
    ladder = ladder_for(roster.policy, severity, domain)
    return [
        replace(answer, after_minutes=step.minute)
        for step in ladder.steps
        for target in step.targets
        for answer in _answers(roster, target, at + step.minute * 60)
    ]


def ladder_span(policy: Policy, severity: str, domain: str) -> tuple[list[str], int]:
    """Every target of the ladder, and the seconds until it starts over."""
    ladder = ladder_for(policy, severity, domain)
    return [target for step in ladder.steps for target in step.targets], sum(ladder.delays) * MINUTE


def handles_for(policy: Policy, name: str) -> list[str] | None:
    """Rotations, roles, people and domains by handle, title or alias, whatever the case; None if unknown.

    A domain stands for its primary, and for whoever else its own words page at once.
    """
    if name in policy.rotations or name in policy.roles or name in policy.people:
        return [name]
    if name in policy.domains:
        return first_of(policy, name)
    wanted = name.casefold()
    for handle, rotation in policy.rotations.items():
        if wanted in {
            t.casefold() for t in (handle, rotation.title, rotation.vendor_name, *rotation.aliases)
        }:
            return [handle]
    for handle, role in policy.roles.items():
        if wanted in {t.casefold() for t in (handle, role.title, *role.aliases)}:
            return [handle]
    for handle, domain in policy.domains.items():
        if wanted in {handle.casefold(), domain.title.casefold()}:
            return first_of(policy, handle)
    for handle, person in policy.people.items():
        if wanted in {handle.casefold(), person.name.casefold(), person.email.casefold()}:
            return [handle]
    return None


def first_of(policy: Policy, handle: str) -> list[str]:
    """A domain's primary, and whoever else its own words page at once."""
    domain = policy.domains[handle]
    if domain.steps is None and not domain.also:
        return [domain.primary]
    steps = ladder_for(policy, domain.default_severity, handle).steps
    at_once = [target for step in steps if step.minute == 0 for target in step.targets]
    return list(dict.fromkeys((domain.primary, *at_once)))


def all_names(policy: Policy) -> list[str]:
    """Everything `who` can be asked for."""
    return [*policy.rotations, *policy.roles, *policy.domains, *policy.people]


def _answers(roster: Roster, handle: str, at: Instant) -> list[Answer]:
    policy = roster.policy
    title = policy.title_of(handle)
    paged = resolve(policy, handle)
    if paged is None:
        held = policy.roles[handle].held_by if handle in policy.roles else "unknown"
        return [Answer(handle, title, None, handle, None, None, None, held)]
    if paged.rotation is None:
        person = paged.person or paged.external
        because = "external" if paged.external else ("role" if paged.role else "person")
        return [Answer(handle, title, None, paged.role, person, None, None, because)]
    shifts, following = now_and_next(roster, paged.rotation, at)
    then = _next(following)
    if not shifts:
        return [Answer(handle, title, paged.rotation, paged.role, None, None, None, "nobody", next=then)]
    return [
        Answer(
            handle,
            title,
            paged.rotation,
            paged.role,
            shift.person,
            None if shift.start <= LONG_AGO else shift.start,
            None if shift.end >= FOREVER else shift.end,
            shift.because,
            shift.rotation if shift.rotation != paged.rotation else None,
            then,
        )
        for shift in shifts
    ]


def _next(shift: Shift | None) -> Next | None:
    return Next(shift.person, shift.start, shift.end) if shift and shift.person else None
