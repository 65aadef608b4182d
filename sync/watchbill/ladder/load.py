"""Who carries how much: hours, nights, weekends, holidays, and the rest between stretches of duty.

A night is 22:00-06:00 and a weekend Saturday and Sunday, in the person's own zone; a holiday is one of the
country that the policy's business hours except.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from watchbill.ladder.outlook import Outlook
from watchbill.model.policy import Policy
from watchbill.model.settings import BUSINESS, Hours
from watchbill.rota.clock import DAY, HOUR, Instant, Zone, date_of, zone
from watchbill.rota.spans import Span, intersect, total, union
from watchbill.rota.windows import holidays_of, plan_of

_NIGHT = tuple((day, 22 * HOUR, 8 * HOUR) for day in range(7))
_WEEKEND = ((5, 0, DAY), (6, 0, DAY))

MINIMUM_REST = 11 * HOUR
"""Directive 2003/88/EC, article 3: eleven consecutive hours of rest in every day."""


@dataclass(frozen=True, slots=True)
class Load:
    """Hours, each hour once, however many rotations it is for."""

    person: str
    hours: float
    night_hours: float
    weekend_hours: float
    holiday_hours: float
    shifts: int
    """Unbroken stretches of duty."""
    shortest_rest: float | None
    """Hours between two stretches; None with fewer than two."""
    by_rotation: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Fairness:
    rotation: str
    """Of the people who serve there: the most and the least hours, and the mean."""
    most: tuple[str, float]
    least: tuple[str, float]
    mean: float

    @property
    def spread(self) -> float:
        """Most over mean; 1.0 is even."""
        return self.most[1] / self.mean if self.mean else 1.0


@dataclass(frozen=True, slots=True)
class ShortRest:
    person: str
    rests: tuple[Span, ...]
    """The breaks that are too short."""

    @property
    def shortest(self) -> Span:
        return min(self.rests, key=lambda span: span[1] - span[0])


def duty_of(outlook: Outlook) -> dict[str, dict[str, list[Span]]]:
    """Person -> rotation -> when; everybody with duty."""
    spans: dict[str, dict[str, list[Span]]] = {}
    for rotation, spec in outlook.policy.rotations.items():
        if spec.covered_by is None:
            for shift in outlook.shifts(rotation):
                if shift.person is not None:
                    own = spans.setdefault(shift.person, {})
                    own.setdefault(rotation, []).append((shift.start, shift.end))
    return spans


def load_of(outlook: Outlook) -> list[Load]:
    """Everybody with duty, the most loaded first."""
    made = [_load(outlook, person, own) for person, own in duty_of(outlook).items()]
    return sorted(made, key=lambda entry: (-entry.hours, entry.person))


def fairness_of(outlook: Outlook, loads: Sequence[Load]) -> list[Fairness]:
    """One line for each rotation that several people serve."""
    by_rotation: dict[str, dict[str, float]] = {}
    for entry in loads:
        for rotation, hours in entry.by_rotation:
            by_rotation.setdefault(rotation, {})[entry.person] = hours
    found = []
    for rotation, people in sorted(by_rotation.items()):
        crew = _own_crew(outlook, rotation)
        ordered = sorted(
            ((person, hours) for person, hours in people.items() if person in crew),
            key=lambda pair: (pair[1], pair[0]),
        )
        if len(ordered) > 1:
            mean = sum(hours for _, hours in ordered) / len(ordered)
            found.append(Fairness(rotation, ordered[-1], ordered[0], mean))
    return found


def short_rests(outlook: Outlook, minimum: int = MINIMUM_REST) -> list[ShortRest]:
    """Humans with less than `minimum` seconds between two stretches of duty; a handoff without any is no rest."""
    found = []
    for person, own in duty_of(outlook).items():
        spec = outlook.policy.people.get(person)
        if spec is not None and spec.human:
            duty = union(span for spans in own.values() for span in spans)
            rests = tuple((a[1], b[0]) for a, b in pairwise(duty) if b[0] - a[1] < minimum)
            if rests:
                found.append(ShortRest(person, rests))
    return found


def _own_crew(outlook: Outlook, rotation: str) -> frozenset[str]:
    """Who had a turn of their own there; whoever only steps in does not share the turns."""
    return frozenset(
        s.person for s in outlook.shifts(rotation) if s.person is not None and s.because in ("turn", "shift")
    )


def _load(outlook: Outlook, person: str, own: dict[str, list[Span]]) -> Load:
    policy, since, until = outlook.policy, outlook.since, outlook.until
    spec = policy.people.get(person)
    where = zone((spec and spec.time_zone) or policy.settings.time_zone)
    duty = union(span for spans in own.values() for span in spans)
    rests = [after[0] - before[1] for before, after in pairwise(duty)]

    def hours(spans: list[Span]) -> float:
        return total(spans) / HOUR

    return Load(
        person=person,
        hours=hours(duty),
        night_hours=hours(intersect(duty, plan_of(_NIGHT).spans(where, since, until))),
        weekend_hours=hours(intersect(duty, plan_of(_WEEKEND).spans(where, since, until))),
        holiday_hours=hours(intersect(duty, _holidays(policy, where, since, until))),
        shifts=len(duty),
        shortest_rest=min(rests) / HOUR if rests else None,
        by_rotation=tuple((rotation, hours(union(spans))) for rotation, spans in own.items()),
    )


def _holidays(policy: Policy, where: Zone, since: Instant, until: Instant) -> list[Span]:
    business = policy.settings.hours.get(BUSINESS)
    if not isinstance(business, Hours) or business.except_holidays is None:
        return []
    first, last = where.day_of(since), where.day_of(until)
    days = holidays_of(business.except_holidays, date_of(first).year, date_of(last).year)
    return [(where.instant(d), where.instant(d + 1)) for d in sorted(days) if first <= d <= last]
