from __future__ import annotations

import pytest

from policy_text import at, policy_of
from watchbill.ladder.outlook import Gap, Outlook
from watchbill.rota.clock import DAY, HOUR
from watchbill.rota.duty import Roster

WEEK = "2026-11-23", "2026-11-30"
BUSINESS = "backend: {title: B, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben], hours: mon-fri 09:00-18:00}"
NIGHTS = "nights: {title: N, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [cleo, dan], hours: [mon-fri 18:00-09:00, sat, sun]}"


def outlook(text: str, since: str = WEEK[0], until: str = WEEK[1]) -> Outlook:
    return Outlook(Roster(policy_of(text)), at(since), at(until))


def gaps(text: str) -> list[Gap]:
    return outlook(text).gaps()


def test_a_gap_is_what_the_hours_leave_free() -> None:
    (gap,) = gaps(
        f"rotations:\n  {BUSINESS}\nladders: {{api: {{title: API, steps: {{0m: backend, 15m: eve}}}}}}"
    )
    assert (gap.level, gap.targets, gap.declared) == (1, ("backend",), None)
    assert gap.spans[0] == (at("2026-11-23"), at("2026-11-23 09:00"))
    assert gap.spans[1] == (at("2026-11-23 18:00"), at("2026-11-24 09:00"))
    assert gap.seconds == 7 * DAY - 5 * 9 * HOUR


def test_a_level_is_judged_by_the_union_of_its_targets() -> None:
    both = f"rotations:\n  {BUSINESS}\n  {NIGHTS}\nladders: {{api: {{title: API, steps: {{0m: [backend, nights]}}}}}}"
    (gap,) = gaps(both)
    assert gap.spans == ((at("2026-11-23"), at("2026-11-23 09:00")),), "Monday morning is in neither"
    apart = both.replace("{0m: [backend, nights]}", "{0m: backend, 5m: nights}")
    assert [gap.level for gap in gaps(apart)] == [1, 2]


@pytest.mark.parametrize("step", ["ana", "[backend, ana]", "[backend, other-team]"])
def test_a_person_or_another_teams_object_is_always_somebody(step: str) -> None:
    text = f"rotations:\n  {BUSINESS}\nexternal: {{other-team: {{schedule: Theirs}}}}\nladders: {{api: {{title: API, steps: {{0m: {step}}}}}}}"
    assert gaps(text) == []


def test_a_declared_gap_keeps_its_reason() -> None:
    (gap,) = gaps(
        f"rotations:\n  {BUSINESS}\n"
        "ladders: {api: {title: API, steps: {0m: {page: backend, may_be_empty: nights are level two's}, 5m: ana}}}"
    )
    assert gap.declared == "nights are level two's"


def test_a_vacant_turn_is_a_gap_and_an_unset_role_has_its_own_rule() -> None:
    text = (
        "rotations:\n  r: {title: R, turn: 1 day, handoff: daily 09:00, from: 2026-01-05, crew: [ana, nobody]}\n"
        "roles: {boss: {title: Boss, held_by: unset}}\n"
        "ladders: {api: {title: API, steps: {0m: r, 5m: boss}}}"
    )
    (gap,) = gaps(text)
    assert gap.level == 1
    assert sum(end - start for start, end in gap.spans) in (
        3 * DAY + 9 * HOUR,
        3 * DAY + 15 * HOUR,
        4 * DAY - 9 * HOUR,
    )


def test_a_fallback_and_an_override_fill_gaps() -> None:
    filled = BUSINESS.replace("18:00}", "18:00, otherwise: cleo}")
    assert gaps(f"rotations:\n  {filled}\nladders: {{api: {{title: API, steps: {{0m: backend}}}}}}") == []
    (gap,) = gaps(
        f"rotations:\n  {BUSINESS}\nladders: {{api: {{title: API, steps: {{0m: backend}}}}}}\n"
        "overrides: [{rotation: backend, person: cleo, from: 2026-11-23 18:00, until: 2026-11-24 09:00}]"
    )
    assert gap.spans[1] == (at("2026-11-24 18:00"), at("2026-11-25 09:00"))


@pytest.mark.parametrize(
    ("services", "hours"),
    [
        ("", 9 + 4 * 15 + 54),
        ("{s: {title: S, ladder: api, urgency: low}}", 0),
        # opened between 09:00 and 18:00, an hour later between 10:00 and 19:00: one hour a day
        ("{s: {title: S, ladder: api, urgency: {during: business, high_else: low}}}", 5),
        (
            "{s: {title: S, ladder: api, urgency: {during: business, high_else: low}}, t: {title: T, ladder: api, urgency: high}}",
            9 + 4 * 15 + 54,
        ),
    ],
)
def test_a_level_that_low_urgency_never_reaches_cannot_be_empty(services: str, hours: int) -> None:
    text = f"rotations:\n  {BUSINESS}\nladders: {{api: {{title: API, steps: {{0m: ana, 1h: backend}}}}}}"
    found = gaps(text + (f"\nservices: {services}" if services else ""))
    assert sum(gap.seconds for gap in found) == hours * HOUR


def test_double_duty_is_the_time_on_two_levels_of_one_ladder() -> None:
    text = (
        "rotations:\n"
        "  one: {title: One, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben, cleo, dan, eve]}\n"
        "  two: {title: Two, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ben, ana, cleo, dan]}\n"
        "ladders: {api: {title: API, steps: {0m: one, 15m: two}}, apart: {title: Apart, steps: {0m: one}}}"
    )
    look = outlook(text, "2026-01-05 09:00", "2026-05-25 09:00")
    found = look.double_duty()
    weeks = {
        week: (one, two)
        for week, (one, two) in enumerate(
            (("ana", "ben", "cleo", "dan", "eve")[w % 5], ("ben", "ana", "cleo", "dan")[w % 4])
            for w in range(20)
        )
        if one == two
    }
    assert sum(d.seconds for d in found) == pytest.approx(len(weeks) * 7 * DAY, abs=HOUR)
    assert {d.person for d in found} == {one for one, _ in weeks.values()}
    assert all(d.levels == (1, 2) and d.targets == (("one",), ("two",)) for d in found)


def test_the_same_crew_a_turn_later_is_never_double() -> None:
    text = (
        "rotations:\n"
        "  one: {title: One, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben, cleo]}\n"
        "  two: {title: Two, same_crew: {as: one, turns_later: 1}}\n"
        "ladders: {api: {title: API, steps: {0m: one, 15m: two}}}"
    )
    assert outlook(text, "2026-01-05", "2027-01-05").double_duty() == []
