"""Who is on duty: turns within hours, fallbacks, absences, overrides.  The one renderer of the policy.

In this order, later beats earlier: turns within hours (of layers, the later one wins where it has hours);
`otherwise` for the rest of the time; `absences` with somebody who covers; declared overrides; live ones that
the caller passes in.  An override has the whole of its span, also outside hours (rulings 2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from watchbill.model.base import NOBODY, PLACEHOLDER, UNSET
from watchbill.model.policy import Policy
from watchbill.model.rotations import Override
from watchbill.model.text import DateOrTime
from watchbill.rota.build import Source, end_of, local_instant, sources
from watchbill.rota.clock import WEEK, Instant, day_number, zone
from watchbill.rota.spans import Span, clip, complement, union
from watchbill.rota.turns import FOREVER, LONG_AGO
from watchbill.rota.windows import WeekPlan

Because = Literal["turn", "override", "fallback", "shift"]


class Shift(NamedTuple):
    """One concrete stretch of duty."""

    start: Instant
    end: Instant
    person: str | None
    """None: vacant on purpose."""
    because: Because
    rotation: str
    """Whose turn it is: X, where this rotation falls back to X or is covered by it."""
    crew: int = 0
    """Which dated crew, or which layer."""


class LiveOverride(NamedTuple):
    """An override found in the account; `person` is a handle, or the account's own name for somebody."""

    person: str
    start: Instant
    end: Instant


class Roster:
    """Answers for one policy.  `plain` leaves out holidays, absences and overrides: the bare turns."""

    def __init__(
        self, policy: Policy, live: Mapping[str, Sequence[LiveOverride]] | None = None, *, plain: bool = False
    ) -> None:
        self.policy = policy
        self.plain = plain
        self._live = live or {}
        self._sources: dict[str, tuple[Source, ...]] = {}
        self._overrides: dict[str, list[Override]] = {}
        for override in policy.overrides if not plain else ():
            if not override.cancelled:
                self._overrides.setdefault(override.rotation, []).append(override)

    def shifts(self, rotation: str, since: Instant, until: Instant) -> list[Shift]:
        """Sorted, cut at the bounds, adjacent equal ones joined; parallel only where a crew serves together."""
        spec = self.policy.rotations[rotation]
        if spec.covered_by is not None:
            return self.of(spec.covered_by, since, until)
        pieces = self._own(rotation, since, until)
        if spec.otherwise is not None:
            pieces = sorted([*pieces, *self._rest(rotation, since, until)])
        if not self.plain:
            pieces = self._with_absences(pieces)
            pieces = replace_spans(pieces, self._declared(rotation, since, until))
            pieces = _with_live(pieces, rotation, self._live.get(rotation, ()), since, until)
        return join(pieces)

    def of(self, name: str, since: Instant, until: Instant, because: Because = "turn") -> list[Shift]:
        """Duty of whatever a name stands for: a rotation's shifts, or a person or a role's holder all the time."""
        if name in self.policy.rotations:
            return self.shifts(name, since, until)
        role = self.policy.roles.get(name)
        if role is not None:
            if role.held_by in (UNSET, PLACEHOLDER):
                return []
            return self.of(role.held_by, since, until, because)
        return [Shift(since, until, name, because, name)]

    def around(self, rotation: str, at: Instant) -> list[Shift]:
        """Whoever is on duty at `at`, each shift whole (up to two years either way)."""
        reach = 2 * WEEK
        while True:
            found = [s for s in self.shifts(rotation, at - reach, at + reach) if s.start <= at < s.end]
            whole = all(s.start > at - reach and s.end < at + reach for s in found)
            if whole or reach > 104 * WEEK:
                return found
            reach *= 4

    def after(self, rotation: str, at: Instant) -> Shift | None:
        """The next shift of somebody who is not on duty at `at`; None within two years."""
        now = {s.person for s in self.shifts(rotation, at, at + 1)}
        reach = 2 * WEEK
        while True:
            later = self.shifts(rotation, at, at + reach)
            found = next(
                (s for s in later if s.start > at and s.person is not None and s.person not in now), None
            )
            if found is not None and (found.end < at + reach or reach > 104 * WEEK):
                return found
            if reach > 104 * WEEK:
                return None
            reach *= 4

    def sources(self, rotation: str) -> tuple[Source, ...]:
        if rotation not in self._sources:
            self._sources[rotation] = sources(self.policy, rotation)
        return self._sources[rotation]

    def _own(self, rotation: str, since: Instant, until: Instant) -> list[Shift]:
        spec = self.policy.rotations[rotation]
        if spec.listed:
            return self._listed(rotation, since, until)
        streams = self.sources(rotation)
        if spec.together:
            return _together(spec.crew or (), streams, rotation, since, until, plain=self.plain)
        if len(streams) == 1:
            return _pieces(streams[0], 0, rotation, since, until, plain=self.plain)
        kept: list[Shift] = []
        taken: list[Span] = []
        for number in range(len(streams) - 1, -1, -1):
            pieces = _pieces(streams[number], number, rotation, since, until, plain=self.plain)
            free = complement(taken, since, until)
            kept += [cut for piece in pieces for cut in _within(piece, free)]
            taken = union([*taken, *((p.start, p.end) for p in pieces)])
        return sorted(kept)

    def _rest(self, rotation: str, since: Instant, until: Instant) -> list[Shift]:
        """What the hours leave free, given to `otherwise`, from the rotation's start to its end."""
        streams = self.sources(rotation)
        taken = union(span for s in streams for span in _hours(s, since, until, plain=self.plain))
        begin = max(since, min((s.start for s in streams), default=since))
        end = min(until, end_of(self.policy, rotation))
        if begin >= end:
            return []
        free = complement(taken, begin, end)
        other = self.of(self.policy.rotations[rotation].otherwise or "", begin, end, "fallback")
        return [cut._replace(because="fallback") for shift in other for cut in _within(shift, free)]

    def _listed(self, rotation: str, since: Instant, until: Instant) -> list[Shift]:
        where = zone(self.policy.zone_of(rotation))
        found: list[Shift] = []
        for entry in self.policy.shifts:
            if entry.rotation != rotation:
                continue
            start, end = wall(entry.from_.text, where.name), wall(entry.until.text, where.name)
            if start < until and end > since:
                person = None if entry.person == NOBODY else entry.person
                found.append(Shift(max(start, since), min(end, until), person, "shift", rotation))
        return sorted(found)

    def _with_absences(self, pieces: list[Shift]) -> list[Shift]:
        covered = [a for a in self.policy.absences if a.covered_by is not None]
        for absence in covered:
            person = self.policy.people.get(absence.person)
            where = zone((person and person.time_zone) or self.policy.settings.time_zone)
            away = (
                where.instant(day_number(absence.first_day.value)),
                where.instant(day_number(absence.last_day.value) + 1),
            )
            pieces = [c for p in pieces for c in _covered(p, absence.person, absence.covered_by or "", away)]
        return pieces

    def _declared(self, rotation: str, since: Instant, until: Instant) -> list[Shift]:
        found = []
        for override in self._overrides.get(rotation, ()):
            start, end = override_span(self.policy, override)
            if start < until and end > since:
                found.append(Shift(max(start, since), min(end, until), override.person, "override", rotation))
        return sorted(found)


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


