"""What a reviewer saw of a plan, small enough to keep beside a pull request; and what of a later plan that covers.

Time may pass between the two, other reviewed work may have been applied, so plans are not compared word for word.
A change is covered where its end was reviewed (the same object as wanted, or the very same policy) and nobody else
edited the object since (the account's side has not moved, or is as it was reviewed).  Upkeep needs no review.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import ValidationError

from watchbill.account.canon import timeless_form_of
from watchbill.account.objects import EscalationPolicy, Ref, Schedule, Service
from watchbill.model.base import Model
from watchbill.plan.document import Action, Change, OverrideWrite, Plan, canonical_json
from watchbill.rota.clock import parse_instant

MOST_LISTED = 400
"""Changes of one plan; more are covered by the policy's digest only."""
_DIGITS = 12
_UNTIMED = frozenset({"id", "marker", "since"})


class Seen(Model):
    ref: str
    action: Action
    before: str
    """Fingerprint of the object as the plan read it."""
    after: str


class Reviewed(Model):
    format: Literal["watchbill.reviewed/1"] = "watchbill.reviewed/1"
    head: str
    """The pull request's commit that the plan was made for."""
    account: str
    policy: str
    plan: str
    at: str
    changes: tuple[Seen, ...] | None = None
    """None = too many to list."""


def reviewed_of(plan: Plan, head: str) -> Reviewed:
    listed = None
    if len(plan.changes) <= MOST_LISTED:
        listed = tuple(_seen(change, plan.at) for change in plan.changes)
    return Reviewed(
        head=head,
        account=plan.account,
        policy=plan.policy.digest,
        plan=plan.digest,
        at=plan.at,
        changes=listed,
    )


def uncovered(plan: Plan, reviewed: Iterable[Reviewed]) -> tuple[Change, ...]:
    """The changes that nobody reviewed as they are now."""
    records = [record for record in reviewed if record.account == plan.account]
    return tuple(c for c in plan.changes if c.class_ != "upkeep" and not _is_covered(c, plan, records))


def encode(record: Reviewed) -> str:
    return base64.b64encode(zlib.compress(record.model_dump_json().encode(), 9)).decode()


def decode(text: str) -> Reviewed | None:
    """None for what is no record."""
    try:
        return Reviewed.model_validate_json(zlib.decompress(base64.b64decode(text, validate=True)))
    except (ValidationError, ValueError, zlib.error, binascii.Error):
        return None


def _is_covered(change: Change, plan: Plan, records: Sequence[Reviewed]) -> bool:
    now = _seen(change, plan.at)
    for record in records:
        same_policy = record.policy == plan.policy.digest
        if record.changes is None:
            if same_policy and change.class_ == "pending":
                return True
            continue
        for seen in record.changes:
            if seen.ref != now.ref or not _same_kind(seen.action, now.action):
                continue
            account_stood = change.class_ == "pending" or seen.before == now.before
            if account_stood and (same_policy or seen.after == now.after):
                return True
    return False


def _same_kind(seen: Action, now: Action) -> bool:
    """What was to be created may be there by now, unfinished."""
    return seen == now or (seen == "create" and now == "update")


def _seen(change: Change, at: str) -> Seen:
    return Seen(
        ref=change.ref,
        action=change.action,
        before=change.fingerprint[:_DIGITS],
        after=end_of(change, parse_instant(at)),
    )


def end_of(change: Change, at: int) -> str:
    """Digest of the object as wanted; what it points at counts by the policy's key, which it keeps when it is made."""
    want = change.want
    form: Any
    if isinstance(want, EscalationPolicy):
        rules = tuple(
            rule.model_copy(update={"targets": tuple(map(_by_key, rule.targets))}) for rule in want.rules
        )
        form = timeless_form_of(want.model_copy(update={"rules": rules}), at=at)
    elif isinstance(want, Service):
        form = timeless_form_of(want.model_copy(update={"policy": _by_key(want.policy)}), at=at)
    elif isinstance(want, Schedule):
        form = timeless_form_of(want, at=at)
    elif isinstance(want, OverrideWrite):
        form = [want.schedule_key, *want.slot.match]
    else:
        form = _timeless(want.model_dump(mode="json")) if want is not None else None
    return hashlib.sha256(canonical_json(form).encode()).hexdigest()[:_DIGITS]


def _by_key(ref: Ref) -> Ref:
    return ref.model_copy(update={"id": ""}) if ref.key else ref


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _timeless(item) for key, item in value.items() if key not in _UNTIMED}
    return [_timeless(item) for item in value] if isinstance(value, list) else value
