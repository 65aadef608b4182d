"""Plans of shift-based schedules: the shipped policy with `new_schedules: shifts`, and what happens to it."""

from __future__ import annotations

import pytest

from pretend import NOW, Pretend, applied_from_nothing, empty_account, plan_for, shipped_policy, with_rotation
from watchbill.account.digest import as_written, bridge_hash, marker_for, override_hash
from watchbill.account.objects import (
    CustomShiftSlot,
    Schedule,
    ShiftOverrideSlot,
    ShiftSchedule,
    ShiftSource,
)
from watchbill.model.policy import Policy
from watchbill.model.rotations import Override, Rotation, RotationPagerDuty, ShiftEntry
from watchbill.plan.document import OverrideWrite, Plan
from watchbill.rota.clock import DAY, HOUR, MINUTE, parse_instant

MONDAY = parse_instant("2026-11-30T07:00:00Z")
"""The next handoff, 09:00 in Bucharest."""


def on_shifts(policy: Policy, kind: str = "shifts") -> Policy:
    pagerduty = policy.settings.pagerduty.model_copy(update={"new_schedules": kind})
    return policy.model_copy(update={"settings": policy.settings.model_copy(update={"pagerduty": pagerduty})})


@pytest.fixture
def policy() -> Policy:
    return on_shifts(shipped_policy())


def override(rotation: str, person: str, start: str, until: str, **fields: object) -> Override:
    return Override.model_validate(
        {"rotation": rotation, "person": person, "from": start, "until": until, **fields}
    )


def with_override(policy: Policy, *overrides: Override) -> Policy:
    return policy.model_copy(update={"overrides": (*policy.overrides, *overrides)})


def slots(plan: Plan) -> list[tuple[str, str]]:
    return [(c.action, c.name) for c in plan.changes if isinstance(c.want, OverrideWrite)]


def user(pretend: Pretend, handle: str) -> str:
    return next(u.id for u in pretend.account.users if u.name == f"User {handle}")


def test_new_schedules_are_written_as_the_settings_say_and_then_nothing_is_left(
    policy: Policy, applied: Pretend
) -> None:
    assert all(isinstance(s, ShiftSchedule) for s in applied.account.schedules)
    assert len(applied.account.schedules) == 4
    for later in (0, MINUTE, 9 * DAY, 200 * DAY):
        again = plan_for(policy, applied.account, NOW + later)
        assert again.is_empty or {c.class_ for c in again.changes} == {"upkeep"}
    assert plan_for(policy, applied.account, NOW).is_empty


def test_a_rotation_keeps_the_kind_that_its_schedule_has(applied: Pretend) -> None:
    layers = on_shifts(shipped_policy(), "layers")
    assert plan_for(layers, applied.account, NOW).is_empty
    other = applied_from_nothing(layers)
    assert all(isinstance(s, Schedule) for s in other.account.schedules)
    assert plan_for(on_shifts(layers), other.account, NOW).is_empty


@pytest.mark.parametrize(("kind", "pinned"), [("shifts", "layers"), ("layers", "shifts")])
def test_a_pinned_kind_that_the_account_has_not_is_refused_with_a_remedy(kind: str, pinned: str) -> None:
    policy = on_shifts(shipped_policy(), kind)
    pretend = applied_from_nothing(policy)
    spec = policy.rotations["backend"]
    pagerduty = spec.pagerduty.model_copy(update={"kind": pinned})
    plan = plan_for(with_rotation(policy, "backend", pagerduty=pagerduty), pretend.account, NOW)
    assert next(n.rule for n in plan.notices if n.severity == "error") == "other-kind"
    assert next(n.hint for n in plan.notices if n.rule == "other-kind")
    assert not any(c.key == "rotation/backend" for c in plan.changes)


