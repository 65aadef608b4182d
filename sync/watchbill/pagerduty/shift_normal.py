"""PagerDuty's answers about shift-based schedules (v3) -> the normal form of `account.objects`."""

from __future__ import annotations

from watchbill.account.marker import split_description
from watchbill.account.objects import (
    CustomShiftSlot,
    ShiftEvent,
    ShiftOverrideSlot,
    ShiftRotation,
    ShiftSchedule,
    ShiftSource,
)
from watchbill.account.zones import zone_name
from watchbill.errors import UsageError
from watchbill.pagerduty.shift_wire import (
    WireCustomShift,
    WireEvent,
    WireShiftMember,
    WireShiftOverride,
    WireShiftSchedule,
    WireStrategy,
)
from watchbill.rota.clock import DAY, Instant, zone
from watchbill.rota.recurrence import recurrence_from_wire

ROTATING = "rotating_member_assignment_strategy"
EVERY = "every_member_assignment_strategy"


def shift_schedule(wire: WireShiftSchedule, *, now: Instant) -> ShiftSchedule:
    """An event that had ended when the marker was written is dropped; without a marker all stay, for a record."""
    description, marker = split_description(wire.description)
    # A marker may show the minute that is not over yet: what ends within it still runs.
    past = min(marker.at, now) if marker and marker.digest else 0
    rotations = tuple(
        ShiftRotation(
            id=rotation.id,
            events=tuple(
                shift_event(event, now=now)
                for event in rotation.events
                if event.effective_until is None or event.effective_until > past
            ),
        )
        for rotation in wire.rotations
    )
    return ShiftSchedule(
        key=marker.key if marker else "",
        id=wire.id,
        name=wire.name or wire.summary,
        time_zone=zone_name(wire.time_zone),
        description=description,
        marker=marker,
        teams=tuple(sorted(team.id for team in wire.teams)),
        rotations=rotations,
    )


def shift_event(wire: WireEvent, *, now: Instant) -> ShiftEvent:
    rule, excluded, added = _recurrence(wire)
    strategy = wire.assignment_strategy
    return ShiftEvent(
        id=wire.id,
        name=wire.name,
        start=wire.start_time.instant,
        end=wire.end_time.instant,
        time_zone=zone_name(wire.start_time.time_zone),
        rule=rule,
        members=_members(strategy),
        per_member=None if strategy.type == EVERY else strategy.shifts_per_member or 1,
        since=wire.effective_since if wire.effective_since > now else None,
        until=wire.effective_until,
        excluded=excluded,
        added=added,
    )


def _members(strategy: WireStrategy) -> tuple[str, ...]:
    members = tuple(_user(member) for member in strategy.members)
    if strategy.type in (ROTATING, EVERY):
        return members
    # A strategy that this version does not know: kept apart from every user, so that it never looks like ours.
    return tuple(f"{strategy.type}:{member}" for member in members)


def _recurrence(wire: WireEvent) -> tuple[str, tuple[Instant, ...], tuple[Instant, ...]]:
    """The rule, EXDATEs and RDATEs.  What cannot be read is kept as it is written, so that it equals nothing."""
    lines = [line for text in wire.recurrence for line in text.splitlines()]
    where = zone(wire.start_time.time_zone)
    first, last = where.local(wire.start_time.instant), where.local(wire.end_time.instant)
    length = (last[0] - first[0]) * DAY + last[1] - first[1]
    rules = [line for line in lines if line.upper().startswith("RRULE")]
    try:
        found = recurrence_from_wire(lines, where, first, length, f"event {wire.name!r}")
    except UsageError:
        return "\n".join(lines).removeprefix("RRULE:"), (), ()
    return rules[0].partition(":")[2], tuple(sorted(found.excluded)), tuple(sorted(found.added))


def custom_shifts(wire: WireCustomShift) -> list[CustomShiftSlot]:
    """Exactly one by the document; early answers held several people in one."""
    return [
        CustomShiftSlot(id=wire.id, user=_user(one.member), start=wire.start_time, end=wire.end_time)
        for one in wire.assignments
    ]


def shift_override(wire: WireShiftOverride) -> ShiftOverrideSlot:
    source = (
        ShiftSource(kind="custom_shift", id=wire.custom_shift_id)
        if wire.custom_shift_id
        else ShiftSource(kind="rotation", id=wire.rotation_id)
    )
    return ShiftOverrideSlot(
        id=wire.id,
        source=source,
        instead_of=_user(wire.overridden_member),
        user=_user(wire.overriding_member),
        start=wire.start_time,
        end=wire.end_time,
    )


def _user(member: WireShiftMember) -> str:
    """ "" is a place that is vacant on purpose."""
    return "" if member.type == "empty_member" else member.user_id
