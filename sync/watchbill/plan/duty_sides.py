"""Who is on duty by one schedule before a plan is written, and after it, as the account renders both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from watchbill.account.objects import (
    Account,
    AnySchedule,
    OverrideSlot,
    Schedule,
    ShiftOverrideSlot,
    ShiftSchedule,
)
from watchbill.plan.document import Change, OverrideWrite
from watchbill.plan.duty import Stint, of_roster, of_schedule
from watchbill.plan.fields import Names
from watchbill.plan.overrides import OverridePlan
from watchbill.plan.shift_state import Turned, of_shifts, on_sources, with_slots
from watchbill.rota.clock import Instant
from watchbill.rota.duty import Roster

Side = Callable[[Instant, Instant], list[Stint]]


def only(plan: OverridePlan, key: str, changes: Sequence[Change]) -> OverridePlan:
    """What of it the changes make."""
    writes = {
        (c.action, c.want.slot)
        for c in changes
        if isinstance(c.want, OverrideWrite) and c.want.schedule_key == key
    }
    return replace(
        plan,
        create=tuple(one for one in plan.create if ("create", one[0].slot) in writes),
        delete=tuple(one for one in plan.delete if ("delete", one[0]) in writes),
    )


def before(old: AnySchedule | None, account: Account, names: Names) -> Side:
    if old is None:
        return lambda since, until: []
    if isinstance(old, ShiftSchedule):
        live = account.shift_overrides.get(old.id, ())
        return lambda since, until: of_shifts(old, live, names.user, since, until)
    slots = account.overrides.get(old.id, ())
    return lambda since, until: of_schedule(old, slots, names.user, since, until)


def after_layers(schedule: Schedule, live: Sequence[OverrideSlot], plan: OverridePlan, names: Names) -> Side:
    gone = [slot for slot, _, _ in plan.delete]
    made = [(w.slot, w.derived) for w, _ in plan.create if isinstance(w.slot, OverrideSlot)]
    slots = [*(slot for slot in live if slot not in gone), *(slot for slot, _ in made)]
    declared = {slot for slot, derived in made if not derived}
    return lambda since, until: of_schedule(schedule, slots, names.user, since, until, declared)


def after_deletion(roster: Roster, rotation: str) -> Side:
    """Another rotation may cover this one from now on."""
    if rotation not in roster.policy.rotations:
        return lambda since, until: []
    return lambda since, until: of_roster(roster, rotation, since, until)


def after_shifts(state: Turned, plan: OverridePlan, names: Names) -> Side:
    """What runs gives way a little later than the policy says, and an override replaces one person alone: so drawn."""
    final = with_slots(
        state.final, [wish.slot for wish, _ in plan.create], [slot for slot, _, _ in plan.delete]
    )
    made = {True: list[ShiftOverrideSlot](), False: list[ShiftOverrideSlot]()}
    for wish, _ in plan.create:
        if isinstance(wish.slot, ShiftOverrideSlot):
            made[wish.derived] += on_sources(final, wish.slot)
    stays = [s for s in (*plan.stays, *plan.foreign) if isinstance(s, ShiftOverrideSlot)]
    placed = [*stays, *made[True], *made[False]]
    declared = {*made[False], *(w.slot for w, _ in plan.create if not w.derived)}
    return lambda since, until: of_shifts(final, placed, names.user, since, until, declared)