def test_an_upgraded_schedule_is_told_rewritten_and_then_in_sync(policy: Policy) -> None:
    layers = on_shifts(policy, "layers")
    pretend = applied_from_nothing(layers)
    as_shifts = applied_from_nothing(policy)
    old = next(s for s in pretend.account.schedules if s.key == "rotation/primary")
    new = as_shifts.schedule("rotation/primary")
    upgraded = new.model_copy(
        update={
            "id": old.id,
            "marker": old.marker,
            "rotations": tuple(
                r.model_copy(
                    update={"events": tuple(e.model_copy(update={"name": "turns"}) for e in r.events)}
                )
                for r in new.rotations
            ),
        }
    )
    pretend.put(upgraded)
    assert as_written(upgraded) is None
    plan = plan_for(policy, pretend.account, NOW)
    assert [(c.key, c.class_) for c in plan.changes] == [("rotation/primary", "drift")]
    assert [f.path for f in plan.changes[0].fields] == ["kind of schedule"]
    assert "became-shift-based" in {n.rule for n in plan.notices}
    assert not plan.effects.shifts
    pretend.apply(plan, NOW)
    assert plan_for(policy, pretend.account, NOW).is_empty
    assert "became-shift-based" not in {n.rule for n in plan_for(policy, pretend.account, NOW).notices}


def test_a_crew_change_says_from_when_and_then_nothing_is_left(policy: Policy, applied: Pretend) -> None:
    crew = tuple(reversed(policy.rotations["primary"].crew or ()))
    new = with_rotation(policy, "primary", crew=crew)
    plan = plan_for(new, applied.account, NOW)
    change = next(c for c in plan.changes if c.key == "rotation/primary")
    assert (change.action, change.class_) == ("update", "pending")
    told = {f.path.rpartition(" · ")[2]: (f.before, f.after) for f in change.fields}
    assert told["people"] != (None, None)
    assert told["takes effect"] == (None, "Mon 2026-11-23 16:15")
    row = next(s for s in plan.effects.shifts if s.rotation == "primary" and s.before != s.after)
    assert row.start == "2026-11-23T14:15:00Z"
    assert "imminent" in {g.guard for g in plan.guards}
    now = next(o for o in plan.effects.on_call_now if o.rotation == "primary")
    assert now.before == now.after
    applied.apply(plan, NOW)
    for later in (0, 20 * MINUTE, 3 * DAY):
        assert plan_for(new, applied.account, NOW + later).is_empty
    assert as_written(applied.schedule("rotation/primary"))


def test_dated_crews_are_no_drift_when_their_day_has_come(policy: Policy, applied: Pretend) -> None:
    spec = policy.rotations["primary"]
    crews = Rotation.model_validate(
        {
            "title": "x",
            "turn": "1 week",
            "handoff": "mon 09:00",
            "crews": [
                {"from": "2026-01-05", "order": list(spec.crew or ())},
                {"from": "2026-12-07", "order": list(reversed(spec.crew or ()))},
            ],
        }
    ).crews
    new = with_rotation(policy, "primary", crew=None, from_=None, crews=crews)
    applied.apply(plan_for(new, applied.account, NOW), NOW)
    assert [len(r.events) for r in applied.schedule("rotation/primary").rotations] == [2]
    for later in (0, 13 * DAY, 14 * DAY, 15 * DAY, 35 * DAY):
        assert plan_for(new, applied.account, NOW + later).is_empty
    assert as_written(applied.schedule("rotation/primary"))


def test_hand_edits_are_drift_and_with_the_policy_moved_too_a_conflict(
    policy: Policy, applied: Pretend
) -> None:
    stored = applied.schedule("rotation/infra")
    event = stored.rotations[0].events[0]
    swapped = event.model_copy(update={"members": tuple(reversed(event.members))})
    rotations = (stored.rotations[0].model_copy(update={"events": (swapped,)}),)
    applied.put(stored.model_copy(update={"rotations": rotations}))
    plan = plan_for(policy, applied.account, NOW)
    assert [(c.key, c.class_) for c in plan.changes] == [("rotation/infra", "drift")]
    crew = policy.rotations["infra"].crew or ()
    both = plan_for(with_rotation(policy, "infra", crew=(*crew[1:], crew[0])), applied.account, NOW)
    assert [(c.key, c.class_) for c in both.changes] == [("rotation/infra", "conflict")]
    applied.apply(plan, NOW)
    assert plan_for(policy, applied.account, NOW).is_empty


