"""Our reading of PagerDuty's upgrade.  The sandbox's own, made apart from it, judges it in a journey."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rota_policies import PEOPLE, frame, places
from rota_reference import utc
from watchbill.account.events import for_rendering
from watchbill.account.layers import Compiled, layers_for
from watchbill.account.objects import Layer, OverrideSlot, Schedule
from watchbill.account.parts import CannotExpress
from watchbill.account.upgrade import upgraded, upgraded_overrides
from watchbill.model.policy import Policy
from watchbill.rota.clock import DAY, HOUR, WEEK, parse_instant
from watchbill.rota.duty import Roster
from watchbill.rota.shifts import render_shifts

MONDAY = parse_instant("2026-11-23T07:00:00Z")


def people(schedule: Any, since: int, until: int, slots: list[OverrideSlot]) -> dict[int, set[str]]:
    drawn = for_rendering(schedule.rotations, (), upgraded_overrides(schedule, slots))
    entries = [e for e in render_shifts(drawn, since, until) if e.user]
    return {
        at: {e.user for e in entries if e.user and e.start <= at < e.end} for at in range(since, until, 1800)
    }


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_where_layers_never_meet_and_hours_hold_whole_turns_nobody_moves(data: st.DataObject) -> None:
    """A week's turns: one event for each window gives what the layers gave."""
    zone, around = data.draw(places)
    now = utc(around)
    spec = {
        "turn": "1 week",
        "handoff": "mon 09:00",
        "from": "2015-01-05",
        "crew": data.draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4)),
        "hours": data.draw(st.sampled_from(["always", "mon-fri 09:00-18:00", "daily 18:00-23:00"])),
    }
    policy = Policy.model_validate(frame(zone, {"r": spec, "x": counted_always()}))
    made = layers_for(policy, "r", Roster(policy), {p: p for p in PEOPLE}, now)
    assume(isinstance(made, Compiled))
    assert isinstance(made, Compiled)
    schedule = Schedule(name="r", time_zone=zone, layers=made.layers)
    shown = people(upgraded(schedule, now), now, now + 3 * WEEK, [])
    roster = Roster(policy)
    wanted = {at: {s.person for s in roster.shifts("r", at, at + 1) if s.person} for at in shown}
    assert shown == wanted


def counted_always() -> dict[str, Any]:
    return {"turn": "1 week", "handoff": "mon 09:00", "from": "2015-01-05", "crew": ["dan"]}


def test_layers_that_overlap_are_on_call_together_and_an_override_replaces_them_all() -> None:
    base = Layer(name="base", users=("ana",), turn_seconds=WEEK, virtual_start=MONDAY)
    top = Layer(name="top", users=("ben", "cleo"), turn_seconds=WEEK, virtual_start=MONDAY)
    becomes = upgraded(Schedule(name="s", time_zone="Europe/Bucharest", layers=(base, top)), MONDAY)
    assert people(becomes, MONDAY, MONDAY + HOUR, [])[MONDAY] == {"ana", "ben"}
    slot = OverrideSlot(user="dan", start=MONDAY, end=MONDAY + DAY)
    assert people(becomes, MONDAY, MONDAY + HOUR, [slot])[MONDAY] == {"dan"}


@pytest.mark.parametrize("seconds", [5400, 100])
def test_a_turn_without_counterpart_is_refused_by_its_length(seconds: int) -> None:
    layer = Layer(name="odd", users=("ana", "ben"), turn_seconds=seconds, virtual_start=MONDAY)
    with pytest.raises(CannotExpress, match=str(seconds)):
        upgraded(Schedule(name="s", time_zone="Etc/UTC", layers=(layer,)), MONDAY)
