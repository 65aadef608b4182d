"""What a plan does to people: who takes whose shift, from when to when, and who is on call right now.

Before = what the account renders, overrides included; after = the policy's own shifts, with the overrides that
other people made.  Where nothing is written, nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from watchbill.account.objects import Account, Layer, OverrideSlot, Schedule
from watchbill.account.wanted import Wanted
from watchbill.model.policy import Policy
from watchbill.plan.document import Change, Effects, OnCallNow, OverrideWrite, PersonEffect, ShiftEffect
from watchbill.plan.duty import Row, Stint, compared, joined, of_roster, of_schedule
from watchbill.plan.fields import Names
from watchbill.plan.link import Links
from watchbill.plan.overrides import OverridePlan
from watchbill.plan.unchanged import Unchanged
from watchbill.rota.clock import HOUR, WEEK, Instant, iso
from watchbill.rota.duty import LiveOverride, Roster
from watchbill.rota.spans import complement, union

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


def effects_of(
    policy: Policy,
    account: Account,
    wanted: Wanted,
    links: Links,
    overrides: Mapping[str, OverridePlan],
    changes: Sequence[Change],
    *,
    now: Instant,
) -> EffectsRead:
    names = Names(account, wanted)
    roster = Roster(policy, _live(overrides, names))
    schedules = {item.want.key: item.want for item in wanted.objects if isinstance(item.want, Schedule)}
    looks: dict[str, tuple[Look, Instant]] = {}
    gone = {obj.marker.key: obj for obj in links.leftovers if obj.marker is not None}
    for key in _touched(changes):
        want, current = schedules.get(key), links.current.get(key) or gone.get(key)
        old = current if isinstance(current, Schedule) else None
        live = account.overrides.get(old.id, ()) if old is not None else ()
        looks[key.partition("/")[2]] = (_look(old, live, names, roster, key), _cycle((want, old)))
    return _read(looks, roster, now)


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
            return found[0], found[1]

        return look

    handles = dict.fromkeys((*after.rotations, *before.rotations))
    kept = [
        handle
        for handle in handles
        if any(handle in p.rotations and p.rotations[handle].has_schedule for p in (before, after))
        and not unchanged.rotation(handle)
    ]
    looks = {handle: (look_at(handle), _policy_cycle(handle, (before, after))) for handle in kept}
    return _read(looks, new, now).effects


def _touched(changes: Iterable[Change]) -> dict[str, None]:
    """Keys of schedules, in order."""
    found: dict[str, None] = {}
    for change in changes:
        if change.kind == "schedule" and change.action != "forget":
            found[change.key] = None
        elif isinstance(change.want, OverrideWrite):
            found[change.want.schedule_key] = None
    return found


def _look(old: Schedule | None, live: Sequence[OverrideSlot], names: Names, roster: Roster, key: str) -> Look:
    def look(since: Instant, until: Instant) -> tuple[list[Stint], list[Stint]]:
        rotation = key.partition("/")[2]
        before = of_schedule(old, live, names.user, since, until) if old is not None else []
        wanted = rotation in roster.policy.rotations
        return before, of_roster(roster, rotation, since, until) if wanted else []

    return look


def _live(overrides: Mapping[str, OverridePlan], names: Names) -> dict[str, list[LiveOverride]]:
    """Other people's overrides stay, except where the plan makes a newer one over them."""
    found = {}
    for key, plan in overrides.items():
        newer = union((wish.slot.start, wish.slot.end) for wish, _ in plan.create)
        found[key.partition("/")[2]] = [
            LiveOverride(names.user(slot.user), start, end)
            for slot in plan.foreign
            for start, end in complement(newer, slot.start, slot.end)
        ]
    return found


def _read(looks: Mapping[str, tuple[Look, Instant]], roster: Roster, now: Instant) -> EffectsRead:
    rows = {rotation: _rows(look, cycle, now) for rotation, (look, cycle) in looks.items()}
    shown = {
        rotation: _around_changes(rows[rotation], cycle, now)
        for rotation, (_, cycle) in looks.items()
        if any(row.differs for row in rows[rotation])
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
    )
    return EffectsRead(effects, rows, roster)


def _rows(look: Look, cycle: Instant, now: Instant) -> list[Row]:
    """Four weeks; longer where the first change is later, or where a full rotation after it takes longer."""
    until = now + OUTLOOK
    found = compared(*look(now, until))
    if not any(row.differs for row in found):
        until = now + LONGEST
        found = compared(*look(now, until))
    first = next((row.start for row in found if row.differs), None)
    if first is not None and first + cycle > until:
        found = compared(*look(now, min(first + cycle, now + 2 * LONGEST)))
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
    hours: dict[str, list[int]] = {}
    first: dict[str, int] = {}
    for rows in tables:
        for row in rows:
            sides = (_names(row.before), _names(row.after))
            for place, people in enumerate(sides):
                for person in people:
                    hours.setdefault(person, [0, 0])[place] += row.end - row.start
            for person in sides[0] ^ sides[1]:
                first[person] = min(first.get(person, row.start), row.start)
    return tuple(
        PersonEffect(
            person=person,
            hours_before=round(hours[person][0] / HOUR, 2),
            hours_after=round(hours[person][1] / HOUR, 2),
            first_change=iso(start),
        )
        for person, start in sorted(first.items(), key=lambda pair: (pair[1], pair[0]))
    )


def _names(who: str | None) -> set[str]:
    return set(who.split(" + ")) if who else set()


def _cycle(schedules: Iterable[Schedule | None]) -> Instant:
    layers: list[Layer] = [
        layer for schedule in schedules if schedule is not None for layer in schedule.layers
    ]
    return max((layer.turn_seconds * len(layer.users) for layer in layers), default=0)


def _policy_cycle(handle: str, policies: Iterable[Policy]) -> Instant:
    """An upper bound good enough for a table: the longest turn times everybody."""
    longest = 0
    for policy in policies:
        rotation = policy.rotations.get(handle)
        if rotation is None or rotation.turn is None:
            continue
        sizes = [len(rotation.crew or ()), *(len(dated.order) for dated in rotation.crews or ())]
        unit = {"hours": HOUR, "days": 24 * HOUR, "weeks": WEEK, "shifts": 24 * HOUR}[rotation.turn.unit]
        longest = max(longest, rotation.turn.count * unit * max(sizes) * (rotation.turns_each or 1))
    return longest
