"""A rotation as pieces for shift-based schedules: one crew's weekly windows over a time, none of them overlapping.

Shifts know no precedence.  So the fallback has only what the hours leave, and a layer only what the layers
above it leave, epoch by epoch.  Windows are cut where people change, in clock time: a week is a week here,
whatever the clock does, and the proof afterwards looks at the clock changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import gcd

from watchbill.account.ahead import written_crews
from watchbill.account.parts import (
    CannotExpress,
    holder_of,
    segments_of,
    stretches_of,
)
from watchbill.account.recurrences import Draft, Slot, drafts_of, elapsed_beat
from watchbill.account.weeks import WHOLE_WEEK, Stretch, common, outside
from watchbill.model.base import NOBODY, PLACEHOLDER, UNSET
from watchbill.model.policy import Policy
from watchbill.rota.build import end_of, sources
from watchbill.rota.clock import DAY, HOUR, WEEK, Instant, Zone, weekday, zone
from watchbill.rota.grid import DayGrid, ElapsedGrid, Grid, HourGrid, StretchGrid
from watchbill.rota.turns import FOREVER, LONG_AGO, Segment
from watchbill.rota.windows import ALWAYS

MOST_WEEKS = 4000
_MONDAYS = (19_723, 10_959)  # 2024-01-01 and, for clocks set before it, 2000-01-03
_YEARS = 366 * DAY


@dataclass(frozen=True, slots=True)
class Piece:
    segment: Segment
    stretches: tuple[Stretch, ...]
    start: Instant
    end: Instant
    label: str
    together: bool = False


def pieces_of(policy: Policy, rotation: str, now: Instant) -> list[Piece]:
    """Only the crew in force at `now` and the next one.  Raises CannotExpress."""
    spec = policy.rotations[rotation]
    own = _own(policy, rotation, now)
    if spec.otherwise is not None:
        begin = min(s.start for s in sources(policy, rotation))
        own += _fallback(policy, rotation, spec.otherwise, own, begin, end_of(policy, rotation), now)
    return _joined([p for p in own if p.end > max(now, p.start) and p.stretches])


def _own(policy: Policy, rotation: str, now: Instant) -> list[Piece]:
    """Base first, each layer without what the higher ones have."""
    spec = policy.rotations[rotation]
    streams = sources(policy, rotation)
    if not streams:
        raise CannotExpress(f"{rotation} has no crew of its own", "a crew, or `listed: true` with shifts")
    found: list[Piece] = []
    for number in range(len(streams) - 1, -1, -1):
        stream = streams[number]
        label = stream.name or (f"layer {number + 1}" if len(streams) > 1 else "turns")
        bare = [
            Piece(s, stretches_of(s.plan), s.start, s.end, label, spec.together)
            for s in written_crews(segments_of(stream), now, stream.until, "shifts")
        ]
        found = [*(bare if spec.together else _without(bare, found)), *found]
    return found


def _without(pieces: list[Piece], taken: list[Piece]) -> list[Piece]:
    found = []
    for piece in pieces:
        for start, end in _epochs(taken, piece.start, piece.end):
            free = common(piece.stretches, outside(_in_use(taken, start)))
            found.append(replace(piece, stretches=free, start=start, end=end))
    return found


def _epochs(pieces: Iterable[Piece], start: Instant, end: Instant) -> Iterator[tuple[Instant, Instant]]:
    marks = {t for p in pieces for t in (p.start, p.end) if start < t < end}
    yield from pairwise([start, *sorted(marks), end])


def _in_use(pieces: Iterable[Piece], at: Instant) -> list[Stretch]:
    return [stretch for p in pieces if p.start <= at < p.end for stretch in p.stretches]


def _fallback(
    policy: Policy,
    rotation: str,
    name: str,
    own: list[Piece],
    begin: Instant,
    until: Instant,
    now: Instant,
) -> list[Piece]:
    """The other's turns, in what of the week the hours leave, while [begin, until)."""
    holder = holder_of(policy, name)
    if holder in (UNSET, PLACEHOLDER):
        raise CannotExpress(f"its fallback {name} is {holder}", "say who holds the role")
    label = f"fallback {name}"
    if holder in policy.rotations:
        other = policy.rotations[holder]
        if zone(policy.zone_of(holder)).name != zone(policy.zone_of(rotation)).name:
            raise CannotExpress(f"its fallback {holder} lives in another time zone", "the same zone for both")
        if other.otherwise is not None or other.listed or other.covered_by is not None:
            raise CannotExpress(
                f"its fallback {holder} has no crew of its own all the time", "a fallback with one crew"
            )
        there = [replace(p, label=label) for p in _own(policy, holder, now)]
    else:
        fixed = Segment(LONG_AGO, FOREVER, (holder,), None, ALWAYS)
        there = [Piece(fixed, WHOLE_WEEK, LONG_AGO, FOREVER, label)]
    found = []
    for start, end in _epochs(own, begin, until) if begin < until else ():
        free = outside(_in_use(own, start))
        for piece in there:
            low, high = max(start, piece.start), min(end, piece.end)
            if low < high and high > now:
                cut = common(piece.stretches, free)
                found.append(replace(piece, stretches=cut, start=low, end=high))
    return found


