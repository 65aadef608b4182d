from __future__ import annotations

import pytest

from policy_text import at, policy_of
from watchbill.ladder.why import Why, why
from watchbill.report.why import why_text
from watchbill.rota.duty import Roster

TEXT = """
rotations:
  first:
    title: First
    turn: 1 week
    handoff: mon 09:00
    crews:
      - {from: 2026-01-05, order: [ana, ben]}
      - {from: 2026-11-30, order: [cleo, ana, ben], reason: cleo joins}
  desk: {title: Desk, turn: 1 day, handoff: daily 09:00, from: 2026-01-05, crew: [dan, eve], hours: business, otherwise: first}
  alone: {title: Alone, crew: [fay], hours: business, otherwise: boss}
  later: {title: Later, same_crew: {as: first, turns_later: 1}}
  sites:
    title: Sites
    layers:
      - {name: Base, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]}
      - {name: Weekend, turn: 1 week, handoff: fri 18:00, from: 2026-01-02, crew: [cleo, dan], hours: fri 18:00 - mon 08:00}
  sheet: {title: Sheet, listed: true}
roles: {boss: {title: Boss, held_by: eve}}
shifts:
  - {rotation: sheet, person: ana, from: 2026-12-01 09:00, until: 2026-12-02 09:00}
overrides:
  - {rotation: first, person: dan, instead_of: cleo, from: 2026-12-03 09:00, until: 2026-12-04 09:00, reason: swap}
absences:
  - {person: ben, first_day: 2026-12-14, last_day: 2026-12-20, covered_by: eve}
  - {person: eve, first_day: 2026-12-16, last_day: 2026-12-16, covered_by: gil}
"""
ROSTER = Roster(policy_of(TEXT))


def ask(rotation: str, text: str) -> Why:
    return why(ROSTER, rotation, at(text))


def test_the_turn_and_the_version_of_the_crew() -> None:
    found = ask("first", "2026-12-08 12:00")
    assert found.shift is not None
    assert found.turn is not None
    assert (found.shift.person, found.turn.holder) == ("ana", "ana")
    crew = found.turn.crew
    assert (crew.number, crew.of, crew.order, crew.position, crew.reason) == (
        2,
        2,
        ("cleo", "ana", "ben"),
        2,
        "cleo joins",
    )
    assert crew.places == (("rotations", "first", "crews", 1),)
    assert (found.turn.start, found.turn.end) == (at("2026-12-07 09:00"), at("2026-12-14 09:00"))
    before = ask("first", "2026-11-24 12:00").turn
    assert before is not None
    assert before.crew.number == 1


def test_an_override_and_whose_turn_it_was() -> None:
    found = ask("first", "2026-12-03 12:00")
    assert found.override is not None
    assert found.turn is not None
    assert (found.override[0].reason, found.override[1], found.turn.holder) == (
        "swap",
        ("overrides", 0),
        "cleo",
    )


def test_leave_and_the_cover_of_the_cover() -> None:
    found = ask("first", "2026-12-15 12:00")
    assert [place for _, place in found.absences] == [("absences", 0)]
    twice = ask("first", "2026-12-16 12:00")
    assert twice.shift is not None
    assert (twice.shift.person, [place for _, place in twice.absences]) == (
        "gil",
        [("absences", 0), ("absences", 1)],
    )


def test_a_fallback_to_a_rotation_explains_that_rotation() -> None:
    found = ask("desk", "2026-12-03 22:00")
    assert (found.fallback_to, found.turn is not None and found.turn.in_hours) == ("first", False)
    assert found.fallback is not None
    assert found.fallback.override is not None, "the override of the other rotation is followed"
    assert ask("desk", "2026-12-03 12:00").fallback is None


def test_a_fallback_to_a_role_ends_at_a_person() -> None:
    found = ask("alone", "2026-12-05 12:00")
    assert (found.fallback_to, found.fallback) == ("boss", None)
    assert found.shift is not None
    assert found.shift.person == "eve"
    assert [p for _, p in ask("alone", "2026-12-16 22:00").absences] == [("absences", 1)]


@pytest.mark.parametrize("day", ["2026-12-01", "2026-12-08", "2026-12-15", "2026-12-22", "2027-01-12"])
def test_a_followed_crew_points_at_the_place_in_the_crew_that_serves(day: str) -> None:
    found = ask("later", f"{day} 12:00")
    assert found.turn is not None
    crew = found.turn.crew
    assert (crew.rotation, crew.turns_later, crew.order[crew.position - 1]) == ("first", 1, found.turn.holder)
    assert ("rotations", "later", "same_crew") in crew.places


