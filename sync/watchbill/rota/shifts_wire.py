"""From the documents of a shift-based schedule to `shifts`.  Every fault is a UsageError that names its place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from watchbill.rota.clock import DAY, Instant, Zone
from watchbill.rota.recurrence import recurrence_from_wire
from watchbill.rota.rrule import Local
from watchbill.rota.shifts import CustomShift, Event, Rotation, ShiftOverride, ShiftSchedule, User
from watchbill.rota.wire import (
    fault,
    instant,
    items,
    mapping,
    need,
    optional_instant,
    text,
    whole_number,
    zone_named,
)

LONGEST_SHIFT = 366 * DAY
"""Seconds on the clock."""

_ROTATING = "rotating_member_assignment_strategy"
_EVERY = "every_member_assignment_strategy"


def shift_schedule_from_wire(
    schedule: Mapping[str, Any], overrides: object = None, custom_shifts: object = None
) -> ShiftSchedule:
    """Overrides (in creation order) and custom shifts come from their own endpoints, or inside the schedule."""
    beside = {
        "overrides": schedule.get("overrides") if overrides is None else overrides,
        "custom_shifts": schedule.get("custom_shifts") if custom_shifts is None else custom_shifts,
    }
    named = schedule.get("time_zone")
    zone = None if named is None else zone_named(named, "time_zone")
    return ShiftSchedule(
        rotations=tuple(
            rotation_from_wire(r, zone, f"rotations[{i}]")
            for i, r in enumerate(items(schedule, "rotations", "", required=True))
        ),
        custom_shifts=tuple(
            shift
            for i, c in enumerate(items(beside, "custom_shifts", ""))
            for shift in custom_shifts_from_wire(c, zone, f"custom_shifts[{i}]")
        ),
        overrides=tuple(
            override_shift_from_wire(o, zone, f"overrides[{i}]")
            for i, o in enumerate(items(beside, "overrides", ""))
        ),
    )


def rotation_from_wire(wire: object, zone: Zone | None, where: str = "rotation") -> Rotation:
    """`zone` is the schedule's, needed only for times that name none."""
    rotation = mapping(wire, where)
    return Rotation(
        id=text(need(rotation, "id", where), f"{where}.id"),
        events=tuple(
            event_from_wire(e, zone, f"{where}.events[{i}]")
            for i, e in enumerate(items(rotation, "events", where))
        ),
    )


def event_from_wire(wire: object, zone: Zone | None, where: str = "event") -> Event:
    event = mapping(wire, where)
    own_zone, first = _local(need(event, "start_time", where), zone, f"{where}.start_time")
    end_zone, last = _local(need(event, "end_time", where), zone, f"{where}.end_time")
    if end_zone is not own_zone:
        last = own_zone.local(end_zone.instant(*last))
    length = (last[0] - first[0]) * DAY + last[1] - first[1]
    if not 0 < length <= LONGEST_SHIFT:
        raise fault(f"{where}.end_time", "must lie after start_time, by a year at most")
    strategy = mapping(need(event, "assignment_strategy", where), f"{where}.assignment_strategy")
    return Event(
        recurrence=recurrence_from_wire(
            items(event, "recurrence", where, required=True), own_zone, first, length, f"{where}.recurrence"
        ),
        members=_members(strategy, f"{where}.assignment_strategy"),
        shifts_per_member=_shifts_per_member(strategy, f"{where}.assignment_strategy"),
        effective_since=optional_instant(event, "effective_since", where),
        effective_until=optional_instant(event, "effective_until", where),
    )


def custom_shifts_from_wire(
    wire: object, zone: Zone | None, where: str = "custom_shift"
) -> tuple[CustomShift, ...]:
    """One for each assignment.  The API takes exactly one, early answers of it held several."""
    shift = mapping(wire, where)
    start = _moment(need(shift, "start_time", where), zone, f"{where}.start_time")
    end = _moment(need(shift, "end_time", where), zone, f"{where}.end_time")
    assigned = items(shift, "assignments", where, required=True)
    if not assigned:
        raise fault(f"{where}.assignments", "is empty", "a custom shift has one assignment")
    places = [
        (mapping(a, f"{where}.assignments[{i}]"), f"{where}.assignments[{i}]") for i, a in enumerate(assigned)
    ]
    return tuple(
        CustomShift(
            str(shift.get("id") or ""), start, end, member_from_wire(need(a, "member", at), f"{at}.member")
        )
        for a, at in places
    )


