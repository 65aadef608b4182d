"""Guards that know what a plan means: somebody was reached, and would not be; something it may not touch."""

from __future__ import annotations

from typing import Any

import click
import pytest

from pretend import NOW, Pretend, empty_account, plan_for, with_rotation
from watchbill.account.objects import Team
from watchbill.cli.waiving import parse_waivers
from watchbill.errors import UsageError
from watchbill.model.policy import Policy
from watchbill.model.settings import Guards, Waiver
from watchbill.model.text import DateOrTime, Window
from watchbill.plan.document import Plan
from watchbill.plan.waivers import waived_too

WEEKDAYS = Window("mon-fri 09:00-18:00")


def nobody_human(policy: Policy, *handles: str) -> Policy:
    machines = {h: policy.people[h].model_copy(update={"human": False}) for h in handles}
    return policy.model_copy(update={"people": {**policy.people, **machines}})


def scoped(policy: Policy, **scope: Any) -> Policy:
    guards = Guards.model_validate({"scope": scope})
    return policy.model_copy(update={"settings": policy.settings.model_copy(update={"guards": guards})})


def stands(plan: Plan) -> set[str]:
    return {guard.guard for guard in plan.refused}


def message(plan: Plan, guard: str) -> str:
    return next(g.message for g in plan.guards if g.guard == guard)


def test_a_24x7_rotation_that_gets_a_gap_is_refused_with_the_hours(policy: Policy, applied: Pretend) -> None:
    plan = plan_for(with_rotation(policy, "infra", hours=(WEEKDAYS,)), applied.account, NOW)
    assert "coverage-gap" in stands(plan)
    told = message(plan, "coverage-gap")
    assert told == (
        "infra has somebody at all hours, and would have nobody from Mon 2026-11-23 18:00 until "
        "Tue 2026-11-24 09:00"
    )


def test_a_rotation_that_ends_is_a_gap_and_one_that_had_gaps_may_keep_them(
    policy: Policy, applied: Pretend
) -> None:
    ends = with_rotation(policy, "infra", until=DateOrTime("2026-12-01"))
    assert "coverage-gap" in stands(plan_for(ends, applied.account, NOW))
    gappy = with_rotation(policy, "infra", hours=(WEEKDAYS,))
    applied.apply(plan_for(gappy, applied.account, NOW), NOW)
    other_crew = with_rotation(gappy, "infra", crew=("infra-2", "infra-1"))
    assert "coverage-gap" not in stands(plan_for(other_crew, applied.account, NOW))


def test_a_ladder_that_reaches_only_mailboxes_is_refused(policy: Policy, applied: Pretend) -> None:
    """All levels of one ladder go to one mailbox: nobody empty, and nobody there."""
    mailbox = nobody_human(policy, "infra-1")
    alone = mailbox.domains["infrastructure"].model_copy(update={"steps": None})
    severities = {
        handle: spec.model_copy(update={"steps": dict.fromkeys(spec.steps, "infra-1")})
        for handle, spec in mailbox.severities.items()
    }
    changed = mailbox.model_copy(
        update={"severities": severities, "domains": {**mailbox.domains, "infrastructure": alone}}
    )
    plan = plan_for(changed, applied.account, NOW)
    assert "no-human" in stands(plan)
    assert "empty-level" not in stands(plan)
    assert message(plan, "no-human").endswith("no level would reach a human from now")


def test_a_later_level_with_a_human_is_enough(policy: Policy, applied: Pretend) -> None:
    """Low urgency never escalates, so P4 ends at the mailbox; the others go on to managers."""
    mailbox = nobody_human(with_rotation(policy, "infra", crew=("infra-1",)), "infra-1")
    plan = plan_for(mailbox, applied.account, NOW)
    title = policy.domains["infrastructure"].title
    assert [g.message for g in plan.guards if g.guard == "no-human"] == [
        f"{title} P4: no level would reach a human from now until Mon 2026-12-07 09:00"
    ]


def test_a_rotation_that_loses_its_last_human_counts_where_it_is_all_there_is(
    policy: Policy, applied: Pretend
) -> None:
    severities = {
        handle: spec.model_copy(update={"steps": {next(iter(spec.steps)): "infra"}})
        for handle, spec in policy.severities.items()
    }
    only = policy.model_copy(update={"severities": severities})
    applied.apply(plan_for(only, applied.account, NOW), NOW)
    assert not stands(plan_for(only, applied.account, NOW))
    plan = plan_for(
        nobody_human(with_rotation(only, "infra", crew=("infra-1",)), "infra-1"), applied.account, NOW
    )
    assert "no-human" in stands(plan)


