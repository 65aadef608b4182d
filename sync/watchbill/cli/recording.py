"""Records of what was read, next to the pinned ids of the YAML: `adopt` writes them where import did not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from watchbill.cli.changing import Draft
    from watchbill.cli.planning import Reading
    from watchbill.findings import Place
    from watchbill.model.policy import Policy
    from watchbill.model.text import ReadRecord

_PLACES = {"rotation": "rotations", "ladder": "ladders", "service": "services"}


def record(draft: Draft, reading: Reading, keys: Collection[str]) -> tuple[str, ...]:
    """Writes the record of each pinned object among `keys` into the draft; the keys that it wrote."""
    from watchbill.adopt.drift_edit import put

    found = {key: read for key, read in _records(reading, draft.after()[1]).items() if key in keys}
    for key, read in found.items():
        draft.edit(place_of(key), put("pagerduty", "read", value=read.text))
    return tuple(found)


def unrecorded(reading: Reading, policy: Policy) -> tuple[str, ...]:
    """Keys of pinned objects that have neither a marker nor a record."""
    from watchbill.account.wanted import pins_of

    unmarked = {obj.id for obj in reading.account.objects() if obj.marker is None}
    return tuple(key for key, pin in pins_of(policy).items() if pin.read is None and pin.id in unmarked)


def place_of(key: str) -> Place:
    kind, _, handle = key.partition("/")
    return (_PLACES[kind], handle)


def _records(reading: Reading, policy: Policy) -> dict[str, ReadRecord]:
    from watchbill.account.record import record_of
    from watchbill.account.wanted import wanted
    from watchbill.plan.link import link
    from watchbill.plan.sides import with_ids
    from watchbill.rota.duty import Roster

    want = wanted(policy, reading.account, roster=Roster(policy), now=reading.now)
    links = link(want, reading.account)
    found = {}
    for item in want.objects:
        current = links.current.get(item.want.key)
        if item.pin is not None and current is not None:
            sent = replace(item, want=with_ids(item.want, links))
            found[item.want.key] = record_of(sent, current, want, reading.now)
    return found
