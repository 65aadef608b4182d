"""Who is on duty: turns within hours, fallbacks, absences, overrides.  The one renderer of the policy.

In this order, later beats earlier: turns within hours (of layers, the later one wins where it has hours);
`otherwise` for the rest of the time; `absences` with somebody who covers; declared overrides; live ones that
the caller passes in.  An override has the whole of its span, also outside hours (rulings 2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import repeat
from typing import NamedTuple

from watchbill.model.base import NOBODY, PLACEHOLDER, UNSET
from watchbill.model.policy import Policy
from watchbill.model.rotations import Override
from watchbill.rota.build import Source, end_of, sources
from watchbill.rota.cells import cells
from watchbill.rota.clock import DAY, Instant
from watchbill.rota.dated import away, override_span, wall
from watchbill.rota.pieces import (
    Away,
    Because,
    Shift,
    covered,
    cut,
    in_order,
    join,
    replace_spans,
    with_people,
)
from watchbill.rota.spans import Span, complement, union
from watchbill.rota.turns import FOREVER, LONG_AGO, CrewSequence


class LiveDuty(NamedTuple):
    """Exactly these people have duty then, by the account: handles, or its own names; no people: nobody."""

    people: tuple[str, ...]
    start: Instant
    end: Instant
    because: Because = "override"


_FIRST_REACH = 2 * DAY
_LAST_REACH = 1024 * DAY
_FARTHER = 8


class Roster:
    """Answers for one policy.  `plain` leaves out holidays, absences and overrides: the bare turns."""

    def __init__(
        self, policy: Policy, live: Mapping[str, Sequence[LiveDuty]] | None = None, *, plain: bool = False
    ) -> None:
        self.policy = policy
        self.plain = plain
        self._live = live or {}
        self._sources: dict[str, tuple[Source, ...]] = {}
        self._overrides: dict[str, list[Override]] = {}
        for override in policy.overrides if not plain else ():
            if not override.cancelled:
                self._overrides.setdefault(override.rotation, []).append(override)
        self._spans: dict[str, list[tuple[Span, Override]]] = {}

    @cached_property
    def bare(self) -> Roster:
        """The same policy's bare turns."""
        return self if self.plain else Roster(self.policy, plain=True)

    def shifts(self, rotation: str, since: Instant, until: Instant) -> list[Shift]:
        """Sorted, cut at the bounds, adjacent equal ones joined; parallel only where a crew serves together."""
        return self._shifts(rotation, since, until, follow_live=True)

    def of(self, name: str, since: Instant, until: Instant, because: Because = "turn") -> list[Shift]:
        """Duty of whatever a name stands for: a rotation's shifts, or a person or a role's holder all the time."""
        return self._of(name, since, until, because, follow_live=True)

    def around(self, rotation: str, at: Instant) -> list[Shift]:
        """Whoever is on duty at `at`, each shift whole; LONG_AGO or FOREVER for more than two years off."""
        reach = _FIRST_REACH
        while True:
            low, high = at - reach, at + reach
            found = [s for s in self.shifts(rotation, low, high) if s.start <= at < s.end]
            if all(s.start > low and s.end < high for s in found):
                return found
            if reach >= _LAST_REACH:
                return [_beyond(s, low, high) for s in found]
            reach *= _FARTHER

    def after(self, rotation: str, at: Instant) -> Shift | None:
        """The next shift of somebody who is not on duty at `at`; None within two years."""
        now: set[str | None] | None = None
        reach = _FIRST_REACH
        while True:
            low, high = at, at + reach
            later = self.shifts(rotation, low, high)
            if now is None:
                now = {s.person for s in later if s.start <= at}
            found = next(
                (s for s in later if s.start > at and s.person is not None and s.person not in now), None
            )
            if found is not None and found.end < high:
                return found
            if reach >= _LAST_REACH:
                return _beyond(found, low, high) if found else None
            reach *= _FARTHER

    @cached_property
    def _away(self) -> Away:
        return {} if self.plain else away(self.policy)

    def sources(self, rotation: str) -> tuple[Source, ...]:
        if rotation not in self._sources:
            self._sources[rotation] = sources(self.policy, rotation)
        return self._sources[rotation]

    def _shifts(self, rotation: str, since: Instant, until: Instant, *, follow_live: bool) -> list[Shift]:
        spec = self.policy.rotations[rotation]
        if spec.covered_by is not None:
            return self._of(spec.covered_by, since, until, "turn", follow_live=follow_live)
        if self._has_turns_alone(rotation):
            pieces, apart = _pieces(self.sources(rotation)[0], 0, rotation, since, until, plain=self.plain)
            return pieces if apart else join(pieces)
        pieces = self._own(rotation, since, until)
        if spec.otherwise is not None:
            pieces = in_order([*pieces, *self._rest(rotation, since, until)])
        if self._away:
            pieces = in_order(c for p in pieces for c in covered(p, self._away))
        if rotation in self._overrides:
            pieces = self._with_declared(pieces, rotation, since, until)
        for live in self._live.get(rotation, ()) if follow_live else ():
            start, end = max(live.start, since), min(live.end, until)
            if start < end:
                duty = Shift(start, end, None, live.because, rotation)
                pieces = with_people(pieces, duty, live.people)
        return join(pieces)

    def _of(
        self, name: str, since: Instant, until: Instant, because: Because, *, follow_live: bool
    ) -> list[Shift]:
        if name in self.policy.rotations:
            return self._shifts(name, since, until, follow_live=follow_live)
        role = self.policy.roles.get(name)
        if role is not None:
            if role.held_by in (UNSET, PLACEHOLDER):
                return []
            return self._of(role.held_by, since, until, because, follow_live=follow_live)
        return [Shift(since, until, name, because, name)] if since < until else []

    def _has_turns_alone(self, rotation: str) -> bool:
        """Nothing to replace, to add or to put side by side: the usual rotation, and the fast way."""
        spec = self.policy.rotations[rotation]
        return not (
            self._away
            or rotation in self._overrides
            or rotation in self._live
            or spec.otherwise is not None
            or spec.together
            or spec.listed
            or len(self.sources(rotation)) != 1
        )

    def _own(self, rotation: str, since: Instant, until: Instant) -> list[Shift]:
        spec = self.policy.rotations[rotation]
        if spec.listed:
            return self._listed(rotation, since, until)
        streams = self.sources(rotation)
        if spec.together:
            return [s for stream in streams for s in _together(stream, rotation, since, until, self.plain)]
        if len(streams) == 1:
            return _pieces(streams[0], 0, rotation, since, until, plain=self.plain)[0]
        kept: list[Shift] = []
        taken: list[Span] = []
        for number in range(len(streams) - 1, -1, -1):
            pieces, _ = _pieces(streams[number], number, rotation, since, until, plain=self.plain)
            kept += cut(pieces, complement(taken, since, until))
            taken = union([*taken, *((p.start, p.end) for p in pieces)])
        return in_order(kept)

    def _rest(self, rotation: str, since: Instant, until: Instant) -> list[Shift]:
        """What the hours leave free, given to `otherwise`, from the rotation's start to its end.

        Overrides that only the account knows stay with the other rotation: nobody copies them (rulings 5).
        """
        if self.policy.rotations[rotation].listed:
            streams: tuple[Source, ...] = ()
            taken = union((s.start, s.end) for s in self._listed(rotation, since, until))
        else:
            streams = self.sources(rotation)
            taken = union(span for s in streams for span in _hours(s, since, until, plain=self.plain))
        begin = max(since, min((s.start for s in streams), default=since))
        end = min(until, end_of(self.policy, rotation))
        other = self.policy.rotations[rotation].otherwise or ""
        found = self._of(other, begin, end, "fallback", follow_live=False) if begin < end else []
        return [piece._replace(because="fallback") for piece in cut(found, complement(taken, begin, end))]

    def _listed(self, rotation: str, since: Instant, until: Instant) -> list[Shift]:
        where = self.policy.zone_of(rotation)
        until = min(until, end_of(self.policy, rotation))
        found: list[Shift] = []
        for entry in self.policy.shifts:
            if entry.rotation != rotation:
                continue
            start, end = max(wall(entry.from_.text, where), since), min(wall(entry.until.text, where), until)
            if start < end:
                person = None if entry.person == NOBODY else entry.person
                found.append(Shift(start, end, person, "shift", rotation))
        return in_order(found)

    def _with_declared(
        self, pieces: list[Shift], rotation: str, since: Instant, until: Instant
    ) -> list[Shift]:
        if rotation not in self._spans:
            self._spans[rotation] = [(override_span(self.policy, o), o) for o in self._overrides[rotation]]
        declared = [
            (max(start, since), min(end, until), override)
            for (start, end), override in self._spans[rotation]
            if start < until and end > since
        ]
        if self.policy.rotations[rotation].together:
            for start, end, o in declared:
                shift = Shift(start, end, o.person, "override", rotation)
                pieces = replace_spans(pieces, [shift], instead_of=o.instead_of)
            return pieces
        return replace_spans(
            pieces, in_order(Shift(s, e, o.person, "override", rotation) for s, e, o in declared)
        )