def override_shift_from_wire(wire: object, zone: Zone | None, where: str = "override") -> ShiftOverride:
    override = mapping(wire, where)
    rotation, custom = override.get("rotation_id"), override.get("custom_shift_id")
    if (rotation is None) == (custom is None):
        raise fault(where, "must name exactly one of rotation_id and custom_shift_id")
    overridden, overriding = "overridden_member", "overriding_member"
    return ShiftOverride(
        id=str(override.get("id") or ""),
        start=_moment(need(override, "start_time", where), zone, f"{where}.start_time"),
        end=_moment(need(override, "end_time", where), zone, f"{where}.end_time"),
        overridden=member_from_wire(need(override, overridden, where), f"{where}.{overridden}"),
        overriding=member_from_wire(need(override, overriding, where), f"{where}.{overriding}"),
        rotation_id=None if rotation is None else text(rotation, f"{where}.rotation_id"),
        custom_shift_id=None if custom is None else text(custom, f"{where}.custom_shift_id"),
    )


def member_from_wire(wire: object, where: str = "member") -> User:
    member = mapping(wire, where)
    kind = need(member, "type", where)
    if kind == "empty_member":
        return None
    if kind != "user_member":
        raise fault(f"{where}.type", f"is {kind!r}; it must be user_member or empty_member")
    return text(need(member, "user_id", where), f"{where}.user_id")


def _members(strategy: Mapping[str, Any], where: str) -> tuple[User, ...]:
    members = items(strategy, "members", where, required=True)
    if not members:
        raise fault(f"{where}.members", "is empty", "an empty_member keeps a place that nobody has")
    return tuple(member_from_wire(m, f"{where}.members[{i}]") for i, m in enumerate(members))


def _shifts_per_member(strategy: Mapping[str, Any], where: str) -> int | None:
    kind = need(strategy, "type", where)
    if kind == _EVERY:
        return None
    if kind != _ROTATING:
        raise fault(f"{where}.type", f"is {kind!r}; it must be {_ROTATING} or {_EVERY}")
    given = strategy.get("shifts_per_member")
    return 1 if given is None else whole_number(given, f"{where}.shifts_per_member")


def _local(value: object, zone: Zone | None, where: str) -> tuple[Zone, Local]:
    """A time object, its zone the schedule's when it names none; a bare text is read in the schedule's zone."""
    named = value.get("time_zone") if isinstance(value, Mapping) else None
    own = zone if named is None else zone_named(named, f"{where}.time_zone")
    if own is None:
        raise fault(where, "has no time_zone, and the schedule's time_zone is missing")
    if isinstance(value, Mapping):
        return own, _clock(need(value, "date_time", where), own, f"{where}.date_time")
    return own, _clock(value, own, where)


def _clock(value: object, zone: Zone, where: str) -> Local:
    """With an offset it is an instant, without one it is the wall clock itself."""
    try:
        moment = datetime.fromisoformat(text(value, where))
    except ValueError as bad:
        raise fault(where, f"is no time: {value!r}", "write it like 2026-11-23T14:00:00Z") from bad
    if moment.tzinfo is not None:
        return zone.local(instant(value, where))
    if not 1900 <= moment.year < 2200:
        raise fault(where, f"is outside the years 1900 to 2199: {value!r}")
    since = moment - datetime(1970, 1, 1)  # noqa: DTZ001  both are wall clocks
    return since.days, since.seconds


def _moment(value: object, zone: Zone | None, where: str) -> Instant:
    if isinstance(value, Mapping):
        own, local = _local(value, zone, where)
        return own.instant(*local)
    return instant(value, where)
