"""Drift with a name of its own, and drift that the settings acknowledge for a while.

An acknowledgement covers exactly one difference between account and policy: another edit of the same object, a
change of the policy to it, and work that time brings to it all make another difference, which stands again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from watchbill.account.canon import timeless_form_of
from watchbill.account.objects import ManagedObject
from watchbill.model.policy import Policy
from watchbill.model.settings import Acknowledged
from watchbill.plan.document import (
    AcknowledgedDrift,
    Change,
    FieldChange,
    Notice,
    OverrideWrite,
    canonical_json,
)
from watchbill.plan.order import points_at
from watchbill.plan.rules import ALONE, RULES
from watchbill.plan.waivers import Raised
from watchbill.rota.clock import Instant, date_of, zone

DIGITS = 7


def drift_id(want: ManagedObject, has: ManagedObject, more: Sequence[str], now: Instant) -> str:
    """The same as long as the two differ in the same way.  `more`: what else is to be written to the object."""
    wanted, found = timeless_form_of(want, at=now), timeless_form_of(has, at=now)
    paths = sorted({**wanted, **found})
    differs = {
        path: [wanted.get(path), found.get(path)] for path in paths if wanted.get(path) != found.get(path)
    }
    return short_id([want.kind, want.key, differs, sorted(more)])


def short_id(what: object) -> str:
    """A letter first, so that YAML never takes it for a number."""
    return "d" + hashlib.sha256(canonical_json(what).encode()).hexdigest()[:DIGITS]


@dataclass(frozen=True, slots=True)
class SetAside:
    """`changes` and `notices` stay; `known` does not count for now."""

    changes: tuple[Change, ...]
    notices: tuple[Notice, ...]
    known: tuple[AcknowledgedDrift, ...]


def set_aside(changes: Sequence[Change], notices: Sequence[Notice], policy: Policy, now: Instant) -> SetAside:
    """With what to know about acknowledgements, and about what waits for an object that stays deleted."""
    valid = acknowledged_now(policy, now)
    kept = [change for change in changes if not _is_known(change, valid)]
    known = [_known(c, c.fields, valid[c.drift_id]) for c in changes if _is_known(c, valid)]
    told = [notice for notice in notices if notice.drift_id not in valid]
    known += [_known(n, (), valid[n.drift_id]) for n in notices if n.drift_id in valid]
    missing = {change.key for change in changes if change.action == "create" and _is_known(change, valid)}
    kept, waiting = _without(kept, missing)
    met = {*(change.drift_id for change in changes), *(notice.drift_id for notice in notices)}
    told += [*waiting, *(_gone(a) for a in valid.values() if a.drift not in met)]
    return SetAside(tuple(kept), tuple(told), tuple(known))


def mixed(
    known: Sequence[AcknowledgedDrift], changes: Sequence[Change], fresh: Collection[str]
) -> Iterator[Raised]:
    """`fresh`: drift that nobody had acknowledged before this change.  It is left alone, but nothing else is written."""
    names = [one.name for one in known if one.drift_id in fresh]
    if names and any(change.class_ != "upkeep" for change in changes):
        message = f"the drift of {', '.join(names)} is acknowledged by this same change"
        yield RULES, message, ALONE


def acknowledged_now(policy: Policy, now: Instant) -> dict[str, Acknowledged]:
    today = date_of(zone(policy.settings.time_zone).day_of(now))
    return {a.drift: a for a in policy.settings.acknowledged if a.expires.value >= today}


def deleted_by_hand(change: Change) -> Change:
    """A create of what was there before: somebody deleted it."""
    return change.model_copy(update={"class_": "drift", "drift_id": short_id(["deleted", change.ref])})


def _is_known(change: Change, valid: Mapping[str, Acknowledged]) -> bool:
    return change.class_ == "drift" and change.drift_id in valid


def _without(changes: Sequence[Change], missing: set[str]) -> tuple[list[Change], list[Notice]]:
    """What points at an object that stays away cannot be written either."""
    kept = list(changes)
    notices: list[Notice] = []
    while True:
        waiting = [(change, needs) for change in kept if (needs := _needed(change) & missing)]
        if not waiting:
            return kept, notices
        for change, needs in waiting:
            kept.remove(change)
            missing = missing | ({change.key} if change.action == "create" else set())
            if change.kind not in ("override", "integration"):
                message = f"{change.key} is left as it is: it needs {min(needs)}"
                message += ", which stays deleted (acknowledged)"
                notices.append(Notice(rule="waits-for", severity="note", message=message, key=change.key))


def _needed(change: Change) -> set[str]:
    if isinstance(change.want, OverrideWrite):
        return {change.want.schedule_key}
    return {ref.key for ref in points_at(change.want) if ref.key}


def _known(item: Change | Notice, fields: tuple[FieldChange, ...], known: Acknowledged) -> AcknowledgedDrift:
    return AcknowledgedDrift.model_validate(
        {
            "drift_id": item.drift_id,
            "kind": item.kind,
            "key": item.key,
            "name": item.name,
            "fields": fields,
            "what": item.action if isinstance(item, Change) else item.rule,
            "reason": known.reason,
            "expires": str(known.expires),
        }
    )


def _gone(known: Acknowledged) -> Notice:
    message = f"drift {known.drift} is acknowledged ({known.reason}), and there is none such now"
    return Notice(
        rule="acknowledged-gone",
        severity="note",
        message=message,
        hint="it was undone, adopted, or became another one: delete the line from settings.acknowledged",
    )
