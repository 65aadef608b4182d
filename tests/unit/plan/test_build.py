from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pretend import NOW, Pretend, applied_from_nothing, empty_account, plan_for, shipped_policy
from watchbill.account.objects import Account, EscalationPolicy, Ref, Rule, Schedule, Service
from watchbill.account.wanted import keys_of
from watchbill.model.policy import Policy
from watchbill.model.rotations import Absence, Override, Rotation
from watchbill.plan.document import Change, Plan, plan_digest
from watchbill.plan.drift import is_drifted
from watchbill.plan.overrides import LISTED
from watchbill.rota.clock import DAY, HOUR, parse_instant


def with_(policy: Policy, kind: str, **entries: Any) -> Policy:
    return policy.model_copy(update={kind: {**getattr(policy, kind), **entries}})


def crew(policy: Policy, rotation: str, *people: str) -> Policy:
    return with_(
        policy, "rotations", **{rotation: policy.rotations[rotation].model_copy(update={"crew": people})}
    )


def told(plan: Plan) -> set[tuple[str, str, str]]:
    return {(c.action, c.class_, c.ref) for c in plan.changes if c.kind != "override"}


def notices(plan: Plan) -> Counter[str]:
    return Counter(notice.rule for notice in plan.notices)


def keys(policy: Policy, account: Account) -> set[str]:
    return {c.key for c in plan_for(policy, account, NOW).changes if c.kind != "override"}


def test_a_first_plan_creates_everything_and_no_guard_stands(policy: Policy) -> None:
    plan = plan_for(policy, empty_account(policy, NOW), NOW)
    counted = Counter(c.kind for c in plan.changes)
    assert (counted["schedule"], counted["escalation_policy"], counted["service"]) == (4, 21, 7)
    assert {(c.action, c.class_) for c in plan.changes} == {("create", "pending")}
    assert not plan.guards
    assert not plan.notices
    assert all(c.fields for c in plan.changes)


def test_everything_comes_after_what_it_points_at(policy: Policy) -> None:
    plan = plan_for(policy, empty_account(policy, NOW), NOW)
    done: set[str] = set()
    for change in plan.changes:
        assert set(change.depends_on) <= done
        done.add(change.ref)
    service = next(c for c in plan.changes if c.key == "service/medicalcor-api")
    assert service.depends_on == ("escalation_policy:ladder/api-backend-P2",)
    ladder = next(c for c in plan.changes if c.key == "ladder/api-backend-P2")
    assert ladder.depends_on == ("schedule:rotation/backend",)


def test_after_an_apply_nothing_is_left_to_do(policy: Policy, applied: Pretend) -> None:
    again = plan_for(policy, applied.account, NOW)
    assert again.is_empty
    assert not again.effects.shifts
    assert not plan_for(policy, applied.account, NOW + 9 * DAY).changes, "time alone does nothing here"


def test_the_same_question_has_the_same_digest(policy: Policy) -> None:
    account = empty_account(policy, NOW)
    first, second = plan_for(policy, account, NOW), plan_for(policy, account, NOW)
    assert first.digest == second.digest == plan_digest(first)
    assert Plan.model_validate_json(first.model_dump_json(by_alias=True)) == first


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_however_the_account_spells_it_the_plan_is_empty(rng: random.Random) -> None:
    policy = shipped_policy()
    pretend = applied_from_nothing(policy)
    account = pretend.account
    spelled = account.model_copy(
        update={
            "schedules": tuple(_respelled(s, rng) for s in account.schedules),
            "policies": tuple(_shuffled(p, rng) for p in account.policies),
            "services": tuple(rng.sample(account.services, len(account.services))),
            "users": tuple(rng.sample(account.users, len(account.users))),
        }
    )
    assert not plan_for(policy, spelled, NOW).changes


