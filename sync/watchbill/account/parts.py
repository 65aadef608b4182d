"""A rotation as parts that never overlap: each a list of people, a turn length, an anchor and weekly windows.

Both kinds of PagerDuty schedule are written from these (rulings 4).  The fallback is limited to the
complement of the hours.  Where turns move on in another rhythm than days or weeks - twelve hours, one stretch
of duty - each place in the day or week is a part of its own, with the people in that place's order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from math import gcd

from watchbill.account.ahead import LaterCrew, Shape, later_crew, written_crews
from watchbill.account.weeks import WHOLE_WEEK, Stretch, common, daily, outside
from watchbill.model.base import NOBODY, PLACEHOLDER, UNSET
from watchbill.model.policy import Policy
from watchbill.rota.build import Source, end_of, sources
from watchbill.rota.clock import DAY, HOUR, WEEK, Instant, Zone, day_number, zone
from watchbill.rota.grid import DayGrid, ElapsedGrid, HourGrid, StretchGrid
from watchbill.rota.turns import FOREVER, LONG_AGO, CrewSequence, Segment, ShiftedSequence
from watchbill.rota.windows import WeekPlan


class CannotExpress(Exception):
    """This rotation cannot be said in the account's terms; `nearest` is what can."""

    def __init__(self, reason: str, nearest: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Part:
    people: tuple[str, ...]
    turn_seconds: int
    anchor: Instant
    """A handoff from which the people are counted."""
    stretches: tuple[Stretch, ...]
    start: Instant
    end: Instant
    name: str = ""

    @property
    def cycle(self) -> int:
        return self.turn_seconds * len(self.people)


def parts_of(policy: Policy, rotation: str, now: Instant) -> list[Part]:
    """Base first.  Only the crews that are written at `now`.  Raises CannotExpress."""
    spec = policy.rotations[rotation]
    where = zone(policy.zone_of(rotation))
    if spec.together:
        raise CannotExpress("a layer has one person at a time", "a shift-based schedule (kind: shifts)")
    if spec.listed:
        raise CannotExpress(
            "listed duty follows no turns", "a shift-based schedule with custom shifts (kind: shifts)"
        )
    streams = sources(policy, rotation)
    if spec.layers is not None:
        parts = [p for s in streams for p in _stream(s, now, where)]
        if spec.otherwise is not None:
            begin, end = min(s.start for s in streams), end_of(policy, rotation)
            parts = [*_fallback(policy, spec.otherwise, WHOLE_WEEK, begin, end, now, where), *parts]
        return [part for part in parts if part.end > max(now, part.start)]
    parts = []
    for segment in written_crews(segments_of(streams[0]), now, streams[0].until, "layers"):
        hours = stretches_of(segment.plan)
        if spec.otherwise is not None:
            free = outside(hours)
            parts += _fallback(policy, spec.otherwise, free, segment.start, segment.end, now, where)
        parts += list(_parts(segment, hours, where, "turns"))
    return parts


def stretches_of(plan: WeekPlan) -> tuple[Stretch, ...]:
    return WHOLE_WEEK if plan.is_always else plan.stretches


def _stream(source: Source, now: Instant, where: Zone) -> Iterator[Part]:
    for segment in written_crews(segments_of(source), now, source.until, "layers"):
        yield from _parts(segment, _windows_of(segment.plan), where, source.name)


def _windows_of(plan: WeekPlan) -> tuple[Stretch, ...]:
    """Each window as it is written: an imported layer is not rewritten because two of them touch."""
    if plan.is_always or any(length >= WEEK for _, _, length in plan.occurrences):
        return WHOLE_WEEK
    return tuple((day * DAY + start, length) for day, start, length in plan.occurrences)


def _fallback(
    policy: Policy,
    name: str,
    free: tuple[Stretch, ...],
    start: Instant,
    end: Instant,
    now: Instant,
    where: Zone,
) -> Iterator[Part]:
    """The other's turns, in what of the week is free, while [start, end)."""
    if not free:
        return
    holder = holder_of(policy, name)
    if holder in (UNSET, PLACEHOLDER):
        raise CannotExpress(f"its fallback {name} is {holder}", "say who holds the role")
    label = f"fallback {name}"
    if holder in policy.rotations:
        if zone(policy.zone_of(holder)).name != where.name:
            raise CannotExpress(f"its fallback {holder} lives in another time zone", "the same zone for both")
        streams = sources(policy, holder)
        if len(streams) != 1:
            raise CannotExpress(f"its fallback {holder} has no crew of its own", "a fallback with one crew")
        for segment in written_crews(segments_of(streams[0]), now, streams[0].until, "layers"):
            begin, finish = max(start, segment.start), min(end, segment.end)
            if begin < finish:
                for part in _parts(segment, common(free, stretches_of(segment.plan)), where, label):
                    yield replace(part, start=max(part.start, begin), end=min(part.end, finish))
        return
    yield Part((holder,), WEEK, _fixed_anchor(where), free, start, end, label)


def holder_of(policy: Policy, name: str) -> str:
    return policy.roles[name].held_by if name in policy.roles else name


def segments_of(source: Source) -> tuple[Segment, ...]:
    sequence = source.sequence
    if isinstance(sequence, CrewSequence):
        return sequence.segments
    assert isinstance(sequence, ShiftedSequence)
    return _shifted(sequence)


def _shifted(sequence: ShiftedSequence) -> tuple[Segment, ...]:
    """The crews of the rotation it follows, each arriving so many turns later on the same handoffs."""
    if not isinstance(sequence.of, CrewSequence):
        raise CannotExpress("it follows a rotation that follows another", "follow the first one directly")
    crews = sequence.of.segments
    grid = crews[-1].grid
    if grid is None:
        raise CannotExpress("the rotation it follows counts no turns", "a crew of its own")
    if any(s.grid is None or not _same_beat(s, crews[-1]) for s in crews):
        raise CannotExpress(
            "the rotation it follows changes its turns or handoff",
            "a crew of its own until the change is past",
        )
    made: list[Segment] = []
    for i, segment in enumerate(crews):
        origin = grid.index_at(segment.start) + sequence.later
        start = segment.start if i == 0 else max(crews[0].start, grid.start(origin))
        end = grid.start(grid.index_at(segment.end) + sequence.later) if segment.end < FOREVER else FOREVER
        # Several turns each are written out, so that the distance may fall between them.
        order = tuple(person for person in segment.order for _ in range(segment.each))
        turns_in = grid.index_at(start) - origin
        first = (segment.first * segment.each + turns_in) % len(order)
        made.append(Segment(start, end, order, grid, sequence.plan, first, 1, segment.number))
    return tuple(made)


def _same_beat(left: Segment, right: Segment) -> bool:
    """Handoffs at the same instants from the left one's start on."""
    assert left.grid is not None
    assert right.grid is not None
    k, j = left.grid.index_at(left.start), right.grid.index_at(left.start)
    return all(left.grid.start(k + i) == right.grid.start(j + i) for i in (1, 2, 53))


def later_of(policy: Policy, rotation: str, now: Instant, shape: Shape) -> LaterCrew | None:
    """The first crew that this schedule does not hold yet, its own or its fallback's."""
    spec = policy.rotations[rotation]
    holders = [rotation]
    if spec.otherwise is not None and holder_of(policy, spec.otherwise) in policy.rotations:
        holders.append(holder_of(policy, spec.otherwise))
    found = [
        later_crew(holder, segments_of(stream), now, stream.until, shape)
        for holder in holders
        for stream in sources(policy, holder)
    ]
    return min((later for later in found if later is not None), key=lambda one: one.start, default=None)


def _parts(segment: Segment, hours: tuple[Stretch, ...], where: Zone, name: str) -> Iterator[Part]:
    if NOBODY in segment.order:
        raise CannotExpress("a layer cannot be vacant on purpose", "a shift-based schedule (kind: shifts)")
    if not hours:
        return
    grid = segment.grid
    if segment.is_one_person:
        person = (segment.order[segment.first],)
        yield Part(person, WEEK, _fixed_anchor(where), hours, segment.start, segment.end, name)
    elif isinstance(grid, DayGrid):
        cycle = segment.each * len(segment.order)
        anchor = _steady(grid.start, segment.origin - segment.first * segment.each, cycle, where, grid.second)
        turn = grid.step * segment.each * DAY
        yield Part(segment.order, turn, anchor, hours, segment.start, segment.end, name)
    elif isinstance(grid, ElapsedGrid):
        if grid.seconds % DAY == 0:
            raise CannotExpress(
                f"turns of {grid.seconds // HOUR} hours of real time", f"turn: {grid.seconds // DAY} days"
            )
        anchor = grid.start(segment.origin - segment.first * segment.each)
        yield Part(
            segment.order, grid.seconds * segment.each, anchor, hours, segment.start, segment.end, name
        )
    elif isinstance(grid, HourGrid):
        yield from _by_place_in_day(segment, grid, hours, name)
    elif isinstance(grid, StretchGrid):
        yield from _by_place_in_week(segment, grid, hours, name)


def _by_place_in_day(
    segment: Segment, grid: HourGrid, hours: tuple[Stretch, ...], name: str
) -> Iterator[Part]:
    places = 24 // grid.hours
    midnight = segment.origin - segment.origin % places
    for place in range(places):
        second = (grid.second + place * grid.hours * HOUR) % DAY
        window = daily(second, grid.hours * HOUR)
        stretches = common(window, hours) if hours != WHOLE_WEEK else window
        if not stretches:
            continue
        people = _every(segment, midnight + place, places)
        anchor = _steady(grid.start, midnight + place, places * len(people), grid.zone, second)
        label = f"{name} {place + 1} of {places}" if name else ""
        if len(people) > 1:
            stretches = _split_at(stretches, second)
        yield Part(people, DAY, anchor, stretches, segment.start, segment.end, label)


def _split_at(stretches: tuple[Stretch, ...], second: int) -> tuple[Stretch, ...]:
    """Cut at a time of day, so that windows of neighbouring days, which touch there, stay apart."""
    return tuple(s for day in range(7) for s in common(stretches, (((day * DAY + second) % WEEK, DAY),)))


def _by_place_in_week(
    segment: Segment, grid: StretchGrid, hours: tuple[Stretch, ...], name: str
) -> Iterator[Part]:
    count = len(grid.stretches)
    groups: list[tuple[tuple[str, ...], list[int]]] = []
    for place in range(count):
        people = _weekly_people(segment, grid, place, count)
        if groups and groups[-1][0] == people:
            groups[-1][1].append(place)
        else:
            groups.append((people, [place]))
    for people, places in groups:
        second = grid.stretches[places[0]][0] % DAY
        anchor = _steady(grid.stretch_start, places[0], count * len(people), grid.zone, second)
        label = f"{name} {places[0] + 1} of {count}" if name and len(groups) > 1 else name
        yield Part(
            people, WEEK, anchor, tuple(grid.stretches[p] for p in places), segment.start, segment.end, label
        )


def _weekly_people(segment: Segment, grid: StretchGrid, place: int, count: int) -> tuple[str, ...]:
    """Who has the stretch at this place of the week, week after week from the grid's own."""
    cycle = grid.each * segment.each * len(segment.order)
    weeks = cycle // gcd(cycle, count)
    holders = (
        segment.order[segment.place((place + week * count - grid.offset) // grid.each - segment.origin)]
        for week in range(weeks)
    )
    return tuple(holders)


def _every(segment: Segment, k: int, step: int) -> tuple[str, ...]:
    """The holders of turns k, k + step, ... until they repeat."""
    cycle = segment.each * len(segment.order)
    days = cycle // gcd(cycle, step)
    return tuple(segment.order[segment.place(k + day * step - segment.origin)] for day in range(days))


def _steady(start: Callable[[int], Instant], k: int, cycle: int, where: Zone, second: int) -> Instant:
    """The start of turn k, or of one some cycles before it: one that no clock change has moved."""
    for back in range(20):
        at = start(k - back * cycle)
        if where.local(at)[1] == second:
            return at
    return start(k)


def _fixed_anchor(where: Zone) -> Instant:
    """A Monday; one person's anchor is never compared."""
    return where.instant(day_number(date(2024, 1, 1)))


__all__ = ["LONG_AGO", "CannotExpress", "Part", "parts_of", "stretches_of"]
