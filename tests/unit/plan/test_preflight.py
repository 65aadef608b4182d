"""What this account would refuse, told while planning: blocked with its dependants, or as a possible refusal."""

from __future__ import annotations

import pytest

from pretend import NOW, Pretend, empty_account, plan_for, with_rotation
from watchbill.account.incidents import Incident
from watchbill.account.objects import Account
from watchbill.account.wanted import keys_of
from watchbill.model.ladders import LongStep, step_targets
from watchbill.model.policy import Policy
from watchbill.model.text import DateOrTime
from watchbill.plan.document import Notice, Plan
from watchbill.plan.preflight_incidents import incidents_matter


def with_role(account: Account, handle: str, role: str) -> Account:
    users = tuple(
        u.model_copy(update={"role": role}) if u.name == f"User {handle}" else u for u in account.users
    )
    assert users != account.users
    return account.model_copy(update={"users": users})


def notice(plan: Plan, rule: str) -> Notice:
    (found,) = [n for n in plan.notices if n.rule == rule]
    return found


def written(plan: Plan) -> set[str]:
    return {c.key for c in plan.changes if c.kind != "override"}


@pytest.mark.parametrize("role", ["read_only_user", "read_only_limited_user"])
def test_a_stakeholder_blocks_what_they_would_serve_on_and_no_more(policy: Policy, role: str) -> None:
    account = with_role(empty_account(policy, NOW), "infra-2", role)
    plan = plan_for(policy, account, NOW)
    told = notice(plan, "stakeholder")
    assert told.severity == "error"
    assert told.message.startswith("rotation/infra is left as it is:")
    assert f"infra-2 ({role})" in told.message
    assert "rotation/infra" not in written(plan)
    assert {"rotation/primary", "rotation/backend", "ladder/database-P1"} <= written(plan)
    waiting = {n.message.split()[0] for n in plan.notices if n.rule == "waits-for"}
    assert "ladder/infrastructure-P1" in waiting
    assert not written(plan) & waiting


def test_who_serves_already_is_not_asked_for_their_role(policy: Policy, applied: Pretend) -> None:
    account = with_role(applied.account, "infra-2", "read_only_user")
    assert not plan_for(policy, account, NOW).changes
    changed = plan_for(with_rotation(policy, "infra", description="other words"), account, NOW)
    assert written(changed) == {"rotation/infra"}


def test_a_stakeholder_on_a_ladder_is_found_too(policy: Policy) -> None:
    account = with_role(empty_account(policy, NOW), "cto-holder", "read_only_user")
    found = [n.message for n in plan_for(policy, account, NOW).notices if n.rule == "stakeholder"]
    assert found
    assert all(m.startswith("ladder/") and "cto-holder" in m for m in found)


def test_restricted_people_are_a_possible_refusal(policy: Policy) -> None:
    account = with_role(empty_account(policy, NOW), "infra-2", "restricted_access")
    plan = plan_for(policy, account, NOW)
    assert "infra-2" in notice(plan, "possible-refusal").message
    assert "rotation/infra" in written(plan)


def test_a_rotation_that_is_over_is_not_made_empty(policy: Policy, applied: Pretend) -> None:
    over = with_rotation(policy, "infra", until=DateOrTime("2026-11-01"))
    plan = plan_for(over, empty_account(policy, NOW), NOW)
    assert "nobody is on duty any more" in notice(plan, "rotation-over").message
    assert "rotation/infra" not in written(plan)
    assert "rotation/infra" in written(plan_for(over, applied.account, NOW)), "one that is there may end"


def test_round_robin_needs_the_plan_for_it(policy: Policy) -> None:
    steps = {
        minute: LongStep(page=(*step_targets(step), "primary"), round_robin=True)
        for minute, step in policy.severities["P1"].steps.items()
    }
    severities = {
        **policy.severities,
        "P1": policy.severities["P1"].model_copy(update={"steps": steps}),
    }
    turns = policy.model_copy(update={"severities": severities})
    account = empty_account(policy, NOW)
    assert not [n for n in plan_for(turns, account, NOW).notices if n.rule == "no-round-robin"]
    plan = plan_for(turns, account.model_copy(update={"lacks": frozenset({"round robin"})}), NOW)
    found = [n.message.split()[0] for n in plan.notices if n.rule == "no-round-robin"]
    assert sorted(found) == sorted(
        k for k in keys_of(policy) if k.endswith("-P1") and k.startswith("ladder/")
    )
    assert not set(found) & written(plan)
    assert "ladder/database-P2" in written(plan)


def test_teams_that_the_plan_of_the_account_does_not_have(policy: Policy) -> None:
    named = with_rotation(policy, "infra", team=("nights",)).model_copy(
        update={"teams": {"nights": "Nights"}}
    )
    account = empty_account(policy, NOW).model_copy(update={"lacks": frozenset({"teams"})})
    assert "nights" in notice(plan_for(named, account, NOW), "no-teams").message
    assert not [n for n in plan_for(policy, account, NOW).notices if n.rule == "no-teams"]