def _respelled(schedule: Schedule, rng: random.Random) -> Schedule:
    layers = []
    for number, layer in enumerate(rng.sample(schedule.layers, len(schedule.layers))):
        turned = rng.randrange(len(layer.users))
        layers.append(
            layer.model_copy(
                update={
                    "id": f"PL{number}",
                    "start": rng.choice([None, NOW - rng.randrange(DAY)]),
                    "users": layer.users[turned:] + layer.users[:turned],
                    "virtual_start": _later(
                        schedule, layer.virtual_start, turned * layer.turn_seconds // DAY
                    ),
                    "restrictions": tuple(rng.sample(layer.restrictions, len(layer.restrictions))),
                }
            )
        )
    return schedule.model_copy(update={"layers": tuple(layers), "description": f"{schedule.description}\n "})


def _later(schedule: Schedule, at: int, days: int) -> int:
    from watchbill.rota.clock import zone

    where = zone(schedule.time_zone)
    day, second = where.local(at)
    return where.instant(day + days, second)


def _shuffled(policy: EscalationPolicy, rng: random.Random) -> EscalationPolicy:
    rules = tuple(
        rule.model_copy(update={"targets": tuple(rng.sample(rule.targets, len(rule.targets))), "id": "PR"})
        for rule in policy.rules
    )
    return policy.model_copy(update={"rules": rules})


@pytest.mark.parametrize("zones", [("UTC", "Etc/UTC"), ("Etc/UTC", "UTC")])
def test_utc_has_one_name(policy: Policy, zones: tuple[str, str]) -> None:
    infra = policy.rotations["infra"].model_copy(update={"time_zone": zones[0]})
    policy = with_(policy, "rotations", infra=infra)
    pretend = applied_from_nothing(policy)
    pretend.edit("rotation/infra", time_zone=zones[1])
    assert not plan_for(policy, pretend.account, NOW).changes


def test_the_policy_moved_the_account_moved_or_both(policy: Policy, applied: Pretend) -> None:
    moved = crew(policy, "infra", "infra-1", "infra-2", "infra-3", "infra-4", "infra-2")
    assert told(plan_for(moved, applied.account, NOW)) == {("update", "pending", "schedule:rotation/infra")}
    applied.edit("ladder/database-P1", loops=7)
    assert told(plan_for(policy, applied.account, NOW)) == {
        ("update", "drift", "escalation_policy:ladder/database-P1")
    }
    users = applied.account.schedules[0].layers[0].users
    edited = next(s for s in applied.account.schedules if s.key == "rotation/infra").layers[0]
    applied.edit("rotation/infra", layers=(edited.model_copy(update={"users": users}),))
    assert ("update", "conflict", "schedule:rotation/infra") in told(plan_for(moved, applied.account, NOW))
    assert ("update", "drift", "schedule:rotation/infra") in told(plan_for(policy, applied.account, NOW))


def test_fields_are_told_in_peoples_words(policy: Policy, applied: Pretend) -> None:
    applied.edit("service/medicalcor-api", ack_timeout=1800)
    change = plan_for(policy, applied.account, NOW).changes[0]
    assert [(f.path, f.before, f.after) for f in change.fields] == [
        ("acknowledgement expires", "30 minutes", "1 hour")
    ]
    moved = crew(policy, "infra", "infra-2", "infra-1")
    change = plan_for(moved, applied.account, NOW).changes[0]
    assert ("turns · people", "infra-1, infra-2, infra-3, infra-4", "infra-2, infra-1") in [
        (f.path, f.before, f.after) for f in change.fields
    ]
    ids = {user.id for user in applied.account.users}
    assert not any(identity in str(f) for f in change.fields for identity in ids)


def test_an_object_that_came_back_in_sync_by_itself_is_left_alone(policy: Policy, applied: Pretend) -> None:
    """Somebody did by hand what the policy now says: the marker's digest is old, and nothing is to be done."""
    services = policy.services["medicalcor-api"].model_copy(update={"title": "The API"})
    applied.edit("service/medicalcor-api", name="The API")
    assert not plan_for(
        with_(policy, "services", **{"medicalcor-api": services}), applied.account, NOW
    ).changes


