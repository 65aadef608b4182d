"""One person's duty: now, for what, and the next shifts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from watchbill.ladder.compose import ComposedLadder, compose, ladder_for
from watchbill.ladder.resolve import reached, resolve
from watchbill.ladder.stints import now_and_next, stints
from watchbill.model.policy import Policy
from watchbill.rota.clock import WEEK, Instant
from watchbill.rota.duty import Roster, Shift
from watchbill.rota.turns import FOREVER, LONG_AGO

AHEAD = 4 * WEEK


@dataclass(frozen=True, slots=True)
class Duty:
    """The whole of it, without a break; None for a bound that is years away."""

    rotation: str
    since: Instant | None
    until: Instant | None
    because: str
    turn_of: str | None = None
    """The rotation that the turn belongs to, where it is another one."""
    covers: tuple[str, ...] = ()
    """Rotations that this one covers at `since`."""


@dataclass(frozen=True, slots=True)
class LevelOne:
    """A domain or a ladder of its own whose first level pages the person at that instant."""

    title: str
    domain: str | None = None
    ladder: str | None = None
    severities: tuple[str, ...] = ()
    """Empty: for all of them."""
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    person: str
    now: tuple[Duty, ...]
    roles: tuple[str, ...]
    """Held by the person: paged at any time.  A role held by a rotation comes with its duty."""
    level_one: tuple[LevelOne, ...]
    next: tuple[Duty, ...]
    """Duty that begins later than now and before the end of the time asked for."""

    @property
    def on_duty(self) -> bool:
        return bool(self.now)


def person_answer(roster: Roster, person: str, at: Instant, ahead: int = AHEAD) -> PersonAnswer:
    """`ahead`: seconds in which the next shifts begin."""
    policy = roster.policy
    now = [duty for rotation in _own(policy) for duty in _now(roster, rotation, person, at)]
    later = [duty for rotation in _own(policy) for duty in _later(roster, rotation, person, at, at + ahead)]
    roles = [handle for handle in policy.roles if _holds(policy, handle, person)]
    return PersonAnswer(
        person,
        tuple(now),
        tuple(roles),
        tuple(_level_one(roster, person, at)),
        tuple(sorted(later, key=lambda duty: (duty.since or LONG_AGO, duty.rotation))),
    )


def people_called(policy: Policy, text: str) -> list[str]:
    """Handles of the people by handle, full name, e-mail or Slack handle; where there are none, by part of the name."""
    wanted = text.strip().removeprefix("@").casefold()
    if not wanted:
        return []
    if text in policy.people:
        return [text]
    exact = [
        handle
        for handle, one in policy.people.items()
        if wanted in {handle.casefold(), one.email.casefold(), (one.slack or "").casefold()}
        or (wanted == one.name.casefold() and not one.is_placeholder)
    ]
    if exact:
        return exact
    words = set(wanted.split())
    return [
        handle
        for handle, one in policy.people.items()
        if not one.is_placeholder and words <= set(one.name.casefold().split())
    ]


def _own(policy: Policy) -> list[str]:
    return [handle for handle, spec in policy.rotations.items() if spec.has_schedule]


def _now(roster: Roster, rotation: str, person: str, at: Instant) -> Iterator[Duty]:
    for shift in now_and_next(roster, rotation, at)[0]:
        if shift.person == person:
            yield _duty(roster.policy, rotation, shift)


def _later(roster: Roster, rotation: str, person: str, at: Instant, until: Instant) -> Iterator[Duty]:
    for shift in stints(roster.shifts(rotation, at, until)):
        if shift.person != person or shift.start <= at:
            continue
        if shift.end >= until:
            last = now_and_next(roster, rotation, until - 1)[0]
            end = next((s.end for s in last if s.person == person), shift.end)
            yield _duty(roster.policy, rotation, shift._replace(end=end))
        else:
            yield _duty(roster.policy, rotation, shift)


def _duty(policy: Policy, rotation: str, shift: Shift) -> Duty:
    return Duty(
        rotation,
        None if shift.start <= LONG_AGO else shift.start,
        None if shift.end >= FOREVER else shift.end,
        shift.because,
        shift.rotation if shift.rotation != rotation else None,
        tuple(
            handle
            for handle in policy.rotations
            if (paged := resolve(policy, handle)) is not None and paged.rotation == rotation and paged.via
        ),
    )


def _holds(policy: Policy, role: str, person: str) -> bool:
    paged = resolve(policy, role)
    return paged is not None and paged.person == person


def _level_one(roster: Roster, person: str, at: Instant) -> Iterator[LevelOne]:
    policy = roster.policy
    for handle, domain in policy.domains.items():
        severities = [
            severity
            for severity in policy.severities
            if _first_reaches(roster, ladder_for(policy, severity, handle), person, at)
        ]
        if severities:
            some = () if len(severities) == len(policy.severities) else tuple(severities)
            yield LevelOne(domain.title, domain=handle, severities=some, services=tuple(domain.services))
    for key, ladder in compose(policy).items():
        if ladder.domain is None and key in policy.ladders and _first_reaches(roster, ladder, person, at):
            services = [name for name, service in policy.services.items() if service.ladder == key]
            yield LevelOne(ladder.title, ladder=key, services=tuple(services))


def _first_reaches(roster: Roster, ladder: ComposedLadder, person: str, at: Instant) -> bool:
    first = ladder.steps[0] if ladder.steps else None
    if first is None or first.minute > 0:
        return False
    return any(duty.person == person for target in first.targets for duty in reached(roster, target, at))
