"""Leave against duty: shifts that nobody covers, and covers who cannot; overrides that replace somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from watchbill.ladder.compose import compose
from watchbill.ladder.outlook import Outlook
from watchbill.ladder.resolve import resolve
from watchbill.model.policy import Policy
from watchbill.model.rotations import Absence
from watchbill.rota.clock import Instant, day_number, zone
from watchbill.rota.duty import Roster, Shift, override_span
from watchbill.rota.spans import Span, complement, intersect, union


@dataclass(frozen=True, slots=True)
class ToCover:
    """`shifts`: those the person still has while away; `roles`: hats by which a ladder pages them directly."""

    absence: int
    shifts: tuple[tuple[str, Span], ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BadCover:
    """Who covers a shift is away too, or has duty elsewhere."""

    absence: int
    rotation: str
    span: Span
    elsewhere: str | None
    """The rotation of the other duty; None: away."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """`instead_of` names somebody who is not on duty in all of the override's span."""

    override: int
    holders: tuple[Shift, ...]
    """Who really is, where it is somebody else."""
    nobody: tuple[Span, ...]


def to_cover(outlook: Outlook) -> Iterator[ToCover]:
    """Only leave without `covered_by`; what an override already covers is covered."""
    policy = outlook.policy
    own = _own_shifts(outlook)
    hats = _direct_roles(policy)
    for index, absence in enumerate(policy.absences):
        away = leave_span(policy, absence)
        if absence.covered_by is not None or away[1] <= outlook.since or away[0] >= outlook.until:
            continue
        shifts = _within(own.get(absence.person, []), away)
        roles = hats.get(absence.person, ())
        if shifts or roles:
            yield ToCover(index, tuple(shifts), roles)


def bad_covers(outlook: Outlook) -> Iterator[BadCover]:
    policy = outlook.policy
    if all(absence.covered_by is None for absence in policy.absences):
        return
    without = Roster(policy.model_copy(update={"absences": ()}))
    planned = _own_shifts(Outlook(without, outlook.since, outlook.until))
    final = _own_shifts(outlook)
    for index, absence in enumerate(policy.absences):
        cover = absence.covered_by
        if cover is None:
            continue
        for rotation, span in _within(planned.get(absence.person, []), leave_span(policy, absence)):
            for other in policy.absences:
                both = intersect([leave_span(policy, other)], [span])
                if other.person == cover and other.covered_by is None and both:
                    yield BadCover(index, rotation, both[0], None)
            busy = [(r, s) for r, s in final.get(cover, []) if r != rotation and s[0] < span[1]]
            for elsewhere, duty in busy:
                both = intersect([duty], [span])
                if both:
                    yield BadCover(index, rotation, both[0], elsewhere)


def mismatches(policy: Policy, now: Instant) -> Iterator[Mismatch]:
    """Overrides that are over need no judging."""
    roster = Roster(policy.model_copy(update={"overrides": ()}))
    for index, override in enumerate(policy.overrides):
        spec = policy.rotations.get(override.rotation)
        if override.cancelled or override.instead_of is None or spec is None or spec.covered_by:
            continue
        start, end = override_span(policy, override)
        if end <= now or start >= end:
            continue
        shifts = roster.shifts(override.rotation, start, end)
        theirs = union((s.start, s.end) for s in shifts if s.person == override.instead_of)
        missing = complement(theirs, start, end)
        if missing:
            others = [s for s in shifts if s.person not in (None, override.instead_of)]
            held = tuple(
                s._replace(start=low, end=high)
                for s in others
                for low, high in intersect([(s.start, s.end)], missing)
            )
            free = complement(union((s.start, s.end) for s in held), start, end)
            yield Mismatch(index, held, tuple(intersect(free, missing)))


def leaves_in(policy: Policy, person: str, span: Span) -> list[Absence]:
    """Theirs that overlap `span`."""
    return [
        absence
        for absence in policy.absences
        if absence.person == person
        and (away := leave_span(policy, absence))[0] < span[1]
        and span[0] < away[1]
    ]


def leave_span(policy: Policy, absence: Absence) -> Span:
    """Days of the person's own zone, the last one included."""
    person = policy.people.get(absence.person)
    where = zone((person and person.time_zone) or policy.settings.time_zone)
    return (
        where.instant(day_number(absence.first_day.value)),
        where.instant(day_number(absence.last_day.value) + 1),
    )


def _own_shifts(outlook: Outlook) -> dict[str, list[tuple[str, Span]]]:
    """Person -> (rotation, span); copies of another rotation's turns are covered there."""
    policy = outlook.policy
    found: dict[str, list[tuple[str, Span]]] = {}
    for rotation, spec in policy.rotations.items():
        if spec.covered_by is None:
            for shift in outlook.shifts(rotation):
                copied = shift.rotation != rotation and shift.rotation in policy.rotations
                if shift.person is not None and not copied:
                    found.setdefault(shift.person, []).append((rotation, (shift.start, shift.end)))
    return found


def _within(shifts: list[tuple[str, Span]], away: Span) -> list[tuple[str, Span]]:
    cut = [(rotation, intersect([span], [away])) for rotation, span in shifts]
    return sorted(((rotation, spans[0]) for rotation, spans in cut if spans), key=lambda item: item[1])


def _direct_roles(policy: Policy) -> dict[str, tuple[str, ...]]:
    """Person -> roles by which some ladder pages them, whatever the day."""
    found: dict[str, dict[str, None]] = {}
    targets = {t for ladder in compose(policy).values() for step in ladder.steps for t in step.targets}
    for target in sorted(targets):
        paged = resolve(policy, target)
        if paged is not None and paged.person is not None and paged.role is not None:
            found.setdefault(paged.person, {})[paged.role] = None
    return {person: tuple(roles) for person, roles in found.items()}