@pytest.mark.parametrize(
    ("scope", "refused"),
    [
        ({}, False),
        ({"kinds": ["rotations"]}, False),
        ({"kinds": "ladders"}, True),
        ({"names": "medicalcor-*"}, False),
        ({"names": ["medicalcor-backend", "*P1"]}, True),
        ({"teams": ["nights"]}, False),
        ({"teams": ["days"]}, True),
        ({"kinds": "rotations", "names": "medicalcor-infra*", "teams": "nights"}, False),
    ],
)
def test_a_run_touches_only_what_its_settings_name(
    policy: Policy, scope: dict[str, Any], refused: bool
) -> None:
    teams = {"nights": "Nights", "days": "Days"}
    base = with_rotation(policy, "infra", team=("nights",)).model_copy(update={"teams": teams})
    there = empty_account(base, NOW).model_copy(
        update={"teams": (Team(id="PT1", name="Nights"), Team(id="PT2", name="Days"))}
    )
    pretend = Pretend(there)
    pretend.apply(plan_for(base, there, NOW), NOW)
    changed = scoped(with_rotation(base, "infra", description="other words"), **scope)
    plan = plan_for(changed, pretend.account, NOW)
    assert [c.key for c in plan.changes] == ["rotation/infra"]
    assert stands(plan) == ({"scope"} if refused else set())
    if refused:
        assert policy.rotations["infra"].vendor_name in message(plan, "scope")


def test_the_team_of_a_service_is_that_of_its_ladder(policy: Policy, applied: Pretend) -> None:
    services = dict(policy.services)
    first = next(iter(services))
    services[first] = services[first].model_copy(update={"description": "other words"})
    changed = scoped(policy.model_copy(update={"services": services}), teams=["nights"])
    plan = plan_for(changed, applied.account, NOW)
    if plan.changes:
        assert stands(plan) == {"scope"}


def waiver(guard: str, reason: str, expires: str) -> Waiver:
    return Waiver.model_validate({"guard": guard, "reason": reason, "expires": expires})


def test_a_waiver_that_has_run_out_is_refused_and_named(policy: Policy, applied: Pretend) -> None:
    gappy = with_rotation(policy, "infra", hours=(WEEKDAYS,))
    old = waiver("coverage-gap", "nobody works at night", "2026-11-22")
    plan = plan_for(gappy, applied.account, NOW, waivers=[old])
    told = next(g.remedy for g in plan.refused if g.guard == "coverage-gap")
    assert "the waiver 'nobody works at night' ran out on 2026-11-22" in told
    last_day = waiver("coverage-gap", "still", "2026-11-23")
    assert "coverage-gap" not in stands(plan_for(gappy, applied.account, NOW, waivers=[old, last_day]))


def test_a_saved_plan_is_judged_by_the_waivers_of_the_day_of_its_apply(
    policy: Policy, applied: Pretend
) -> None:
    gappy = with_rotation(policy, "infra", hours=(WEEKDAYS,))
    plan = plan_for(gappy, applied.account, NOW)
    names = sorted(stands(plan))
    assert names == ["coverage-gap", "empty-level", "imminent", "no-human"]
    all_of_them = [waiver(name, "agreed", "2026-11-25") for name in names]
    zone = policy.settings.time_zone
    now_waived = waived_too(plan, all_of_them, now=NOW, zone_name=zone)
    assert not now_waived.refused
    week_later = waived_too(now_waived, all_of_them, now=NOW + 7 * 86_400, zone_name=zone)
    assert stands(week_later) == set(names)
    assert all(g.remedy.count("--waive") == 1 for g in week_later.guards)


def test_waivers_on_the_command_line() -> None:
    (plain,) = parse_waivers(("deletions=two teams merge: see ADR 7",), NOW)
    assert (plain.reason, str(plain.expires)) == ("two teams merge: see ADR 7", "2026-11-25")
    (until,) = parse_waivers(("scope=new team:2026-12-31",), NOW)
    assert (until.guard, until.reason, str(until.expires)) == ("scope", "new team", "2026-12-31")
    with pytest.raises(UsageError) as told:
        parse_waivers(("deletion=x",), NOW)
    assert "deletions" in told.value.remedy
    for bad in ("deletions", "deletions=", "deletions= ", "deletions=x:2026-13-01", "=x"):
        with pytest.raises((click.UsageError, UsageError)):
            parse_waivers((bad,), NOW)