def test_half_written_objects_are_finished(policy: Policy, applied: Pretend) -> None:
    service = next(s for s in applied.account.services if s.key == "service/medicalcor-api")
    assert service.marker is not None
    applied.edit("service/medicalcor-api", marker=service.marker.model_copy(update={"state": "writing"}))
    plan = plan_for(policy, applied.account, NOW)
    assert told(plan) == {("update", "pending", "service:service/medicalcor-api")}
    assert [f.path for f in plan.changes[0].fields] == ["marker"]


def test_a_name_that_others_have_blocks_the_object_and_what_needs_it(policy: Policy) -> None:
    theirs = Schedule(id="PTHEIRS", name="medicalcor-primary", time_zone="Etc/UTC")
    account = empty_account(policy, NOW).model_copy(update={"schedules": (theirs,)})
    plan = plan_for(policy, account, NOW)
    made = {c.key for c in plan.changes}
    assert "rotation/primary" not in made
    assert "ladder/database-P1" not in made
    assert "service/medicalcor-database" not in made
    assert {"rotation/infra", "ladder/infrastructure-P1", "service/medicalcor-infrastructure"} <= made
    taken = next(n for n in plan.notices if n.rule == "name-taken")
    assert "claim primary" in taken.hint
    assert notices(plan)["waits-for"] > 0


def test_a_deleted_marker_blocks_only_its_object(policy: Policy, applied: Pretend) -> None:
    """The ladders that point at it are in sync, so nothing waits; `claim` makes it ours again."""
    applied.edit("rotation/primary", marker=None)
    plan = plan_for(policy, applied.account, NOW)
    assert notices(plan) == {"lost-marker": 1}
    assert "claim primary" in plan.notices[0].hint
    assert not plan.changes
    assert is_drifted(plan)
    applied.apply(plan_for(policy, applied.account, NOW, claims={"rotation/primary"}), NOW)
    again = plan_for(policy, applied.account, NOW)
    assert not again.changes
    assert not again.notices


def test_claim_takes_it_over(policy: Policy) -> None:
    theirs = Schedule(id="PTHEIRS", name="medicalcor-primary", time_zone="Etc/UTC")
    pretend = Pretend(empty_account(policy, NOW).model_copy(update={"schedules": (theirs,)}))
    plan = plan_for(policy, pretend.account, NOW, claims={"rotation/primary"})
    claim = next(c for c in plan.changes if c.key == "rotation/primary")
    assert (claim.action, claim.id) == ("claim", "PTHEIRS")
    pretend.apply(plan, NOW)
    assert not plan_for(policy, pretend.account, NOW).changes


def test_a_pinned_object_needs_no_marker_and_gets_none_for_nothing(policy: Policy, applied: Pretend) -> None:
    schedule = next(s for s in applied.account.schedules if s.key == "rotation/infra")
    applied.edit("rotation/infra", marker=None)
    pinned = policy.rotations["infra"]
    pinned = pinned.model_copy(update={"pagerduty": pinned.pagerduty.model_copy(update={"id": schedule.id})})
    policy = with_(policy, "rotations", infra=pinned)
    assert not plan_for(policy, applied.account, NOW).changes
    moved = crew(policy, "infra", "infra-4", "infra-1")
    change = plan_for(moved, applied.account, NOW).changes[0]
    assert (change.action, change.class_, change.id) == ("update", "drift", schedule.id)


def test_a_pin_to_nothing_is_reported(policy: Policy, applied: Pretend) -> None:
    infra = policy.rotations["infra"]
    infra = infra.model_copy(update={"pagerduty": infra.pagerduty.model_copy(update={"id": "PNOTTHERE"})})
    plan = plan_for(with_(policy, "rotations", infra=infra), applied.account, NOW)
    assert notices(plan)["pin-missing"] == 1
    assert not any(c.key == "rotation/infra" for c in plan.changes)


def test_a_copied_marker_is_reported_and_its_object_left_alone(policy: Policy, applied: Pretend) -> None:
    original = next(p for p in applied.account.policies if p.key == "ladder/database-P1")
    applied.put(
        original.model_copy(update={"id": "PCOPY", "name": "Database P1 (copy)", "loops": 0, "key": ""})
    )
    plan = plan_for(policy, applied.account, NOW, history={"ladder/database-P1"})
    assert not plan.changes
    assert notices(plan) == {"copied-marker": 1}


