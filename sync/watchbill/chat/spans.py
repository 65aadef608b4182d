"""Rotations, lengths and shifts as people type them in chat, and local times as chat tells them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watchbill.chat.answer import Answer, refused
from watchbill.chat.context import Context
from watchbill.ladder.answers import handles_for
from watchbill.rota.clock import DAY, MINUTE, Zone, day_number, zone
from watchbill.rota.duty import Shift

_LENGTH = re.compile(r"^(\d{1,3})\s*(m|h|d|min|minutes?|hours?|days?)$")
_SECONDS = {"m": MINUTE, "h": 60 * MINUTE, "d": DAY}
LONGEST = 14 * DAY


@dataclass(frozen=True, slots=True)
class Stretch:
    rotation: str
    start: int
    end: int


def from_now(context: Context, command: str, words: Sequence[str]) -> Stretch | Answer:
    """`database 2h`: from the next full minute on; or what is unclear about it."""
    if len(words) < 2:
        return refused(f"what, and for how long? {command} database 2h")
    rotation, length = schedule_of(context, " ".join(words[:-1])), seconds_of(words[-1])
    if rotation is None:
        return refused(f"no rotation is called {' '.join(words[:-1])!r}; `who` lists every one")
    if not length or length > LONGEST:
        return refused(f"{words[-1]!r} is no length; write it like 30m, 2h or 1d, at most 14d")
    start = next_minute(context.now)
    return Stretch(rotation, start, sayable_end(start + length, zone(context.policy.zone_of(rotation))))


def schedule_of(context: Context, name: str) -> str | None:
    """The rotation whose schedule is meant: by handle, title or alias, by the domain it is primary of, through covers."""
    found = handles_for(context.policy, name) or []
    for handle in found[:1]:
        rotation: str | None = handle
        seen: set[str] = set()
        while rotation in context.policy.rotations and rotation not in seen:
            seen.add(rotation)
            cover = context.policy.rotations[rotation].covered_by
            if cover is None:
                return rotation
            rotation = cover
    return None


def seconds_of(text: str) -> int:
    """0 for what is no length."""
    found = _LENGTH.match(text.strip().lower())
    return int(found[1]) * _SECONDS[found[2][0]] if found else 0


def next_minute(now: int) -> int:
    return -(-now // MINUTE) * MINUTE


def local(at: int, where: Zone, between: str = " ") -> str:
    return where.at(at).strftime(f"%Y-%m-%d{between}%H:%M")


def instant(text: str, where: Zone) -> int:
    """Of `2026-11-23T16:00` there.  Raises ValueError."""
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M")  # noqa: DTZ007  a wall clock of the zone beside it
    return where.instant(day_number(moment.date()), moment.hour * 3600 + moment.minute * 60)


def sayable_end(end: int, where: Zone) -> int:
    """A wall clock that comes twice means the first time: an end in the second hour is put off until that is over."""
    while instant(local(end, where, "T"), where) < end:
        end += MINUTE
    return end


def span(shift: Shift, where: Zone) -> str:
    return f"{local(shift.start, where)} to {local(shift.end, where)}"


def next_shift(context: Context, rotation: str, person: str) -> Shift | None:
    """That has not begun yet."""
    shifts = context.roster.shifts(rotation, context.now, context.now + 366 * DAY)
    return next((s for s in shifts if s.person == person and s.start > context.now), None)


def holders(context: Context, rotation: str, start: int, end: int) -> list[str]:
    """Whose turns these are by the files, in order."""
    shifts = context.roster.shifts(rotation, start, end)
    return list(dict.fromkeys(shift.person for shift in shifts if shift.person is not None))
