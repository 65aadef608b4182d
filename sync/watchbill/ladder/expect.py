"""The policy's own tests: what each expectation says, and what the policy really does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from watchbill.ladder.outlook import Outlook
from watchbill.ladder.resolve import reached, resolve
from watchbill.ladder.simulate import simulate
from watchbill.model.base import NOBODY
from watchbill.model.escalation import Expectation
from watchbill.model.policy import Policy
from watchbill.model.text import DateOrTime
from watchbill.rota.build import local_instant
from watchbill.rota.clock import MINUTE, Instant, zone
from watchbill.rota.duty import Roster, wall
from watchbill.rota.spans import Span, complement, intersect, union


@dataclass(frozen=True, slots=True)
class Rung:
    """One minute of the ladder: what is expected (None = the expectation does not say) and what happens."""

    minute: int
    expected: frozenset[str] | None
    """People; empty for `nobody`."""
    actual: frozenset[str]
    wanted: tuple[str, ...] = ()
    """The targets as the expectation names them."""
    vacuous: tuple[str, ...] = ()
    """Of these, the ones that reach nobody then."""
    how: tuple[str, ...] = ()
    """Rotations and roles by which people are paged."""

    @property
    def holds(self) -> bool:
        """Who is named must be among who is paged; `nobody` means that nobody is."""
        if self.expected is None:
            return True
        reached = self.expected <= self.actual if self.expected else not self.actual
        return reached and not self.vacuous


@dataclass(frozen=True, slots=True)
class Broken:
    """Who breaks the expectation where and when; `people` empty: nobody is there."""

    people: tuple[str, ...]
    where: tuple[str, ...]
    spans: tuple[Span, ...]
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    index: int
    name: str
    rungs: tuple[Rung, ...] = ()
    broken: tuple[Broken, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.broken and all(rung.holds for rung in self.rungs)


def expectations(roster: Roster) -> Iterator[Outcome]:
    """In the order of the policy.  Needs a policy whose names are all defined."""
    outlooks: dict[Span, Outlook] = {}
    for index, asked in enumerate(roster.policy.expectations):
        if asked.pages is not None:
            yield Outcome(index, asked.name, rungs=tuple(_rungs(roster, asked)))
            continue
        span = _between(roster.policy, asked)
        if span[0] < span[1]:
            outlook = outlooks.setdefault(span, Outlook(roster, *span))
            yield Outcome(index, asked.name, broken=tuple(_broken(outlook, asked)))


def _rungs(roster: Roster, asked: Expectation) -> Iterator[Rung]:
    assert asked.at is not None
    assert asked.incident is not None
    assert asked.pages is not None
    policy, incident = roster.policy, asked.incident
    opened = wall(asked.at.text, policy.settings.time_zone)
    run = simulate(roster, incident.severity, incident.domain, opened, tags=tuple(incident.tags))
    paged: dict[int, set[str]] = {}
    how: dict[int, dict[str, None]] = {}
    for step in run.steps:
        for duty in step.targets:
            paged.setdefault(step.after_minutes, set()).add(duty.person)
            how.setdefault(step.after_minutes, {})[duty.role or duty.rotation or duty.person] = None
    wanted = {after.minutes: targets for after, targets in asked.pages.items()}
    for minute in sorted(paged.keys() | wanted.keys()):
        names = wanted.get(minute)
        actual, ways = frozenset(paged.get(minute, ())), tuple(how.get(minute, ()))
        if names is None:
            yield Rung(minute, None, actual, how=ways)
            continue
        people = {name: _people(roster, name, opened + minute * MINUTE) for name in names if name != NOBODY}
        expected = frozenset().union(*people.values())
        empty = tuple(name for name, found in people.items() if not found)
        yield Rung(minute, expected, actual, tuple(names), empty, ways)


def _people(roster: Roster, name: str, at: Instant) -> frozenset[str]:
    return frozenset(duty.person for duty in reached(roster, name, at))


def _between(policy: Policy, asked: Expectation) -> Span:
    assert asked.between is not None
    where = zone(policy.settings.time_zone)
    low, high = (local_instant(DateOrTime(day.text), where) for day in asked.between)
    return low, high


def _broken(outlook: Outlook, asked: Expectation) -> Iterator[Broken]:
    if asked.never_together is not None:
        for one, other in combinations(asked.never_together, 2):
            yield from _together(outlook, one, other)
    for name in asked.always_someone or ():
        free = complement(union((s, e) for s, e, _ in outlook.stints(name)), outlook.since, outlook.until)
        if free:
            yield Broken((), (name,), tuple(free))
    for person in asked.off_duty or ():
        spans: dict[str, list[Span]] = {}
        for rotation, spec in outlook.policy.rotations.items():
            for shift in outlook.shifts(rotation) if spec.covered_by is None else ():
                if shift.person == person:
                    spans.setdefault(rotation, []).append((shift.start, shift.end))
        if spans:
            yield Broken((person,), tuple(spans), tuple(union(s for own in spans.values() for s in own)))


def _together(outlook: Outlook, one: str, other: str) -> Iterator[Broken]:
    """Duty that one of the two takes over from the other as its fallback is one duty, not two."""
    left, right = _by_person(outlook, one, other), _by_person(outlook, other, one)
    for person in sorted(left.keys() & right.keys()):
        both = intersect(left[person], right[person])
        if both:
            yield Broken((person,), (one, other), tuple(both), at_once=True)


def _by_person(outlook: Outlook, name: str, other: str) -> dict[str, list[Span]]:
    paged, apart = resolve(outlook.policy, name), resolve(outlook.policy, other)
    spans: dict[str, list[Span]] = {}
    if paged is not None and paged.rotation is not None:
        skipped = apart.rotation if apart is not None and apart.rotation != paged.rotation else None
        for shift in outlook.shifts(paged.rotation):
            copied = shift.because == "fallback" and shift.rotation == skipped
            if shift.person is not None and not copied:
                spans.setdefault(shift.person, []).append((shift.start, shift.end))
    else:
        for start, end, person in outlook.stints(name):
            spans.setdefault(person, []).append((start, end))
    return {person: union(found) for person, found in spans.items()}
