"""Overrides and custom shifts that the policy wants on one schedule, and those that it takes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from watchbill.account.layers import Compiled
from watchbill.account.objects import (
    CustomShiftSlot,
    OverrideSlot,
    ShiftOverrideSlot,
    ShiftRotation,
    ShiftSource,
    Slot,
)
from watchbill.account.shifts import CompiledShifts
from watchbill.account.sources import duty_in
from watchbill.model.policy import Policy
from watchbill.rota.duty import override_span
from watchbill.rota.spans import Span, complement, union


@dataclass(frozen=True, slots=True)
class WantedOverride:
    slot: Slot
    person: str
    """"" leaves a place vacant."""
    derived: bool = False
    """Known by its hash in the marker, and taken back when the policy no longer says so."""


@dataclass(frozen=True, slots=True)
class WantedSlots:
    """Running and future ones."""

    wanted: tuple[WantedOverride, ...] = ()
    declared: tuple[OverrideSlot, ...] = ()
    """The policy's overrides, whole as it says them."""
    cancelled: tuple[Slot, ...] = ()


def slots_on_layers(
    policy: Policy, handle: str, users: Mapping[str, str], compiled: Compiled, now: int
) -> WantedSlots:
    declared, cancelled = _of_policy(policy, handle, users, now)
    return _slots(users, declared, cancelled, declared, compiled.derived, now)


def slots_on_shifts(
    policy: Policy, handle: str, users: Mapping[str, str], compiled: CompiledShifts, now: int
) -> WantedSlots:
    """Duty that the policy lists is known by its hash too: a custom shift has no owner either."""
    declared, cancelled = _of_policy(policy, handle, users, now)
    pieces = [p for slot in cancelled for p in _pieces(compiled.rotations, slot, now)]
    ours: tuple[Slot, ...] = (*compiled.declared.overrides, *compiled.declared.custom_shifts)
    derived: tuple[Slot, ...] = (
        *compiled.custom_shifts,
        *compiled.derived.overrides,
        *compiled.derived.custom_shifts,
    )
    return _slots(users, declared, (*cancelled, *pieces), ours, derived, now)


def _slots(
    users: Mapping[str, str],
    declared: Iterable[OverrideSlot],
    cancelled: Iterable[Slot],
    ours: Iterable[Slot],
    derived: Iterable[Slot],
    now: int,
) -> WantedSlots:
    handles = {user: name for name, user in users.items()} | {"": ""}
    found = [WantedOverride(slot, handles[slot.user]) for slot in ours if slot.end > now]
    found += [WantedOverride(slot, handles[slot.user], derived=True) for slot in derived if slot.end > now]
    in_order = sorted(found, key=lambda o: (o.slot.start, o.slot.end, o.slot.user))
    return WantedSlots(tuple(in_order), tuple(declared), tuple(cancelled))


def _of_policy(
    policy: Policy, handle: str, users: Mapping[str, str], now: int
) -> tuple[list[OverrideSlot], list[OverrideSlot]]:
    """Declared, and taken back."""
    declared: list[OverrideSlot] = []
    cancelled: list[OverrideSlot] = []
    for override in policy.overrides:
        start, end = override_span(policy, override)
        if override.rotation == handle and end > now:
            slot = OverrideSlot(user=users[override.person], start=start, end=end)
            (cancelled if override.cancelled else declared).append(slot)
    return declared, cancelled


def _pieces(rotations: Iterable[ShiftRotation], slot: OverrideSlot, now: int) -> Iterator[Slot]:
    """What a declared override of that span is made of: one for each member whose duty it touches, and custom
    shifts where nobody's is."""
    start, end = max(slot.start, now), slot.end
    all_duty: list[Span] = []
    for rotation in rotations:
        for member in dict.fromkeys(m for event in rotation.events for m in event.members):
            duty = duty_in(rotation, member, start, end)
            all_duty += duty
            for low, high in duty:
                yield ShiftOverrideSlot(
                    source=ShiftSource(kind="rotation", key=rotation.key),
                    instead_of=member,
                    user=slot.user,
                    start=low,
                    end=high,
                )
    for low, high in complement(union(all_duty), start, end):
        yield CustomShiftSlot(user=slot.user, start=low, end=high)
