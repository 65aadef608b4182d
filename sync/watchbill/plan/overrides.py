"""Overrides of one schedule: which to make, which to take back, which are somebody else's.

PagerDuty gives an override no name and no owner.  A declared one is known by person and span, a derived one by
its hash in the schedule's marker, and every other one is foreign: never touched, never covered by a derived one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from watchbill.account.digest import override_hash
from watchbill.account.layers import Compiled
from watchbill.account.marker import DERIVED_AT_MOST, LIMIT, join_description
from watchbill.account.objects import AnySchedule, Marker, OverrideSlot, ShiftSchedule, Slot
from watchbill.account.wanted import Wanted
from watchbill.account.wanted_slots import WantedOverride
from watchbill.plan.document import Class
from watchbill.plan.shift_slots import hashes_of, in_the_way, is_part_of, pieces_left, standing_in
from watchbill.plan.shift_state import with_slots
from watchbill.rota.spans import complement, union

_HASH_AND_BLANK = 7
LEAVING = "-"

LISTED = "derived overrides listed"
"""What a plan calls the change of the list in the marker."""


@dataclass(frozen=True, slots=True)
class OverridePlan:
    create: tuple[tuple[WantedOverride, Class], ...] = ()
    delete: tuple[tuple[Slot, bool, Class], ...] = ()
    """Slot, whether it was derived, and why."""
    stays: tuple[Slot, ...] = ()
    """Ours, in the order they were made."""
    foreign: tuple[Slot, ...] = ()
    listed: tuple[str, ...] = ()
    """Hashes for the marker: what is kept and made; with a minus, what is not yet taken back.

    So when one of these is gone and wanted again, nobody is told that somebody deleted it.
    """
    too_many: tuple[WantedOverride, ...] = ()


def plan_overrides(
    want: AnySchedule,
    current: AnySchedule | None,
    live: Sequence[Slot],
    wanted: Wanted,
    *,
    now: int,
    final: ShiftSchedule | None = None,
) -> OverridePlan:
    """`live`: what the account has on it, in order of creation.  `final`: a shift-based one once it is changed."""
    key = want.key
    marker = current.marker if current is not None else None
    listed = frozenset(marker.derived) if marker is not None else frozenset()
    leaving = {one[1:] for one in listed if one.startswith(LEAVING)}
    knowing = _Knowing(key, marker.key if marker is not None else key, now, final, listed | leaving)
    whose = _whose([slot for slot in live if slot.end > now], wanted, knowing)
    class_of = _class_of_derived(key, listed, marker, wanted, is_new=current is None)
    asked = wanted.overrides.get(key, ())
    create: list[tuple[WantedOverride, Class]] = []
    missing: list[tuple[WantedOverride, Class]] = []
    kept: list[Slot] = []
    for wishes in _duty_first(asked):
        create += [
            (wish, "pending")
            for wish in wishes
            if not wish.derived and knowing.find(wish.slot, whose.known) is None
        ]
        more, found = _derived([o for o in wishes if o.derived], whose, knowing, class_of)
        knowing = _on_new_duty(knowing, [*create, *more], found, whose)
        missing, kept = [*missing, *more], [*kept, *found]
    dropped = [slot for slot in whose.ours if slot not in kept]
    staying, going = ({knowing.hash_of(slot): slot for slot in slots} for slots in (kept, dropped))
    room = _room(want) - len(staying) - math.ceil(len(going) * (1 + 1 / _HASH_AND_BLANK))
    create, too_many = _within_room([*create, *missing], room)
    hashes = [
        *staying,
        *(LEAVING + gone for gone in going),
        *(override_hash(key, wish.slot) for wish, _ in create if wish.derived),
    ]
    return OverridePlan(
        create=tuple(create),
        delete=(
            *((slot, False, "pending") for slot in whose.taken_back),
            *((slot, True, _class_of_dropped(slot, marker, key, wanted)) for slot in dropped),
        ),
        stays=tuple(s for s in whose.running if s in whose.known or s in kept),
        foreign=tuple(whose.foreign),
        listed=tuple(dict.fromkeys(hashes)),
        too_many=tuple(too_many),
    )


def _duty_first(asked: Sequence[WantedOverride]) -> tuple[list[WantedOverride], list[WantedOverride]]:
    """Duty beside the turns first: an override may stand on it."""
    beside = [wish for wish in asked if wish.slot.kind == "custom_shift"]
    return beside, [wish for wish in asked if wish.slot.kind != "custom_shift"]


def _on_new_duty(
    knowing: _Knowing, made: Sequence[tuple[WantedOverride, Class]], kept: Sequence[Slot], whose: _Whose
) -> _Knowing:
    """With the duty beside the turns as it will be: what stood on a custom shift goes with it."""
    if knowing.final is None:
        return knowing
    gone = [slot for slot in (*whose.ours, *whose.taken_back) if slot.kind == "custom_shift"]
    final = with_slots(
        knowing.final, [wish.slot for wish, _ in made], [slot for slot in gone if slot not in kept]
    )
    return replace(knowing, final=final)


@dataclass(frozen=True, slots=True)
class _Knowing:
    """How one override is known again on this schedule."""

    key: str
    listed_under: str
    """The key in the marker: another one until a rename is written."""
    now: int
    final: ShiftSchedule | None
    hashes: frozenset[str]
    """In the marker, those that are leaving too."""

    def same(self, left: Slot, right: Slot) -> bool:
        starts = (max(left.start, self.now), max(right.start, self.now))
        return left.place == right.place and left.end == right.end and starts[0] == starts[1]

    def find(self, slot: Slot, among: Sequence[Slot]) -> tuple[Slot, ...] | None:
        if self.final is not None:
            return standing_in(self.final, slot, among, self.now)
        return tuple(one for one in among if self.same(one, slot))[:1] or None

    def is_listed(self, slot: Slot) -> bool:
        return not self.hashes.isdisjoint(self._ways(self.listed_under, slot))

    def hash_of(self, slot: Slot) -> str:
        """To list it by from now on."""
        ways = zip(self._ways(self.listed_under, slot), self._ways(self.key, slot), strict=True)
        return next((now for then, now in ways if then in self.hashes), override_hash(self.key, slot))

    def _ways(self, key: str, slot: Slot) -> tuple[str, ...]:
        return hashes_of(key, slot) if self.final is not None else (override_hash(key, slot),)


@dataclass(frozen=True, slots=True)
class _Whose:
    """The live ones: declared, declared no more, derived, and somebody else's."""

    running: list[Slot]
    known: list[Slot]
    taken_back: list[Slot]
    ours: list[Slot]
    foreign: list[Slot]


