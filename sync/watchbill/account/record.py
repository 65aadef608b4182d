"""What both sides were when they last agreed: by the marker of our last write, or by the record next to a pinned id.

An import writes nothing to the account, so no marker is there.  The record in the YAML takes its place until the
first write to the object: `pagerduty: {id: PABC123, read: 3f9c2a@2026-11-23T14:00Z}`.
"""

from __future__ import annotations

from dataclasses import dataclass

from watchbill.account.digest import as_written, digest_of
from watchbill.account.marker import instant_shown, shown_instant, to_minute
from watchbill.account.objects import ManagedObject, Service
from watchbill.account.wanted import Wanted, WantedObject
from watchbill.model.text import ReadRecord
from watchbill.rota.clock import Instant


@dataclass(frozen=True, slots=True)
class Agreed:
    account: str
    """Digest of the account's object at `at`."""
    policy: str
    """Digest of the wanted object at `at`; mostly the same."""
    at: Instant


def agreed(item: WantedObject, current: ManagedObject) -> Agreed | None:
    """The newer of marker and record.  None = unknown."""
    marker, record = current.marker, _recorded(item)
    if record is not None and (marker is None or (marker.digest and record.at > marker.at)):
        return record
    if marker is None or as_written(current) is None:
        return None
    return Agreed(marker.digest, marker.digest, marker.at)


def record_of(item: WantedObject, current: ManagedObject, wanted: Wanted, now: Instant) -> ReadRecord:
    """`item` with the ids of what it points at."""
    at = to_minute(now)
    account = digest_of(owned_part(item, current), at)
    policy = digest_of(owned_part(item, wanted.as_of(item.want, at)), at)
    digests = account if account == policy else f"{account}={policy}"
    return ReadRecord.parse(f"{digests}@{shown_instant(at)}")


def owned_part(item: WantedObject, obj: ManagedObject) -> ManagedObject:
    """Without what is not ours: of a service with `manage: false` only its escalation policy counts."""
    return Service(name="", policy=obj.policy) if item.policy_only and isinstance(obj, Service) else obj


def _recorded(item: WantedObject) -> Agreed | None:
    if item.pin is None or item.pin.read is None:
        return None
    read = item.pin.read
    return Agreed(read.account, read.policy, read_at(read))


def read_at(read: ReadRecord) -> Instant:
    at = instant_shown(read.when)
    assert at is not None, "its pattern lets no other text pass"
    return at