def test_the_layer_that_wins() -> None:
    weekend, week = ask("sites", "2026-11-28 12:00").turn, ask("sites", "2026-11-25 12:00").turn
    assert weekend is not None
    assert week is not None
    assert (weekend.crew.layer, weekend.crew.places) == ("Weekend", (("rotations", "sites", "layers", 1),))
    assert week.crew.layer == "Base"


def test_listed_duty_and_nobody() -> None:
    assert ask("sheet", "2026-12-01 12:00").listed == ("shifts", 0)
    nobody = ask("sheet", "2026-12-05 12:00")
    assert (nobody.shift, nobody.turn, nobody.listed) == (None, None, None)


@pytest.mark.parametrize("rotation", ["first", "desk", "alone", "later", "sites", "sheet"])
def test_the_reasons_always_lead_to_who_is_on_duty(rotation: str) -> None:
    """Every seven hours of six weeks: override, else the last cover, else fallback, listed shift or turn."""
    policy = ROSTER.policy
    for instant in range(at("2026-11-20"), at("2027-01-01"), 7 * 3600):
        found = why(ROSTER, rotation, instant)
        people = {s.person for s in ROSTER.shifts(rotation, instant, instant + 1)}
        assert people == ({found.shift.person} if found.shift else set())
        if found.shift is None:
            continue
        if found.override:
            told = found.override[0].person
        elif found.absences:
            told = found.absences[-1][0].covered_by or ""
        elif found.fallback:
            assert found.fallback.shift
            told = found.fallback.shift.person or ""
        elif found.fallback_to:
            told = policy.roles[found.fallback_to].held_by
        elif found.listed:
            told = policy.shifts[int(found.listed[1])].person
        else:
            assert found.turn
            told = found.turn.holder
        assert told == found.shift.person, found


@pytest.mark.parametrize(
    ("text", "on_holiday"),
    [("2026-12-01 12:00", True), ("2026-12-01 22:00", False), ("2026-12-05 12:00", False)],
)
def test_a_holiday_is_told_from_an_hour_that_is_always_free(text: str, on_holiday: bool) -> None:
    turn = ask("desk", text).turn
    assert turn is not None
    assert (turn.in_hours, turn.on_holiday) == (False, on_holiday)
    policy = policy_of(TEXT)
    told = why_text(ask("desk", text), policy, lambda _: None, color=False, width=200)
    assert ("but outside the hours: a holiday" in told) == on_holiday


GOES_ON = """
rotations:
  dated: {title: Dated, turn: 1 week, handoff: mon 09:00, crews: [{from: 2026-01-05, order: [ana, ben]}, {from: "2026-12-02 09:00", order: [ben, cleo]}]}
  alone: {title: Alone, crew: [fay], hours: always}
  begins: {title: Begins, from: 2026-11-30, crew: [fay], hours: always}
  abroad: {title: Abroad, time_zone: America/New_York, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]}
"""


def told(rotation: str, text: str) -> list[str]:
    policy = policy_of(GOES_ON)
    found = why(Roster(policy), rotation, at(text))
    return why_text(found, policy, lambda _: None, color=False, width=100).splitlines()


def test_what_has_no_bounds_is_always() -> None:
    assert told("alone", "2026-12-01 12:00")[1:3] == ["  shift     always", "  turn      Fay, always"]
    assert told("begins", "2026-12-01 12:00")[1] == "  shift     since Mon 2026-11-30 00:00"


def test_duty_that_goes_on_in_the_next_crew() -> None:
    before, after = told("dated", "2026-12-01 12:00"), told("dated", "2026-12-03 12:00")
    assert before[1:3] == [
        "  shift     Mon 2026-11-30 09:00 to Wed 2026-12-02 09:00",
        "  on duty   Mon 2026-11-30 09:00 to Mon 2026-12-07 09:00",
    ]
    assert after[2] == before[2]
    assert not any(line.startswith("  on duty") for line in told("dated", "2026-12-08 12:00"))


def test_times_are_in_the_zone_that_is_named_and_a_handoff_abroad_names_its_own() -> None:
    lines = told("abroad", "2026-12-01 12:00")
    assert lines[0] == "Ben has Abroad at Tue 2026-12-01 12:00 (Europe/Bucharest)"
    assert lines[1] == "  shift     Mon 2026-11-30 16:00 to Mon 2026-12-07 16:00"
    assert lines[3] == "            handoff mon 09:00 in America/New_York"
