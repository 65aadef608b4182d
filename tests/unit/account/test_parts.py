"""Rotations taken apart, worked out by hand."""

from __future__ import annotations

import pytest

from rota_reference import Data
from rota_stories import local, policy_of
from watchbill.account.ahead import LaterCrew
from watchbill.account.parts import CannotExpress, Part, later_of, parts_of
from watchbill.account.weeks import WHOLE_WEEK
from watchbill.rota.clock import DAY, HOUR, WEEK
from watchbill.rota.turns import FOREVER, LONG_AGO

NOW = local("2026-01-05 10:00")
WEEKLY: Data = {"turn": "1 week", "handoff": "mon 09:00", "from": "2026-01-05", "crew": ["ana", "ben"]}


def parts(rotation: Data, **others: Data) -> list[Part]:
    return parts_of(policy_of(rotation, rotations=others), "r", NOW)


def test_one_part_counts_from_its_first_person() -> None:
    (part,) = parts({**WEEKLY, "first": "ben"})
    assert (part.people, part.turn_seconds, part.stretches) == (("ana", "ben"), WEEK, WHOLE_WEEK)
    assert part.anchor == local("2025-12-29 09:00"), "where ana had her turn"
    assert (part.start, part.end, part.cycle) == (local("2026-01-05 09:00"), FOREVER, 2 * WEEK)


def test_several_turns_each_are_one_long_turn() -> None:
    (part,) = parts({**WEEKLY, "turns_each": 3})
    assert part.turn_seconds == 3 * WEEK


def test_one_person_is_one_part_whatever_the_turn() -> None:
    (part,) = parts({"turn": "8 hours", "from": "2026-01-05", "crew": ["ana", "ana"]})
    assert (part.people, part.stretches) == (("ana",), WHOLE_WEEK)
    (alone,) = parts({"crew": ["ana"]})
    assert (alone.start, alone.end) == (LONG_AGO, FOREVER)


def test_an_anchor_is_no_time_that_the_clock_skipped() -> None:
    """In Tehran the clock skipped the first hour of 2021-03-22."""
    policy = policy_of(
        {"turn": "1 day", "handoff": "daily 00:00", "from": "2021-03-22", "crew": ["ana", "ben"]},
        "Asia/Tehran",
    )
    (part,) = parts_of(policy, "r", local("2021-03-22 12:00", "Asia/Tehran"))
    assert part.anchor == local("2021-03-20", "Asia/Tehran")


def test_half_days_are_two_daily_parts_each_with_its_own_order() -> None:
    made = parts({"turn": "12 hours", "from": "2026-01-05 08:00", "crew": ["ana", "ben", "cleo"]})
    assert [(p.people, p.turn_seconds) for p in made] == [
        (("ana", "cleo", "ben"), DAY),
        (("ben", "ana", "cleo"), DAY),
    ]
    assert made[1].anchor == local("2026-01-05 20:00")
    assert len(made[0].stretches) == 7
    assert made[0].stretches[0] == (8 * HOUR, 12 * HOUR)


def test_shifts_are_one_part_for_each_order_of_people() -> None:
    """Two people, five stretches a week: Mon, Wed, Fri alike; Tue, Thu the other way round."""
    hours = "mon-fri 09:00-17:00"
    made = parts({"turn": "1 shift", "from": "2026-01-05", "crew": ["ana", "ben"], "hours": hours})
    assert [p.people for p in made] == [("ana", "ben"), ("ben", "ana")] * 2 + [("ana", "ben")]
    five = parts({"turn": "5 shifts", "from": "2026-01-05", "crew": ["ana", "ben"], "hours": hours})
    assert [(p.people, len(p.stretches)) for p in five] == [(("ana", "ben"), 5)]


def test_the_fallback_comes_first_and_has_the_rest() -> None:
    x: Data = {"turn": "1 week", "handoff": "fri 18:00", "from": "2026-01-02", "crew": ["dan", "cleo"]}
    base, main = parts({**WEEKLY, "hours": "mon-fri 09:00-18:00", "otherwise": "x"}, x=x)
    assert (base.people, base.anchor) == (("dan", "cleo"), local("2026-01-02 18:00"))
    assert base.start == main.start == local("2026-01-05 09:00")
    assert base.stretches[-1] == (4 * DAY + 18 * HOUR, 63 * HOUR)


def test_a_follower_of_several_turns_each_writes_them_out() -> None:
    there = {**WEEKLY, "turns_each": 2}
    (part,) = parts({"same_crew": {"as": "there", "turns_later": 1}}, there=there)
    assert sorted(part.people) == ["ana", "ana", "ben", "ben"]
    assert part.turn_seconds == WEEK


def test_a_followers_crews_arrive_as_many_turns_later() -> None:
    there: Data = {
        "turn": "1 week",
        "handoff": "mon 09:00",
        "crews": [
            {"from": "2026-01-05", "order": ["ana", "ben"]},
            {"from": "2026-02-02", "order": ["cleo", "dan"]},
        ],
    }
    old, new = parts({"same_crew": {"as": "there", "turns_later": 2}}, there=there)
    assert (old.end, new.start) == (local("2026-02-16 09:00"), local("2026-02-16 09:00"))


def three_crews(*days: str) -> Data:
    crews = [{"from": day, "order": ["ana", "ben"]} for day in days]
    return {"turn": "1 week", "handoff": "mon 09:00", "crews": crews}


def test_layers_hold_every_crew_of_a_year_and_the_last_stays_until_a_later_one_is_written() -> None:
    rotation = three_crews("2026-01-05", "2026-02-02", "2026-03-02", "2027-06-07")
    second, third = local("2026-02-02 09:00"), local("2026-03-02 09:00")
    assert [p.end for p in parts(rotation)] == [second, third, FOREVER]
    fourth = local("2027-06-07 09:00")
    assert later_of(policy_of(rotation), "r", NOW, "layers") == LaterCrew("r", fourth, third)


def test_shifts_hold_two_crews() -> None:
    policy = policy_of(three_crews("2026-01-05", "2026-02-02", "2026-03-02"))
    second, third = local("2026-02-02 09:00"), local("2026-03-02 09:00")
    assert later_of(policy, "r", NOW, "shifts") == LaterCrew("r", third, second)
    assert later_of(policy, "r", second, "shifts") is None
    rotations = {"x": three_crews("2026-01-05", "2026-02-02", "2026-03-02")}
    fallback = policy_of({**WEEKLY, "hours": "sat", "otherwise": "x"}, rotations=rotations)
    assert later_of(fallback, "r", NOW, "shifts") == LaterCrew("x", third, second)


def test_shifts_hold_no_crew_of_more_than_a_year_ahead() -> None:
    policy = policy_of(three_crews("2026-01-05", "2027-06-07"))
    start = local("2027-06-07 09:00")
    assert later_of(policy, "r", NOW, "shifts") == LaterCrew("r", start, start - 365 * DAY)
    assert later_of(policy, "r", NOW, "layers") is None


@pytest.mark.parametrize("word", ["unset", "placeholder"])
def test_a_fallback_to_a_role_that_nobody_holds_is_refused(word: str) -> None:
    policy = policy_of({**WEEKLY, "hours": "sat", "otherwise": "lead"})
    roles = {"lead": policy.roles["lead"].model_copy(update={"held_by": word})}
    with pytest.raises(CannotExpress, match=word):
        parts_of(policy.model_copy(update={"roles": roles}), "r", NOW)