def test_more_than_five_targets_may_be_refused_until_one_was_seen(policy: Policy, applied: Pretend) -> None:
    crowd = ("infra-1", "infra-2", "infra-3", "infra-4", "primary-1", "primary-2")
    wide = LongStep(page=crowd)
    first = next(iter(policy.severities["P1"].steps))
    steps = {**policy.severities["P1"].steps, first: wide}
    severity = policy.severities["P1"].model_copy(update={"steps": steps})
    many = policy.model_copy(update={"severities": {**policy.severities, "P1": severity}})
    plan = plan_for(many, applied.account, NOW)
    assert "older accounts take 5 targets" in notice(plan, "possible-refusal").message
    applied.apply(plan, NOW)
    again = many.model_copy(
        update={"severities": {**many.severities, "P1": severity.model_copy(update={"repeat": 4})}}
    )
    assert not [n for n in plan_for(again, applied.account, NOW).notices if n.rule == "possible-refusal"]


def test_a_zone_off_the_list_may_be_refused_unless_it_is_there_already(
    policy: Policy, applied: Pretend
) -> None:
    assert policy.rotations["infra"].pagerduty.kind != "shifts"
    toronto = with_rotation(policy, "infra", time_zone="America/Toronto")
    plan = plan_for(toronto, applied.account, NOW)
    told = notice(plan, "possible-refusal")
    assert told.severity == "note"
    assert policy.rotations["infra"].vendor_name in told.message
    assert "America/New_York for America/Toronto" in told.hint
    assert "rotation/infra" in written(plan), "the list may have grown"
    applied.apply(plan, NOW)
    again = with_rotation(toronto, "infra", description="other words")
    plan = plan_for(again, applied.account, NOW)
    assert "rotation/infra" in written(plan)
    assert not [n for n in plan.notices if n.rule == "possible-refusal"]


def incident(number: int, policy_id: str) -> Incident:
    return Incident(
        id=f"Q{number}",
        number=number,
        title=f"Trouble {number}",
        status="triggered",
        urgency="high",
        service="PS1",
        policy=policy_id,
        opened=NOW,
    )


def without_infra(policy: Policy) -> Policy:
    """Nothing pages infra any more, and the rotation goes."""
    domains = {
        handle: domain.model_copy(update={"primary": "primary"}) if domain.primary == "infra" else domain
        for handle, domain in policy.domains.items()
    }
    rotations = {h: r for h, r in policy.rotations.items() if h != "infra"}
    return policy.model_copy(update={"domains": domains, "rotations": rotations})


def test_a_schedule_that_an_open_incident_pages_waits(policy: Policy, applied: Pretend) -> None:
    smaller, history = without_infra(policy), keys_of(policy)
    unread = plan_for(smaller, applied.account, NOW, history=history)
    assert ("delete", "rotation/infra") in {(c.action, c.key) for c in unread.changes}
    assert incidents_matter(unread.changes)
    assert "the token may not list incidents" in notice(unread, "possible-refusal").message

    on_it = next(p.id for p in applied.account.policies if p.key == "ladder/infrastructure-P1")
    busy = applied.account.model_copy(update={"open_incidents": (incident(12, on_it),)})
    plan = plan_for(smaller, busy, NOW, history=history)
    assert "delete" not in {c.action for c in plan.changes}
    told = [n for n in plan.notices if n.rule == "open-incidents"]
    assert [n.severity for n in told] == ["warning", "note"]
    assert "schedule 'medicalcor-infra' is not deleted yet" in told[0].message
    assert all("#12 'Trouble 12'" in n.message for n in told)

    elsewhere = applied.account.model_copy(update={"open_incidents": (incident(13, "PELSE"),)})
    plan = plan_for(smaller, elsewhere, NOW, history=history)
    assert "delete" in {c.action for c in plan.changes}
    assert "#13" in notice(plan, "possible-refusal").message

    quiet = applied.account.model_copy(update={"open_incidents": ()})
    plan = plan_for(smaller, quiet, NOW, history=history)
    assert "delete" in {c.action for c in plan.changes}
    assert not {"possible-refusal", "open-incidents"} & {n.rule for n in plan.notices}


def test_what_is_in_use_is_told_by_name(policy: Policy, applied: Pretend) -> None:
    smaller, history = without_infra(policy), keys_of(policy)
    theirs = next(p for p in applied.account.policies if p.key == "ladder/infrastructure-P1")
    applied.put(theirs.model_copy(update={"id": "PFOREIGN", "name": "Theirs", "key": "", "marker": None}))
    plan = plan_for(smaller, applied.account, NOW, history=history)
    assert "delete" not in {c.action for c in plan.changes}
    told = notice(plan, "in-use").message
    assert told == (
        "schedule 'medicalcor-infra' cannot be deleted: escalation policy 'Theirs' (PFOREIGN) uses it"
    )
