"""Windows of an abstract week, in clock seconds from Monday 00:00: what both mappers cut time with.

A stretch is (start, length) with 0 <= start < WEEK; it may run past Sunday midnight.  Touching stretches are
one; the whole week is ((0, WEEK),).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from watchbill.rota.clock import DAY, HOUR, WEEK, Zone, weekday
from watchbill.rota.spans import complement, intersect, union

Stretch = tuple[int, int]
WHOLE_WEEK: tuple[Stretch, ...] = ((0, WEEK),)

_OVERLAP = 2 * HOUR


def _flat(stretches: Iterable[Stretch]) -> list[tuple[int, int]]:
    """Inside [0, WEEK): a stretch over Sunday midnight is two spans."""
    spans = []
    for start, length in stretches:
        end = start + min(length, WEEK)
        spans.append((start, min(end, WEEK)))
        if end > WEEK:
            spans.append((0, end - WEEK))
    return union(spans)


def _round(spans: Sequence[tuple[int, int]]) -> tuple[Stretch, ...]:
    """Back from [0, WEEK), joined over Sunday midnight."""
    if not spans:
        return ()
    if spans[0][0] == 0 and spans[-1][1] == WEEK:
        if len(spans) == 1:
            return WHOLE_WEEK
        first, last = spans[0], spans[-1]
        spans = [*spans[1:-1], (last[0], WEEK + first[1])]
    return tuple((start, end - start) for start, end in sorted(spans))


def outside(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    return _round(complement(_flat(stretches), 0, WEEK))


def common(left: Iterable[Stretch], right: Iterable[Stretch]) -> tuple[Stretch, ...]:
    return _round(intersect(_flat(left), _flat(right)))


def daily(start: int, length: int) -> tuple[Stretch, ...]:
    return _round(_flat(((day * DAY + start) % WEEK, length) for day in range(7)))


def clock_change_moments(zone: Zone, since: int, until: int) -> tuple[int, ...]:
    """Seconds of the week at which this zone's clock is set, each as the clock shows it just before."""
    found = set()
    for change in zone.changes_between(since, until):
        day, second = zone.local(change - 1)
        found.add((weekday(day) * DAY + second + 1) % WEEK)
    return tuple(sorted(found))


def cut_at_changes(stretches: Iterable[Stretch], moments: Sequence[int]) -> tuple[Stretch, ...]:
    """Stretches cut so that none which can contain a clock change ends where its neighbour is another's.

    Whether a window that spans a clock change ends by the clock or by elapsed time is open (facts: rendering).
    So it is made to end inside the window that follows it, where either answer gives the same person.
    """
    found: list[Stretch] = []
    for start, length in stretches:
        pieces = [(start, start + length)]
        for moment in moments:
            at = moment if moment >= start else moment + WEEK
            last_start, last_end = pieces[-1]
            resume = at + _OVERLAP
            if last_start <= at < last_end and resume + _OVERLAP < last_end:
                pieces[-1] = (last_start, resume + _OVERLAP)
                pieces.append((resume, last_end))
        found += [(s % WEEK, e - s) for s, e in pieces]
    return tuple(found)
