"""What the policy dates by hand: overrides and leave, as instants."""

from __future__ import annotations

from watchbill.model.policy import Policy
from watchbill.model.rotations import Override
from watchbill.model.text import AGAIN, DateOrTime, Duration, LocalTime
from watchbill.rota.build import local_instant
from watchbill.rota.clock import Instant, Zone, date_of, day_number, zone
from watchbill.rota.spans import Span


def override_span(policy: Policy, override: Override) -> Span:
    where = zone(policy.zone_of(override.rotation))
    begin = wall(override.from_.text, where.name)
    if override.until is not None:
        return begin, wall(override.until.text, where.name)
    assert override.for_ is not None
    return begin, end_after(begin, override.for_, where)


def end_after(begin: Instant, length: Duration, where: Zone) -> Instant:
    """Hours and minutes are real time; days and weeks end at the same time of day."""
    if length.days is None:
        return begin + length.seconds
    day, second = where.local(begin)
    return where.instant(day + length.days, second)


def wall(text: str, zone_name: str) -> Instant:
    """`2026-12-24 09:00` in that zone; `2027-10-31 03:30 2nd` is the second of two equal times."""
    where = zone(zone_name)
    at = local_instant(DateOrTime(text[:16]), where)
    return where.second_time(at) if text.endswith(AGAIN) else at


def wall_text(at: Instant, where: Zone) -> str:
    """As `wall` reads it; seconds are cut off."""
    day, second = where.local(at)
    text = f"{date_of(day).isoformat()} {second // 3600:02d}:{second % 3600 // 60:02d}"
    return text if wall(text, where.name) == at // 60 * 60 else f"{text} {AGAIN}"


def is_repeated(moment: LocalTime, where: Zone) -> bool:
    """Whether that wall-clock time comes twice."""
    at = wall(moment.text[:16], where.name)
    return where.second_time(at) != at


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
