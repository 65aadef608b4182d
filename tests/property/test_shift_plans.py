"""Random policies planned as shifts: written, nothing is left to do, now and as time goes on; and after a change
of the policy the plan's table of shifts is what the account then gives."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pretend import Pretend, empty_account, plan_for
from rota_policies import PEOPLE, counted, dated, frame, layered, overrides, places
from rota_reference import Data, utc
from watchbill.account.digest import as_written
from watchbill.account.objects import ShiftOverrideSlot, ShiftSchedule
from watchbill.account.parts import later_of
from watchbill.model.policy import Policy
from watchbill.plan.document import Plan
from watchbill.plan.shift_state import of_shifts
from watchbill.rota.clock import DAY, MINUTE, parse_instant
from watchbill.rota.duty import Roster

HALF_HOUR = 1800


@st.composite
def two_versions(draw: st.DrawFn) -> tuple[Policy, Policy, int]:
    zone, around = draw(places)
    one = st.one_of(*(form(around) for form in (counted, counted, dated, layered)))
    x = {"turn": "1 week", "handoff": "fri 18:00", "from": "2015-01-02", "crew": ["dan", "ana", "ben"]}
    made = []
    first = draw(one)
    for spec in (first, draw(st.one_of(one, changed_crew(first)))):
        whole = {**spec, **({"otherwise": "x"} if draw(st.booleans()) else {})}
        made.append(frame(zone, {"r": whole, "x": x}, overrides=draw(overrides("r", around))))
    return Policy.model_validate(made[0]), Policy.model_validate(made[1]), utc(around)


@st.composite
def changed_crew(draw: st.DrawFn, spec: Data) -> Data:
    if "crew" not in spec:
        return spec
    return {**spec, "crew": draw(st.permutations([*spec["crew"], draw(st.sampled_from(PEOPLE))]))}


def planned(policy: Policy, pretend: Pretend, now: int) -> Plan:
    """Where the list of derived overrides is full, the rest follows in later runs."""
    plan = plan_for(policy, pretend.account, now)
    assume(not [n for n in plan.notices if n.severity == "error" or n.rule == "too-many-derived"])
    return plan


def left_to_do(policy: Policy, pretend: Pretend, now: int) -> list[Any]:
    """Time alone may bring work, of its own class."""
    changes = plan_for(policy, pretend.account, now).changes
    return [(c.class_, c.key, c.fields) for c in changes if c.class_ != "upkeep"]


def duty(pretend: Pretend, now: int, until: int) -> dict[int, str]:
    """As the account gives it, in the words of a plan's table."""
    schedule = pretend.schedule("rotation/r")
    overrides: tuple[ShiftOverrideSlot, ...] = pretend.account.shift_overrides.get(schedule.id, ())
    names = {u.id: u.name.removeprefix("User ") for u in pretend.account.users}
    stints = of_shifts(schedule, overrides, lambda user: names[user], now, until)
    return {at: s.who for s in stints for at in range(s.start + -s.start % HALF_HOUR, s.end, HALF_HOUR)}


@given(two_versions(), st.integers(0, 3 * 48))
@settings(max_examples=10, deadline=None)
def test_what_is_written_is_in_sync_and_what_is_foreseen_comes_true(
    drawn: tuple[Policy, Policy, int], steps: int
) -> None:
    first, second, begun = drawn
    now = begun + steps * HALF_HOUR
    pretend = Pretend(empty_account(first, now))
    pretend.apply(planned(first, pretend, now), now)
    assert isinstance(pretend.schedule("rotation/r"), ShiftSchedule)
    assert plan_for(first, pretend.account, now).is_empty
    for later in (MINUTE, DAY, 20 * DAY):
        assert left_to_do(first, pretend, now + later) == []
    then = now + DAY
    plan = planned(second, pretend, then)
    before = duty(pretend, then, then + 28 * DAY)
    pretend.apply(plan, then)
    after = duty(pretend, then, then + 28 * DAY)
    foreseen = {
        at: (s.before, s.after)
        for s in plan.effects.shifts
        if s.rotation == "r"
        for at in range(
            parse_instant(s.start) + -parse_instant(s.start) % HALF_HOUR,
            min(parse_instant(s.end), then + 28 * DAY),
            HALF_HOUR,
        )
    }
    for at in {*before, *after}:
        told = (before.get(at), after.get(at))
        assert foreseen.get(at, told) == told
        assert at in foreseen or told[0] == told[1]
    assert plan_for(second, pretend.account, then).is_empty
    for schedule in pretend.account.schedules:
        assert as_written(schedule)
    for later in (MINUTE, 20 * MINUTE, 3 * DAY):
        assert left_to_do(second, pretend, then + later) == []


@given(two_versions())
@settings(max_examples=8, deadline=None)
def test_from_the_turning_on_people_are_the_policys(drawn: tuple[Policy, Policy, int]) -> None:
    """With the same overrides: one that the YAML forgets would stay."""
    first, changed, now = drawn
    second = changed.model_copy(update={"overrides": first.overrides})
    pretend = Pretend(empty_account(first, now))
    pretend.apply(planned(first, pretend, now), now)
    pretend.apply(planned(second, pretend, now), now)
    settled = now + 3600
    later = later_of(second, "r", now, "shifts")
    until = max(settled, min([settled + 28 * DAY, *([later.start] if later else [])]))
    shown = duty(pretend, settled, until)
    shifts = [s for s in Roster(second).shifts("r", settled, until) if s.person]
    wanted = {at: s.person for s in shifts for at in range(s.start + -s.start % HALF_HOUR, s.end, HALF_HOUR)}
    assert shown == wanted
