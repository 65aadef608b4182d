"""An edit that was adopted is the policy's own from then on, also when the policy moves again.

Adopting writes nothing to the account, so its marker still tells of the write before the edit.  What a commit since
that write wanted exactly as the account has it was nobody's edit behind the policy's back any more: no conflict.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchbill.account.objects import Marker
    from watchbill.cli.planning import Reading
    from watchbill.plan.document import Plan

_COMMITS_LOOKED_AT = 20


def settled(reading: Reading, plan: Plan) -> Plan:
    """Looks into history only where there is a conflict."""
    from watchbill.plan.document import plan_digest

    open_ = _conflicts(reading, plan)
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


def _conflicts(reading: Reading, plan: Plan) -> dict[str, int]:
    """Ref of the change -> when we wrote the object last."""
    markers: dict[tuple[str, str], Marker | None] = {
        (obj.kind, obj.id): obj.marker for obj in reading.account.everything()
    }
    found = {}
    for change in plan.changes:
        marker = markers.get((change.kind, change.id))
        if change.class_ == "conflict" and marker is not None:
            found[change.ref] = marker.at
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
