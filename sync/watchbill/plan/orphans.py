"""Other people's overrides that a change would leave hanging: of a person who is not on duty any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from watchbill.account.objects import ShiftOverrideSlot, ShiftRotation
from watchbill.account.sources import duty_in
from watchbill.model.base import NOBODY
from watchbill.plan import words
from watchbill.plan.document import Change
from watchbill.plan.fields import Names
from watchbill.plan.overrides import OverridePlan
from watchbill.plan.shift_state import Turned
from watchbill.plan.waivers import Raised
from watchbill.rota.clock import Instant
from watchbill.rota.spans import Span, complement, intersect

OVERRIDE_ORPHANED = "override-orphaned"


def orphaned(
    changes: Sequence[Change],
    turned: Mapping[str, Turned],
    overrides: Mapping[str, OverridePlan],
    names: Names,
    now: Instant,
) -> list[Raised]:
    lines = list(_orphans(changes, turned, overrides, names, now))
    if not lines:
        return []
    what = "an override that somebody made" if len(lines) == 1 else f"{len(lines)} overrides that others made"
    message = f"{what} would replace nobody any more: {'; '.join(lines)}"
    remedy = "let the change start later, or have it made anew for whoever serves then"
    return [(OVERRIDE_ORPHANED, message, remedy)]


def _orphans(
    changes: Sequence[Change],
    turned: Mapping[str, Turned],
    overrides: Mapping[str, OverridePlan],
    names: Names,
    now: Instant,
) -> Iterator[str]:
    """An override of a shift-based schedule stands on one member of one rotation."""
    for change in changes:
        state = turned.get(change.key)
        if change.kind != "schedule" or state is None or state.before is None:
            continue
        plan = overrides.get(change.key)
        for slot in plan.foreign if plan is not None else ():
            lost = _lost(state, slot, now) if isinstance(slot, ShiftOverrideSlot) else []
            if lost and isinstance(slot, ShiftOverrideSlot):
                who = names.user(slot.user) if slot.user else NOBODY
                whom = names.user(slot.instead_of) if slot.instead_of else NOBODY
                when = words.span(lost[0][0], lost[-1][1], state.final.time_zone)
                yield f"{change.name}: {who} for {whom}, {when}"


def _lost(state: Turned, slot: ShiftOverrideSlot, now: Instant) -> list[Span]:
    """Duty within the override that its member has today and has no more after the change."""
    assert state.before is not None
    had, has = (_duty(rotations, slot, now) for rotations in (state.before.rotations, state.final.rotations))
    return intersect(had, complement(has, max(slot.start, now), slot.end))


def _duty(rotations: Sequence[ShiftRotation], slot: ShiftOverrideSlot, now: Instant) -> list[Span]:
    mine = (r for r in rotations if r.id and r.id == slot.source.id)
    return [s for r in mine for s in duty_in(r, slot.instead_of, max(slot.start, now), slot.end)]
