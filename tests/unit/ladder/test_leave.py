from __future__ import annotations

from policy_text import at, policy_of
from watchbill.ladder.leave import bad_covers, mismatches, to_cover
from watchbill.ladder.outlook import Outlook
from watchbill.rota.clock import WEEK
from watchbill.rota.duty import Roster

NOW = at("2026-11-23 16:00")
ROTATION = (
    "rotations:\n  r: {title: R, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ben, ana]}\n"
)
"""ana has the weeks from 2026-11-30 and 2026-12-14, ben those between."""


def look(text: str) -> Outlook:
    return Outlook(Roster(policy_of(text)), NOW, NOW + 8 * WEEK)


def test_leave_names_the_shifts_cut_at_its_days() -> None:
    (found,) = to_cover(
        look(ROTATION + "absences: [{person: ana, first_day: 2026-12-04, last_day: 2026-12-15}]")
    )
    assert found.shifts == (
        ("r", (at("2026-12-04"), at("2026-12-07 09:00"))),
        ("r", (at("2026-12-14 09:00"), at("2026-12-16"))),
    )


def test_leave_without_shifts_or_in_the_past_or_far_away_is_fine() -> None:
    for days in (
        "2026-12-08, last_day: 2026-12-13",
        "2026-10-01, last_day: 2026-11-22",
        "2027-03-01, last_day: 2027-04-01",
    ):
        assert not list(to_cover(look(ROTATION + f"absences: [{{person: ana, first_day: {days}}}]"))), days


def test_an_override_covers_leave() -> None:
    text = (
        ROTATION
        + "absences: [{person: ana, first_day: 2026-11-30, last_day: 2026-12-06}]\n"
        + "overrides: [{rotation: r, person: cleo, from: 2026-11-30 09:00, until: 2026-12-07 00:00}]"
    )
    assert not list(to_cover(look(text)))


def test_a_fallback_is_covered_where_the_turn_is() -> None:
    text = ROTATION + (
        "  copy: {title: C, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [dan, eve], hours: business, otherwise: r}\n"
        "absences: [{person: ana, first_day: 2026-11-30, last_day: 2026-12-06}]"
    )
    (found,) = to_cover(look(text))
    assert {rotation for rotation, _ in found.shifts} == {"r"}


def test_a_direct_role_is_told_too() -> None:
    text = (
        ROTATION
        + "roles: {cto: {title: CTO, held_by: cleo}}\nladders: {api: {title: API, steps: {0m: r, 5m: cto}}}\n"
        + "absences: [{person: cleo, first_day: 2026-11-30, last_day: 2026-12-06}]"
    )
    (found,) = to_cover(look(text))
    assert (found.shifts, found.roles) == ((), ("cto",))


def test_who_covers_must_be_there() -> None:
    away = "absences: [{person: ana, first_day: 2026-11-30, last_day: 2026-12-06, covered_by: cleo}, {person: cleo, first_day: 2026-12-05, last_day: 2026-12-20}]"
    (found,) = bad_covers(look(ROTATION + away))
    assert (found.absence, found.rotation, found.elsewhere) == (0, "r", None)
    assert found.span == (at("2026-12-05"), at("2026-12-07"))


def test_who_covers_must_be_free() -> None:
    text = (
        ROTATION
        + "  other: {title: O, turn: 1 week, handoff: wed 09:00, from: 2026-01-07, crew: [cleo, dan]}\n"
        + "absences: [{person: ana, first_day: 2026-11-30, last_day: 2026-12-06, covered_by: cleo}]"
    )
    (found,) = bad_covers(look(text))
    assert found.elsewhere == "other"
    assert found.span in (
        (at("2026-11-30 09:00"), at("2026-12-02 09:00")),
        (at("2026-12-02 09:00"), at("2026-12-07")),
    )


def test_a_free_cover_is_fine_also_where_a_fallback_follows_it() -> None:
    text = (
        ROTATION
        + "  copy: {title: C, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [dan, eve], hours: business, otherwise: r}\n"
        + "absences: [{person: ana, first_day: 2026-11-30, last_day: 2026-12-06, covered_by: cleo}]"
    )
    assert not list(bad_covers(look(text)))


def test_instead_of_names_the_real_holders() -> None:
    policy = policy_of(
        ROTATION
        + "overrides: [{rotation: r, person: cleo, instead_of: ana, from: 2026-12-05 09:00, until: 2026-12-15 09:00}]"
    )
    (found,) = mismatches(policy, NOW)
    assert [(s.person, s.start, s.end) for s in found.holders] == [
        ("ben", at("2026-12-07 09:00"), at("2026-12-14 09:00"))
    ]
    assert found.nobody == ()


def test_instead_of_outside_the_hours_is_nobody() -> None:
    policy = policy_of(
        "rotations:\n  r: {title: R, crew: [ana], hours: mon-fri 09:00-18:00}\n"
        "overrides: [{rotation: r, person: cleo, instead_of: ana, from: 2026-12-03 15:00, until: 2026-12-04 12:00}]"
    )
    (found,) = mismatches(policy, NOW)
    assert (found.holders, found.nobody) == ((), ((at("2026-12-03 18:00"), at("2026-12-04 09:00")),))


def test_a_fitting_a_past_and_a_cancelled_override_are_fine() -> None:
    for span in (
        "from: 2026-12-01 09:00, until: 2026-12-07 09:00",
        "from: 2026-11-11 09:00, until: 2026-11-12 09:00",
        "from: 2026-12-08 09:00, until: 2026-12-09 09:00, cancelled: true",
    ):
        policy = policy_of(ROTATION + f"overrides: [{{rotation: r, person: cleo, instead_of: ana, {span}}}]")
        assert not list(mismatches(policy, NOW)), span
