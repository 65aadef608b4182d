"""Open incidents keep the escalation policy as it was when they began, and PagerDuty keeps its schedules for them.

Which schedules such a snapshot has is told nowhere once the policy was edited.  So what is known holds a delete
back, and what is not known is told as a possible refusal (facts: terraform-provider-pagerduty #567, #714, #902).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from watchbill.account.incidents import Incident
from watchbill.account.objects import Account
from watchbill.plan.document import Change, Notice
from watchbill.plan.unfit import listed

Doomed = set[tuple[str, str]]
"""kind, id"""

POSSIBLE = "possible-refusal"
"""Rule of what only a write reveals."""
_RESOLVE = "resolve them in PagerDuty, then run it again"


def incidents_matter(changes: Sequence[Change]) -> bool:
    """Whether the plan depends on what is open."""
    return any(
        (change.action == "delete" and change.kind in ("schedule", "escalation_policy"))
        or (change.action == "update" and change.kind == "escalation_policy")
        for change in changes
    )


def without_open(doomed: Doomed, account: Account, notices: list[Notice]) -> Doomed:
    """Without schedules that an open incident pages, or may page: one that is older than our write of its policy."""
    kept = set(doomed)
    edited = {policy.id: policy.marker.at for policy in account.policies if policy.marker is not None}
    older = [one for one in account.open_incidents or () if edited.get(one.policy, 0) >= one.opened]
    for schedule in account.schedules:
        if (schedule.kind, schedule.id) not in doomed:
            continue
        policies = {
            policy.id
            for policy in account.policies
            if any(ref.id == schedule.id for rule in policy.rules for ref in rule.targets)
        }
        found = [one for one in account.open_incidents or () if one.policy in policies]
        if found or older:
            how = "page it" if found else "may still page it"
            message = f"schedule {schedule.name!r} is not deleted yet: open incidents {how}: "
            told = Notice(
                rule="open-incidents",
                severity="warning",
                message=message + _told(found or older),
                hint=_RESOLVE,
            )
            notices.append(told)
            kept.discard((schedule.kind, schedule.id))
    return kept


def incident_notices(changes: Sequence[Change], account: Account) -> Iterator[Notice]:
    open_ = account.open_incidents
    gone = [c for c in changes if c.action == "delete" and c.kind == "schedule"]
    if gone and open_ is None:
        yield _possible(gone, "the token may not list incidents, and one that is open may still page it", "")
    elif gone and open_:
        why = f"an incident may have begun while it was on a policy: {_told(open_)}"
        yield _possible(gone, why, _RESOLVE)
    for change in changes:
        if change.kind != "escalation_policy" or change.action not in ("update", "delete"):
            continue
        found = [one for one in open_ or () if one.policy == change.id]
        if found:
            message = f"{change.name}: open incidents go on with it as it was: {_told(found)}"
            hint = "the change is for the next ones; reassign these where it matters"
            yield Notice(rule="open-incidents", severity="note", message=message, hint=hint)


def _possible(gone: Sequence[Change], why: str, hint: str) -> Notice:
    message = f"PagerDuty may refuse to delete {listed(c.name for c in gone)}: {why}"
    return Notice(rule=POSSIBLE, severity="note", message=message, hint=hint)


def _told(incidents: Sequence[Incident]) -> str:
    return listed((f"#{one.number} {one.title[:60]!r}" for one in incidents), most=3)
