"""Rotations of every form, written as shifts and imported into an empty folder: the plan is empty and nobody's shift
moves, or the schedule is left unmanaged by name and with a reason.  As bare events that somebody made, and as watchbill
applied them, with markers, fallbacks and the overrides that it derives."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pretend import Pretend, empty_account, plan_for
from rota_policies import PEOPLE, policies
from rota_reference import Data
from unit.adopt.world import brought, judged
from watchbill.account.cycles import live_events
from watchbill.account.objects import Account, ShiftSchedule, User
from watchbill.account.shifts import CompiledShifts, shifts_for
from watchbill.model.policy import Policy
from watchbill.rota.duty import Roster

HALF_HOUR = 1800
IDS = {person: f"P{person.upper()}" for person in PEOPLE}
USERS = tuple(User(id=IDS[p], name=p, email=f"{p}@x.example") for p in PEOPLE)


def written(data: Data, name: str, now: int) -> Account | None:
    """An account that holds the rotation's events and was never marked; None where there are none."""
    policy = Policy.model_validate(data)
    made = shifts_for(policy, name, Roster(policy, plain=True), IDS, now)
    if not isinstance(made, CompiledShifts) or not live_events(made.rotations, now):
        return None
    schedule = ShiftSchedule(
        id="PSHIFTS", name=name, time_zone=policy.zone_of(name), rotations=made.rotations
    )
    return Account(name="acme", at=now, users=USERS, schedules=(schedule,))


def test_what_shifts_say_is_said_again() -> None:
    outcomes: Counter[str] = Counter()

    @given(
        st.booleans().flatmap(lambda vacant: policies(plain=True, vacant=vacant)),
        st.integers(-3 * 48, 3 * 48),
    )
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    def each(drawn: tuple[Data, str, int], steps: int) -> None:
        data, name, change = drawn
        if "covered_by" in data["rotations"][name]:
            name = "x"
        now = change + steps * HALF_HOUR
        account = written(data, name, now)
        if account is None:
            return
        found = judged(account, now=now)
        if found.policy.rotations:
            outcomes["imported"] += 1
            assert [r.pagerduty.kind for r in found.policy.rotations.values()] == ["shifts"]
        else:
            reason = found.reasons["PSHIFTS"]
            outcomes["vacant" if "is vacant" in reason else reason] += 1

    each()
    left = sum(outcomes.values()) - outcomes["imported"] - outcomes["vacant"]
    print(f"{outcomes['imported']} imported, {left} left: {dict(outcomes)}")
    assert outcomes["imported"] >= 20
    assert left <= outcomes["imported"] // 20, outcomes


COUNTRIES = {
    "Europe/Bucharest": "RO",
    "America/Chicago": "US",
    "Australia/Lord_Howe": "AU",
    "America/Sao_Paulo": "BR",
    "Asia/Tehran": "IR",
    "Africa/Cairo": "EG",
    "Asia/Kolkata": "IN",
}


def test_what_was_applied_is_said_again() -> None:
    outcomes: Counter[str] = Counter()

    @given(policies(plain=True, vacant=False), st.integers(-3 * 48, 3 * 48), st.integers(0, 30 * 48))
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    def each(drawn: tuple[Data, str, int], steps: int, later: int) -> None:
        data, _, change = drawn
        data["settings"]["pagerduty"] = {"account": "sandbox", "new_schedules": "shifts"}
        for hours in data["settings"]["hours"].values():
            hours["except_holidays"] = COUNTRIES[data["settings"]["time_zone"]]
        policy, now = Policy.model_validate(data), change + steps * HALF_HOUR
        pretend = Pretend(empty_account(policy, now))
        pretend.apply(plan_for(policy, pretend.account, now), now)
        found = brought(pretend.account, now=now + later * HALF_HOUR)
        assert not found.errors
        assert [c for c in found.plan.changes if c.class_ != "upkeep"] == []
        for rotation in found.policy.rotations.values():
            outcomes["imported"] += 1
            outcomes["with a fallback"] += rotation.otherwise is not None
            outcomes["with holidays"] += str(rotation.hours).find("hours-") >= 0
        outcomes.update("over" if "no event" in why else why for why in found.reasons.values())

    each()
    left = {why: n for why, n in outcomes.items() if why[:4] not in ("impo", "with", "over")}
    print(f"{outcomes['imported']} imported: {dict(outcomes)}")
    assert outcomes["imported"] >= 20
    assert sum(left.values()) <= outcomes["imported"] // 10, left