def _whose(running: list[Slot], wanted: Wanted, knowing: _Knowing) -> _Whose:
    key, same = knowing.key, knowing.same
    declared = [o.slot for o in wanted.overrides.get(key, ()) if not o.derived]
    whole = wanted.declared.get(key, ()) if knowing.final is not None else ()
    cancelled = wanted.cancelled.get(key, ())
    left = _left_of(cancelled, running, knowing)
    known, taken_back, ours, foreign = [], [], [], []
    for slot in running:
        if any(same(slot, o) for o in declared) or is_part_of(slot, whole, knowing.now):
            known.append(slot)
        elif slot in left or any(_takes_back(c, slot, same) for c in cancelled):
            taken_back.append(slot)
        elif knowing.is_listed(slot):
            ours.append(slot)
        else:
            foreign.append(slot)
    return _Whose(running, known, taken_back, ours, foreign)


def _left_of(cancelled: Sequence[Slot], running: Sequence[Slot], knowing: _Knowing) -> list[Slot]:
    """Pieces of overrides that are taken back on a shift-based schedule."""
    if knowing.final is None:
        return []
    may_be = [slot for slot in running if not knowing.is_listed(slot)]
    wholes = [slot for slot in cancelled if isinstance(slot, OverrideSlot)]
    return [slot for whole in wholes for slot in pieces_left(whole, may_be, knowing.now)]


def _derived(
    wishes: Sequence[WantedOverride],
    whose: _Whose,
    knowing: _Knowing,
    class_of: Callable[[Slot, Slot], Class],
) -> tuple[list[tuple[WantedOverride, Class]], list[Slot]]:
    """Those to make, around other people's; and those that are there."""
    missing: list[tuple[WantedOverride, Class]] = []
    kept: list[Slot] = []

    def alike(slot: Slot) -> list[Slot]:
        """Also one on a rotation whose events went elsewhere: it does no harm, and is listed by the same hash."""
        return [one for one in whose.ours if knowing.same(one, slot)]

    for wish in wishes:
        there = knowing.find(wish.slot, whose.ours)
        if there is not None:
            kept += [*there, *alike(wish.slot)]
            continue
        for slot in _around(wish.slot, in_the_way(wish.slot, whose.foreign)):
            part = knowing.find(slot, whose.ours)
            kept += [*(part or ()), *alike(slot)]
            if part is None:
                made = WantedOverride(slot, wish.person, derived=True)
                missing.append((made, class_of(slot, wish.slot)))
    return missing, kept


def _takes_back(cancelled: Slot, slot: Slot, same: Callable[[Slot, Slot], bool]) -> bool:
    """Also what PagerDuty's upgrade made of it: the same person for the same span, whomever it replaces."""
    upgraded = slot.kind == "shift_override" and cancelled.kind == "override"
    span = OverrideSlot(user=slot.user, start=slot.start, end=slot.end)
    return same(slot, cancelled) or (upgraded and same(span, cancelled))


def _around(slot: Slot, foreign: Sequence[Slot]) -> list[Slot]:
    taken = union((other.start, other.end) for other in foreign)
    free = complement(taken, slot.start, slot.end)
    return [slot.model_copy(update={"start": start, "end": end}) for start, end in free]


def _class_of_derived(
    key: str, listed: frozenset[str], marker: Marker | None, wanted: Wanted, *, is_new: bool
) -> Callable[[Slot, Slot], Class]:
    """Listed and gone: somebody deleted it.  Not wanted when the schedule was written: time brought it."""

    def classify(slot: Slot, whole: Slot) -> Class:
        """`slot` is what foreign overrides leave of the `whole` one."""
        if is_new or marker is None or not marker.at:
            return "pending"
        if override_hash(marker.key, slot) in listed:
            return "drift"
        return "pending" if _wanted_then(whole, marker, key, wanted) else "upkeep"

    return classify


def _class_of_dropped(slot: Slot, marker: Marker | None, key: str, wanted: Wanted) -> Class:
    if marker is None or not marker.at:
        return "pending"
    return "upkeep" if _wanted_then(slot, marker, key, wanted) else "pending"


def _wanted_then(slot: Slot, marker: Marker, key: str, wanted: Wanted) -> bool:
    then = wanted.wanted_at(key, marker.at)
    if then is None:
        return False
    derived: tuple[Slot, ...] = ()
    if isinstance(then, Compiled):
        derived = then.derived
    else:
        derived = (*then.custom_shifts, *then.derived.overrides, *then.derived.custom_shifts)
    return any(
        slot.place == other.place
        and slot.end == other.end
        and max(slot.start, marker.at) == max(other.start, marker.at)
        for other in derived
    )


def _room(want: AnySchedule) -> int:
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
