from __future__ import annotations

from pretend import NOW, Pretend, plan_for, with_rotation
from watchbill.model.ladders import LongStep, step_targets
from watchbill.model.policy import Policy
from watchbill.model.rotations import Override, Rotation
from watchbill.model.settings import Waiver
from watchbill.model.text import Window
from watchbill.plan.document import Plan
from watchbill.plan.drift import drift_of
from watchbill.plan.duty import Row, Stint, compared, joined
from watchbill.plan.effects import effects_between
from watchbill.rota.clock import DAY, WEEK, parse_instant

WEEKDAYS = Window("mon-fri 09:00-18:00")
HANDOFF = parse_instant("2026-11-30T07:00:00Z")


def dated(policy: Policy, handle: str, start: str, *people: str) -> Policy:
    """The crew of now, and another one from a date on."""
    spec = policy.rotations[handle].model_dump(by_alias=True, exclude_defaults=True)
    first = {"from": spec.pop("from"), "order": spec.pop("crew")}
    spec["crews"] = [first, {"from": start, "order": list(people)}]
    return policy.model_copy(
        update={"rotations": {**policy.rotations, handle: Rotation.model_validate(spec)}}
    )


def with_override(policy: Policy, start: str, end: str, person: str = "infra-1") -> Policy:
    spec = {"rotation": "infra", "person": person, "from": start, "until": end}
    return policy.model_copy(update={"overrides": (Override.model_validate(spec),)})


def rows(plan: Plan, handle: str, *, changed: bool = True) -> list[tuple[str, str, str | None, str | None]]:
    return [
        (s.start, s.end, s.before, s.after)
        for s in plan.effects.shifts
        if s.rotation == handle and (not changed or s.before != s.after)
    ]


def guards(plan: Plan) -> list[str]:
    return [guard.guard for guard in plan.refused]


def test_a_dated_crew_leaves_whoever_is_on_call_alone(policy: Policy, applied: Pretend) -> None:
    moved = dated(policy, "infra", "2026-12-07", "infra-2", "infra-1", "infra-3", "infra-4")
    plan = plan_for(moved, applied.account, NOW)
    assert [(e.rotation, e.before, e.after) for e in plan.effects.on_call_now] == [
        ("infra", "infra-3", "infra-3")
    ]
    assert rows(plan, "infra")[0] == ("2026-12-07T07:00:00Z", "2026-12-14T07:00:00Z", "infra-1", "infra-2")
    first = {p.person: p.first_change for p in plan.effects.people}
    assert first["infra-1"] == first["infra-2"] == "2026-12-07T07:00:00Z"
    assert not guards(plan)


def test_hours_gained_are_hours_lost(policy: Policy, applied: Pretend) -> None:
    moved = with_rotation(policy, "infra", crew=("infra-1", "infra-2", "infra-4", "infra-3"))
    plan = plan_for(moved, applied.account, NOW)
    assert sum(p.hours_after - p.hours_before for p in plan.effects.people) == 0
    assert {p.person for p in plan.effects.people} == {"infra-3", "infra-4"}


def test_everybody_who_falls_back_to_a_rotation_is_in_its_effects(policy: Policy, applied: Pretend) -> None:
    moved = with_rotation(policy, "primary", crew=("primary-1", "primary-2", "primary-4", "primary-3"))
    plan = plan_for(moved, applied.account, NOW)
    assert {e.rotation for e in plan.effects.on_call_now} == {"primary", "backend"}
    night = rows(plan, "backend")[0]
    assert night == ("2026-11-23T16:00:00Z", "2026-11-24T07:00:00Z", "primary-3", "primary-4")


def test_the_table_covers_a_full_rotation_after_the_first_change(policy: Policy, applied: Pretend) -> None:
    moved = dated(policy, "infra", "2026-12-14", "infra-1", "infra-2", "infra-3", "infra-4", "primary-1")
    plan = plan_for(moved, applied.account, NOW)
    first = parse_instant(rows(plan, "infra")[0][0])
    assert parse_instant(plan.effects.until) >= first + 5 * WEEK


