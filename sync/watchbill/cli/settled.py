"""An edit that was adopted is the policy's own from then on, also when the policy moves again.

Adopting writes nothing to the account, so its marker is still that of the write before the edit.  Nobody edited the
account without the policy where a commit since that write wanted exactly what the account has: no conflict.
An object without marker and record has only this: a difference is the policy's where an earlier commit wanted it so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchbill.account.objects import Marker
    from watchbill.cli.planning import Reading
    from watchbill.model.policy import Policy
    from watchbill.plan.document import Plan

_COMMITS_LOOKED_AT = 20


def settled(reading: Reading, plan: Plan, policy: Policy) -> Plan:
    """Looks into history only where there is a conflict, or a side is unknown."""
    from watchbill.plan.document import plan_digest

    open_ = _open(reading, plan, policy)
    agreed: set[str] = set()
    keys = {change.ref: change.key for change in plan.changes}
    for past, wants in _versions(reading, min(open_.values())) if open_ else ():
        differs = {change.ref for change in past.changes} | {known.ref for known in past.acknowledged}
        agreed |= {ref for ref in open_ if ref not in differs and keys[ref] in wants}
        if agreed == open_.keys():
            break
    if not agreed:
        return plan
    changes = tuple(
        change.model_copy(update={"class_": "pending", "drift_id": ""}) if change.ref in agreed else change
        for change in plan.changes
    )
    plan = plan.model_copy(update={"changes": changes})
    return plan.model_copy(update={"digest": plan_digest(plan)})


def _open(reading: Reading, plan: Plan, policy: Policy) -> dict[str, int]:
    """Ref of the change -> when both sides agreed last; 0 = unknown."""
    from watchbill.account.record import read_at
    from watchbill.account.wanted import pins_of

    markers: dict[tuple[str, str], Marker | None] = {
        (obj.kind, obj.id): obj.marker for obj in reading.account.everything()
    }
    pins = pins_of(policy)
    found = {}
    for change in plan.changes:
        marker, pin = markers.get((change.kind, change.id)), pins.get(change.key)
        written = marker.at if marker is not None else 0
        read = read_at(pin.read) if pin is not None and pin.read is not None else 0
        is_unknown = change.class_ == "drift" and change.action == "update" and marker is None and not read
        if change.class_ == "conflict" or is_unknown:
            found[change.ref] = max(written, read)
    return found


def _versions(reading: Reading, since: int) -> Iterator[tuple[Plan, frozenset[str]]]:
    """Plans of the policy's versions that were committed since then, newest first, with the keys they want."""
    from watchbill.account.wanted import keys_of
    from watchbill.history.git import repository
    from watchbill.history.policy import load_at

    repo = repository(reading.folder)
    if repo is None:
        return
    for commit in repo.commits(_COMMITS_LOOKED_AT):
        if commit.at < since:
            return
        loaded = load_at(repo, commit)
        if loaded.valid and loaded.policy is not None:
            plan = reading.unsettled(loaded, loaded.policy, commit=commit.id)
            if not any(notice.severity == "error" for notice in plan.notices):
                yield plan, keys_of(loaded.policy)