def join(pieces: Iterable[Shift]) -> list[Shift]:
    """Adjacent shifts that differ in nothing but their bounds become one."""
    joined: list[Shift] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last is not None and last.end == piece.start and last[2:] == piece[2:]:
            joined[-1] = last._replace(end=piece.end)
        else:
            joined.append(piece)
    return joined


def replace_spans(pieces: list[Shift], replacements: list[Shift]) -> list[Shift]:
    """`replacements` (sorted, disjoint) stand where they are; of `pieces` the rest stays."""
    if not replacements:
        return pieces
    free = complement([(r.start, r.end) for r in replacements], LONG_AGO, FOREVER)
    return sorted([*replacements, *(cut for piece in pieces for cut in _within(piece, free))])


def _with_live(
    pieces: list[Shift], rotation: str, live: Sequence[LiveOverride], since: Instant, until: Instant
) -> list[Shift]:
    for override in live:
        start, end = max(override.start, since), min(override.end, until)
        if start < end:
            pieces = replace_spans(pieces, [Shift(start, end, override.person, "override", rotation)])
    return pieces


def _covered(piece: Shift, person: str, cover: str, away: Span) -> list[Shift]:
    start, end = max(piece.start, away[0]), min(piece.end, away[1])
    if piece.person != person or start >= end:
        return [piece]
    parts = [
        piece._replace(end=start),
        piece._replace(start=start, end=end, person=cover, because="override"),
        piece._replace(start=end),
    ]
    return [part for part in parts if part.start < part.end]


def _within(piece: Shift, spans: Sequence[Span]) -> list[Shift]:
    """The parts of a piece that lie in sorted, disjoint spans."""
    found = []
    for start, end in spans:
        if end <= piece.start:
            continue
        if start >= piece.end:
            break
        found.append(piece._replace(start=max(start, piece.start), end=min(end, piece.end)))
    return found


def _hours(source: Source, since: Instant, until: Instant, *, plain: bool) -> list[Span]:
    """When this stream has duty, whoever's turn it is; sorted and disjoint."""
    found: list[Span] = []
    for start, end, plan in source.sequence.plans(max(since, source.start), min(until, source.until)):
        found += clip(_bare(plan, plain=plain).spans(source.zone, start, end), start, end)
    return found


def _bare(plan: WeekPlan, *, plain: bool) -> WeekPlan:
    return WeekPlan(plan.occurrences) if plain and plan.country else plan


def _pieces(
    source: Source, number: int, rotation: str, since: Instant, until: Instant, *, plain: bool
) -> list[Shift]:
    """Turns cut by hours."""
    spans = _hours(source, since, until, plain=plain)
    if not spans:
        return []
    found: list[Shift] = []
    i, count = 0, len(spans)
    for begin, finish, holder, _, crew in source.sequence.turns(spans[0][0], spans[-1][1]):
        person = None if holder == NOBODY else holder
        while i < count and spans[i][0] < finish:
            start, end = spans[i]
            if end > begin:
                found.append(
                    Shift(max(start, begin), min(end, finish), person, "turn", rotation, number or crew)
                )
            if end > finish:
                break
            i += 1
    return found


def _together(
    crew: Sequence[str],
    streams: Sequence[Source],
    rotation: str,
    since: Instant,
    until: Instant,
    *,
    plain: bool,
) -> list[Shift]:
    spans = [span for stream in streams for span in _hours(stream, since, until, plain=plain)]
    people = [person for person in dict.fromkeys(crew) if person != NOBODY]
    return sorted(Shift(start, end, person, "turn", rotation) for start, end in spans for person in people)
