"""Events that mean the same, their names, and finding them again."""

from __future__ import annotations

import pytest

from rota_stories import local
from watchbill.account.events import (
    digest_in_name,
    event_digest,
    match_events,
    named,
    rotations_form,
    same_event,
)
from watchbill.account.objects import ShiftEvent, ShiftRotation

START = local("2026-01-05 09:00")
WEEK = 7 * 86_400
EVENT = ShiftEvent(
    name="",
    start=START,
    end=local("2026-01-12 09:00"),
    time_zone="Europe/Bucharest",
    rule="FREQ=WEEKLY;BYDAY=MO",
    members=("A", "B", "C"),
    per_member=1,
)


def but(**changes: object) -> ShiftEvent:
    return EVENT.model_copy(update=changes)


@pytest.mark.parametrize(
    "same",
    [
        pytest.param(but(start=START + 3 * WEEK, end=EVENT.end + 3 * WEEK), id="whole rounds later"),
        pytest.param(
            but(start=START + WEEK, end=EVENT.end + WEEK, members=("B", "C", "A")), id="another first"
        ),
        pytest.param(but(members=("A", "B", "C", "A", "B", "C")), id="twice around"),
        pytest.param(but(rule="RRULE:FREQ=WEEKLY;WKST=MO;BYDAY=MO;INTERVAL=1"), id="spelled out"),
        pytest.param(but(since=START, until=START + 9 * WEEK, name="Other", id="E1"), id="bounds and names"),
        pytest.param(but(start=local("2026-06-01 09:00"), end=local("2026-06-08 09:00")), id="in summer"),
    ],
)
def test_what_means_the_same_has_one_digest(same: ShiftEvent) -> None:
    assert event_digest(same) == event_digest(EVENT)


@pytest.mark.parametrize(
    "other",
    [
        but(start=START + WEEK, end=EVENT.end + WEEK),
        but(members=("A", "C", "B")),
        but(per_member=2),
        but(per_member=None),
        but(end=EVENT.end - 3600),
        but(time_zone="Europe/Paris"),
        but(rule="FREQ=WEEKLY;BYDAY=MO;INTERVAL=2"),
        but(rule="FREQ=WEEKLY;BYDAY=MO;COUNT=9"),
        but(rule="FREQ=WEEKLY;BYDAY=MO;UNTIL=20261231T000000Z"),
        but(rule="FREQ=NEVER"),
        but(excluded=(START,)),
    ],
)
def test_what_differs_has_another(other: ShiftEvent) -> None:
    assert event_digest(other) != event_digest(EVENT)


def test_a_name_ends_with_the_digest_and_fits() -> None:
    event = named(EVENT, "x" * 300)
    assert len(event.name) == 255
    assert digest_in_name(event.name) == event_digest(EVENT)
    assert digest_in_name("On call") == ""


def test_the_past_is_one_value() -> None:
    assert same_event(but(since=START), EVENT, START + 1)
    assert not same_event(but(since=START), EVENT, START - 1)
    assert not same_event(but(until=START + WEEK), EVENT, START)


def test_an_event_is_found_by_its_name_when_edited_and_by_content_when_renamed() -> None:
    wanted = named(EVENT, "turns")
    edited = wanted.model_copy(update={"members": ("A", "Z"), "id": "E1"})
    renamed = wanted.model_copy(update={"name": "Ours", "id": "E2"})
    foreign = but(name="Theirs", members=("Q",), id="E3")
    assert match_events([wanted], [foreign, edited]).pairs == ((wanted, edited),)
    found = match_events([wanted], [foreign, renamed])
    assert found.pairs == ((wanted, renamed),)
    assert (found.missing, found.extra) == ((), (foreign,))
    assert match_events([wanted], [foreign]).missing == (wanted,)


def test_a_crew_that_comes_back_is_told_apart_by_its_beginning() -> None:
    first, again = named(but(until=START + WEEK), "turns"), named(but(since=START + 9 * WEEK), "turns")
    stored = [again.model_copy(update={"id": "E2"}), first.model_copy(update={"id": "E1", "since": START})]
    found = match_events([first, again], stored)
    assert [(w.since, s.id) for w, s in found.pairs] == [(None, "E1"), (START + 9 * WEEK, "E2")]


def test_rotations_are_compared_by_their_living_events_wherever_those_are() -> None:
    later = but(members=("D",), since=START + WEEK)
    over = but(members=("Z",), until=START)
    one = [ShiftRotation(events=(over, EVENT, later))]
    two = [ShiftRotation(id="R2", events=(later,)), ShiftRotation(id="R1", events=(EVENT,))]
    assert rotations_form(one, START, starts=True) == rotations_form(two, START, starts=True)
    moved = [ShiftRotation(events=(EVENT, but(members=("D",), since=START + 2 * WEEK)))]
    assert rotations_form(one, START, starts=True) != rotations_form(moved, START, starts=True)
    assert rotations_form(one, START, starts=False) == rotations_form(moved, START, starts=False)