def test_other_peoples_overrides_are_in_both_columns(policy: Policy, applied: Pretend) -> None:
    user = next(u.id for u in applied.account.users if u.email.startswith("security-1@"))
    applied.add_override("rotation/infra", user, HANDOFF, HANDOFF + DAY)
    moved = with_rotation(policy, "infra", crew=("infra-1", "infra-2", "infra-4", "infra-3"))
    plan = plan_for(moved, applied.account, NOW)
    kept = [r for r in rows(plan, "infra", changed=False) if r[2] == "security-1"]
    assert kept == [("2026-11-30T07:00:00Z", "2026-12-01T07:00:00Z", "security-1", "security-1")]


def test_users_whom_the_policy_does_not_know_are_called_as_in_the_account(
    policy: Policy, applied: Pretend
) -> None:
    stranger = applied.account.users[0].model_copy(
        update={"id": "PSTR", "name": "Zoe", "email": "zoe@x.example"}
    )
    applied.account = applied.account.model_copy(update={"users": (*applied.account.users, stranger)})
    layer = next(s for s in applied.account.schedules if s.key == "rotation/infra").layers[0]
    applied.edit("rotation/infra", layers=(layer.model_copy(update={"users": ("PSTR",)}),))
    plan = plan_for(policy, applied.account, NOW)
    assert plan.effects.on_call_now[0].before == "Zoe"
    assert plan.changes[0].fields[0].before == "Zoe"


def test_between_two_versions_of_a_policy(policy: Policy) -> None:
    moved = dated(policy, "infra", "2026-12-07", "infra-2", "infra-1", "infra-3", "infra-4")
    effects = effects_between(policy, moved, NOW)
    assert {s.rotation for s in effects.shifts} == {"infra"}
    assert not effects_between(policy, policy, NOW).shifts
    gone = policy.model_copy(
        update={"rotations": {k: v for k, v in policy.rotations.items() if k != "security"}}
    )
    lost = effects_between(policy, gone, NOW).on_call_now
    assert [(e.rotation, e.before, e.after) for e in lost] == [("security", "security-3", None)]


def test_comparing_joins_what_does_not_change_hands() -> None:
    before = [Stint(0, 10, "a"), Stint(10, 20, "b")]
    after = [Stint(0, 5, "a"), Stint(5, 20, "b")]
    found = compared(before, after)
    assert found == [Row(0, 5, "a", "a", False), Row(5, 10, "a", "b", False), Row(10, 20, "b", "b", False)]
    split = [Row(0, 5, "a", "b", True), Row(5, 9, "a", "b", False)]
    assert joined(split) == [Row(0, 9, "a", "b", False)]
    assert compared([], []) == []
    assert compared([Stint(0, 5, "a")], [Stint(9, 12, "b")]) == [
        Row(0, 5, "a", None, False),
        Row(9, 12, None, "b", False),
    ]


def test_a_change_of_people_this_close_needs_a_waiver(policy: Policy, applied: Pretend) -> None:
    moved = with_rotation(policy, "infra", crew=("infra-1", "infra-2", "infra-4", "infra-3"))
    plan = plan_for(moved, applied.account, NOW)
    assert guards(plan) == ["imminent"]
    assert "infra-4 instead of infra-3, from now" in plan.guards[0].message
    waiver = Waiver.model_validate({"guard": "imminent", "reason": "agreed", "expires": "2026-11-24"})
    waived = plan_for(moved, applied.account, NOW, waivers=[waiver])
    assert not waived.refused
    assert waived.guards[0].waived == "agreed"
    assert waived.digest == plan.digest
    expired = Waiver.model_validate({"guard": "imminent", "reason": "agreed", "expires": "2026-11-22"})
    assert guards(plan_for(moved, applied.account, NOW, waivers=[expired])) == ["imminent"]
    other = Waiver.model_validate({"guard": "deletions", "reason": "agreed", "expires": "2026-11-24"})
    assert guards(plan_for(moved, applied.account, NOW, waivers=[other])) == ["imminent"]