def test_a_declared_override_is_one_for_each_turn_and_is_taken_back_whole(
    policy: Policy, applied: Pretend
) -> None:
    declared = override("primary", "infra-1", "2026-11-28 12:00", "2026-12-02 12:00")
    new = with_override(policy, declared)
    plan = plan_for(new, applied.account, NOW)
    mine = [c for c in plan.changes if isinstance(c.want, OverrideWrite) and not c.want.derived]
    assert [c.name for c in mine] == [
        "medicalcor-primary: infra-1 for primary-3, Sat 2026-11-28 12:00 to Mon 2026-11-30 09:00",
        "medicalcor-primary: infra-1 for primary-4, Mon 2026-11-30 09:00 to Wed 2026-12-02 12:00",
    ]
    assert not plan.guards
    applied.apply(plan, NOW)
    assert plan_for(new, applied.account, NOW).is_empty
    assert plan_for(new, applied.account, MONDAY + HOUR).is_empty
    back = with_override(policy, declared.model_copy(update={"cancelled": True}))
    plan = plan_for(back, applied.account, NOW)
    gone = [c for c in plan.changes if isinstance(c.want, OverrideWrite) and not c.want.derived]
    assert [c.action for c in gone] == ["delete", "delete"]
    applied.apply(plan, NOW)
    assert plan_for(back, applied.account, NOW).is_empty


def foreign(pretend: Pretend, key: str, who: str, instead_of: str, start: int, end: int) -> None:
    pretend.add_slot(
        key,
        ShiftOverrideSlot(
            source=ShiftSource(),
            instead_of=user(pretend, instead_of),
            user=user(pretend, who),
            start=start,
            end=end,
        ),
    )


def test_other_peoples_slots_stay_and_stop_a_change_that_would_orphan_them(
    policy: Policy, applied: Pretend
) -> None:
    foreign(applied, "rotation/infra", "primary-1", "infra-4", MONDAY + DAY, MONDAY + 2 * DAY)
    extra = CustomShiftSlot(user=user(applied, "primary-2"), start=MONDAY, end=MONDAY + HOUR)
    applied.add_slot("rotation/infra", extra)
    assert plan_for(policy, applied.account, NOW).is_empty
    crew = policy.rotations["infra"].crew or ()
    new = with_rotation(policy, "infra", crew=tuple(reversed(crew)))
    plan = plan_for(new, applied.account, NOW)
    guard = next(g for g in plan.guards if g.guard == "override-orphaned")
    assert "primary-1 for infra-4, Tue 2026-12-01 09:00" in guard.message
    assert guard.waived is None
    assert not slots(plan)
    later = with_rotation(policy, "infra", crew=(*crew, "primary-1"))
    kept = plan_for(later, applied.account, NOW)
    assert "override-orphaned" not in {g.guard for g in kept.guards} or any(
        c.key == "rotation/infra" for c in kept.changes
    )


def test_a_derived_override_leaves_out_what_somebody_else_took(policy: Policy) -> None:
    pretend = Pretend(empty_account(policy, NOW))
    plan = plan_for(policy, pretend.account, NOW)
    derived = [c.want for c in plan.changes if isinstance(c.want, OverrideWrite)]
    assert derived
    assert all(write.derived for write in derived)
    schedules = [c for c in plan.changes if c.kind == "schedule"]
    pretend.apply(plan.model_copy(update={"changes": tuple(schedules)}), NOW)
    holiday = next(w.slot for w in derived if isinstance(w.slot, ShiftOverrideSlot))
    assert isinstance(holiday, ShiftOverrideSlot)
    taken = holiday.model_copy(
        update={
            "user": user(pretend, "infra-1"),
            "start": holiday.start + HOUR,
            "end": holiday.start + 2 * HOUR,
        }
    )
    pretend.add_slot("rotation/backend", taken)
    again = plan_for(policy, pretend.account, NOW)
    first = [
        (c.want.slot.start, c.want.slot.end)
        for c in again.changes
        if isinstance(c.want, OverrideWrite) and c.want.slot.end <= holiday.end
    ]
    assert first == [(holiday.start, holiday.start + HOUR), (holiday.start + 2 * HOUR, holiday.end)]


