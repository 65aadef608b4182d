"""Rotations, lengths and shifts as people type them in chat, and local times as chat tells them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.chat.answer import Answer, Button, refused
from watchbill.chat.context import Context
from watchbill.errors import UsageError
from watchbill.ladder.stands_for import Named, also_served, named, title_of
from watchbill.model.text import Duration, LocalTime
from watchbill.report.served import served_lines
from watchbill.rota.clock import DAY, MINUTE, Zone, zone
from watchbill.rota.dated import end_after, wall, wall_text
from watchbill.rota.duty import Shift
from watchbill.rota.spans import Span

FLAGS = ("--yes", "--only")
_DAYS = re.compile(r"^(\d+) ?d$")

LONGEST = 366 * DAY
"""What is beyond `chat.longest` waits for a merge."""


@dataclass(frozen=True, slots=True)
class Stretch:
    rotation: str
    start: int
    end: int
    also: tuple[str, ...] = ()
    """What else the schedule serves in that time, as lines."""


def from_now(context: Context, command: str, words: Sequence[str]) -> Stretch | Answer:
    """`database 2h`: from the next full minute on; or what is unclear about it, or a question."""
    said = [word for word in words if word not in FLAGS]
    if len(said) < 2:
        return refused(f"what, and for how long? {command} database 2h")
    asked = schedule_named(context, " ".join(said[:-1]))
    if isinstance(asked, Answer):
        return asked
    length = length_of(said[-1])
    if length is None or not 0 < length.seconds <= LONGEST:
        return refused(f"{said[-1]!r} is no length; write it like 30m, 2h or 1d, at most 366d")
    start = next_minute(context.now)
    end = end_after(start, length, zone(context.policy.zone_of(asked.rotation)))
    also = agreed(context, asked, (start, end), shlex.join([command, *said]), words)
    return also if isinstance(also, Answer) else Stretch(asked.rotation, start, end, also)


def schedule_named(context: Context, name: str) -> Named | Answer:
    """The schedule that is paged for a rotation or a domain: by handle, title or alias."""
    try:
        found = named(context.policy, name)
    except UsageError as error:
        return refused(f"{error.message}; {error.remedy}")
    return (
        refused(f"no rotation or domain is called {name!r}; `who` lists every one")
        if found is None
        else found
    )


def agreed(
    context: Context, asked: Named, span: Span, typed: str, words: Sequence[str]
) -> tuple[str, ...] | Answer:
    """What else the schedule serves; a question with a button where that is more than was named.

    `typed`: what the button repeats."""
    policy = context.policy
    served = also_served(policy, asked, span)
    lines = tuple(served_lines(policy, served, asked.rotation, span))
    if not lines or "--yes" in words or (asked.is_schedule and "--only" not in words):
        return lines
    title, schedule = title_of(policy, asked.kind, asked.said), policy.title_of(asked.rotation)
    if "--only" in words:
        return Answer(
            f"refused: more than {title} would be affected; {schedule} also serves:",
            table="\n".join(lines),
            failed=True,
        )
    return Answer(
        f"{title} is served by {schedule}, which also serves what is below. Nothing is changed yet. All of it?",
        table="\n".join(lines),
        buttons=(Button("Yes, all of it", f"{typed} --yes", "go"),),
    )


def length_of(text: str) -> Duration | None:
    """None for text that is no length.  `1d` is short for `1 day`."""
    try:
        return Duration.parse(_DAYS.sub(r"\1 days", text.strip().lower()))
    except ValueError:
        return None


def next_minute(now: int) -> int:
    return -(-now // MINUTE) * MINUTE


def local(at: int, where: Zone, between: str = " ") -> str:
    """2026-11-23 16:00; the second of two equal times ends in ` 2nd`, or `-2nd` in one word."""
    day, _, clock = wall_text(at, where).partition(" ")
    return f"{day}{between}{clock if between == ' ' else clock.replace(' ', '-')}"


def spoken(text: str) -> str:
    """A time in one word as the YAML has it: 2026-11-23T16:00 -> 2026-11-23 16:00."""
    return text.replace("T", " ", 1).replace("-2nd", " 2nd")


def instant(text: str, where: Zone) -> int:
    """Of `2026-11-23T16:00` there.  Raises ValueError."""
    return wall(LocalTime.parse(spoken(text)).text, where.name)


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