def test_a_declared_override_may_start_soon(policy: Policy, applied: Pretend) -> None:
    soon = with_override(policy, "2026-11-23 18:00", "2026-11-23 20:00")
    plan = plan_for(soon, applied.account, NOW)
    assert rows(plan, "infra") == [("2026-11-23T16:00:00Z", "2026-11-23T18:00:00Z", "infra-3", "infra-1")]
    assert not plan.guards


def test_a_change_far_ahead_is_shown_with_its_surroundings(policy: Policy, applied: Pretend) -> None:
    later = with_override(policy, "2027-02-10 09:00", "2027-02-11 09:00")
    plan = plan_for(later, applied.account, NOW)
    assert rows(plan, "infra") == [("2027-02-10T07:00:00Z", "2027-02-11T07:00:00Z", "infra-2", "infra-1")]
    whole = rows(plan, "infra", changed=False)
    assert "2027-01" in whole[0][0]
    assert [(e.before, e.after) for e in plan.effects.on_call_now] == [("infra-3", "infra-3")]


def test_deletions_are_counted(policy: Policy, applied: Pretend) -> None:
    services = {k: v for k, v in policy.services.items() if k in ("medicalcor-api", "medicalcor-security")}
    smaller = policy.model_copy(update={"services": services})
    history = {f"service/{handle}" for handle in policy.services}
    plan = plan_for(smaller, applied.account, NOW, history=history)
    assert sum(c.action == "delete" for c in plan.changes) == 5
    assert guards(plan) == ["deletions"]


def test_a_large_share_of_changes_is_counted(policy: Policy, applied: Pretend) -> None:
    severities = {
        handle: severity.model_copy(update={"repeat": 5}) for handle, severity in policy.severities.items()
    }
    plan = plan_for(policy.model_copy(update={"severities": severities}), applied.account, NOW)
    assert guards(plan) == ["changed"]
    assert "21 of 39" in plan.guards[0].message


def test_a_level_that_would_reach_nobody_is_refused(policy: Policy, applied: Pretend) -> None:
    """Infra loses its nights: every ladder that starts with it has hours without anybody."""
    plan = plan_for(with_rotation(policy, "infra", hours=(WEEKDAYS,)), applied.account, NOW)
    assert guards(plan).count("empty-level") == 4
    assert not plan_for(policy, applied.account, NOW).guards


def test_a_level_may_say_that_it_is_empty_at_times(policy: Policy, applied: Pretend) -> None:
    severities = {
        handle: severity.model_copy(
            update={
                "steps": {
                    minute: LongStep(page=step_targets(step), may_be_empty="nights are level two's")
                    for minute, step in severity.steps.items()
                }
            }
        )
        for handle, severity in policy.severities.items()
    }
    said = with_rotation(policy, "infra", hours=(WEEKDAYS,)).model_copy(update={"severities": severities})
    assert "empty-level" not in guards(plan_for(said, applied.account, NOW))


def test_a_fallback_fills_a_level(policy: Policy, applied: Pretend) -> None:
    covered = with_rotation(policy, "infra", hours=(WEEKDAYS,), otherwise="eng-manager")
    assert "empty-level" not in guards(plan_for(covered, applied.account, NOW))
    alone = with_rotation(policy, "backend", hours=(WEEKDAYS,), otherwise=None)
    assert guards(plan_for(alone, applied.account, NOW)).count("empty-level") == 4


def test_drift_is_what_others_did(policy: Policy, applied: Pretend) -> None:
    applied.edit("ladder/database-P1", loops=7)
    moved = dated(policy, "infra", "2026-12-07", "infra-2", "infra-1", "infra-3", "infra-4")
    plan = plan_for(moved, applied.account, NOW)
    assert len(plan.changes) == 2
    drift = drift_of(plan)
    assert [c.key for c in drift.changes] == ["ladder/database-P1"]
    assert not drift.effects.shifts
