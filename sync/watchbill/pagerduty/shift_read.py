"""Shift-based schedules (v3), read.

The list gives references only, so each schedule takes a request of its own; overrides and custom shifts have
their own lists.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from watchbill.account.objects import CustomShiftSlot, ShiftOverrideSlot, ShiftSchedule
from watchbill.pagerduty.answers import Answer, Item
from watchbill.pagerduty.lists import LONGEST_RANGE, Listing, read_list
from watchbill.pagerduty.problems import NotFound, OtherKind
from watchbill.pagerduty.shift_normal import custom_shifts, shift_override, shift_schedule
from watchbill.pagerduty.shift_wire import WireCustomShift, WireShiftOverride, WireShiftSchedule
from watchbill.pagerduty.transport import Transport
from watchbill.pagerduty.wire import WireNamed
from watchbill.rota.clock import Instant, iso

PATH = "/v3/schedules"
_PAGE = 100
T = TypeVar("T")


def read_shift_wire(
    transport: Transport, id_: str, *, rendered: tuple[Instant, Instant] | None = None
) -> WireShiftSchedule:
    """Raises NotFound, OtherKind for a layer-based one."""
    params: dict[str, Any] = {}
    if rendered is not None:
        params = {"include[]": ["final_schedule"], "since": iso(rendered[0]), "until": iso(rendered[1])}
    answer = transport.get(f"{PATH}/{id_}", params)
    whole = _with_events(transport, answer)
    with answer.reading():
        return WireShiftSchedule.model_validate(whole)


def _with_events(transport: Transport, answer: Answer) -> Item:
    """Rotations were seen to come without their events (Terraform's provider asks again, too)."""
    item = answer.item("schedule")
    with answer.reading():
        paths = {
            str(rotation["id"]): f"{PATH}/{item['id']}/rotations/{rotation['id']}/events"
            for rotation in item["rotations"]
            if not rotation.get("events")
        }
    events = {id_: [event for _, event in _items(transport, path, "events")] for id_, path in paths.items()}
    rotations = [
        {**r, "events": events[id_]} if (id_ := str(r["id"])) in events else r for r in item["rotations"]
    ]
    return {**item, "rotations": rotations}


def read_shift_schedules(transport: Transport, pool: ThreadPoolExecutor) -> list[WireShiftSchedule]:
    """All of them.  One that goes away meanwhile is left out."""
    references = read_list(transport, Listing(PATH, "schedules", WireNamed.model_validate, size=1000), pool)
    return _details(transport, references, pool)


def find_shift_schedules(transport: Transport, *, name: str, key: str, now: Instant) -> list[ShiftSchedule]:
    """Those that have exactly this name, or a marker with this key among those whose name resembles it."""
    with ThreadPoolExecutor(1) as pool:
        listing = Listing(PATH, "schedules", WireNamed.model_validate, {"query": name})
        listed = read_list(transport, listing, pool)
        # Some of PagerDuty's pages say that `query` is not supported, so the list may hold everything.
        like = [r for r in listed if name.casefold() in (r.summary or name).casefold()]
        wires = _details(transport, like, pool)
    found = [shift_schedule(wire, now=now) for wire in wires]
    return [one for one in found if one.name == name or one.key == key]


def _details(
    transport: Transport, references: Iterable[WireNamed], pool: ThreadPoolExecutor
) -> list[WireShiftSchedule]:
    def one(reference: WireNamed) -> WireShiftSchedule | None:
        try:
            return read_shift_wire(transport, reference.id)
        except (NotFound, OtherKind):
            return None

    return [wire for wire in pool.map(one, references) if wire is not None]


def read_shift_overrides(
    transport: Transport, schedule_id: str, since: Instant, until: Instant
) -> tuple[ShiftOverrideSlot, ...]:
    """Those that touch [since, until)."""
    path = f"{PATH}/{schedule_id}/overrides"
    found = _dated(transport, path, "overrides", since, until, lambda item: [_override(item)])
    return tuple(slot for slots in found for slot in slots if slot.end > since and slot.start < until)


def _override(item: Item) -> ShiftOverrideSlot:
    return shift_override(WireShiftOverride.model_validate(item))


def read_custom_shifts(
    transport: Transport, schedule_id: str, since: Instant, until: Instant
) -> tuple[CustomShiftSlot, ...]:
    """Those that touch [since, until)."""
    path = f"{PATH}/{schedule_id}/custom_shifts"
    found = _dated(transport, path, "custom_shifts", since, until, _custom_shifts)
    return tuple(slot for slots in found for slot in slots if slot.end > since and slot.start < until)


def _custom_shifts(item: Item) -> Sequence[CustomShiftSlot]:
    return custom_shifts(WireCustomShift.model_validate(item))


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


def _dated(
    transport: Transport,
    path: str,
    wrapper: str,
    since: Instant,
    until: Instant,
    read: Callable[[Item], T],
) -> list[T]:
    """That of each year where it is several.  `overflow`: else one that sticks out comes back cut."""
    found: dict[str, T] = {}
    at, until = since, max(until, since + 1)
    while at < until:
        to = min(until, at + LONGEST_RANGE)
        params = {"since": iso(at), "until": iso(to), "overflow": "true"}
        for answer, item in _items(transport, path, wrapper, params):
            with answer.reading():
                found[str(item["id"])] = read(item)
        at = to
    return list(found.values())


def _items(
    transport: Transport, path: str, wrapper: str, params: dict[str, Any] | None = None
) -> list[tuple[Answer, Item]]:
    """These lists have no `total`."""
    found: list[tuple[Answer, Item]] = []
    ids: set[str] = set()
    while True:
        answer = transport.get(path, {**(params or {}), "limit": _PAGE, "offset": len(found)})
        items = answer.items(wrapper)
        found += ((answer, item) for item in items)
        if not answer.more():
            return found
        new = {str(item.get("id")) for item in items} - ids
        if not new:
            raise answer.unusable("it adds nothing and announces more")
        ids |= new
