"""What a plan does to people: who takes whose shift, from when to when, and who is on call right now.

Both sides are what the account renders, overrides included: before the plan, and with what the plan writes.  A crew
that is not written yet is not counted: the comparison ends where it begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from watchbill.account.objects import (
    Account,
    AnySchedule,
    OverrideSlot,
    Schedule,
)
from watchbill.account.settling import settled
from watchbill.account.wanted import Wanted
from watchbill.model.policy import Policy
from watchbill.plan.document import (
    Change,
    Effects,
    OnCallNow,
    OverrideWrite,
    PagingEffect,
    PersonEffect,
    ShiftEffect,
)
from watchbill.plan.duty import Row, Stint, compared, joined, of_roster
from watchbill.plan.duty_sides import Side, after_deletion, after_layers, after_shifts, before, only
from watchbill.plan.fields import Names
from watchbill.plan.linked import Links
from watchbill.plan.overrides import OverridePlan
from watchbill.plan.paging import paging_between, paging_of
from watchbill.plan.shift_state import Turned
from watchbill.plan.unchanged import Unchanged
from watchbill.rota.clock import HOUR, WEEK, Instant, iso
from watchbill.rota.duty import LiveDuty, Roster
from watchbill.rota.spans import Span, complement, union

OUTLOOK = 4 * WEEK
LONGEST = 53 * WEEK


@dataclass(frozen=True, slots=True)
class EffectsRead:
    """The effects as shown, and the rows they come from."""

    effects: Effects
    rows: Mapping[str, list[Row]]
    """By rotation; only rotations whose duty the plan may change, equal rows too."""
    roster: Roster
    """The policy's, with the overrides that stay."""


Look = Callable[[Instant, Instant], tuple[list[Stint], list[Stint]]]
"""(since, until) -> duty before and after."""


@dataclass(frozen=True, slots=True)
class _Seen:
    look: Look
    cycle: Instant
    until: Instant
    """What people gain or lose is counted up to here."""


def effects_of(
    policy: Policy,
    account: Account,
    wanted: Wanted,
    links: Links,
    overrides: Mapping[str, OverridePlan],
    changes: Sequence[Change],
    *,
    now: Instant,
    turned: Mapping[str, Turned],
) -> EffectsRead:
    names = Names(account, wanted)
    roster = Roster(policy, _live(overrides, names))
    schedules = {item.want.key: item.want for item in wanted.objects if isinstance(item.want, AnySchedule)}
    written = {change.key for change in changes if change.kind == "schedule"}
    overrides = {key: only(plan, key, changes) for key, plan in overrides.items()}
    looks: dict[str, _Seen] = {}
    gone = {obj.marker.key: obj for obj in links.leftovers if obj.marker is not None}
    for key in _touched(changes):
        want, current = schedules.get(key), links.current.get(key) or gone.get(key)
        old = current if isinstance(current, AnySchedule) else None
        if want is not None and old is not None:
            old = settled(want, old, now=now)
        rotation, state = key.partition("/")[2], turned.get(key)
        plan = overrides.get(key, OverridePlan())
        if state is not None:
            after = after_shifts(state, plan, names)
        elif isinstance(want, Schedule):
            live = account.overrides.get(old.id, ()) if old is not None else ()
            kept = old if isinstance(old, Schedule) and key not in written else want
            after = after_layers(kept, live, plan, names)
        else:
            after = after_deletion(roster, rotation)
        later = wanted.later.get(key)
        until = now + 2 * LONGEST if later is None else later.start
        cycle = _policy_cycle(rotation, policy)
        looks[rotation] = _Seen(_both(before(old, account, names), after), cycle, until)
    paging = paging_of(policy, wanted, links, names, changes, now)
    return _read(looks, roster, now, paging)


def effects_between(before: Policy, after: Policy, now: Instant) -> Effects:
    """Between two versions of a policy, without any account."""
    old, new = Roster(before), Roster(after)
    unchanged = Unchanged(old, new)

    def look_at(rotation: str) -> Look:
        def look(since: Instant, until: Instant) -> tuple[list[Stint], list[Stint]]:
            sides = ((before, old), (after, new))
            found = [
                of_roster(r, rotation, since, until) if rotation in p.rotations else [] for p, r in sides
            ]
            return [_renamed(stint, renamed) for stint in found[0]], found[1]

        return look

    renamed = after.renamed_since(before)
    handles = dict.fromkeys((*after.rotations, *before.rotations))
    kept = [
        handle
        for handle in handles
        if any(handle in p.rotations and p.rotations[handle].has_schedule for p in (before, after))
        and not unchanged.rotation(handle)
    ]
    looks = {
        handle: _Seen(look_at(handle), _policy_cycle(handle, after), now + 2 * LONGEST) for handle in kept
    }
    return _read(looks, new, now, paging_between(before, after, now)).effects


def _renamed(stint: Stint, names: Mapping[str, str]) -> Stint:
    return stint._replace(who=" + ".join(sorted(names.get(one, one) for one in stint.who.split(" + "))))