def test_what_pagerduty_makes_of_our_overrides_in_an_upgrade_is_ours(
    policy: Policy, applied: Pretend
) -> None:
    """One whole override for each member, whomever it replaces then."""
    declared = override("primary", "infra-1", "2026-11-28 12:00", "2026-12-02 12:00")
    new = with_override(policy, declared)
    start, end = parse_instant("2026-11-28T10:00:00Z"), parse_instant("2026-12-02T10:00:00Z")
    schedule = applied.schedule("rotation/primary")
    source = ShiftSource(id=schedule.rotations[0].id)
    made = tuple(
        ShiftOverrideSlot(
            source=source,
            instead_of=user(applied, f"primary-{n}"),
            user=user(applied, "infra-1"),
            start=start,
            end=end,
            id=f"PU{n}",
        )
        for n in (1, 2, 3, 4)
    )
    overrides = {**applied.account.shift_overrides, schedule.id: made}
    applied.account = applied.account.model_copy(update={"shift_overrides": overrides})
    plan = plan_for(new, applied.account, NOW)
    assert not [c.name for c in plan.changes if "rotation/primary" in c.key], "backend follows it"
    back = with_override(policy, declared.model_copy(update={"cancelled": True}))
    assert [a for a, _ in slots(plan_for(back, applied.account, NOW))] == ["delete"] * 4


def test_bridges_are_known_by_their_hash_and_taken_down(policy: Policy, applied: Pretend) -> None:
    stored = applied.schedule("rotation/infra")
    assert stored.marker is not None
    slot = CustomShiftSlot(user=user(applied, "infra-4"), start=MONDAY, end=MONDAY + DAY, id="PC9")
    marker = marker_for(stored, NOW, (bridge_hash(slot),))
    applied.put(stored.model_copy(update={"custom_shifts": (slot,), "marker": marker}))
    plan = plan_for(policy, applied.account, NOW)
    assert [c.key for c in plan.changes] == ["rotation/infra"]
    assert not slots(plan)
    applied.apply(plan, NOW)
    assert applied.schedule("rotation/infra").custom_shifts == ()
    assert plan_for(policy, applied.account, NOW).is_empty


def test_a_deleted_derived_override_is_made_again_as_drift(policy: Policy, applied: Pretend) -> None:
    schedule = applied.schedule("rotation/backend")
    there = applied.account.shift_overrides[schedule.id]
    assert schedule.marker is not None
    assert {override_hash("rotation/backend", s) for s in there} == set(schedule.marker.derived)
    overrides = {**applied.account.shift_overrides, schedule.id: there[1:]}
    applied.account = applied.account.model_copy(update={"shift_overrides": overrides})
    plan = plan_for(policy, applied.account, NOW)
    assert [(c.action, c.class_, c.kind) for c in plan.changes] == [("create", "drift", "override")]


def with_extra(policy: Policy) -> Policy:
    spec = policy.rotations["infra"].model_copy(update={"title": "Extra", "pagerduty": RotationPagerDuty()})
    return policy.model_copy(update={"rotations": {**policy.rotations, "extra": spec}})


def test_one_that_left_the_policy_is_deleted_and_an_edited_one_only_released(policy: Policy) -> None:
    pretend = Pretend(empty_account(policy, NOW))
    pretend.apply(plan_for(with_extra(policy), pretend.account, NOW), NOW)
    history = {"rotation/extra"}
    plan = plan_for(policy, pretend.account, NOW, history=history)
    assert [(c.action, c.key) for c in plan.changes] == [("delete", "rotation/extra")]
    (gone,) = [o for o in plan.effects.on_call_now if o.rotation == "extra"]
    assert gone.before is not None
    assert gone.after is None
    stored = pretend.schedule("rotation/extra")
    pretend.put(stored.model_copy(update={"name": "Somebody's"}))
    plan = plan_for(policy, pretend.account, NOW, history=history)
    assert [(c.action, c.key) for c in plan.changes] == [("forget", "rotation/extra")]


