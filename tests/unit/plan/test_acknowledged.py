"""Drift has an id of its own, and what the settings acknowledge by it is set aside until its day."""

from __future__ import annotations

import pytest

from pretend import NOW, applied_from_nothing, plan_for, shipped_policy
from watchbill.account.objects import Account
from watchbill.model.policy import Policy
from watchbill.model.settings import Acknowledged
from watchbill.plan.document import Change, Plan
from watchbill.plan.drift import drift_of, is_drifted
from watchbill.rota.clock import DAY


@pytest.fixture(scope="module")
def policy() -> Policy:
    return shipped_policy()


@pytest.fixture(scope="module")
def account(policy: Policy) -> Account:
    return applied_from_nothing(policy).account


def edited(account: Account, zone: str) -> Account:
    schedules = tuple(
        s.model_copy(update={"time_zone": zone}) if s.key == "rotation/infra" else s
        for s in account.schedules
    )
    return account.model_copy(update={"schedules": schedules})


def acknowledging(policy: Policy, drift: str, expires: str) -> Policy:
    known = Acknowledged.model_validate({"drift": drift, "reason": "we know", "expires": expires})
    return policy.model_copy(
        update={"settings": policy.settings.model_copy(update={"acknowledged": (known,)})}
    )


def drifted(plan: Plan) -> Change:
    (change,) = (change for change in plan.changes if change.class_ == "drift")
    return change


def test_the_id_stays_as_time_passes_and_goes_with_the_edit(policy: Policy, account: Account) -> None:
    london = drifted(plan_for(policy, edited(account, "Europe/London"), NOW)).drift_id
    later = [
        drifted(plan_for(policy, edited(account, "Europe/London"), NOW + days * DAY)).drift_id
        for days in (1, 8, 40)
    ]
    paris = drifted(plan_for(policy, edited(account, "Europe/Paris"), NOW)).drift_id
    assert {london, *later} == {london}
    assert paris != london
    assert Acknowledged.model_validate({"drift": london, "reason": "r", "expires": "2026-12-01"})


def test_what_is_acknowledged_is_set_aside_until_its_day(policy: Policy, account: Account) -> None:
    found = edited(account, "Europe/London")
    id_ = drifted(plan_for(policy, found, NOW)).drift_id
    plan = plan_for(acknowledging(policy, id_, "2026-11-23"), found, NOW)
    assert [known.drift_id for known in plan.acknowledged] == [id_]
    assert (plan.is_empty, is_drifted(plan), plan.effects.shifts) == (True, False, ())
    past = plan_for(acknowledging(policy, id_, "2026-11-22"), found, NOW)
    assert (drifted(past).drift_id, past.acknowledged) == (id_, ())


def test_another_edit_stands_and_the_old_acknowledgement_is_told_to_be_gone(
    policy: Policy, account: Account
) -> None:
    id_ = drifted(plan_for(policy, edited(account, "Europe/London"), NOW)).drift_id
    plan = plan_for(acknowledging(policy, id_, "2027-01-01"), edited(account, "Europe/Paris"), NOW)
    assert drifted(plan)
    assert [n.severity for n in plan.notices if n.rule == "acknowledged-gone"] == ["note"]


def test_an_acknowledgement_never_covers_a_conflict(policy: Policy, account: Account) -> None:
    found = edited(account, "Europe/London")
    infra = policy.rotations["infra"].model_copy(update={"description": "for nights"})
    moved = policy.model_copy(update={"rotations": {**policy.rotations, "infra": infra}})
    (conflict,) = (c for c in plan_for(moved, found, NOW).changes if c.class_ == "conflict")
    plan = plan_for(acknowledging(moved, conflict.drift_id, "2027-01-01"), found, NOW)
    assert [c.class_ for c in plan.changes] == ["conflict"]


def test_drift_that_was_told_before_is_known(policy: Policy, account: Account) -> None:
    first = drift_of(plan_for(policy, edited(account, "Europe/London"), NOW))
    again = drift_of(plan_for(policy, edited(account, "Europe/London"), NOW + DAY), seen=first)
    other = drift_of(plan_for(policy, edited(account, "Europe/Paris"), NOW), seen=first)
    ids = tuple(change.drift_id for change in first.changes)
    assert (again.known, again.gone) == (ids, ())
    assert (other.known, other.gone) == ((), ids)
