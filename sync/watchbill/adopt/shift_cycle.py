"""One crew's duty, read off a cycle of shifts: whatever turns, handoffs and hours say it.

Times are clock seconds; a cycle is a number of whole weeks and is counted round.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from watchbill.account.recurrences import Fold, fold, shortest_cycle
from watchbill.account.weeks import Stretch, outside
from watchbill.adopt.cannot import CannotSay
from watchbill.rota.clock import DAY, HOUR, WEEK
from watchbill.rota.spans import Span, union

Unit = Literal["week", "day", "shift", "hour"]

MOST_CREW = 400
"""The format takes no more places."""
_MONDAY = 4 * DAY
"""1970-01-05, a Monday."""
_PARTS_OF_A_DAY = (12, 8, 6, 4, 3, 2, 1)


@dataclass(frozen=True, slots=True)
class Counting:
    """Turns that say the duty.  Block k begins at `at(k)`; `holders` repeat."""

    unit: Unit
    base: int
    size: int
    """Seconds of a block; of stretches, a week."""
    holders: tuple[str, ...]
    stretches: tuple[int, ...] = ()
    """Where in `size` each stretch begins, where turns count stretches."""
    guessed: bool = False
    """Somebody has turns in which there is no duty, and the account does not say who."""

    def at(self, block: int) -> int:
        if not self.stretches:
            return self.base + block * self.size
        weeks, nth = divmod(block, len(self.stretches))
        return self.base + weeks * self.size + self.stretches[nth]

    def last_up_to(self, at: int) -> int:
        """The block under way at `at`."""
        if not self.stretches:
            return (at - self.base) // self.size
        block = ((at - self.base) // self.size + 1) * len(self.stretches)
        while self.at(block) > at:
            block -= 1
        return block

    def holder(self, block: int) -> str:
        return self.holders[block % len(self.holders)]

    @property
    def folded(self) -> Fold:
        return fold(self.holders)


def hours_in(duty: Mapping[str, Sequence[Span]], cycle: int) -> tuple[Stretch, ...]:
    """The windows of every week; the whole week where there is always duty.  Raises CannotSay."""
    covered = union(span for spans in duty.values() for span in spans)
    week: list[list[Span]] = [[] for _ in range(cycle // WEEK)]
    for start, end in covered:
        at = start
        while at < end:
            number, into = divmod(at + 3 * DAY, WEEK)  # 1970-01-01 was a Thursday
            stop = min(end, at + WEEK - into)
            week[number % len(week)].append((into, into + stop - at))
            at = stop
    weeks = [union(spans) for spans in week]
    if any(spans != weeks[0] for spans in weeks):
        raise CannotSay("its hours are not the same every week")
    return outside(outside((start, end - start) for start, end in weeks[0]))


def countings(duty: Mapping[str, Sequence[Span]], cycle: int, hours: Sequence[Stretch]) -> list[Counting]:
    """Ways to count its turns, the most usual first.  Nobody may serve beside somebody else."""
    if len(duty) == 1:
        return [Counting("week", _MONDAY, WEEK, tuple(duty))]
    pieces = _Pieces(sorted((start, end, who) for who, spans in duty.items() for start, end in spans), cycle)
    found = [*_weeks(pieces), *_days(pieces)]
    if sum(length for _, length in hours) < WEEK:
        found += _stretches(pieces, hours)
    found.sort(key=lambda c: len(c.folded.members))
    found += _parts_of_days(pieces)
    return [c for c in sorted(found, key=lambda c: c.guessed) if len(c.folded.members) <= MOST_CREW]


def side_by_side(duty: Mapping[str, Sequence[Span]]) -> tuple[str, str] | None:
    """Two who serve at the same time."""
    pieces = sorted((start, end, who) for who, spans in duty.items() for start, end in spans)
    for (_, end, left), (start, _, right) in pairwise(pieces):
        if start < end:
            return left, right
    return None


class _Pieces:
    """Who serves from when to when, one after the other."""

    def __init__(self, pieces: Sequence[tuple[int, int, str]], cycle: int) -> None:
        self.once, self.cycle = pieces, cycle
        self.twice = [*pieces, *((start + cycle, end + cycle, who) for start, end, who in pieces)]
        self.starts = [start for start, _, _ in self.twice]

    def changes(self, modulus: int) -> list[int]:
        """Where, within `modulus`, somebody else takes over."""
        before = [self.once[-1], *self.once[:-1]]
        pairs = zip(self.once, before, strict=True)
        return sorted({start % modulus for (start, _, who), (_, _, last) in pairs if who != last})

    def holders(self, at: int, length: int) -> set[str]:
        begin = at % self.cycle
        first = bisect_left(self.starts, begin)
        if first and self.twice[first - 1][1] > begin:
            first -= 1
        return {who for _, _, who in self.twice[first : bisect_left(self.starts, begin + length)]}

    def blocks(self, base: int, size: int) -> list[str | None] | None:
        """Who has each block of one cycle; None where somebody has a part of one."""
        found: list[str | None] = []
        for at in range(base, base + self.cycle, size):
            there = self.holders(at, size)
            if len(there) > 1:
                return None
            found.append(next(iter(there), None))
        return found


def _weeks(pieces: _Pieces) -> Iterator[Counting]:
    changes = pieces.changes(WEEK)
    held = pieces.blocks(changes[0], WEEK) if len(changes) == 1 else None
    if held is not None and None not in held:
        yield Counting("week", changes[0], WEEK, shortest_cycle([who or "" for who in held]))


def _days(pieces: _Pieces) -> Iterator[Counting]:
    for at in pieces.changes(DAY):
        held = pieces.blocks(at, DAY)
        if held is not None:
            yield _filled("day", at, DAY, held)


def _stretches(pieces: _Pieces, hours: Sequence[Stretch]) -> Iterator[Counting]:
    held: list[str] = []
    for week in range(_MONDAY, _MONDAY + pieces.cycle, WEEK):
        for start, length in hours:
            there = pieces.holders(week + start, length)
            if len(there) != 1:
                return
            held += there
    yield Counting("shift", _MONDAY, WEEK, shortest_cycle(held), tuple(start for start, _ in hours))


def _parts_of_days(pieces: _Pieces) -> Iterator[Counting]:
    for hours in _PARTS_OF_A_DAY:
        changes = pieces.changes(hours * HOUR)
        held = pieces.blocks(changes[0], hours * HOUR) if len(changes) == 1 else None
        if held is not None:
            yield _filled("hour", changes[0], hours * HOUR, held)
            return


def _filled(unit: Unit, base: int, size: int, held: Sequence[str | None]) -> Counting:
    """By the shortest sequence that repeats into it; blocks without duty say nothing, so it may need a guess."""
    count = len(held)
    guess: tuple[str, ...] | None = None
    for length in (n for n in range(1, count + 1) if count % n == 0):
        places: list[str | None] = [None] * length
        if all(_put(places, i % length, who) for i, who in enumerate(held)):
            if None not in places:
                return Counting(unit, base, size, tuple(who or "" for who in places))
            guess = guess or _with_the_one_before(places)
    assert guess is not None
    return Counting(unit, base, size, guess, guessed=True)


def _put(places: list[str | None], place: int, who: str | None) -> bool:
    if who is not None and places[place] is None:
        places[place] = who
    return who is None or places[place] == who


def _with_the_one_before(places: Sequence[str | None]) -> tuple[str, ...]:
    last = next(who for who in reversed(places) if who is not None)
    found = []
    for who in places:
        last = last if who is None else who
        found.append(last)
    return tuple(found)