def test_a_new_handle_with_previously_is_a_rename(policy: Policy, applied: Pretend) -> None:
    rotations = dict(policy.rotations)
    infra = rotations.pop("infra").model_copy(update={"previously": "infra", "title": "Platform"})
    domain = policy.domains["infrastructure"].model_copy(update={"primary": "platform"})
    policy = policy.model_copy(update={"rotations": {**rotations, "platform": infra}})
    policy = with_(policy, "domains", infrastructure=domain)
    plan = plan_for(policy, applied.account, NOW, history={"rotation/infra"})
    schedules = [c for c in plan.changes if c.kind == "schedule"]
    assert [(c.action, c.key) for c in schedules] == [("update", "rotation/platform")]
    applied.apply(plan, NOW)
    assert not plan_for(policy, applied.account, NOW, history={"rotation/infra"}).changes


def test_a_rename_without_previously_is_stopped(policy: Policy, applied: Pretend) -> None:
    rotations = dict(policy.rotations)
    domain = policy.domains["infrastructure"].model_copy(update={"primary": "platform"})
    policy = policy.model_copy(update={"rotations": {**rotations, "platform": rotations.pop("infra")}})
    policy = policy.model_copy(
        update={"rotations": {k: v for k, v in policy.rotations.items() if k != "infra"}}
    )
    plan = plan_for(
        with_(policy, "domains", infrastructure=domain), applied.account, NOW, history={"rotation/infra"}
    )
    assert "previously: infra" in next(n.hint for n in plan.notices if n.rule == "name-taken")
    assert not any(c.action == "delete" for c in plan.changes)


def without_infra(policy: Policy) -> Policy:
    rotations = {k: v for k, v in policy.rotations.items() if k != "infra"}
    domain = policy.domains["infrastructure"].model_copy(update={"primary": "primary"})
    return with_(policy.model_copy(update={"rotations": rotations}), "domains", infrastructure=domain)


def test_a_delete_needs_history_and_an_untouched_object(policy: Policy, applied: Pretend) -> None:
    smaller = without_infra(policy)
    unknown = plan_for(smaller, applied.account, NOW)
    assert not any(c.action == "delete" for c in unknown.changes)
    assert notices(unknown)["not-in-history"] == 1
    plan = plan_for(smaller, applied.account, NOW, history={"rotation/infra"})
    last = plan.changes[-1]
    assert (last.action, last.ref) == ("delete", "schedule:rotation/infra")
    assert set(last.depends_on) == {f"escalation_policy:ladder/infrastructure-P{n}" for n in (1, 2, 3, 4)}
    lost = [e for e in plan.effects.on_call_now if e.rotation == "infra"]
    assert [(e.before, e.after) for e in lost] == [("infra-3", None)]
    applied.edit("rotation/infra", name="mine now")
    edited = plan_for(smaller, applied.account, NOW, history={"rotation/infra"})
    assert [c.action for c in edited.changes if c.key == "rotation/infra"] == ["forget"]
    assert notices(edited)["edited-leftover"] == 1


def test_a_delete_of_something_others_use_is_reported_instead(policy: Policy, applied: Pretend) -> None:
    schedule = next(s for s in applied.account.schedules if s.key == "rotation/infra")
    rule = Rule(delay_minutes=5, targets=(Ref(kind="schedule", id=schedule.id),))
    applied.put(EscalationPolicy(id="PFOREIGN", name="Another team", rules=(rule,)))
    plan = plan_for(without_infra(policy), applied.account, NOW, history={"rotation/infra"})
    assert not any(c.action == "delete" for c in plan.changes)
    assert "Another team" in next(n.message for n in plan.notices if n.rule == "in-use")