def _joined(pieces: list[Piece]) -> list[Piece]:
    """What goes on unchanged from one epoch to the next is one piece: no event is capped for nothing."""
    found: list[Piece] = []
    for piece in sorted(pieces, key=lambda p: p.start):
        same = next(
            (
                i
                for i, p in enumerate(found)
                if replace(p, start=piece.start, end=piece.end) == piece and p.end == piece.start
            ),
            None,
        )
        if same is None:
            found.append(piece)
        else:
            found[same] = replace(found[same], end=piece.end)
    order = {p.label: i for i, p in enumerate(pieces[::-1])}
    return sorted(found, key=lambda p: (p.label.startswith("fallback "), -order[p.label], p.start))


def drafts_for(piece: Piece, where: Zone, now: Instant, *, free: bool) -> list[Draft]:
    """The events of one piece.  Raises CannotExpress."""
    segment = piece.segment
    if piece.together:
        return _drafts_together(piece, where, _monday(now))
    if segment.is_one_person:
        slots = [Slot(at, length, (segment.order[segment.first],)) for at, length in piece.stretches]
        return drafts_of(slots, _monday(now), _monday(now) * DAY + WEEK, where, free=free)
    grid = segment.grid
    assert grid is not None
    if isinstance(grid, ElapsedGrid):
        plain = _by_the_clock(grid, where, now)
        if plain is None:
            return _drafts_elapsed(piece, grid, where)
        grid = plain
    marks, weeks = _beat(segment, grid)
    if weeks > MOST_WEEKS:
        raise CannotExpress(
            f"its turns repeat only after {weeks // 52} years", "fewer people or shorter turns"
        )
    monday = where.day_of(segment.start)
    monday -= weekday(monday) + 7
    ideal, origin = _ideal(grid), grid.index_at(segment.start)
    slots = [
        Slot(
            at,
            length,
            tuple(
                segment.order[segment.place(ideal.index_at((monday + 7 * w) * DAY + at) - origin)]
                for w in range(weeks)
            ),
        )
        for at, length in _cut(piece.stretches, marks)
    ]
    day, second = where.local(segment.start)
    return drafts_of(slots, monday, day * DAY + second, where, free=free)


def _monday(now: Instant) -> int:
    """What never changes hands is counted from the same week whenever it is compiled."""
    return next((m for m in _MONDAYS if m * DAY + WEEK <= now), _MONDAYS[-1])


