"""Who carries how much: hours, nights, weekends, holidays, and the rest between stretches of duty.

A night is 22:00-06:00 and a weekend Saturday and Sunday, in the person's own zone; a holiday is one of the
country that the policy's business hours except.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from watchbill.model.policy import Policy
from watchbill.model.settings import BUSINESS, Hours
from watchbill.rota.clock import DAY, HOUR, Instant, Zone, date_of, zone
from watchbill.rota.duty import Roster
from watchbill.rota.spans import Span, intersect, total, union
from watchbill.rota.windows import holidays_of, plan_of

_NIGHT = tuple((day, 22 * HOUR, 8 * HOUR) for day in range(7))
_WEEKEND = ((5, 0, DAY), (6, 0, DAY))


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


def load_of(roster: Roster, since: Instant, until: Instant) -> list[Load]:
    """Everybody with duty in [since, until), the most loaded first."""
    spans: dict[str, dict[str, list[Span]]] = {}
    for rotation, spec in roster.policy.rotations.items():
        if spec.covered_by is None:
            for shift in roster.shifts(rotation, since, until):
                if shift.person is not None:
                    own = spans.setdefault(shift.person, {})
                    own.setdefault(rotation, []).append((shift.start, shift.end))
    made = [_load(roster.policy, person, own, since, until) for person, own in spans.items()]
    return sorted(made, key=lambda entry: (-entry.hours, entry.person))


def fairness_of(loads: list[Load]) -> list[Fairness]:
    """One line for each rotation that several people serve."""
    by_rotation: dict[str, list[tuple[float, str]]] = {}
    for entry in loads:
        for rotation, hours in entry.by_rotation:
            by_rotation.setdefault(rotation, []).append((hours, entry.person))
    found = []
    for rotation, people in by_rotation.items():
        if len(people) > 1:
            people.sort()
            mean = sum(hours for hours, _ in people) / len(people)
            least, most = people[0], people[-1]
            found.append(Fairness(rotation, (most[1], most[0]), (least[1], least[0]), mean))
    return sorted(found, key=lambda fairness: fairness.rotation)


def _load(policy: Policy, person: str, own: dict[str, list[Span]], since: Instant, until: Instant) -> Load:
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
