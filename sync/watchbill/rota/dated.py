"""What the policy dates by hand: overrides and leave, as instants."""

from __future__ import annotations

from watchbill.model.policy import Policy
from watchbill.model.rotations import Override
from watchbill.model.text import DateOrTime
from watchbill.rota.build import local_instant
from watchbill.rota.clock import Instant, day_number, zone
from watchbill.rota.spans import Span


def override_span(policy: Policy, override: Override) -> Span:
    """Instants; `for:` counts on the wall clock, like every length in the policy."""
    where = zone(policy.zone_of(override.rotation))
    start = override.from_.value
    begin = where.instant(day_number(start.date()), start.hour * 3600 + start.minute * 60)
    if override.until is not None:
        return begin, wall(override.until.text, where.name)
    assert override.for_ is not None
    second = start.hour * 3600 + start.minute * 60 + override.for_.seconds
    return begin, where.instant(day_number(start.date()), second)


def wall(text: str, zone_name: str) -> Instant:
    """`2026-12-24 09:00` in that zone."""
    return local_instant(DateOrTime(text), zone(zone_name))


def away(policy: Policy) -> dict[str, list[tuple[Instant, Instant, str]]]:
    """Days of the person's own zone, the last one included."""
    found: dict[str, list[tuple[Instant, Instant, str]]] = {}
    for absence in policy.absences:
        if absence.covered_by is None:
            continue
        person = policy.people.get(absence.person)
        where = zone((person and person.time_zone) or policy.settings.time_zone)
        first, last = day_number(absence.first_day.value), day_number(absence.last_day.value)
        span = (where.instant(first), where.instant(last + 1), absence.covered_by)
        found.setdefault(absence.person, []).append(span)
    return {person: sorted(spans) for person, spans in found.items()}
