"""Arithmetic on shifts: cutting, replacing, joining.  Lists are sorted; they overlap only where a crew
serves together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from operator import ge, itemgetter
from typing import Literal, NamedTuple

from watchbill.rota.clock import Instant
from watchbill.rota.spans import Span, complement, union
from watchbill.rota.turns import FOREVER, LONG_AGO

Because = Literal["turn", "override", "fallback", "shift", "pagerduty"]
"""`pagerduty`: the account's schedule has somebody else than the files."""


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


Away = Mapping[str, Sequence[tuple[Instant, Instant, str]]]
"""Person -> when they are away, and who covers."""


def cut(pieces: Iterable[Shift], spans: Sequence[Span]) -> list[Shift]:
    """The parts of the pieces that lie in sorted, disjoint spans."""
    found: list[Shift] = []
    first, count = 0, len(spans)
    for piece in pieces:
        begin, finish = piece.start, piece.end
        while first < count and spans[first][1] <= begin:
            first += 1
        i = first
        while i < count and spans[i][0] < finish:
            start, end = spans[i]
            if start <= begin and finish <= end:
                found.append(piece)
            else:
                found.append(piece._replace(start=max(start, begin), end=min(end, finish)))
            i += 1
    return found


def replace_spans(
    pieces: list[Shift], replacements: Sequence[Shift], instead_of: str | None = None
) -> list[Shift]:
    """`replacements` stand where they are; the pieces (only those of `instead_of`, if given) give way there."""
    if not replacements:
        return pieces
    taken = union((r.start, r.end) for r in replacements)
    free = complement(taken, LONG_AGO, FOREVER)
    stay = [p for p in pieces if instead_of is not None and p.person != instead_of]
    give = pieces if instead_of is None else [p for p in pieces if p.person == instead_of]
    return sorted([*replacements, *stay, *cut(give, free)], key=_order)


def with_people(pieces: list[Shift], duty: Shift, people: Collection[str]) -> list[Shift]:
    """In the span of `duty` exactly these people are there: who has duty anyway keeps it as it is, others get
    `duty` under their name, everybody else goes.  Without people there is one vacant shift."""
    span = [(duty.start, duty.end)]
    stay = [piece for piece in cut(pieces, span) if piece.person in people]
    had = {person: union((p.start, p.end) for p in stay if p.person == person) for person in people}
    new = [
        duty._replace(start=start, end=end, person=person)
        for person, spans in had.items()
        for start, end in complement(spans, duty.start, duty.end)
    ]
    vacant = [] if people else [duty._replace(person=None)]
    return in_order([*cut(pieces, complement(span, LONG_AGO, FOREVER)), *stay, *new, *vacant])


def covered(piece: Shift, away: Away, seen: frozenset[str] = frozenset()) -> Iterator[Shift]:
    """The piece with those who are away replaced; who covers may be away too, and be covered."""
    person = piece.person
    for start, end, cover in away.get(person, ()) if person is not None else ():
        low, high = max(piece.start, start), min(piece.end, end)
        if low >= high or cover == person or cover in seen:
            continue
        if piece.start < low:
            yield from covered(piece._replace(end=low), away, seen)
        replaced = piece._replace(start=low, end=high, person=cover, because="override")
        yield from covered(replaced, away, seen | {str(person)})
        if high < piece.end:
            yield from covered(piece._replace(start=high), away, seen)
        return
    yield piece


_start, _end = itemgetter(0), itemgetter(1)


def join(pieces: Sequence[Shift]) -> list[Shift]:
    """Canonical: adjacent shifts that differ in nothing but their bounds are one."""
    if not any(map(ge, map(_end, pieces), map(_start, islice(pieces, 1, None)))):
        return list(pieces)
    joined: list[Shift] = []
    reached = LONG_AGO
    last: Shift | None = None
    parallel = False
    for piece in pieces:
        start = piece[0]
        if start == reached and last is not None and last[2:] == piece[2:]:
            last = joined[-1] = last._replace(end=piece[1])
        else:
            parallel = parallel or start < reached
            last = piece
            joined.append(piece)
        reached = piece[1]
    return _join_parallel(joined) if parallel else joined


def _join_parallel(pieces: Iterable[Shift]) -> list[Shift]:
    """Person by person, each once at a time; the earlier reason stands."""
    own: dict[str | None, list[Shift]] = {}
    for piece in pieces:
        mine = own.setdefault(piece.person, [])
        last = mine[-1] if mine else None
        if last is not None and piece.start <= last.end:
            if piece.end <= last.end:
                continue
            if last[2:] == piece[2:]:
                mine[-1] = last._replace(end=piece.end)
                continue
            if piece.start < last.end:
                mine.append(piece._replace(start=last.end))
                continue
        mine.append(piece)
    return sorted((piece for mine in own.values() for piece in mine), key=_order)


def _order(shift: Shift) -> tuple[int, int, str]:
    return shift.start, shift.end, shift.person or ""


def in_order(shifts: Iterable[Shift]) -> list[Shift]:
    return sorted(shifts, key=_order)
