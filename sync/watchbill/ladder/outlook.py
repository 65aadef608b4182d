"""What a stretch of time holds in store: empty levels, double duty, people who are never on call.

Gaps are judged per ladder level, by the union of its targets: a rotation alone may well be empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import lcm

from watchbill.ladder.compose import ComposedLadder, LadderStep, compose
from watchbill.ladder.resolve import resolve
from watchbill.model.base import NOBODY
from watchbill.rota.clock import DAY, WEEK, Instant
from watchbill.rota.duty import Roster, Shift
from watchbill.rota.grid import DayGrid, ElapsedGrid, HourGrid, StretchGrid
from watchbill.rota.spans import Span, complement, intersect, union
from watchbill.rota.turns import CrewSequence, Segment

LONGEST = 731 * DAY


@dataclass(frozen=True, slots=True)
class Gap:
    ladder: str
    title: str
    level: int
    minute: int
    targets: tuple[str, ...]
    spans: tuple[Span, ...]
    declared: str | None
    """Why the policy says it may be empty."""


@dataclass(frozen=True, slots=True)
class DoubleDuty:
    ladder: str
    title: str
    person: str
    levels: tuple[int, int]
    spans: tuple[Span, ...]


class Outlook:
    """Looks at [since, until); each rotation is rendered once."""

    def __init__(self, roster: Roster, since: Instant, until: Instant) -> None:
        self.roster, self.since, self.until = roster, since, until
        self._shifts: dict[str, list[Shift]] = {}
        self._covered: dict[tuple[str, ...], list[Span]] = {}

    def shifts(self, rotation: str) -> list[Shift]:
        if rotation not in self._shifts:
            self._shifts[rotation] = self.roster.shifts(rotation, self.since, self.until)
        return self._shifts[rotation]

    def stints(self, target: str) -> list[tuple[Instant, Instant, str]]:
        """Who a target reaches, when; another team's object is somebody all the time."""
        paged = resolve(self.roster.policy, target)
        if paged is None:
            return []
        if paged.rotation is not None:
            return [(s.start, s.end, s.person) for s in self.shifts(paged.rotation) if s.person is not None]
        return [(self.since, self.until, paged.person or paged.external or "")]

    def gaps(self) -> list[Gap]:
        """Declared ones too; one ladder level each, with all its spans."""
        found = []
        for ladder in compose(self.roster.policy).values():
            for level, step in enumerate(ladder.steps, start=1):
                free = complement(self._union(step.targets), self.since, self.until)
                if free:
                    found.append(_gap(ladder, level, step, free))
        return found

    def double_duty(self) -> list[DoubleDuty]:
        """One person on two levels of one ladder at one time."""
        found = []
        for ladder in compose(self.roster.policy).values():
            people = [self._by_person(step.targets) for step in ladder.steps]
            for low in range(len(people)):
                for high in range(low + 1, len(people)):
                    for person in people[low].keys() & people[high].keys():
                        both = intersect(people[low][person], people[high][person])
                        if both:
                            found.append(
                                DoubleDuty(ladder.key, ladder.title, person, (low + 1, high + 1), tuple(both))
                            )
        return sorted(found, key=lambda d: (d.ladder, d.levels, d.person))

    def _union(self, targets: tuple[str, ...]) -> list[Span]:
        if targets not in self._covered:
            self._covered[targets] = union((s, e) for t in targets for s, e, _ in self.stints(t))
        return self._covered[targets]

    def _by_person(self, targets: Iterable[str]) -> dict[str, list[Span]]:
        spans: dict[str, list[Span]] = {}
        for target in targets:
            for start, end, person in self.stints(target):
                spans.setdefault(person, []).append((start, end))
        return {person: union(found) for person, found in spans.items()}


def _gap(ladder: ComposedLadder, level: int, step: LadderStep, free: list[Span]) -> Gap:
    return Gap(ladder.key, ladder.title, level, step.minute, step.targets, tuple(free), step.may_be_empty)


def never_on_call(roster: Roster, rotation: str, now: Instant) -> list[str]:
    """Members of the crews in force or to come who never have a shift there: their turns all fall outside the hours.

    A repeating crew is looked at until it repeats with the week, at most two years.
    """
    spec = roster.policy.rotations[rotation]
    if spec.listed or spec.together or spec.covered_by:
        return []
    members: dict[str, None] = {}
    horizon = 0
    for segment in _segments(roster, rotation):
        if segment.end > now:
            members.update(dict.fromkeys(segment.order))
            start = max(0, segment.start - now)
            horizon = max(horizon, min(start, LONGEST) + _repeats_after(segment))
    serving = {
        shift.person
        for shift in Roster(roster.policy, plain=True).shifts(rotation, now, now + min(horizon, LONGEST))
        if shift.rotation == rotation
    }
    return [person for person in members if person != NOBODY and person not in serving]


def _segments(roster: Roster, rotation: str) -> Iterator[Segment]:
    for source in roster.sources(rotation):
        sequence = source.sequence
        if isinstance(sequence, CrewSequence):
            yield from sequence.segments


def _repeats_after(segment: Segment) -> int:
    """Seconds after which crew and week are in step again."""
    turns = len(segment.order) * segment.each
    grid = segment.grid
    if isinstance(grid, DayGrid):
        return lcm(turns * grid.step * DAY, WEEK) + WEEK
    if isinstance(grid, HourGrid):
        return lcm(turns * grid.hours * 3600, WEEK) + WEEK
    if isinstance(grid, ElapsedGrid):
        return lcm(turns * grid.seconds, WEEK) + WEEK
    if isinstance(grid, StretchGrid):
        return (turns * grid.each // max(len(grid.stretches), 1) + 2) * WEEK
    return WEEK