def test_two_names_traded_are_ordered_or_refused(policy: Policy, applied: Pretend) -> None:
    one, two = policy.services["medicalcor-api"], policy.services["medicalcor-database"]
    chained = with_(
        policy,
        "services",
        **{
            "medicalcor-api": one.model_copy(update={"title": two.title}),
            "medicalcor-database": two.model_copy(update={"title": "Elsewhere"}),
        },
    )
    plan = plan_for(chained, applied.account, NOW)
    assert [c.key for c in plan.changes] == ["service/medicalcor-database", "service/medicalcor-api"]
    traded = with_(
        policy,
        "services",
        **{
            "medicalcor-api": one.model_copy(update={"title": two.title}),
            "medicalcor-database": two.model_copy(update={"title": one.title}),
        },
    )
    assert notices(plan_for(traded, applied.account, NOW)) == {"swapped-names": 1}


def test_foreign_objects_are_never_touched(policy: Policy, applied: Pretend) -> None:
    foreign = Service(id="PF", name="Theirs", policy=Ref(kind="escalation_policy", id="PFP"))
    applied.put(foreign)
    assert not plan_for(policy, applied.account, NOW).changes


def override(**fields: Any) -> Override:
    base = {"rotation": "infra", "person": "infra-1", "from": "2026-12-24 09:00", "until": "2026-12-26 09:00"}
    return Override.model_validate({**base, **fields})


def only(plan: Plan) -> Change:
    assert len(plan.changes) == 1
    return plan.changes[0]


def test_a_declared_override_is_made_once_kept_and_taken_back(policy: Policy, applied: Pretend) -> None:
    declared = policy.model_copy(update={"overrides": (override(),)})
    change = only(plan_for(declared, applied.account, NOW))
    assert (change.action, change.kind, change.class_) == ("create", "override", "pending")
    assert change.name == "medicalcor-infra: infra-1, Thu 2026-12-24 09:00 to Sat 2026-12-26 09:00"
    applied.apply(plan_for(declared, applied.account, NOW), NOW)
    assert not plan_for(declared, applied.account, NOW).changes
    assert not plan_for(policy, applied.account, NOW).changes, "deleting the file only forgets it"
    cancelled = policy.model_copy(update={"overrides": (override(cancelled=True),)})
    change = only(plan_for(cancelled, applied.account, NOW))
    assert (change.action, change.kind) == ("delete", "override")
    applied.apply(plan_for(cancelled, applied.account, NOW), NOW)
    assert not plan_for(cancelled, applied.account, NOW).changes


def test_a_running_override_is_still_the_same(policy: Policy, applied: Pretend) -> None:
    declared = policy.model_copy(update={"overrides": (override(**{"from": "2026-11-23 09:00"}),)})
    applied.apply(plan_for(declared, applied.account, NOW), NOW)
    assert not plan_for(declared, applied.account, NOW + DAY).changes


def derived_of(plan: Plan) -> list[tuple[str, str]]:
    return [(c.action, c.class_) for c in plan.changes if c.kind == "override"]


def test_derived_overrides_are_upkeep_when_time_brings_them(policy: Policy, applied: Pretend) -> None:
    later = parse_instant("2027-01-04T10:00:00Z")
    plan = plan_for(policy, applied.account, later)
    assert {kind for _, kind in derived_of(plan)} == {"upkeep"}
    assert ("update", "upkeep", "schedule:rotation/backend") in told(plan)
    assert plan.changes[0].kind == "schedule", "listed in the marker before it is made"
    applied.apply(plan, later)
    assert not plan_for(policy, applied.account, later).changes


def backend(account: Account) -> Schedule:
    return next(s for s in account.schedules if s.key == "rotation/backend")


def test_a_derived_override_deleted_by_hand_is_drift(policy: Policy, applied: Pretend) -> None:
    schedule = backend(applied.account)
    slots = applied.account.overrides[schedule.id]
    applied.account = applied.account.model_copy(update={"overrides": {schedule.id: slots[1:]}})
    assert derived_of(plan_for(policy, applied.account, NOW)) == [("create", "drift")]


