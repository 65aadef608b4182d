"""What every form of a plan says beside its changes: whether it is in sync, what is known, what stands in the way."""

from __future__ import annotations

from typing import NamedTuple

from watchbill.plan.document import OTHER_CHANGES, AcknowledgedDrift, Notice, Plan
from watchbill.plan.manual_overrides import active_overrides
from watchbill.plan.preflight_incidents import POSSIBLE
from watchbill.report.rules import judged_by
from watchbill.report.shown import KIND

KNOWN_TITLE = "Acknowledged: edited in the account, left as it is"
_WHAT = {
    "create": "deleted",
    "lost-marker": "its watchbill line is gone",
    "name-taken": "not ours, under our name",
    "copied-marker": "with a copy of our watchbill line",
}


class KnownDrift(NamedTuple):
    """Not made safe for any format yet."""

    object: str
    details: str


def known_drift(one: AcknowledgedDrift) -> KnownDrift:
    what = _WHAT.get(one.what, ", ".join(field.path for field in one.fields))
    return KnownDrift(
        f"{KIND[one.kind]} {one.name} ({what})", f"drift {one.drift_id}, until {one.expires}: {one.reason}"
    )


def guards_title(plan: Plan) -> str:
    return "Guards stand in the way" if plan.refused else "Guards, waived"


def titled_notices(notices: tuple[Notice, ...]) -> list[tuple[str, list[Notice]]]:
    """What only a write reveals stands apart."""
    known = [notice for notice in notices if notice.rule != POSSIBLE]
    possible = [notice for notice in notices if notice.rule == POSSIBLE]
    return [(title, told) for title, told in (("To know", known), ("Possible refusals", possible)) if told]


def no_changes(plan: Plan) -> str:
    """Of a plan without any."""
    if plan.left_alone:
        return "No changes, but not in sync: see what was left as it is"
    if any(notice.rule == OTHER_CHANGES for notice in plan.notices):
        return "No upkeep is due, but other changes are"
    in_sync = f"In sync{for_now(plan)}: no changes"
    return "; ".join(filter(None, (in_sync, active_overrides(plan.notices))))


def for_now(plan: Plan) -> str:
    """Where a later apply has to write more; a notice has the dates."""
    return " for now" if plan.later else ""


def identity(plan: Plan) -> str:
    """What a review names: of the changes, and of the policy that they come from."""
    commit = f" ({plan.policy.commit[:12]})" if plan.policy.commit else ""
    rules = f", judged by the {judged_by(plan.judged_by)}" if plan.judged_by is not None else ""
    return f"plan {plan.digest[:12]}, policy {plan.policy.digest[:12]}{commit}{rules}"
