"""Who is on duty per rotation, as comparable pieces: from the account's layers, and from the policy."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from watchbill.account.canon import live_layers
from watchbill.account.layers import for_rendering
from watchbill.account.objects import OverrideSlot, Schedule, Slot
from watchbill.rota.clock import Instant
from watchbill.rota.duty import Roster
from watchbill.rota.entries import Entry
from watchbill.rota.layers import render_layers

_DECLARED = "declared "


class Stint(NamedTuple):
    """Disjoint and sorted in a list; nobody = no stint."""

    start: Instant
    end: Instant
    who: str
    """Several at once are joined by " + "."""
    declared: bool = False
    """By an override that the policy declares."""


class Row(NamedTuple):
    start: Instant
    end: Instant
    before: str | None
    after: str | None
    declared: bool
    """What comes after is a declared override."""

    @property
    def differs(self) -> bool:
        return self.before != self.after


def of_schedule(
    schedule: Schedule,
    overrides: Sequence[OverrideSlot],
    user: Callable[[str], str],
    since: Instant,
    until: Instant,
    declared: Collection[Slot] = (),
) -> list[Stint]:
    """As PagerDuty renders it; `user`: vendor id -> what people call that user."""
    drawn = render_layers(
        for_rendering(live_layers(schedule, since), since),
        [Entry(s.start, s.end, (_DECLARED if s in declared else "") + s.user) for s in overrides],
        schedule.time_zone,
        since,
        until,
    )
    stints = [(e.start, e.end, e.user, e.user.startswith(_DECLARED)) for e in drawn if e.user is not None]
    return together([Stint(a, b, user(who.removeprefix(_DECLARED)), meant) for a, b, who, meant in stints])


def of_roster(roster: Roster, rotation: str, since: Instant, until: Instant) -> list[Stint]:
    shifts = roster.shifts(rotation, since, until)
    return together(
        [Stint(s.start, s.end, s.person, s.because == "override") for s in shifts if s.person is not None]
    )


def compared(before: Sequence[Stint], after: Sequence[Stint]) -> list[Row]:
    """Side by side, joined where nothing changes hands; stretches without anybody on either side left out."""
    marks = sorted({mark for stint in (*before, *after) for mark in (stint.start, stint.end)})
    rows: list[Row] = []
    i = j = 0
    for start, end in pairwise(marks):
        while i < len(before) and before[i].end <= start:
            i += 1
        while j < len(after) and after[j].end <= start:
            j += 1
        old = before[i] if i < len(before) and before[i].start <= start else None
        new = after[j] if j < len(after) and after[j].start <= start else None
        if old is None and new is None:
            continue
        row = Row(start, end, old and old.who, new and new.who, new is not None and new.declared)
        last = rows[-1] if rows else None
        if last is not None and last.end == start and last[2:] == row[2:]:
            rows[-1] = last._replace(end=end)
        else:
            rows.append(row)
    return rows


def joined(rows: Iterable[Row]) -> list[Row]:
    """Without regard to why."""
    found: list[Row] = []
    for row in rows:
        last = found[-1] if found else None
        if (
            last is not None
            and last.end == row.start
            and (last.before, last.after) == (row.before, row.after)
        ):
            found[-1] = last._replace(end=row.end)
        else:
            found.append(row._replace(declared=False))
    return found


def together(stints: Sequence[Stint]) -> list[Stint]:
    """Parallel stints become one with all the names."""
    if all(left.end <= right.start for left, right in pairwise(stints)):
        return list(stints)
    marks = sorted({mark for stint in stints for mark in (stint.start, stint.end)})
    found = []
    for start, end in pairwise(marks):
        here = [s for s in stints if s.start <= start < s.end]
        if here:
            who = " + ".join(sorted({s.who for s in here}))
            found.append(Stint(start, end, who, any(s.declared for s in here)))
    return found
