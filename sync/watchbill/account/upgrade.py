"""What PagerDuty's own upgrade makes of a layer-based schedule, as its guide describes it.

Each layer becomes a rotation; five weekday windows become one event.  Precedence between layers has no counterpart,
so layers that overlap are on call together; and an override replaces one member of one rotation, so one becomes
several.  What the guide leaves open is taken as near to the layers as one event can come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from watchbill.account.canon import live_layers
from watchbill.account.objects import (
    Layer,
    OverrideSlot,
    Restriction,
    Schedule,
    ShiftEvent,
    ShiftOverrideSlot,
    ShiftRotation,
    ShiftSchedule,
    ShiftSource,
)
from watchbill.account.parts import CannotExpress
from watchbill.rota.clock import DAY, HOUR, WEEK, Instant, Zone, zone

_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_UNITS = (("WEEKLY", WEEK), ("DAILY", DAY), ("HOURLY", HOUR))


def upgraded(schedule: Schedule, now: Instant) -> ShiftSchedule:
    """Raises CannotExpress where a layer has no counterpart at all."""
    where = zone(schedule.time_zone)
    rotations = tuple(
        ShiftRotation(key=f"layer {number}", events=tuple(_events(layer, where, now)))
        for number, layer in enumerate(live_layers(schedule, now), 1)
    )
    return ShiftSchedule(
        key=schedule.key,
        id=schedule.id,
        name=schedule.name,
        time_zone=schedule.time_zone,
        description=schedule.description,
        teams=schedule.teams,
        rotations=rotations,
    )


def upgraded_overrides(schedule: ShiftSchedule, overrides: Iterable[OverrideSlot]) -> list[ShiftOverrideSlot]:
    """One for each member of each rotation; in their order, since the last one made wins."""
    return [
        ShiftOverrideSlot(
            source=ShiftSource(key=rotation.key),
            instead_of=member,
            user=slot.user,
            start=slot.start,
            end=slot.end,
        )
        for slot in overrides
        for rotation in schedule.rotations
        for member in dict.fromkeys(m for event in rotation.events for m in event.members)
    ]


def _events(layer: Layer, where: Zone, now: Instant) -> Iterator[ShiftEvent]:
    turn, anchor = layer.turn_seconds, _past(layer, where, now)
    if not layer.restrictions:
        name, unit = next(((n, u) for n, u in _UNITS if turn % u == 0), ("", 0))
        if not unit:
            raise CannotExpress(
                f"turns of {turn} seconds have no counterpart among shifts", "turns of whole hours"
            )
        end = _later(where, anchor, turn) if unit >= DAY else anchor + turn
        yield _event(layer, where, (anchor, end), f"FREQ={name};INTERVAL={turn // unit}", 1, now)
        return
    if turn % DAY:
        raise CannotExpress(
            f"turns of {turn // HOUR} hours within restricted hours have no counterpart among shifts",
            "turns of whole days",
        )
    for (second, length), days in _windows(layer.restrictions).items():
        start = min(_first(where, anchor, second, day) for day in days)
        rule, per_member = "FREQ=DAILY", turn // DAY
        if days != [None]:
            names = ",".join(_CODES[day] for day in days if day is not None)
            rule = f"FREQ=WEEKLY;BYDAY={names}"
            per_member = max(1, len(days) * turn // WEEK)
        yield _event(layer, where, (start, _later(where, start, length)), rule, per_member, now)


def _past(layer: Layer, where: Zone, now: Instant) -> Instant:
    """Where turns are counted from, whole rounds back from a future one: an event has no shift before its first."""
    turn = layer.turn_seconds
    rounds = max(0, -((now - 2 * turn - layer.virtual_start) // (turn * len(layer.users))))
    back = rounds * turn * len(layer.users)
    return _later(where, layer.virtual_start, -back) if turn % DAY == 0 else layer.virtual_start - back


def _windows(restrictions: Sequence[Restriction]) -> dict[tuple[int, int], list[int | None]]:
    """Hours -> days on which they are."""
    found: dict[tuple[int, int], list[int | None]] = {}
    for r in sorted(restrictions, key=lambda r: -1 if r.weekday is None else r.weekday):
        found.setdefault((r.start, r.duration), []).append(r.weekday)
    return found


def _event(
    layer: Layer, where: Zone, span: tuple[Instant, Instant], rule: str, per_member: int, now: Instant
) -> ShiftEvent:
    return ShiftEvent(
        name=layer.name or "layer",
        start=span[0],
        end=span[1],
        time_zone=where.name,
        rule=rule.removesuffix(";INTERVAL=1"),
        members=layer.users,
        per_member=per_member,
        since=layer.start if layer.start is not None and layer.start > now else None,
        until=layer.end,
    )


def _first(where: Zone, anchor: Instant, second: int, weekday: int | None) -> Instant:
    """The first such window that begins with the turns or after."""
    day = where.day_of(anchor)
    return next(
        at
        for ahead in range(9)
        if weekday is None or (day + ahead + 3) % 7 == weekday
        for at in (where.instant(day + ahead, second),)
        if at >= anchor
    )


def _later(where: Zone, start: Instant, seconds: int) -> Instant:
    """On the wall clock."""
    day, second = where.local(start)
    return where.instant(*divmod(day * DAY + second + seconds, DAY))
