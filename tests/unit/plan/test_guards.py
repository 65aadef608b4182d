from __future__ import annotations

from pretend import NOW, applied_from_nothing, plan_for, shipped_policy
from watchbill.model.policy import Policy
from watchbill.model.rotations import Absence
from watchbill.model.settings import Guards
from watchbill.rota.clock import parse_instant

NEXT_YEAR = parse_instant("2027-01-04T14:00:00Z")


def strict() -> Policy:
    """One object in a hundred may change."""
    policy = shipped_policy()
    guards = Guards.model_validate({"max_changed": "1%"})
    return policy.model_copy(update={"settings": policy.settings.model_copy(update={"guards": guards})})


def test_a_crew_change_of_one_rotation_counts_as_one_object() -> None:
    policy = strict()
    primary = policy.rotations["primary"].model_copy(update={"crew": ("primary-1", "primary-2")})
    changed = policy.model_copy(update={"rotations": {**policy.rotations, "primary": primary}})
    plan = plan_for(changed, applied_from_nothing(policy).account, NOW)
    assert "changed" in {guard.guard for guard in plan.guards}


def test_leave_that_only_makes_overrides_changes_no_object() -> None:
    policy = strict()
    fields = {"person": "infra-1", "first_day": "2026-12-01", "last_day": "2026-12-31"}
    away = Absence.model_validate({**fields, "covered_by": "infra-2"})
    plan = plan_for(
        policy.model_copy(update={"absences": (away,)}), applied_from_nothing(policy).account, NOW
    )
    assert {change.action for change in plan.changes if change.kind == "schedule"} == {"update"}
    assert not plan.guards


def test_work_that_time_brings_is_never_stopped() -> None:
    policy = strict()
    plan = plan_for(policy, applied_from_nothing(policy).account, NEXT_YEAR)
    assert {change.class_ for change in plan.changes} == {"upkeep"}
    assert not plan.guards
