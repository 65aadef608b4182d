"""The duty that recurring events give, on a clock that is never set, until everything repeats.

However it is cut into events, the same duty is the same: one shift of a week, seven of a day for each member, or
an event for each weekday.  So two sets of events are compared by who serves when.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import gcd, lcm

from watchbill.account.events import event_form, recurrence_of
from watchbill.account.objects import ShiftEvent, ShiftRotation
from watchbill.account.recurrences import shortest_cycle
from watchbill.account.zones import zone_name
from watchbill.errors import UsageError
from watchbill.rota.clock import DAY, HOUR, WEEK, Instant, zone
from watchbill.rota.rrule import Rule
from watchbill.rota.spans import Span, union
from watchbill.rota.turns import FOREVER, LONG_AGO

MOST_SHIFTS = 60_000
"""In one cycle; above that only events of the very same form are equal."""


@dataclass(frozen=True, slots=True)
class Recurring:
    """Shifts at `first` + a multiple of `period` + one of `offsets`, in clock seconds from 1970-01-01 00:00."""

    first: int
    period: int
    offsets: tuple[int, ...]
    length: int
    members: tuple[str, ...]
    each: int | None
    """Consecutive shifts of each member; None = all members at once."""

    @property
    def cycle(self) -> int:
        if self.each is None:
            return self.period
        turns = self.each * len(self.members)
        return self.period * (turns // gcd(turns, len(self.offsets)))

    @property
    def overlaps_itself(self) -> bool:
        starts = [*self.offsets, self.offsets[0] + self.period]
        return any(right - left < self.length for left, right in pairwise(starts))

    def in_cycle(self, cycle: int) -> Iterator[tuple[int, str]]:
        """Where each shift of one cycle begins, and whose it is."""
        count = len(self.offsets)
        for place in range(cycle // self.period * count):
            rounds, nth = divmod(place, count)
            at = (self.first + rounds * self.period + self.offsets[nth]) % cycle
            if self.each is None:
                yield from ((at, member) for member in self.members)
            else:
                yield at, self.members[place // self.each % len(self.members)]


def recurring_of(event: ShiftEvent) -> Recurring | None:
    """None for what repeats in no number of hours, days or weeks, and for single dates left out or added."""
    if event.excluded or event.added or not event.members:
        return None
    try:
        rule = recurrence_of(event).rule
    except UsageError:
        return None
    if rule.count is not None or rule.until is not None:
        return None
    where = zone(event.time_zone)
    day, second = where.local(event.start)
    last_day, last_second = where.local(event.end)
    found = _repeats(rule, day)
    if found is None:
        return None
    first_day, period, offsets = found
    return Recurring(
        first_day * DAY + second,
        period,
        offsets,
        (last_day - day) * DAY + last_second - second,
        tuple(dict.fromkeys(event.members)) if event.per_member is None else shortest_cycle(event.members),
        event.per_member,
    )


def _repeats(rule: Rule, day: int) -> tuple[int, int, tuple[int, ...]] | None:
    """Day of the first shift, seconds after which it repeats, and seconds from the first to those between."""
    if rule.for_dateutil:
        parts = {part.partition("=")[0] for part in rule.for_dateutil.split(";")}
        plain = rule.frequency == "HOURLY" and parts <= {"FREQ", "INTERVAL", "WKST"}
        return (day, rule.interval * HOUR, (0,)) if plain else None
    pattern = rule.pattern(day)
    if pattern is None:
        return None
    first = pattern.day(0)
    days = [pattern.day(place) for place in range(len(pattern.offsets))]
    return first, pattern.period * DAY, tuple((d - first) * DAY for d in days)


def common_cycle(parts: Sequence[Recurring]) -> int | None:
    """Whole weeks; None where there are too many shifts until everything repeats."""
    cycle = lcm(WEEK, *(part.cycle for part in parts))
    shifts = sum(cycle // part.period * len(part.offsets) for part in parts)
    return cycle if shifts <= MOST_SHIFTS else None


def duty_in(parts: Iterable[Recurring], cycle: int) -> dict[str, list[Span]]:
    """Who serves when in [0, cycle), counted round; "" is a place vacant on purpose."""
    spans: dict[str, list[Span]] = {}
    for part in parts:
        for at, who in part.in_cycle(cycle):
            end = at + min(part.length, cycle)
            mine = spans.setdefault(who, [])
            mine.append((at, min(end, cycle)))
            if end > cycle:
                mine.append((0, end - cycle))
    return {who: union(mine) for who, mine in spans.items()}


def begins(event: ShiftEvent, now: Instant) -> Instant:
    """LONG_AGO for what has begun.  Before its first shift an event has none."""
    begin = max(event.since or LONG_AGO, event.start)
    return begin if begin > now else LONG_AGO


def ends(event: ShiftEvent) -> Instant:
    return FOREVER if event.until is None else event.until


def live_events(rotations: Iterable[ShiftRotation], now: Instant) -> list[ShiftEvent]:
    """Without those that ended, and those that are to end before they begin."""
    return [e for r in rotations for e in r.events if ends(e) > max(now, begins(e, now))]


def epochs(events: Iterable[ShiftEvent], now: Instant) -> list[tuple[Instant, Instant, list[ShiftEvent]]]:
    """Which events are in force together, from when to when; spans in which none is are left out."""
    live = list(events)
    marks = sorted({t for e in live for t in (begins(e, now), ends(e))})
    found = []
    for start, end in pairwise(marks):
        there = [e for e in live if begins(e, now) <= start and ends(e) >= end]
        if there:
            found.append((start, end, there))
    return found


def same_duty(left: Iterable[ShiftRotation], right: Iterable[ShiftRotation], now: Instant) -> bool:
    """Whether from `now` on both give the same people the same duty, by clock time.

    What does not repeat evenly counts as the same only in the very same form.
    """
    sides = _unlike(live_events(left, now), live_events(right, now), now)
    if not any(sides):
        return True
    events = [*sides[0], *sides[1]]
    if len({zone_name(e.time_zone) for e in events}) > 1:
        return False
    known = {id(e): recurring_of(e) for e in events}
    if any(part is None or part.overlaps_itself for part in known.values()):
        return False
    marks = sorted({t for e in events for t in (begins(e, now), ends(e))})
    for start, end in pairwise(marks):
        both = [
            [p for e in side if begins(e, now) <= start and ends(e) >= end and (p := known[id(e)])]
            for side in sides
        ]
        cycle = common_cycle([*both[0], *both[1]])
        if cycle is None or duty_in(both[0], cycle) != duty_in(both[1], cycle):
            return False
        if seconds_in(both[0], cycle) != seconds_in(both[1], cycle):
            return False  # somebody is on call twice over, and an override would replace them once
    return True


def seconds_in(parts: Iterable[Recurring], cycle: int) -> Counter[str]:
    """Of everybody, counting twice what somebody has twice."""
    found: Counter[str] = Counter()
    for part in parts:
        for _, who in part.in_cycle(cycle):
            found[who] += part.length
    return found


def _unlike(
    left: list[ShiftEvent], right: list[ShiftEvent], now: Instant
) -> tuple[list[ShiftEvent], list[ShiftEvent]]:
    """Without pairs of one form and one time."""

    def key(event: ShiftEvent) -> str:
        return repr((sorted(event_form(event).items()), begins(event, now), ends(event)))

    counts = Counter(map(key, left)) & Counter(map(key, right))

    def rest(events: list[ShiftEvent]) -> list[ShiftEvent]:
        spare, found = Counter(counts), []
        for event in events:
            if spare[key(event)]:
                spare[key(event)] -= 1
            else:
                found.append(event)
        return found

    return rest(left), rest(right)
