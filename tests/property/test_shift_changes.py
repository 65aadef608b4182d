"""From any shift-based schedule to any other: after every write somebody is on call who was to be, nobody's
shift before the turning point moves, and a run killed anywhere is finished by the next one."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rota_policies import PEOPLE, counted, dated, frame, layered, places
from rota_reference import Data, utc
from watchbill.account.event_changes import AHEAD, change_plan
from watchbill.account.event_steps import Bridge, End, RemoveBridge, State, after, unmanned
from watchbill.account.layers import Refused
from watchbill.account.objects import ShiftRotation
from watchbill.account.parts import CannotExpress
from watchbill.account.shifts import CompiledShifts, shifts_for
from watchbill.model.policy import Policy
from watchbill.rota.duty import Roster
from watchbill.rota.spans import intersect

DAY = 86_400
EXAMPLES = 80 if os.environ.get("WATCHBILL_FAULTS") == "full" else 25
IDS = {person: person for person in PEOPLE}


@st.composite
def two_policies(draw: st.DrawFn) -> tuple[Data, Data, int]:
    zone, around = draw(places)
    one = st.one_of(*(form(around) for form in (counted, counted, dated, layered)))
    x = {"turn": "1 week", "handoff": "fri 18:00", "from": "2015-01-02", "crew": ["dan", "ana", "ben"]}
    made = []
    first = draw(one)
    for spec in (first, draw(st.one_of(one, changed_crew(first)))):
        with_rest = dict(spec)
        if draw(st.booleans()):
            with_rest["otherwise"] = "x"
        made.append(frame(zone, {"r": with_rest, "x": x}))
    return made[0], made[1], utc(around)


@st.composite
def changed_crew(draw: st.DrawFn, spec: Data) -> Data:
    if "crew" not in spec:
        return spec
    return {**spec, "crew": draw(st.permutations([*spec["crew"], draw(st.sampled_from(PEOPLE))]))}


def compiled(data: Data, now: int) -> tuple[ShiftRotation, ...]:
    """Of a drawn policy; those that the mapper refuses are not looked at."""
    assume(isinstance(_mapped(data, now), CompiledShifts))
    return surely_compiled(data, now)


def surely_compiled(data: Data, now: int) -> tuple[ShiftRotation, ...]:
    made = _mapped(data, now)
    assert isinstance(made, CompiledShifts), made
    return made.rotations


def _mapped(data: Data, now: int) -> CompiledShifts | Refused:
    policy = Policy.model_validate(data)
    return shifts_for(policy, "r", Roster(policy), IDS, now)


def as_stored(rotations: tuple[ShiftRotation, ...], now: int) -> list[ShiftRotation]:
    """With ids, and the past as the account says it."""
    return [
        ShiftRotation(
            id=f"R{i}",
            events=tuple(
                e.model_copy(update={"id": f"E{i}{j}", "since": e.since or now})
                for j, e in enumerate(r.events)
            ),
        )
        for i, r in enumerate(rotations)
    ]


def stored_of(state: State) -> list[ShiftRotation]:
    return [ShiftRotation(id=name, events=events) for name, events in state.rotations.items()]


def differing(left: State, right: State, since: int, until: int) -> list[int]:
    marks = sorted(left.boundaries(since, until) | right.boundaries(since, until)) if since < until else []
    pairs = zip(marks, left.people_at(marks), right.people_at(marks), strict=True)
    return [at for at, a, b in pairs if a != b]


def events_of(state: State) -> State:
    return State(state.rotations)


def check_room(state: State, now: int) -> None:
    for name, events in state.rotations.items():
        living = [e for e in events if e.until is None or e.until > now]
        assert len(living) <= 5, name
        for i, left in enumerate(living):
            for right in living[i + 1 :]:
                begin = max(now, left.since or now, right.since or now)
                both = [State({name: (e,)}).manned(begin, begin + 60 * DAY) for e in (left, right)]
                assert intersect(*both) == []


def carried_out(stored: Any, wanted: Any, now: int, bridges: Any, killed_after: int | None) -> State:
    plan = change_plan(stored, wanted, now, bridges)
    goal = State({r.id or r.key: r.events for r in wanted})
    before = state = plan.state
    until = max(plan.bridged_until, plan.turning)
    assert all(s.until is None or s.until >= now + AHEAD for s in plan.steps if isinstance(s, End))
    for number, step in enumerate(plan.steps):
        if number == killed_after:
            return state
        state = after(state, step)
        assert unmanned(state, before, goal, now, plan.turning, until) == []
        assert differing(events_of(state), events_of(before), now, plan.turning) == []
        check_room(state, now)
    assert differing(state, goal, plan.turning, plan.turning + 100 * DAY) == []
    assert all(c.end <= plan.turning <= now + AHEAD + 60 for c in state.custom_shifts)
    assert change_plan(stored_of(state), wanted, now, state.custom_shifts).steps == ()
    return state


@given(two_policies(), st.integers(0, 3 * DAY), st.integers(0, 12), st.integers(0, 40))
@settings(max_examples=EXAMPLES, deadline=None)
def test_nobody_is_unpaged_at_any_step(
    drawn: tuple[Data, Data, int], later: int, killed_after: int, minutes: int
) -> None:
    old, new, begun = drawn
    now = begun + later
    stored = as_stored(compiled(old, begun), begun)
    wanted = compiled(new, now)
    try:
        plan = change_plan(stored, wanted, now)
    except CannotExpress:  # more rotations than a schedule holds
        return
    if any(not isinstance(s, Bridge | RemoveBridge) for s in plan.steps):
        carried_out(stored, wanted, now, (), None)
        left = carried_out(stored, wanted, now, (), killed_after)
        next_run = now + 60 * minutes
        wanted = compiled(new, next_run)
        if change_plan(stored_of(left), wanted, next_run, left.custom_shifts).steps:
            carried_out(stored_of(left), wanted, next_run, left.custom_shifts, None)