def test_a_claimed_one_keeps_its_kind_and_what_runs_gives_way(policy: Policy) -> None:
    layers = with_extra(on_shifts(policy, "layers"))
    made = Pretend(empty_account(policy, NOW))
    made.apply(plan_for(with_extra(policy), made.account, NOW), NOW)
    theirs = made.schedule("rotation/extra").model_copy(update={"marker": None, "key": "", "id": "PTHEIRS"})
    pretend = Pretend(empty_account(layers, NOW))
    pretend.put(theirs)
    blocked = plan_for(layers, pretend.account, NOW)
    assert "name-taken" in {n.rule for n in blocked.notices}
    plan = plan_for(layers, pretend.account, NOW, claims=["rotation/extra"])
    (change,) = [c for c in plan.changes if c.key == "rotation/extra"]
    assert (change.action, change.id, [f.path for f in change.fields]) == (
        "claim",
        "PTHEIRS",
        ["owned by watchbill"],
    )
    assert isinstance(change.want, ShiftSchedule)
    pretend.apply(plan, NOW)
    assert plan_for(layers, pretend.account, NOW).is_empty


def test_listed_duty_is_custom_shifts_of_ours_which_others_wait_for(policy: Policy) -> None:
    spec = Rotation.model_validate({"title": "Listed", "listed": True})
    duty = tuple(
        ShiftEntry.model_validate({"rotation": "listed", "person": p, "from": a, "until": b})
        for p, a, b in (
            ("infra-1", "2026-11-23 10:00", "2026-11-26 10:00"),
            ("infra-2", "2026-11-26 10:00", "2026-11-30 10:00"),
        )
    )
    new = policy.model_copy(
        update={"rotations": {**policy.rotations, "listed": spec}, "shifts": duty, "absences": ()}
    )
    pretend = applied_from_nothing(new)
    stored = pretend.schedule("rotation/listed")
    assert [s.user for s in stored.custom_shifts] == [user(pretend, "infra-1"), user(pretend, "infra-2")]
    assert plan_for(new, pretend.account, NOW + HOUR).is_empty
    shorter = new.model_copy(update={"shifts": duty[:1]})
    assert slots(plan_for(shorter, pretend.account, NOW)) == [
        (
            "delete",
            "Listed: infra-2 beside the turns, Thu 2026-11-26 10:00 to Mon 2026-11-30 10:00 (derived)",
        )
    ]


def test_an_override_beyond_the_hours_is_a_custom_shift_there_and_goes_with_it(policy: Policy) -> None:
    office = with_rotation(policy, "backend", otherwise=None)
    pretend = applied_from_nothing(office)
    assert not pretend.schedule("rotation/backend").custom_shifts
    declared = override("backend", "infra-1", "2026-11-24 16:00", "2026-11-24 22:00")
    new = with_override(office, declared)
    plan = plan_for(new, pretend.account, NOW)
    assert [name.partition(": ")[2] for _, name in slots(plan)] == [
        "infra-1 for backend-2, Tue 2026-11-24 16:00-18:00",
        "infra-1 beside the turns, Tue 2026-11-24 18:00-22:00",
    ]
    pretend.apply(plan, NOW)
    assert plan_for(new, pretend.account, NOW).is_empty
    back = with_override(office, declared.model_copy(update={"cancelled": True}))
    plan = plan_for(back, pretend.account, NOW)
    assert [action for action, _ in slots(plan)] == ["delete", "delete"]
    pretend.apply(plan, NOW)
    assert not pretend.schedule("rotation/backend").custom_shifts
    assert plan_for(back, pretend.account, NOW).is_empty
