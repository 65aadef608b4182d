"""Overrides of one schedule: which to make, which to take back, which are somebody else's.

PagerDuty gives an override no name and no owner.  A declared one is known by person and span, a derived one by
its hash in the schedule's marker, and every other one is foreign: never touched, never covered by a derived one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from watchbill.account.digest import override_hash
from watchbill.account.marker import DERIVED_AT_MOST, LIMIT, join_description
from watchbill.account.objects import Marker, OverrideSlot, Schedule
from watchbill.account.wanted import Wanted, WantedOverride
from watchbill.plan.document import Class
from watchbill.rota.spans import complement, union

_HASH_AND_BLANK = 7
LEAVING = "-"

LISTED = "derived overrides listed"
"""What a plan calls the change of the list in the marker."""


@dataclass(frozen=True, slots=True)
class OverridePlan:
    create: tuple[tuple[WantedOverride, Class], ...] = ()
    delete: tuple[tuple[OverrideSlot, bool, Class], ...] = ()
    """Slot, whether it was derived, and why."""
    foreign: tuple[OverrideSlot, ...] = ()
    listed: tuple[str, ...] = ()
    """Hashes for the marker: what is kept and made; with a minus, what is not yet taken back.

    So when one of these is gone and wanted again, nobody is told that somebody deleted it.
    """
    too_many: tuple[WantedOverride, ...] = ()


@dataclass(slots=True)
class _Sorting:
    create: list[tuple[WantedOverride, Class]] = field(default_factory=list)
    kept: list[OverrideSlot] = field(default_factory=list)


def plan_overrides(
    want: Schedule, current: Schedule | None, live: Sequence[OverrideSlot], wanted: Wanted, *, now: int
) -> OverridePlan:
    """`live`: what the account has on it, in order of creation."""
    key = want.key
    asked = wanted.overrides.get(key, ())
    cancelled = wanted.cancelled.get(key, ())
    marker = current.marker if current is not None else None
    listed = frozenset(marker.derived) if marker is not None else frozenset()
    leaving = frozenset(one[1:] for one in listed if one.startswith(LEAVING))
    running = [slot for slot in live if slot.end > now]

    def same(left: OverrideSlot, right: OverrideSlot) -> bool:
        starts = (max(left.start, now), max(right.start, now))
        return left.user == right.user and left.end == right.end and starts[0] == starts[1]

    def find(slot: OverrideSlot, among: Sequence[OverrideSlot]) -> OverrideSlot | None:
        return next((one for one in among if same(one, slot)), None)

    declared = [o for o in asked if not o.derived]
    known = [slot for slot in running if any(same(slot, o.slot) for o in declared)]
    taken_back = [slot for slot in running if any(same(slot, c) for c in cancelled) and slot not in known]
    claimed = [s for s in running if override_hash(key, s) in listed | leaving]
    ours = [s for s in claimed if s not in known and s not in taken_back]
    foreign = [s for s in running if s not in known and s not in taken_back and s not in ours]

    sorting = _Sorting()
    for wish in declared:
        if find(wish.slot, known) is None:
            sorting.create.append((wish, "pending"))
    class_of = _class_of_derived(key, listed, marker, wanted, is_new=current is None)
    for wish in (o for o in asked if o.derived):
        whole = find(wish.slot, ours)
        if whole is not None:
            sorting.kept.append(whole)
            continue
        for slot in _around(wish.slot, foreign):
            part = find(slot, ours)
            if part is not None:
                sorting.kept.append(part)
            else:
                made = WantedOverride(slot, wish.person, derived=True)
                sorting.create.append((made, class_of(slot, wish.slot)))
    dropped = [slot for slot in ours if slot not in sorting.kept]
    room = _room(want) - len(sorting.kept) - math.ceil(len(dropped) * (1 + 1 / _HASH_AND_BLANK))
    create, too_many = _within_room(sorting.create, room)
    hashes = [
        *(override_hash(key, slot) for slot in sorting.kept),
        *(LEAVING + override_hash(key, slot) for slot in dropped),
        *(override_hash(key, wish.slot) for wish, _ in create if wish.derived),
    ]
    return OverridePlan(
        create=tuple(create),
        delete=(
            *((slot, False, "pending") for slot in taken_back),
            *((slot, True, _class_of_dropped(slot, marker, key, wanted)) for slot in dropped),
        ),
        foreign=tuple(foreign),
        listed=tuple(dict.fromkeys(hashes)),
        too_many=tuple(too_many),
    )


def _around(slot: OverrideSlot, foreign: Sequence[OverrideSlot]) -> list[OverrideSlot]:
    taken = union((other.start, other.end) for other in foreign)
    free = complement(taken, slot.start, slot.end)
    return [OverrideSlot(user=slot.user, start=start, end=end) for start, end in free]


def _class_of_derived(
    key: str, listed: frozenset[str], marker: Marker | None, wanted: Wanted, *, is_new: bool
) -> Callable[[OverrideSlot, OverrideSlot], Class]:
    """Listed and gone: somebody deleted it.  Not wanted when the schedule was written: time brought it."""

    def classify(slot: OverrideSlot, whole: OverrideSlot) -> Class:
        """`slot` is what foreign overrides leave of the `whole` one."""
        if is_new or marker is None or not marker.at:
            return "pending"
        if override_hash(key, slot) in listed:
            return "drift"
        return "pending" if _wanted_then(whole, marker, key, wanted) else "upkeep"

    return classify


def _class_of_dropped(slot: OverrideSlot, marker: Marker | None, key: str, wanted: Wanted) -> Class:
    if marker is None or not marker.at:
        return "pending"
    return "upkeep" if _wanted_then(slot, marker, key, wanted) else "pending"


def _wanted_then(slot: OverrideSlot, marker: Marker, key: str, wanted: Wanted) -> bool:
    then = wanted.wanted_at(key, marker.at)
    return then is not None and any(slot.match == other.match for other in then.derived)


def _room(want: Schedule) -> int:
    bare = Marker(key=want.key, digest="0" * 6, at=0, derived=("0" * 6,))
    left = LIMIT - len(join_description(want.description, bare))
    return max(0, min(DERIVED_AT_MOST, 1 + left // _HASH_AND_BLANK))


def _within_room(
    create: Sequence[tuple[WantedOverride, Class]], room: int
) -> tuple[list[tuple[WantedOverride, Class]], list[WantedOverride]]:
    """The earliest derived ones first; declared ones need no room."""
    fits, refused = [], []
    for wish, why in sorted(
        create, key=lambda pair: (pair[0].slot.start, pair[0].slot.end, pair[0].slot.user)
    ):
        if wish.derived and room <= 0:
            refused.append(wish)
            continue
        room -= wish.derived
        fits.append((wish, why))
    return fits, refused
