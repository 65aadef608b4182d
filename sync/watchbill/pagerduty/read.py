"""The account -> its normal form: by bulk lists as a whole, or one object again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from watchbill.account.lease import LEASE_KEY
from watchbill.account.objects import (
    Account,
    AnySchedule,
    CustomShiftSlot,
    EscalationPolicy,
    NamedObject,
    ObjectKind,
    OverrideSlot,
    Schedule,
    Service,
    ShiftOverrideSlot,
)
from watchbill.pagerduty import normal
from watchbill.pagerduty.answers import Item
from watchbill.pagerduty.lists import LONGEST_RANGE, Listing, finish_list, read_list, start_list
from watchbill.pagerduty.problems import Forbidden, NotEntitled, NotFound, OtherKind, Refused
from watchbill.pagerduty.shift_normal import shift_schedule
from watchbill.pagerduty.shift_read import read_extras, read_shift_schedules, read_shift_wire
from watchbill.pagerduty.transport import Transport
from watchbill.pagerduty.wire import (
    WireObject,
    WireOverride,
    WirePolicy,
    WireSchedule,
    WireService,
    WireWholeSchedule,
)
from watchbill.rota.clock import iso

THREADS = 8
STRATEGIES = "escalation_rule_assignment_strategies"
"""Shows round robin; an account whose plan lacks that answers the whole request with 403."""

PATHS: dict[ObjectKind, str] = {
    "schedule": "/schedules",
    "escalation_policy": "/escalation_policies",
    "service": "/services",
}
_LISTS: dict[ObjectKind, str] = {
    "schedule": "schedules",
    "escalation_policy": "escalation_policies",
    "service": "services",
}

_WIRES: dict[ObjectKind, type[WireSchedule | WirePolicy | WireService]] = {
    "schedule": WireWholeSchedule,
    "escalation_policy": WirePolicy,
    "service": WireService,
}

_LACKING = (400, 404, 410)
"""As 402 and 403, these mean that the account lacks the list.  Any other status proves nothing."""

T = TypeVar("T")


def read_account(
    transport: Transport,
    *,
    name: str,
    now: int,
    since: int,
    until: int,
    overrides_of: Collection[str] = (),
    contacts: bool = False,
    threads: int = THREADS,
) -> Account:
    """`overrides_of`: ids of schedules; theirs in [since, until) are read, of shift-based ones custom shifts too.

    `contacts` also reads how people are notified, so that `User.loud` is known.
    """
    with ThreadPoolExecutor(threads) as pool:
        beside = {id_: pool.submit(_beside, transport, id_, since, until) for id_ in overrides_of}
        abilities = pool.submit(_abilities, transport)
        users = Listing(
            "/users", "users", normal.read_user, {"include[]": ["notification_rules"]} if contacts else {}
        )
        teams = Listing("/teams", "teams", normal.read_team)
        priorities = Listing("/priorities", "priorities", normal.read_priority)
        first_users = start_list(transport, users, pool)
        first_teams = start_list(transport, teams, pool)
        first_priorities = start_list(transport, priorities, pool)
        objects = read_objects(transport, PATHS, now=now, pool=pool)
        schedules: list[AnySchedule] = [x for x in objects if isinstance(x, Schedule) and x.key != LEASE_KEY]
        lacks: set[str] = set()
        shift_based = _optional(lambda: read_shift_schedules(transport, pool), "shift-based schedules", lacks)
        schedules += [shift_schedule(wire, now=now) for wire in shift_based]
        found = {id_: future.result() for id_, future in beside.items()}
        schedules = [
            x.model_copy(update={"custom_shifts": found[x.id].custom_shifts}) if x.id in found else x
            for x in schedules
        ]
        return Account(
            name=name,
            at=now,
            users=tuple(finish_list(transport, users, pool, first_users)),
            teams=tuple(_optional(lambda: finish_list(transport, teams, pool, first_teams), "teams", lacks)),
            schedules=tuple(schedules),
            policies=tuple(x for x in objects if isinstance(x, EscalationPolicy)),
            services=tuple(x for x in objects if isinstance(x, Service)),
            priorities=tuple(
                _optional(
                    lambda: finish_list(transport, priorities, pool, first_priorities), "priorities", lacks
                )
            ),
            abilities=abilities.result(),
            lacks=frozenset(lacks | _lacking(abilities.result(), transport)),
            overrides={id_: one.overrides for id_, one in found.items() if not one.is_shift_based},
            shift_overrides={id_: one.shift_overrides for id_, one in found.items() if one.is_shift_based},
        )


def read_objects(
    transport: Transport, kinds: Iterable[ObjectKind], *, now: int, pool: ThreadPoolExecutor
) -> list[NamedObject]:
    """All objects of these kinds; of schedules the layer-based ones."""
    wanted = list(kinds)
    listings = {kind: _listing(kind, _includes(transport, kind), now) for kind in wanted}
    first = {kind: start_list(transport, listing, pool) for kind, listing in listings.items()}
    found: list[NamedObject] = []
    for kind, listing in listings.items():
        try:
            items = finish_list(transport, listing, pool, first[kind])
        except Forbidden:
            if not _drop_strategies(transport, listing.params):
                raise
            items = read_list(transport, _listing(kind, {}, now), pool)
        found.extend(items)
    return found


def _listing(kind: ObjectKind, params: Mapping[str, Any], now: int) -> Listing[NamedObject]:
    def read(item: Item) -> NamedObject:
        return normal.of(_wire(kind, item), now=now)

    return Listing(PATHS[kind], _LISTS[kind], read, params)


def read_object(
    transport: Transport, kind: ObjectKind, id_: str, *, now: int, shifts: bool = False
) -> NamedObject:
    """A schedule of either kind; `shifts`: which one it is likely to be.  Raises NotFound."""
    if kind != "schedule":
        return normal.of(read_wire(transport, kind, id_), now=now)
    try:
        if shifts:
            return normal.of(read_shift_wire(transport, id_), now=now)
        return normal.of(read_wire(transport, kind, id_), now=now)
    except OtherKind:
        if shifts:
            return normal.of(read_wire(transport, kind, id_), now=now)
        return normal.of(read_shift_wire(transport, id_), now=now)


def read_wire(
    transport: Transport, kind: ObjectKind, id_: str, *, rendered: tuple[int, int] | None = None
) -> WireObject:
    """One object as PagerDuty gives it; a schedule also as it renders it in [since, until)."""
    path = f"{PATHS[kind]}/{id_}"
    params: dict[str, Any] = _includes(transport, kind, one=True)
    if kind == "schedule" and rendered is not None:
        # No `time_zone`: by its documentation it would change what the restrictions mean.
        params |= {"since": iso(rendered[0]), "until": iso(rendered[1])}
    try:
        answer = transport.get(path, params)
    except Forbidden:
        if not _drop_strategies(transport, params):
            raise
        answer = transport.get(path)
    with answer.reading():
        return _wire(kind, answer.item(kind))


def find_objects(
    transport: Transport, kind: ObjectKind, *, name: str, key: str, now: int
) -> list[NamedObject]:
    """Those that have exactly this name, or a marker with this key among those whose name resembles it."""
    exact = {"name": name} if kind == "service" else {"query": name}
    listing = _listing(kind, {**_includes(transport, kind), **exact}, now)
    with ThreadPoolExecutor(1) as pool:
        try:
            items = read_list(transport, listing, pool)
        except Forbidden:
            if not _drop_strategies(transport, listing.params):
                raise
            items = read_list(transport, _listing(kind, exact, now), pool)
    return [x for x in items if x.name == name or x.key == key]


def read_overrides(
    transport: Transport, schedule_id: str, since: int, until: int
) -> tuple[OverrideSlot, ...]:
    """Those that touch [since, until), in PagerDuty's order; that of each year where it is several.

    Without `overflow` one that sticks out comes back cut at the bounds, and would be taken for another one.
    """
    found: dict[str, OverrideSlot] = {}
    at, until = since, max(until, since + 1)
    while at < until:
        to = min(until, at + LONGEST_RANGE)
        answer = transport.get(
            f"/schedules/{schedule_id}/overrides",
            {"since": iso(at), "until": iso(to), "overflow": "true"},
        )
        with answer.reading():
            slots = [normal.override(WireOverride.model_validate(x)) for x in answer.items("overrides")]
        found.update((slot.id, slot) for slot in slots if slot.end > since and slot.start < until)
        at = to
    return tuple(found.values())


def read_overrides_of(
    transport: Transport, schedule_ids: Collection[str], since: int, until: int, *, threads: int = THREADS
) -> dict[str, tuple[OverrideSlot, ...]]:
    with ThreadPoolExecutor(threads) as pool:
        slots = pool.map(lambda id_: read_overrides(transport, id_, since, until), schedule_ids)
        return dict(zip(schedule_ids, slots, strict=True))


def _wire(kind: ObjectKind, item: Any) -> WireObject:
    return _WIRES[kind].model_validate(item)


def _includes(transport: Transport, kind: ObjectKind, *, one: bool = False) -> dict[str, Any]:
    if kind == "schedule" and not one:
        return {"include[]": ["schedule_layers"]}
    if kind == "escalation_policy" and STRATEGIES not in transport.refused_includes:
        return {"include[]": [STRATEGIES]}
    return {}


def _drop_strategies(transport: Transport, asked: Mapping[str, Any]) -> bool:
    """Whether asking again without the strategies may help.  Several threads may learn it at once."""
    if STRATEGIES not in asked.get("include[]", ()):
        return False
    transport.refused_includes.add(STRATEGIES)
    return True


@dataclass(frozen=True, slots=True)
class _Beside:
    """What stands beside the turns of one schedule."""

    overrides: tuple[OverrideSlot, ...] = ()
    shift_overrides: tuple[ShiftOverrideSlot, ...] = ()
    custom_shifts: tuple[CustomShiftSlot, ...] = ()
    is_shift_based: bool = False


def _beside(transport: Transport, id_: str, since: int, until: int) -> _Beside:
    try:
        return _Beside(read_overrides(transport, id_, since, until))
    except OtherKind:
        overrides, custom = read_extras(transport, id_, since, until)
        return _Beside((), overrides, custom, is_shift_based=True)


def _abilities(transport: Transport) -> frozenset[str]:
    try:
        return frozenset(transport.get("/abilities").texts("abilities"))
    except (Forbidden, NotEntitled, NotFound):
        return frozenset()


def _lacking(abilities: frozenset[str], transport: Transport) -> set[str]:
    found = {"round robin"} if STRATEGIES in transport.refused_includes else set()
    return found | ({"teams"} if abilities and "teams" not in abilities else set())


def _optional(read: Callable[[], Sequence[T]], what: str, lacks: set[str]) -> Sequence[T]:
    """Nothing where the account's plan or kind does not have the feature; then `what` is noted in `lacks`."""
    try:
        return read()
    except Refused as refused:
        if refused.status not in _LACKING:
            raise
    except (Forbidden, NotEntitled):
        pass
    lacks.add(what)
    return ()