def test_a_derived_override_that_a_policy_took_back_and_wants_again_is_no_drift(
    policy: Policy, applied: Pretend
) -> None:
    """Backend's holiday on 1 December goes to whoever is primary; and back."""
    fields = {"rotation": "primary", "person": "primary-1", "from": "2026-12-01 09:00"}
    declared = policy.model_copy(update={"overrides": (override(**fields, until="2026-12-02 09:00"),)})
    for wanted in (declared, policy, declared, policy):
        plan = plan_for(wanted, applied.account, NOW)
        assert {kind for _, kind in derived_of(plan)} == {"pending"}
        applied.apply(plan, NOW)
        assert plan_for(wanted, applied.account, NOW).is_empty


def test_derived_overrides_that_go_are_counted_as_gone(policy: Policy, applied: Pretend) -> None:
    """They stay listed until they are deleted, and are not told as if they stayed."""
    days = {"first_day": "2026-11-24", "last_day": "2026-12-18", "covered_by": "primary-1"}
    away = tuple(Absence.model_validate({"person": f"backend-{n}", **days}) for n in (1, 2, 3))
    with_leave = policy.model_copy(update={"absences": away})
    counts = []
    for wanted in (with_leave, policy):
        plan = plan_for(wanted, applied.account, NOW)
        fields = [f for c in plan.changes if c.key == "rotation/backend" for f in c.fields]
        counts += [(f.before, f.after) for f in fields if f.path == LISTED]
        applied.apply(plan, NOW)
    (before, more), (all_, again) = counts
    assert isinstance(before, int)
    assert isinstance(more, int)
    assert (before < more, all_, again) == (True, more, before)


def test_what_a_foreign_override_leaves_of_a_derived_one_is_as_pending_as_the_whole(
    policy: Policy, applied: Pretend
) -> None:
    start = parse_instant("2026-12-02T07:00:00Z")
    applied.add_override("rotation/primary", applied.account.users[-1].id, start, start + HOUR)
    away = Absence.model_validate(
        {
            "person": "primary-4",
            "first_day": "2026-12-01",
            "last_day": "2026-12-03",
            "covered_by": "primary-2",
        }
    )
    plan = plan_for(policy.model_copy(update={"absences": (away,)}), applied.account, NOW)
    assert {kind for _, kind in derived_of(plan)} == {"pending"}


def test_a_derived_override_yields_to_a_foreign_one(policy: Policy) -> None:
    """Christmas falls to Primary; somebody gave half of that day to infra-1 by hand."""
    pretend = Pretend(empty_account(policy, NOW))
    plan = plan_for(policy, pretend.account, NOW)
    bare = plan.model_copy(update={"changes": tuple(c for c in plan.changes if c.kind != "override")})
    pretend.apply(bare, NOW)
    infra = next(u.id for u in pretend.account.users if u.email.startswith("infra-1@"))
    start, end = parse_instant("2026-12-25T10:00:00Z"), parse_instant("2026-12-25T12:00:00Z")
    pretend.add_override("rotation/backend", infra, start, end)
    again = plan_for(policy, pretend.account, NOW)
    spans = [(c.want.slot.start, c.want.slot.end) for c in again.changes if c.kind == "override"]  # type: ignore[union-attr]
    assert (parse_instant("2026-12-25T07:00:00Z"), start) in spans
    assert (end, parse_instant("2026-12-25T16:00:00Z")) in spans
    assert not any(s < end and start < e for s, e in spans)
    pretend.apply(again, NOW)
    assert not plan_for(policy, pretend.account, NOW).changes
    assert any(slot.user == infra for slot in pretend.account.overrides[backend(pretend.account).id])


