"""How long somebody is on duty without a day off."""

from __future__ import annotations

from dataclasses import dataclass

from watchbill.model.policy import Policy
from watchbill.rota.clock import DAY, Instant, zone
from watchbill.rota.duty import Roster
from watchbill.rota.spans import Span, complement, intersect, union

LONGEST = 7
"""Days.  A weekly turn is just as long."""
REACH = 63 * DAY
"""So far on each side of the span a run is followed."""


@dataclass(frozen=True, slots=True)
class Run:
    start: Instant
    end: Instant
    days: float
    """By the wall clock of the person."""


def long_runs(before: Policy, after: Policy, person: str, span: Span) -> list[Run]:
    """Runs of more than seven days that duty within the span, which the person did not have before, is part of.

    Less than 24 hours between two shifts, whatever the rotations, are no break.
    """
    where = zone(after.people[person].time_zone or after.settings.time_zone)
    new = _less(_duty(after, person, span), _duty(before, person, span))
    found = []
    for start, end in _joined(_duty(after, person, (span[0] - REACH, span[1] + REACH))):
        (first, begin), (last, finish) = where.local(start), where.local(end)
        days = last - first + (finish - begin) / DAY
        if days > LONGEST and intersect([(start, end)], new):
            found.append(Run(start, end, round(days, 1)))
    return found


def _duty(policy: Policy, person: str, span: Span) -> list[Span]:
    roster = Roster(policy)
    return union(
        (shift.start, shift.end)
        for rotation, spec in policy.rotations.items()
        if spec.covered_by is None
        for shift in roster.shifts(rotation, *span)
        if shift.person == person
    )


def _joined(spans: list[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in spans:
        if found and start - found[-1][1] < DAY:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _less(spans: list[Span], taken: list[Span]) -> list[Span]:
    return [piece for start, end in spans for piece in complement(taken, start, end)]
