"""Duty of one person in one rotation without a break, whatever it is made of.

A dated crew, an override, a fallback or another layer cuts duty into pieces.  Where the next piece has the same
person, that person's duty goes on: `until` is when the pager really changes hands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from watchbill.model.rotations import Rotation
from watchbill.rota.clock import DAY, Instant
from watchbill.rota.duty import Roster, Shift
from watchbill.rota.turns import FOREVER, LONG_AGO

_REACHES = (16 * DAY, 128 * DAY, 1024 * DAY)


def now_and_next(roster: Roster, rotation: str, at: Instant) -> tuple[list[Shift], Shift | None]:
    """Who is on duty at `at`, and the first who follows and is not on duty then.

    Each shift has the reason of its piece at `at` (for who follows: of the first piece) and the bounds of the whole
    duty; LONG_AGO or FOREVER for more than two years off.
    """
    before, after = _usual_reach(roster.policy.rotations[rotation])
    for low, high in ((at - before, at + after), *((at - reach, at + reach) for reach in _REACHES)):
        now, then = _seen(roster.shifts(rotation, low, high), at)
        if then is not None and then.end < high and all(s.start > low and s.end < high for s in now):
            break
    return [_open(shift, low, high) for shift in now], _open(then, low, high) if then else None


def stints(shifts: Iterable[Shift]) -> Iterator[Shift]:
    """Pieces in a row of one person as one, with the reason of the first; in the order of their starts."""
    made: list[Shift] = []
    last: dict[str | None, int] = {}
    for piece in shifts:
        place = last.get(piece.person)
        if place is not None and piece.start <= made[place].end:
            made[place] = made[place]._replace(end=max(made[place].end, piece.end))
        else:
            last[piece.person] = len(made)
            made.append(piece)
    return iter(made)


def _seen(pieces: Sequence[Shift], at: Instant) -> tuple[list[Shift], Shift | None]:
    whole = list(stints(pieces))
    now = []
    for piece in pieces:
        if piece.start <= at < piece.end:
            around = next(s for s in whole if s.person == piece.person and s.start <= at < s.end)
            now.append(piece._replace(start=around.start, end=around.end))
    people = {shift.person for shift in now}
    then = next((s for s in whole if s.start > at and s.person is not None and s.person not in people), None)
    return now, then


def _open(shift: Shift, low: Instant, high: Instant) -> Shift:
    """Where even the longest look saw no bound."""
    return shift._replace(
        start=LONG_AGO if shift.start <= low else shift.start, end=FOREVER if shift.end >= high else shift.end
    )


def _usual_reach(rotation: Rotation) -> tuple[int, int]:
    """Seconds back and ahead in which turns of a week, cut by hours or whole, and what follows them are seen."""
    if rotation.hours is None:
        return 8 * DAY, 16 * DAY
    return 3 * DAY, (4 if rotation.otherwise else 8) * DAY