def test_a_foreign_override_over_a_derived_one_changes_nothing(policy: Policy, applied: Pretend) -> None:
    infra = next(u.id for u in applied.account.users if u.email.startswith("infra-1@"))
    start = parse_instant("2026-12-25T10:00:00Z")
    applied.add_override("rotation/backend", infra, start, start + 2 * HOUR)
    assert not plan_for(policy, applied.account, NOW).changes


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["infra", "security", "primary"]),
            st.permutations([1, 2, 3, 4]),
            st.integers(1, 4),
        ),
        max_size=4,
    ),
    st.integers(0, 60),
)
def test_any_chain_of_crews_ends_in_an_empty_plan(edits: list[tuple[str, list[int], int]], days: int) -> None:
    policy, at = shipped_policy(), NOW
    pretend = Pretend(empty_account(policy, NOW))
    pretend.apply(plan_for(policy, pretend.account, at), at)
    for rotation, order, size in edits:
        policy = crew(policy, rotation, *(f"{rotation}-{n}" for n in order[:size]))
        at += days * DAY
        pretend.apply(plan_for(policy, pretend.account, at), at)
        assert not plan_for(policy, pretend.account, at).changes


def test_whoever_cannot_be_woken_is_named(policy: Policy) -> None:
    people = {h: p.model_copy(update={"name": h.title()}) for h, p in policy.people.items()}
    policy = policy.model_copy(update={"people": people})
    account = empty_account(policy, NOW, name="acme")
    quiet = tuple(u.model_copy(update={"loud": not u.email.startswith("infra-2@")}) for u in account.users)
    plan = plan_for(policy, account.model_copy(update={"users": quiet}), NOW)
    assert notices(plan) == {"quiet-user": 1, "possible-refusal": 1}
    assert plan.notices[0].message.endswith("unheard: infra-2")
    mailbox = {**people, "infra-2": people["infra-2"].model_copy(update={"human": False})}
    policy = policy.model_copy(update={"people": mailbox})
    again = plan_for(policy, account.model_copy(update={"users": quiet}), NOW)
    assert notices(again) == {"possible-refusal": 1}


def test_history_is_the_keys_of_a_policy(policy: Policy) -> None:
    plan = plan_for(policy, empty_account(policy, NOW), NOW)
    assert keys_of(policy) == {c.key for c in plan.changes if c.kind not in ("override", "integration")}


def four_crews(policy: Policy) -> Policy:
    spec = policy.rotations["infra"].model_dump(by_alias=True, exclude_defaults=True)
    del spec["crew"], spec["from"]
    spec["crews"] = [
        {"from": "2026-01-05", "order": ["infra-1", "infra-2", "infra-3", "infra-4"]},
        {"from": "2026-12-07", "order": ["infra-1", "infra-2"]},
        {"from": "2027-01-04", "order": ["infra-3", "infra-4"]},
        {"from": "2027-12-06", "order": ["infra-2", "infra-4"]},
    ]
    return with_(policy, "rotations", infra=Rotation.model_validate(spec))


def test_the_day_of_a_crew_is_upkeep_and_never_drift(policy: Policy) -> None:
    """Crews of the next twelve months are written; the fourth one is due later."""
    policy = four_crews(policy)
    pretend = applied_from_nothing(policy)
    plan = plan_for(policy, pretend.account, NOW + 10 * DAY)
    assert not plan.changes
    (later,) = plan.later
    assert later.message == (
        "the crew of Infrastructure On-Call from 2027-12-06 09:00 is written by an apply after 2026-12-06 09:00 "
        "and before 2027-12-06 09:00"
    )
    assert later.due == "2027-12-06T07:00:00Z"
    due = parse_instant("2026-12-08T10:00:00Z")
    plan = plan_for(policy, pretend.account, due)
    assert told(plan) == {("update", "upkeep", "schedule:rotation/infra")}
    assert not plan.guards
    assert not plan.later
    assert all(e.before == e.after for e in plan.effects.on_call_now)
    pretend.apply(plan, due)
    for at in (due, parse_instant("2027-01-05T10:00:00Z"), parse_instant("2027-02-05T10:00:00Z")):
        assert told(plan_for(policy, pretend.account, at)) <= {
            ("update", "upkeep", "schedule:rotation/backend")
        }
    edited = next(s for s in pretend.account.schedules if s.key == "rotation/infra").layers[-1]
    gone = edited.model_copy(update={"users": edited.users[:1]})
    pretend.edit("rotation/infra", layers=(gone,))
    assert ("update", "drift", "schedule:rotation/infra") in told(
        plan_for(policy, pretend.account, due + DAY)
    )
