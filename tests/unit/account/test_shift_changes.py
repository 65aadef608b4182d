"""A change to a running event, write by write, as worked out by hand."""

from __future__ import annotations

from rota_stories import local
from watchbill.account.event_changes import change_plan
from watchbill.account.event_steps import (
    Bridge,
    Create,
    Delete,
    Edit,
    End,
    RemoveBridge,
    Step,
    after,
    unmanned,
)
from watchbill.account.events import named
from watchbill.account.objects import ShiftEvent, ShiftRotation

NOW = local("2026-01-07 10:00")
CHANGE = local("2026-01-12 09:00")
WEEK = 7 * 86_400


def event(members: str, since: int | None = None, until: int | None = None, ident: str = "") -> ShiftEvent:
    bare = ShiftEvent(
        name="",
        start=local("2026-01-05 09:00"),
        end=local("2026-01-12 09:00"),
        time_zone="Europe/Bucharest",
        rule="FREQ=WEEKLY;BYDAY=MO",
        members=tuple(members),
        per_member=1,
        since=since,
        until=until,
        id=ident,
    )
    return named(bare, "turns mon 09:00 - mon 09:00")


def stored(*events: ShiftEvent) -> list[ShiftRotation]:
    return [ShiftRotation(id="R1", events=events)]


def wanted(*events: ShiftEvent) -> list[ShiftRotation]:
    return [ShiftRotation(key="turns", events=events)]


def kinds(steps: tuple[Step, ...]) -> list[str]:
    return [type(step).__name__ for step in steps]


RUNNING = event("ABC", since=NOW - WEEK, ident="E1")


def test_a_dated_crew_takes_four_steps() -> None:
    plan = change_plan(stored(RUNNING), wanted(event("ABC", until=CHANGE), event("DBAC", since=CHANGE)), NOW)
    bridge, end, create, remove = plan.steps
    assert isinstance(bridge, Bridge)
    assert isinstance(end, End)
    assert isinstance(create, Create)
    assert isinstance(remove, RemoveBridge)
    assert [s.match for s in bridge.shifts] == [("B", CHANGE, CHANGE + WEEK)]
    assert (end.rotation, end.event, end.until) == ("R1", RUNNING, CHANGE)
    assert (create.rotation, create.event.since) == ("R1", CHANGE)
    assert remove.shifts == bridge.shifts
    assert (plan.turning, plan.bridged_until) == (CHANGE, CHANGE + WEEK)


def test_without_the_bridge_nobody_would_be_on_call_for_a_moment() -> None:
    goal = wanted(event("ABC", until=CHANGE), event("DBAC", since=CHANGE))
    plan = change_plan(stored(RUNNING), goal, NOW)
    _, end, create, _ = plan.steps
    capped = after(plan.state, end)
    done = after(capped, create)
    args = (plan.state, done, NOW, plan.turning, plan.bridged_until)
    assert unmanned(capped, *args) == [CHANGE]
    assert unmanned(done, *args) == []


def test_what_should_be_otherwise_already_turns_a_quarter_of_an_hour_ahead() -> None:
    plan = change_plan(stored(RUNNING), wanted(event("XYZ")), NOW + 30)
    end, create = plan.steps[1:3]
    assert isinstance(end, End)
    assert isinstance(create, Create)
    assert end.until == create.event.since == plan.turning == NOW + 16 * 60


def test_a_handoff_too_near_is_not_met() -> None:
    goal = wanted(event("ABC", until=CHANGE), event("DBAC", since=CHANGE))
    plan = change_plan(stored(RUNNING), goal, CHANGE - 300)
    assert plan.turning == CHANGE + 600


def test_a_future_event_is_edited_in_place_or_deleted() -> None:
    capped = RUNNING.model_copy(update={"until": CHANGE})
    coming = event("DBAC", since=CHANGE, ident="E2")
    plan = change_plan(
        stored(capped, coming), wanted(event("ABC", until=CHANGE), event("DEF", since=CHANGE)), NOW
    )
    assert kinds(plan.steps) == ["Bridge", "Edit", "RemoveBridge"]
    edit = plan.steps[1]
    assert isinstance(edit, Edit)
    assert (edit.event.id, edit.into.members) == ("E2", tuple("DEF"))
    plan = change_plan(stored(capped, coming), wanted(event("ABC")), NOW)
    assert kinds(plan.steps) == ["Bridge", "Delete", "End", "RemoveBridge"]
    delete, uncap = plan.steps[1:3]
    assert isinstance(delete, Delete)
    assert isinstance(uncap, End)
    assert (delete.event.id, uncap.until) == ("E2", None)


def test_the_same_is_no_change_and_a_bridge_left_behind_is_removed() -> None:
    goal = wanted(event("ABC"))
    assert change_plan(stored(RUNNING), goal, NOW).steps == ()
    first = change_plan(stored(RUNNING), wanted(event("XYZ")), NOW).steps[0]
    assert isinstance(first, Bridge)
    assert change_plan(stored(RUNNING), goal, NOW, first.shifts).steps == (RemoveBridge(first.shifts),)


def test_the_next_run_finishes_what_was_killed() -> None:
    goal = wanted(event("ABC", until=CHANGE), event("DBAC", since=CHANGE))
    bridge, end, *_ = change_plan(stored(RUNNING), goal, NOW).steps
    assert isinstance(bridge, Bridge)
    assert isinstance(end, End)
    plan = change_plan(stored(RUNNING), goal, NOW + 60, bridge.shifts)
    assert kinds(plan.steps) == ["End", "Create", "RemoveBridge"]
    capped = RUNNING.model_copy(update={"until": CHANGE})
    plan = change_plan(stored(capped), goal, NOW + 60, bridge.shifts)
    assert kinds(plan.steps) == ["Create", "RemoveBridge"]


def test_what_is_wanted_and_over_is_not_made() -> None:
    """A saved plan may wait until after the handoff that it was made for."""
    goal = wanted(event("ABC", until=CHANGE), event("DBAC", since=CHANGE))
    plan = change_plan([], goal, CHANGE + 3600)
    (create,) = plan.steps
    assert isinstance(create, Create)
    assert create.event.members == tuple("DBAC")
    end = change_plan(stored(RUNNING), goal, CHANGE + 3600).steps[1]
    assert isinstance(end, End)
    assert end.until == CHANGE + 3600 + 15 * 60


def test_what_would_be_over_before_it_can_begin_is_not_made() -> None:
    goal = wanted(event("XYZ", until=NOW + 600), event("DEF", since=NOW + 600))
    plan = change_plan(stored(RUNNING), goal, NOW)
    assert kinds(plan.steps) == ["Bridge", "End", "Create", "RemoveBridge"]
    create = plan.steps[2]
    assert isinstance(create, Create)
    assert (create.event.members, create.event.since) == (tuple("DEF"), NOW + 15 * 60)
    short = event("XYZ", since=NOW + 300, until=NOW + 600, ident="E2")
    both = [*stored(RUNNING), ShiftRotation(id="R2", events=(short,))]
    plan = change_plan(both, wanted(short, event("DEF", since=NOW + 600)), NOW)
    assert kinds(plan.steps) == ["Bridge", "Delete", "End", "Create", "RemoveBridge"]


def test_events_that_are_over_are_left_alone() -> None:
    over = event("QRS", since=NOW - 9 * WEEK, until=NOW - WEEK, ident="E0")
    assert change_plan(stored(over, RUNNING), wanted(event("ABC")), NOW).steps == ()
