"""One rotation before and after a change of the policy, turn by turn as people read it."""

from __future__ import annotations

from collections.abc import Iterable

from watchbill.model.base import NOBODY
from watchbill.model.policy import Policy
from watchbill.plan.document import Effects, ShiftEffect
from watchbill.plan.duty import Row, Stint, compared
from watchbill.plan.effects import effects_between
from watchbill.rota.clock import WEEK, Instant, iso
from watchbill.rota.duty import Roster
from watchbill.rota.handoffs import entries


def side_by_side(
    before: Policy, after: Policy, rotation: str, since: Instant, until: Instant, *, fallback: bool = False
) -> tuple[ShiftEffect, ...]:
    """The rotation's own duty; with `fallback` also whoever has the rest of the time.

    Shifts in a row with the same people on both sides are one row: a week of office hours is one turn.
    """
    sides = [_duty(Roster(policy), rotation, since, until, fallback=fallback) for policy in (before, after)]
    rows: list[Row] = []
    for row in compared(*sides):
        if rows and (rows[-1].before, rows[-1].after) == (row.before, row.after):
            rows[-1] = rows[-1]._replace(end=row.end)
        else:
            rows.append(row)
    return tuple(
        ShiftEffect(rotation=rotation, start=iso(r.start), end=iso(r.end), before=r.before, after=r.after)
        for r in rows
    )


def _duty(roster: Roster, rotation: str, since: Instant, until: Instant, *, fallback: bool) -> list[Stint]:
    if rotation not in roster.policy.rotations:
        return []
    shifts = roster.shifts(rotation, since, until)
    return [Stint(s.start, s.end, s.person or NOBODY) for s in shifts if fallback or s.because != "fallback"]


def full_rotation(
    before: Policy, after: Policy, rotation: str, at: Instant, until: Instant
) -> tuple[Instant, Instant]:
    """One full rotation on each side of a change that begins at `at` and ends, if it ever does, at `until`."""
    starts, ends = (
        [_turns(policy, rotation, mark, direction) for policy in (before, after)]
        for mark, direction in ((at, -1), (until, +1))
    )
    return min(starts), max(ends)


def _turns(policy: Policy, rotation: str, at: Instant, direction: int) -> Instant:
    """As many turns before or after `at` as the crew has places; four weeks where turns are not counted."""
    spec = policy.rotations[rotation]
    if spec.crew is None and spec.crews is None:
        return at + direction * 4 * WEEK
    dated = entries(policy, rotation)
    held = [e for e in dated if e.start < at or (direction > 0 and e.start == at)] or [dated[0]]
    entry = held[-1]
    if entry.grid is None or len(set(entry.order)) == 1:
        return at + direction * 4 * WEEK
    count = len(entry.order) * entry.each
    k = entry.grid.index_at(at)
    whole = 0 if entry.grid.start(k) == at or direction < 0 else 1
    found = entry.grid.start(k + direction * count + whole)
    return max(found, dated[0].start) if direction < 0 else found


def effects_on(before: Policy, after: Policy, now: Instant, at: Instant) -> Effects:
    """`effects_between`, also where the change begins long after now.  `at`: when it begins."""
    found = effects_between(before, after, now)
    if found.shifts or at <= now:
        return found
    later = effects_between(before, after, at - 1)
    return later.model_copy(update={"since": iso(now), "on_call_now": ()})


def rotations_changed(effects: Effects) -> Iterable[str]:
    return dict.fromkeys(s.rotation for s in effects.shifts if s.before != s.after)
