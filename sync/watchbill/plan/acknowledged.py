"""Drift with a name of its own, and drift that the settings acknowledge for a while.

An acknowledgement covers exactly one difference between account and policy: another edit of the same object, a
change of the policy to it, and work that time brings to it all make another difference, which stands again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from watchbill.account.canon import timeless_form_of
from watchbill.account.objects import ManagedObject
from watchbill.model.policy import Policy
from watchbill.model.settings import Acknowledged
from watchbill.plan.document import AcknowledgedDrift, Change, Notice, canonical_json
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


def set_aside(
    changes: Sequence[Change], policy: Policy, now: Instant
) -> tuple[list[Change], tuple[AcknowledgedDrift, ...], list[Notice]]:
    """The changes that stay, the drift that does not count for now, and what to know about acknowledgements."""
    today = date_of(zone(policy.settings.time_zone).day_of(now))
    valid = {a.drift: a for a in policy.settings.acknowledged if a.expires.value >= today}
    kept, aside = [], []
    for change in changes:
        known = valid.get(change.drift_id) if change.class_ == "drift" else None
        if known is None:
            kept.append(change)
        else:
            aside.append(_known(change, known))
    met = {change.drift_id for change in changes if change.drift_id}
    return kept, tuple(aside), [_gone(a) for a in valid.values() if a.drift not in met]


def _known(change: Change, known: Acknowledged) -> AcknowledgedDrift:
    return AcknowledgedDrift(
        drift_id=change.drift_id,
        kind=change.kind,
        key=change.key,
        name=change.name,
        fields=change.fields,
        reason=known.reason,
        expires=str(known.expires),
    )


def _gone(known: Acknowledged) -> Notice:
    message = f"drift {known.drift} is acknowledged ({known.reason}), and there is none such now"
    return Notice(
        rule="acknowledged-gone",
        severity="note",
        message=message,
        hint="it was undone, adopted, or became another one: delete the line from settings.acknowledged",
    )
