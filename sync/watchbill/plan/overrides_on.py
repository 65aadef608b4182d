"""The overrides of one schedule, of either kind, as its plan sees them."""

from __future__ import annotations

from collections.abc import Iterator

from watchbill.account.objects import Account, AnySchedule, Slot
from watchbill.account.wanted import Wanted
from watchbill.plan import words
from watchbill.plan.document import Notice
from watchbill.plan.overrides import OverridePlan, plan_overrides
from watchbill.plan.shift_state import Turned
from watchbill.rota.clock import Instant


def overrides_on(
    want: AnySchedule,
    current: AnySchedule | None,
    account: Account,
    state: Turned | None,
    wanted: Wanted,
    now: Instant,
) -> OverridePlan:
    """`state`: of a shift-based one, what its change makes of it."""
    live: tuple[Slot, ...] = ()
    if current is not None and state is None:
        live = account.overrides.get(current.id, ())
    elif current is not None and state is not None:
        live = (*account.shift_overrides.get(current.id, ()), *state.final.custom_shifts)
    final = state.final if state is not None else None
    return plan_overrides(want, current, live, wanted, now=now, final=final)


def too_many(want: AnySchedule, found: OverridePlan) -> Iterator[Notice]:
    if found.too_many:
        first = words.local(found.too_many[0].slot.start, want.time_zone)
        message = (
            f"{want.name}: {len(found.too_many)} derived overrides do not fit into the description and are "
            f"not made, the first from {first}"
        )
        hint = "they follow as earlier ones expire; a shorter description makes room"
        yield Notice(rule="too-many-derived", severity="warning", message=message, hint=hint)