def _touched(changes: Iterable[Change]) -> dict[str, None]:
    """Keys of schedules, in order."""
    found: dict[str, None] = {}
    for change in changes:
        if change.kind == "schedule" and change.action != "forget":
            found[change.key] = None
        elif isinstance(change.want, OverrideWrite):
            found[change.want.schedule_key] = None
    return found


def _both(before: Side, after: Side) -> Look:
    return lambda since, until: (before(since, until), after(since, until))


def _live(overrides: Mapping[str, OverridePlan], names: Names) -> dict[str, list[LiveDuty]]:
    """Other people's overrides stay, except where the plan makes a newer one over them."""
    found = {}
    for key, plan in overrides.items():
        newer = union((wish.slot.start, wish.slot.end) for wish, _ in plan.create)
        found[key.partition("/")[2]] = [
            LiveDuty((names.user(slot.user),), start, end)
            for slot in plan.foreign
            if isinstance(slot, OverrideSlot)
            for start, end in complement(newer, slot.start, slot.end)
        ]
    return found


def _read(
    looks: Mapping[str, _Seen], roster: Roster, now: Instant, paging: tuple[PagingEffect, ...]
) -> EffectsRead:
    rows = {rotation: _rows(seen, now) for rotation, seen in looks.items()}
    counted = {
        rotation: [r._replace(end=min(r.end, seen.until)) for r in rows[rotation] if r.start < seen.until]
        for rotation, seen in looks.items()
    }
    shown = {
        rotation: _around_changes(found, looks[rotation].cycle, now)
        for rotation, found in counted.items()
        if any(row.differs for row in found)
    }
    effects = Effects(
        since=iso(now),
        until=iso(max([now + OUTLOOK, *(row.end for found in shown.values() for row in found)])),
        on_call_now=tuple(_now(rotation, rows[rotation], now) for rotation in shown),
        shifts=tuple(
            ShiftEffect(rotation=rotation, start=iso(r.start), end=iso(r.end), before=r.before, after=r.after)
            for rotation, found in shown.items()
            for r in joined(found)
        ),
        people=_people(shown.values()),
        paging=paging,
    )
    return EffectsRead(effects, rows, roster)


def _rows(seen: _Seen, now: Instant) -> list[Row]:
    """Four weeks; longer where the first change is later, or where a full rotation after it takes longer."""
    until = now + OUTLOOK
    found = compared(*seen.look(now, until))
    if not any(row.differs for row in found):
        until = now + LONGEST
        found = compared(*seen.look(now, until))
    first = next((row.start for row in found if row.differs), None)
    if first is not None and first + seen.cycle > until:
        found = compared(*seen.look(now, min(first + seen.cycle, now + 2 * LONGEST)))
    return found


def _around_changes(rows: Sequence[Row], cycle: Instant, now: Instant) -> list[Row]:
    """From now where the first change is near, else one rotation on each side of it."""
    first = next(row.start for row in rows if row.differs)
    if first < now + OUTLOOK:
        return [row for row in rows if row.start < max(now + OUTLOOK, first + cycle)]
    near = max(cycle, WEEK)
    return [row for row in rows if row.end > first - near and row.start < first + near]


def _now(rotation: str, rows: Sequence[Row], now: Instant) -> OnCallNow:
    row = next((row for row in rows if row.start <= now < row.end), None)
    return OnCallNow(rotation=rotation, before=row and row.before, after=row and row.after)


def _people(tables: Iterable[Sequence[Row]]) -> tuple[PersonEffect, ...]:
    spans: dict[str, tuple[list[Span], list[Span]]] = {}
    first: dict[str, int] = {}
    for rows in tables:
        for row in rows:
            sides = (_names(row.before), _names(row.after))
            for place, people in enumerate(sides):
                for person in people:
                    spans.setdefault(person, ([], []))[place].append((row.start, row.end))
            for person in sides[0] ^ sides[1]:
                first[person] = min(first.get(person, row.start), row.start)
    hours = {person: [_hours(union(found)) for found in sides] for person, sides in spans.items()}
    return tuple(
        PersonEffect(
            person=person,
            hours_before=hours[person][0],
            hours_after=hours[person][1],
            first_change=iso(start),
        )
        for person, start in sorted(first.items(), key=lambda pair: (pair[1], pair[0]))
    )


def _hours(spans: Iterable[Span]) -> float:
    return round(sum(end - start for start, end in spans) / HOUR, 2)


def _names(who: str | None) -> set[str]:
    return set(who.split(" + ")) if who else set()


def _policy_cycle(handle: str, policy: Policy) -> Instant:
    """An upper bound good enough for a table: the longest turn times everybody."""
    rotation = policy.rotations.get(handle)
    if rotation is None or rotation.turn is None:
        return 0
    sizes = [len(rotation.crew or ()), *(len(dated.order) for dated in rotation.crews or ())]
    unit = {"hours": HOUR, "days": 24 * HOUR, "weeks": WEEK, "shifts": 24 * HOUR}[rotation.turn.unit]
    return rotation.turn.count * unit * max(sizes) * (rotation.turns_each or 1)
