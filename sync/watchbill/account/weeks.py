"""Windows of an abstract week, in clock seconds from Monday 00:00: what both mappers cut time with.

A stretch is (start, length) with 0 <= start < WEEK; it may run past Sunday midnight.  Touching stretches are
one; the whole week is ((0, WEEK),).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from watchbill.rota.clock import DAY, WEEK, Zone, weekday
from watchbill.rota.spans import complement, intersect, union

Stretch = tuple[int, int]
WHOLE_WEEK: tuple[Stretch, ...] = ((0, WEEK),)


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


class ClockChange(NamedTuple):
    """A place in the week at which a zone's clock is set."""

    at: int
    """Second of the week that the clock shows just before."""
    resume: int
    """From here on the clock is past the gap, or past the repeated time."""
    size: int
    """Seconds."""


@lru_cache(maxsize=64)
def clock_changes(zone: Zone, since: int, until: int) -> tuple[ClockChange, ...]:
    """Every place in the week where a change falls; changes of spring and autumn that lie close are one."""
    found: set[ClockChange] = set()
    for change in zone.changes_between(since, until):
        before, after = zone.offset_at(change - 1), zone.offset_at(change)
        day, second = divmod(change + before, DAY)
        at = weekday(day) * DAY + second
        found.add(ClockChange(at, at + max(0, after - before), abs(after - before)))
    joined: list[ClockChange] = []
    for change_ in sorted(found):
        last = joined[-1] if joined else None
        if last is not None and change_.at <= last.resume + last.size:
            size = max(last.size, change_.size)
            joined[-1] = ClockChange(last.at, max(last.resume, change_.resume), size)
        else:
            joined.append(change_)
    return tuple(joined)


def cut_at_changes(stretches: Iterable[Stretch], changes: Sequence[ClockChange]) -> tuple[Stretch, ...]:
    """Stretches cut so that none which can contain a clock change ends where its neighbour is another's.

    Whether a window that spans a clock change ends by the clock or by elapsed time is open (facts: rendering).
    So it is made to end inside the window that follows it, where either answer gives the same person.
    """
    found: list[Stretch] = []
    for start, length in stretches:
        pieces = [(start, start + length)]
        for at, resume, size in sorted(_from(start, change) for change in changes):
            last_start, last_end = pieces[-1]
            if last_start <= at < last_end and resume + 2 * size <= last_end:
                pieces[-1] = (last_start, resume + size)
                pieces.append((resume, last_end))
        found += [(s % WEEK, e - s) for s, e in pieces]
    return tuple(found)


def _from(start: int, change: ClockChange) -> ClockChange:
    """Counted on from a stretch that may run past the end of the week."""
    shift = 0 if change.at >= start else WEEK
    return ClockChange(change.at + shift, change.resume + shift, change.size)
