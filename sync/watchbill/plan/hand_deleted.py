"""Objects that a plan would make, and that were there before: somebody deleted them, so they are drift.

Nothing in the account tells of them any more.  Known is what the audit trail tells, and what the journals of this
machine say was made.  What we deleted ourselves is simply wanted again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from watchbill.plan import words
from watchbill.plan.acknowledged import deleted_by_hand
from watchbill.plan.attribution import NO_TRAIL, UNKNOWN, Ours, Record, Trail, how, who
from watchbill.plan.document import Change, Notice, Plan, plan_digest

RULE = "deleted-by-hand"
KINDS = ("schedule", "escalation_policy", "service")


@dataclass(frozen=True, slots=True)
class Deletion:
    kind: str
    id: str
    name: str
    """As the trail has it: of the time of the deletion."""
    record: Record


@dataclass(frozen=True, slots=True)
class Known:
    deletions: Sequence[Deletion] = ()
    """Newest first."""
    unknown: str = ""
    """Why the trail tells nothing."""
    made: Mapping[str, str] = field(default_factory=dict)
    """`ref` -> id of what this machine made and did not delete."""
    wanted_at: Callable[[str, int], bool | None] = field(default=lambda key, at: None)
    """Whether the policy of that time had this key; None = nobody knows."""


def suspects(plan: Plan) -> tuple[Change, ...]:
    return tuple(c for c in plan.changes if c.action == "create" and c.kind in KINDS)


def told_apart(plan: Plan, known: Known, ours: Ours, zone_name: str) -> tuple[Plan, dict[str, Trail]]:
    """The plan with such creates as drift and a notice for each, and a trail by `ref` for who it was."""
    trails: dict[str, Trail] = {}
    notices: list[Notice] = []
    for change in suspects(plan):
        found = _deletion(change, known, ours)
        if found is not None:
            trails[change.ref] = Trail((found.record,))
            when = words.local(found.record.at, zone_name)
            notices.append(_notice(change, f"by {who(found.record, ours)} ({how(found.record)}), {when}"))
        elif change.ref in known.made:
            trails[change.ref] = Trail(unknown=known.unknown or NO_TRAIL)
            notices.append(_notice(change, f"by {UNKNOWN}: {known.unknown or NO_TRAIL}"))
    if not trails:
        return plan, {}
    changes = tuple(deleted_by_hand(c) if c.ref in trails else c for c in plan.changes)
    plan = plan.model_copy(update={"changes": changes, "notices": (*plan.notices, *notices)})
    return plan.model_copy(update={"digest": plan_digest(plan)}), trails


def _deletion(change: Change, known: Known, ours: Ours) -> Deletion | None:
    """The last one, unless it was our own, or of an object that only had the name."""
    made = known.made.get(change.ref, "")
    for found in known.deletions:
        if found.kind != change.kind or (found.id != made if made else found.name != change.name):
            continue
        own_token = found.record.method == "api_token" and found.record.token_tail == ours.token_tail != ""
        if found.record.request_id in ours.requests or own_token:
            return None
        return None if known.wanted_at(change.key, found.record.at) is False else found
    return None


def _notice(change: Change, by: str) -> Notice:
    what = {"schedule": "schedule", "escalation_policy": "escalation policy", "service": "service"}[
        change.kind
    ]
    message = f"{what} {change.name!r} was deleted in the account {by}; it is made again"
    hint = "if nobody needs it any more, take it out of the policy instead"
    return Notice(rule=RULE, severity="warning", message=message, hint=hint)
