"""How overrides and custom shifts of a shift-based schedule are recognised.

PagerDuty's upgrade makes one override for each member of each rotation out of one, with the span it had; a
change of events may leave one on a rotation whose member now serves in another.  So a wanted one is there if,
wherever its member has duty, one with these two people covers its span.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from watchbill.account.digest import override_hash
from watchbill.account.objects import OverrideSlot, ShiftOverrideSlot, ShiftSchedule, Slot
from watchbill.account.sources import sources_at
from watchbill.rota.clock import Instant


def standing_in(
    final: ShiftSchedule, slot: Slot, among: Iterable[Slot], now: Instant
) -> tuple[Slot, ...] | None:
    """Those that do what `slot` is to do; None where one is missing."""
    near = [one for one in among if one.place == slot.place and covers(one, slot, now)]
    if not isinstance(slot, ShiftOverrideSlot):
        exact = [one for one in near if one.end == slot.end and max(one.start, now) == max(slot.start, now)]
        return tuple(exact[:1]) or None
    found: list[Slot] = []
    for source in sources_at(final, slot):
        on_it = [
            o for o in near if isinstance(o, ShiftOverrideSlot) and source.id and o.source.id == source.id
        ]
        if not on_it:
            return None
        found += on_it
    return tuple(found)


def covers(one: Slot, slot: Slot, now: Instant) -> bool:
    return max(one.start, now) <= max(slot.start, now) and one.end >= slot.end


def is_part_of(slot: Slot, declared: Iterable[OverrideSlot], now: Instant) -> bool:
    """A declared override is several here; one of a former crew's members stays with it and does no harm."""
    return any(whole.user == slot.user and covers(whole, slot, now) for whole in declared)


def pieces_left(whole: OverrideSlot, slots: Iterable[Slot], now: Instant) -> list[Slot]:
    """What is left of a declared override that was made of several, though turns or crews moved since: the same
    person within its span, from one of its ends on or where another piece ends or begins."""
    near = [s for s in slots if s.kind != "override" and s.user == whole.user and covers(whole, s, now)]
    ends, starts = {max(whole.start, now)}, {whole.end}
    found: list[Slot] = []
    while more := [s for s in near if s not in found and (max(s.start, now) in ends or s.end in starts)]:
        found += more
        ends |= {slot.end for slot in more}
        starts |= {max(slot.start, now) for slot in more}
    return found


def hashes_of(schedule_key: str, slot: Slot) -> tuple[str, ...]:
    """How it may be listed: as what it is, or as what it was before the schedule became shift-based."""
    before = OverrideSlot(user=slot.user, start=slot.start, end=slot.end)
    return (override_hash(schedule_key, slot), override_hash(schedule_key, before))


def in_the_way(slot: Slot, foreign: Collection[Slot]) -> Sequence[Slot]:
    """Other people's words on the same place: what a derived one must leave alone."""
    if isinstance(slot, ShiftOverrideSlot):
        return [f for f in foreign if isinstance(f, ShiftOverrideSlot) and f.instead_of == slot.instead_of]
    return [f for f in foreign if f.kind == slot.kind]