def _drafts_together(piece: Piece, where: Zone, monday: int) -> list[Draft]:
    everybody = tuple(p for p in dict.fromkeys(piece.segment.order) if p != NOBODY)
    slots = [Slot(at, length, ("",)) for at, length in piece.stretches]
    made = drafts_of(slots, monday, monday * DAY + WEEK, where, free=True)
    groups = [everybody[i : i + 20] for i in range(0, len(everybody), 20)]
    return [replace(d, members=g, per_member=None) for g in groups for d in made]


def _beat(segment: Segment, grid: Grid) -> tuple[list[int], int]:
    """Where in the week people can change, and after how many weeks everything repeats."""
    turns = segment.each * len(segment.order)
    if isinstance(grid, DayGrid):
        days = grid.step * turns
        if grid.step % 7 == 0:
            return [weekday(grid.anchor_day) * DAY + grid.second], days // 7
        return [day * DAY + grid.second for day in range(7)], days // gcd(days, 7)
    if isinstance(grid, HourGrid):
        places = 24 // grid.hours
        days = turns // gcd(turns, places)
        hours = [(grid.second + i * grid.hours * HOUR) % DAY for i in range(places)]
        return [day * DAY + second for day in range(7) for second in hours], days // gcd(days, 7)
    assert isinstance(grid, StretchGrid)
    stretches = grid.each * turns
    return [start for start, _ in grid.stretches], stretches // gcd(stretches, len(grid.stretches))


def _ideal(grid: Grid) -> Grid:
    """The same turns on a clock that is never set: instants are clock seconds."""
    plain = zone("Etc/UTC")
    if isinstance(grid, StretchGrid):
        return replace(grid, zone=plain, since=FOREVER)
    assert isinstance(grid, DayGrid | HourGrid)
    return replace(grid, zone=plain)


def _cut(stretches: Sequence[Stretch], marks: Iterable[int]) -> list[Stretch]:
    found: list[Stretch] = []
    turns = sorted(set(marks))
    for start, length in stretches:
        if length == WEEK and turns:
            start = turns[0]  # noqa: PLW2901  a whole week begins anywhere
        inside = sorted(m + shift for m in turns for shift in (0, WEEK) if start < m + shift < start + length)
        found += [(low % WEEK, high - low) for low, high in pairwise([start, *inside, start + length])]
    return found


def _by_the_clock(grid: ElapsedGrid, where: Zone, now: Instant) -> Grid | None:
    """Real time and the wall clock are one where the clock is never set.  None: no days, no parts of a day."""
    if where.changes_between(now, now + 6 * _YEARS):
        hours = grid.seconds // HOUR
        raise CannotExpress(
            f"turns of {hours} hours of real time shift at each clock change, which no recurring event does",
            f"turn: {max(1, hours // 24)} days" if hours >= 24 else "turns of 12, 8 or 6 hours on the clock",
        )
    day, second = where.local(grid.anchor)
    if grid.seconds % DAY == 0:
        return DayGrid(where, day, second, grid.seconds // DAY)
    return HourGrid(where, day, second, grid.seconds // HOUR) if DAY % grid.seconds == 0 else None


def _drafts_elapsed(piece: Piece, grid: ElapsedGrid, where: Zone) -> list[Draft]:
    segment = piece.segment
    if piece.stretches != WHOLE_WEEK:
        raise CannotExpress(
            f"turns of {grid.seconds // HOUR} hours within hours repeat in no week",
            "turns whose hours divide 24, or the whole time",
        )
    origin = grid.index_at(segment.start)
    day, second = where.local(grid.start(origin))
    beat = elapsed_beat(
        day * DAY + second,
        grid.seconds,
        segment.each * len(segment.order),
        lambda block, _: segment.order[segment.place(block)],
    )
    made = beat.drafts(day * DAY + second, where)
    if made is None:
        raise CannotExpress(f"a crew of {len(segment.order)} needs too many events", "a smaller crew")
    return made


__all__ = ["CannotExpress", "Piece", "drafts_for", "pieces_of"]
