"""What a stretch of time holds in store: levels that reach nobody, and people on two levels at once.

Gaps are judged per ladder level, by the union of its targets: a rotation alone may well be empty.  Levels above
the first count only while an incident of high urgency can get there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from watchbill.ladder.compose import ComposedLadder, LadderStep, compose
from watchbill.ladder.resolve import resolve
from watchbill.model.ladders import UrgencyByHours
from watchbill.model.policy import Policy
from watchbill.rota.build import plan_for
from watchbill.rota.clock import MINUTE, Instant, zone
from watchbill.rota.duty import Roster, Shift
from watchbill.rota.spans import Span, clip, complement, intersect, total, union


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

    @property
    def seconds(self) -> int:
        return total(self.spans)


@dataclass(frozen=True, slots=True)
class DoubleDuty:
    ladder: str
    title: str
    person: str
    levels: tuple[int, int]
    targets: tuple[tuple[str, ...], tuple[str, ...]]
    """Of the two levels, those that reach this person."""
    spans: tuple[Span, ...]

    @property
    def seconds(self) -> int:
        return total(self.spans)


class Outlook:
    """Looks at [since, until); each rotation is rendered once."""

    def __init__(self, roster: Roster, since: Instant, until: Instant) -> None:
        self.roster, self.since, self.until = roster, since, until
        self._shifts: dict[str, list[Shift]] = {}
        self._covered: dict[tuple[str, ...], list[Span]] = {}

    @property
    def policy(self) -> Policy:
        return self.roster.policy

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
        """Declared ones too; one ladder level each, with all its spans.  A level of unset roles has its own rule."""
        found = []
        for ladder in compose(self.policy).values():
            for level, step in enumerate(ladder.steps, start=1):
                if all(resolve(self.policy, target) is None for target in step.targets):
                    continue
                free = complement(self._union(step.targets), self.since, self.until)
                spans = intersect(free, self._reachable(ladder, level, step.minute)) if free else []
                if spans:
                    found.append(_gap(ladder, level, step, spans))
        return found

    def double_duty(self) -> list[DoubleDuty]:
        """One person on two levels of one ladder at one time."""
        found: list[DoubleDuty] = []
        for ladder in compose(self.policy).values():
            people = [self._by_person(step.targets) for step in ladder.steps]
            for low in range(len(people)):
                for high in range(low + 1, len(people)):
                    for person in people[low].keys() & people[high].keys():
                        both = intersect(people[low][person], people[high][person])
                        if both:
                            found.append(self._double(ladder, person, (low, high), both))
        return sorted(found, key=lambda d: (d.ladder, d.levels, d.person))

    def _double(
        self, ladder: ComposedLadder, person: str, places: tuple[int, int], spans: Sequence[Span]
    ) -> DoubleDuty:
        low, high = (
            tuple(t for t in ladder.steps[i].targets if person in self._by_person((t,))) for i in places
        )
        levels = places[0] + 1, places[1] + 1
        return DoubleDuty(ladder.key, ladder.title, person, levels, (low, high), tuple(spans))

    def _reachable(self, ladder: ComposedLadder, level: int, minute: int) -> list[Span]:
        """When an incident that opened with high urgency may be at that level."""
        always = [(self.since, self.until)]
        if level == 1 or ladder.domain is not None or ladder.severity is not None:
            return always
        services = [s for s in self.policy.services.values() if s.ladder == ladder.key]
        spans: list[Span] = []
        for service in services:
            if isinstance(service.urgency, UrgencyByHours):
                spans += self._hours(service.urgency.during, minute * MINUTE)
            elif service.urgency != "low":
                return always
        return union(spans) if services else always

    def _hours(self, name: str, later: int) -> list[Span]:
        plan = plan_for(self.policy.settings, (name,))
        where = zone(self.policy.settings.time_zone)
        spans = plan.spans(where, self.since - later, self.until - later)
        return clip(((s + later, e + later) for s, e in spans), self.since, self.until)

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
