"""Shift-based schedules (v3), read.

The list gives references only, so each schedule takes a request of its own; overrides and custom shifts have
their own lists.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from watchbill.account.objects import CustomShiftSlot, ShiftOverrideSlot, ShiftSchedule
from watchbill.errors import AccountUnfit
from watchbill.pagerduty.lists import LONGEST_RANGE, Item, Listing, read_list, unwrapped
from watchbill.pagerduty.problems import NotFound, OtherKind
from watchbill.pagerduty.shift_normal import custom_shifts, shift_override, shift_schedule
from watchbill.pagerduty.shift_wire import WireCustomShift, WireShiftOverride, WireShiftSchedule
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import Instant, iso

PATH = "/v3/schedules"
_PAGE = 100


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
        listed = read_list(transport, Listing(PATH, "schedules", {"query": name}), pool)
        # Some of PagerDuty's pages say that `query` is not supported, so the list may hold everything.
        like = [r for r in listed if name.casefold() in str(r.get("summary") or name).casefold()]
        wires = _details(transport, like, pool)
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


Extras = tuple[tuple[ShiftOverrideSlot, ...], tuple[CustomShiftSlot, ...]]
"""Overrides and custom shifts of one schedule, other people's too."""


def read_extras(transport: Transport, schedule_id: str, since: Instant, until: Instant) -> Extras:
    overrides = read_shift_overrides(transport, schedule_id, since, until)
    return overrides, read_custom_shifts(transport, schedule_id, since, until)


def read_shift_extras(
    transport: Transport, ids: Collection[str], since: Instant, until: Instant, *, threads: int = 8
) -> dict[str, Extras]:
    with ThreadPoolExecutor(threads) as pool:
        found = pool.map(lambda id_: read_extras(transport, id_, since, until), ids)
        return dict(zip(ids, found, strict=True))


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
