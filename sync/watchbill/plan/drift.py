"""The drift report: of a plan, what somebody else changed in the account."""

from __future__ import annotations

from watchbill.plan.document import Change, Plan
from watchbill.plan.link import COPIED_MARKER, LOST_MARKER, NAME_TAKEN

DRIFT_CLASSES = frozenset({"drift", "conflict"})

_TAKEN_AWAY = frozenset({LOST_MARKER, NAME_TAKEN, COPIED_MARKER})


def drift_changes(plan: Plan) -> tuple[Change, ...]:
    """Edits behind the policy's back; work that the policy or time brought is none."""
    return tuple(change for change in plan.changes if change.class_ in DRIFT_CLASSES)


def is_drifted(plan: Plan) -> bool:
    """Also where an edit took an object out of our hands, so that there is nothing we may change."""
    return bool(drift_changes(plan)) or any(notice.rule in _TAKEN_AWAY for notice in plan.notices)


def drift_of(plan: Plan) -> Plan:
    """The same plan with only its drift, to be shown; never applied, so it has no digest."""
    kept = drift_changes(plan)
    rotations = {change.key.split("/")[1] for change in kept if "/" in change.key}
    effects = plan.effects.model_copy(
        update={
            "on_call_now": tuple(e for e in plan.effects.on_call_now if e.rotation in rotations),
            "shifts": tuple(e for e in plan.effects.shifts if e.rotation in rotations),
        }
    )
    return plan.model_copy(update={"changes": kept, "effects": effects, "guards": (), "digest": ""})
