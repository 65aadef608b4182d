"""Requests for the lease: a layer-based schedule whose only turn is a year away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from watchbill.account.lease import LEASE_KEY, LEASE_NAME, Lease, parse_lease
from watchbill.account.objects import NEVER_SERVE, Layer, Schedule
from watchbill.errors import AccountUnfit
from watchbill.pagerduty import write
from watchbill.pagerduty.lists import Listing, read_list
from watchbill.pagerduty.problems import NotFound
from watchbill.pagerduty.read import read_wire
from watchbill.pagerduty.tally import count_also, counted_also
from watchbill.pagerduty.transport import Transport
from watchbill.pagerduty.wire import WireSchedule
from watchbill.rota.clock import DAY, MINUTE

_AWAY = 365 * DAY


@dataclass(frozen=True, slots=True)
class Found:
    """`taken`: ids of other schedules that have the lease's name."""

    leases: tuple[Lease, ...]
    taken: tuple[str, ...] = ()


def read_leases(transport: Transport, name: str) -> Found:
    """A held lease that a person renamed is found if the new name has the usual one in it."""
    with ThreadPoolExecutor(1, initializer=count_also, initargs=(counted_also(),)) as pool:
        listing = Listing("/schedules", "schedules", WireSchedule.model_validate, {"query": LEASE_NAME})
        found = read_list(transport, listing, pool)
    leases, taken = [], []
    for wire in found:
        lease = parse_lease(wire.description, wire.id, wire.name)
        if lease is not None:
            leases.append(lease)
        elif wire.name == name:
            taken.append(wire.id)
    return Found(tuple(leases), tuple(taken))


def make_lease(transport: Transport, name: str, lease: Lease) -> str:
    """The schedule's id.  Raises Refused where the name is taken, AmbiguousWrite where nobody knows."""
    return write.create(transport, _schedule(name, lease, _anybody(transport)), now=lease.at).id


def write_lease(transport: Transport, name: str, lease: Lease) -> None:
    """Raises NotFound once somebody took it over."""
    stored = read_wire(transport, "schedule", lease.id)
    assert isinstance(stored, WireSchedule)
    held = parse_lease(stored.description, lease.id, stored.name)
    if held is None or held.run != lease.run:
        raise NotFound(404, None, "the lease is another run's")
    user = stored.schedule_layers[0].users[0].user.id
    write.update(transport, _schedule(name, lease, user), stored, now=lease.at)


def drop_lease(transport: Transport, id_: str) -> bool:
    """Whether it was there: of two that drop one lease, one learns that it did."""
    try:
        write.delete(transport, "schedule", id_)
    except NotFound:
        return False
    return True


def _schedule(name: str, lease: Lease, user: str) -> Schedule:
    start = lease.since - lease.since % MINUTE + _AWAY
    turn = Layer(name=LEASE_KEY, users=(user,), turn_seconds=DAY, virtual_start=start, start=start)
    return Schedule(name=name, time_zone="Etc/UTC", description=lease.text, layers=(turn,))


def _anybody(transport: Transport) -> str:
    """PagerDuty takes no schedule without a user."""
    for user in transport.get("/users", {"limit": 100}).items("users"):
        if user.get("role") not in NEVER_SERVE and user.get("id"):
            return str(user["id"])
    raise AccountUnfit("the account has no user who may be on a schedule", remedy="invite somebody")
