"""Shift-based schedules (v3): read, and put into the normal form.

The list gives references only, so each schedule takes a request of its own; overrides and custom shifts have
their own lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

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
from watchbill.errors import AccountUnfit, UsageError
from watchbill.pagerduty.lists import Item, Listing, read_list, unwrapped
from watchbill.pagerduty.problems import NotFound, OtherKind
from watchbill.pagerduty.shift_wire import (
    WireCustomShift,
    WireEvent,
    WireShiftMember,
    WireShiftOverride,
    WireShiftSchedule,
    WireStrategy,
)
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import DAY, Instant, iso, zone
from watchbill.rota.recurrence import recurrence_from_wire

PATH = "/v3/schedules"
LONGEST_RANGE = 360 * DAY
"""PagerDuty answers no `since` and `until` that are more than a year apart."""
_PAGE = 100
ROTATING = "rotating_member_assignment_strategy"
EVERY = "every_member_assignment_strategy"


def read_shift_wire(
    transport: Transport, id_: str, *, rendered: tuple[Instant, Instant] | None = None
) -> WireShiftSchedule:
    """Raises NotFound, OtherKind for a layer-based one."""
    params: dict[str, Any] = {}
    if rendered is not None:
        params = {"include[]": ["final_schedule"], "since": iso(rendered[0]), "until": iso(rendered[1])}
    body = transport.get(f"{PATH}/{id_}", params).body
    return WireShiftSchedule.model_validate(_with_events(transport, unwrapped(body, "schedule")))


def _with_events(transport: Transport, item: Item) -> Item:
    """Rotations were seen to come without their events (Terraform's provider asks again, too)."""
    rotations = []
    for rotation in item.get("rotations") or ():
        if not rotation.get("events"):
            events = _items(transport, f"{PATH}/{item['id']}/rotations/{rotation['id']}/events", "events")
            rotations.append({**rotation, "events": events})
        else:
            rotations.append(rotation)
    return {**item, "rotations": rotations}


def read_shift_schedules(transport: Transport, pool: ThreadPoolExecutor) -> list[WireShiftSchedule]:
    """All of them.  One that goes away meanwhile is left out."""
    references = read_list(transport, Listing(PATH, "schedules", size=1000), pool)
    return _details(transport, references, pool)


def find_shift_schedules(transport: Transport, *, name: str, key: str, now: Instant) -> list[ShiftSchedule]:
    """Those that have exactly this name, or a marker with this key among those whose name resembles it."""
    with ThreadPoolExecutor(1) as pool:
        references = read_list(transport, Listing(PATH, "schedules", {"query": name}), pool)
        wires = _details(transport, references, pool)
    found = [shift_schedule(wire, now=now) for wire in wires]
    return [one for one in found if one.name == name or one.key == key]


def _details(
    transport: Transport, references: Iterable[Item], pool: ThreadPoolExecutor
) -> list[WireShiftSchedule]:
    def one(reference: Item) -> WireShiftSchedule | None:
        try:
            return read_shift_wire(transport, str(reference["id"]))
        except (NotFound, OtherKind):
            return None

    return [wire for wire in pool.map(one, references) if wire is not None]


def read_shift_overrides(
    transport: Transport, schedule_id: str, since: Instant, until: Instant
) -> tuple[ShiftOverrideSlot, ...]:
    """Those that touch [since, until)."""
    items = _dated(transport, f"{PATH}/{schedule_id}/overrides", "overrides", since, until)
    slots = [shift_override(WireShiftOverride.model_validate(item)) for item in items]
    return tuple(slot for slot in slots if slot.end > since and slot.start < until)


def read_custom_shifts(
    transport: Transport, schedule_id: str, since: Instant, until: Instant
) -> tuple[CustomShiftSlot, ...]:
    """Those that touch [since, until)."""
    items = _dated(transport, f"{PATH}/{schedule_id}/custom_shifts", "custom_shifts", since, until)
    slots = [slot for item in items for slot in custom_shifts(WireCustomShift.model_validate(item))]
    return tuple(slot for slot in slots if slot.end > since and slot.start < until)


def _dated(transport: Transport, path: str, wrapper: str, since: Instant, until: Instant) -> list[Item]:
    """That of each year where it is several.  `overflow`: else one that sticks out comes back cut."""
    found: dict[str, Item] = {}
    at, until = since, max(until, since + 1)
    while at < until:
        to = min(until, at + LONGEST_RANGE)
        params = {"since": iso(at), "until": iso(to), "overflow": "true"}
        found.update((str(item.get("id")), item) for item in _items(transport, path, wrapper, params))
        at = to
    return list(found.values())


def _items(transport: Transport, path: str, wrapper: str, params: dict[str, Any] | None = None) -> list[Item]:
    """These lists know no `total`."""
    found: list[Item] = []
    while True:
        paged = {**(params or {}), "limit": _PAGE, "offset": len(found)}
        body = transport.get(path, paged).body
        items = body.get(wrapper) if isinstance(body, dict) else None
        if not isinstance(items, list):
            raise AccountUnfit(
                f"PagerDuty's answer to {path} has no `{wrapper}`",
                remedy="check PAGERDUTY_URL: it may point at something that is not PagerDuty",
            )
        found += items
        if not items or not body.get("more"):
            return found


def shift_schedule(wire: WireShiftSchedule, *, now: Instant) -> ShiftSchedule:
    """An event that has ended is dropped, unless it had not when the marker was written: its digest counts it."""
    description, marker = split_description(wire.description)
    past = marker.at if marker and marker.digest else now
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