def _beyond(shift: Shift, low: Instant, high: Instant) -> Shift:
    return shift._replace(
        start=LONG_AGO if shift.start <= low else shift.start, end=FOREVER if shift.end >= high else shift.end
    )


def _hours(source: Source, since: Instant, until: Instant, *, plain: bool) -> list[Span]:
    """When this stream has duty, whoever's turn it is; sorted and disjoint."""
    low, high = max(since, source.start), min(until, source.until)
    if low >= high:
        return []
    found: list[Span] = []
    for start, end, plan in source.sequence.plans(low, high):
        found += (plan.bare if plain else plan).spans(source.zone, start, end)
    return found


def _pieces(
    source: Source, number: int, rotation: str, since: Instant, until: Instant, *, plain: bool
) -> tuple[list[Shift], bool]:
    """Turns cut by hours; and whether no two touch, so that there is nothing to join."""
    low, high = max(since, source.start), min(until, source.until)
    found: list[Shift] = []
    if low >= high:
        return found, True
    runs = source.sequence.runs(low, high)
    apart = len(runs) == 1
    for run in runs:
        plan = run.plan.bare if plain else run.plan
        cut_ = cells(run.grid, plan, source.zone, run.start, run.end)
        people = [
            None if holder == NOBODY else holder
            for holder in source.sequence.holders(run.ordinal + cut_.first, cut_.turns)
        ]
        holders = map(people.__getitem__, cut_.places)
        rest = (repeat("turn"), repeat(rotation), repeat(number or run.crew))
        # There are very many: made without a step of the interpreter for each.
        found += map(tuple.__new__, repeat(Shift), zip(cut_.starts, cut_.ends, holders, *rest, strict=False))
        apart = apart and cut_.apart
    return found, apart


def _together(source: Source, rotation: str, since: Instant, until: Instant, plain: bool) -> list[Shift]:
    """Everyone of the crew in force, side by side."""
    if not isinstance(source.sequence, CrewSequence):
        return []
    found: list[Shift] = []
    for segment in source.sequence.segments:
        low, high = max(since, segment.start), min(until, segment.end)
        people = [person for person in dict.fromkeys(segment.order) if person != NOBODY]
        found += [
            Shift(start, end, person, "turn", rotation, segment.number)
            for start, end in (_hours(source, low, high, plain=plain) if low < high else ())
            for person in people
        ]
    return in_order(found)


__all__ = ["Because", "LiveDuty", "Roster", "Shift", "join", "override_span", "replace_spans", "wall"]
