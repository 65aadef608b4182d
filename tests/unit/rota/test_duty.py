"""Every form a rotation can take, worked out by hand.  2026-01-05 is a Monday."""

from __future__ import annotations

import pytest

from rota_stories import BUCHAREST, local, policy_of, story, told
from watchbill.model.policy import Policy
from watchbill.model.text import Duration
from watchbill.rota.clock import iso, parse_instant, zone
from watchbill.rota.dated import wall_text
from watchbill.rota.duty import LiveDuty, Roster, wall
from watchbill.rota.turns import FOREVER, LONG_AGO

WEEKLY = {"turn": "1 week", "handoff": "mon 09:00", "from": "2026-01-05", "crew": ["ana", "ben", "cleo"]}


def test_a_crew_takes_turns_from_its_handoff_on() -> None:
    assert story(WEEKLY, "2026-01-01", "2026-01-27") == [
        "01-05 09:00 ana",
        "01-12 09:00 ben",
        "01-19 09:00 cleo",
        "01-26 09:00 ana",
        "01-27 00:00 -",
    ]


def test_first_has_the_turn_under_way_at_from() -> None:
    made = story({**WEEKLY, "first": "ben", "from": "2026-01-07 15:00"}, "2026-01-05", "2026-01-20")
    assert made == ["01-07 15:00 ben", "01-12 09:00 cleo", "01-19 09:00 ana", "01-20 00:00 -"]


def test_several_turns_each() -> None:
    made = story({**WEEKLY, "turns_each": 2}, "2026-01-05", "2026-02-03")
    assert made == ["01-05 09:00 ana", "01-19 09:00 ben", "02-02 09:00 cleo", "02-03 00:00 -"]


def test_a_vacant_turn_is_vacant_and_no_fallback_fills_it() -> None:
    crew = {**WEEKLY, "crew": ["ana", "nobody"], "hours": "mon-tue 09:00-18:00", "otherwise": "dan"}
    assert story(crew, "2026-01-12 09:00", "2026-01-14") == [
        "01-12 09:00 vacant",
        "01-12 18:00 dan",
        "01-13 09:00 vacant",
        "01-13 18:00 dan",
        "01-14 00:00 -",
    ]


def test_one_person_needs_no_turn_and_serves_always() -> None:
    roster = Roster(policy_of({"crew": ["ana"]}))
    assert told(roster.shifts("r", local("1999-01-01"), local("1999-01-03"))) == [
        "01-01 00:00 ana",
        "01-03 00:00 -",
    ]
    (around,) = roster.around("r", local("2026-01-05"))
    assert (around.start, around.end) == (LONG_AGO, FOREVER)
    assert roster.after("r", local("2026-01-05")) is None


def test_dated_crews_change_turn_handoff_and_hours() -> None:
    crews = [
        {"from": "2026-01-05", "order": ["ana", "ben"]},
        {
            "from": "2026-01-20 12:00",
            "order": ["cleo", "ana"],
            "turn": "1 day",
            "handoff": "daily 12:00",
            "hours": "tue-thu 10:00-14:00",
        },
    ]
    made = story({"turn": "1 week", "handoff": "mon 09:00", "crews": crews}, "2026-01-18 09:00", "2026-01-23")
    assert made == [
        "01-18 09:00 ben",
        "01-19 09:00 ana",
        "01-20 12:00 cleo",
        "01-20 14:00 -",
        "01-21 10:00 cleo",
        "01-21 12:00 ana",
        "01-21 14:00 -",
        "01-22 10:00 ana",
        "01-22 12:00 cleo",
        "01-22 14:00 -",
    ]


def test_shifts_say_which_crew_they_belong_to() -> None:
    crews = [
        {"from": "2026-01-05", "order": ["ana", "ben"]},
        {"from": "2026-01-12", "order": ["ana", "cleo"]},
    ]
    roster = Roster(policy_of({"turn": "1 week", "handoff": "mon 09:00", "crews": crews}))
    shifts = roster.shifts("r", local("2026-01-05 09:00"), local("2026-01-26 09:00"))
    assert [(s.person, s.crew) for s in shifts] == [("ana", 0), ("ana", 1), ("cleo", 1)]


@pytest.mark.parametrize(
    ("later", "people"),
    [
        (1, ["cleo", "ana", "ben", "dan"]),
        (-1, ["ben", "dan", "cleo", "ben"]),
        (2, ["ben", "cleo", "ana", "ben"]),
    ],
)
def test_the_same_crew_some_turns_later(later: int, people: list[str]) -> None:
    """There: ana, ben | from 01-19 dan, cleo, ben.  Before the first turn its order goes on backwards."""
    there = {
        "turn": "1 week",
        "handoff": "mon 09:00",
        "crews": [
            {"from": "2026-01-05", "order": ["ana", "ben", "cleo"]},
            {"from": "2026-01-19", "order": ["dan", "cleo", "ben"]},
        ],
    }
    roster = Roster(
        policy_of({"same_crew": {"as": "there", "turns_later": later}}, rotations={"there": there})
    )
    starts = [local(f"2026-01-{day:02d} 09:00") for day in (5, 12, 19, 26)]
    assert [roster.shifts("r", at, at + 1)[0].person for at in starts] == people
    assert roster.shifts("r", local("2026-01-01"), starts[0]) == []


def test_the_same_crew_after_one_of_several_turns_each() -> None:
    there = {**WEEKLY, "turns_each": 2}
    made = story(
        {"same_crew": {"as": "there", "turns_later": 1}},
        "2026-01-05 09:00",
        "2026-02-02",
        rotations={"there": there},
    )
    assert made == ["01-05 09:00 cleo", "01-12 09:00 ana", "01-26 09:00 ben", "02-02 00:00 -"]


def test_the_same_crew_before_a_change_reaches_one_turn_into_a_lone_persons_time() -> None:
    there = {
        "turn": "1 week",
        "handoff": "mon 09:00",
        "crews": [{"from": "2026-01-05", "order": ["ana"]}, {"from": "2026-01-26", "order": ["ben", "cleo"]}],
    }
    made = story(
        {"same_crew": {"as": "there", "turns_later": -1}},
        "2026-01-05 09:00",
        "2026-02-09 09:00",
        rotations={"there": there},
    )
    assert made == [
        "01-05 09:00 ana",
        "01-19 09:00 ben",
        "01-26 09:00 cleo",
        "02-02 09:00 ben",
        "02-09 09:00 -",
    ]


def test_later_layers_win_where_they_have_hours_and_end() -> None:
    layers = [
        {"turn": "1 week", "handoff": "mon 00:00", "from": "2026-01-05", "crew": ["ana", "ben"]},
        {
            "crew": ["cleo"],
            "from": "2026-01-06",
            "hours": "daily 09:00-17:00",
            "until": "2026-01-08 12:00",
        },
        {"crew": ["dan"], "hours": "wed 16:00-18:00"},
    ]
    assert story({"layers": layers}, "2026-01-05", "2026-01-09") == [
        "01-05 00:00 ana",
        "01-06 09:00 cleo",
        "01-06 17:00 ana",
        "01-07 09:00 cleo",
        "01-07 16:00 dan",
        "01-07 18:00 ana",
        "01-08 09:00 cleo",
        "01-08 12:00 ana",
        "01-09 00:00 -",
    ]


def test_layers_leave_the_rest_to_otherwise() -> None:
    layers = [{"crew": ["ana"], "from": "2026-01-05", "hours": "daily 22:00-02:00"}]
    made = story({"layers": layers, "otherwise": "dan"}, "2026-01-04", "2026-01-06 12:00")
    assert made == [
        "01-05 00:00 ana",
        "01-05 02:00 dan",
        "01-05 22:00 ana",
        "01-06 02:00 dan",
        "01-06 12:00 -",
    ]


def test_an_elapsed_layer_of_half_days_moves_with_the_clock_change() -> None:
    layers = [
        {
            "turn": "12 hours",
            "counted": "elapsed",
            "from": "2026-03-28 22:00",
            "crew": ["ana", "ben"],
        }
    ]
    assert story({"layers": layers}, "2026-03-28", "2026-03-30") == [
        "03-28 22:00 ana",
        "03-29 11:00 ben",
        "03-29 23:00 ana",
        "03-30 00:00 -",
    ]


def test_half_days_by_the_clock_do_not_move() -> None:
    crew = {"turn": "12 hours", "from": "2026-03-28 22:00", "crew": ["ana", "ben"]}
    assert story(crew, "2026-03-28", "2026-03-30") == [
        "03-28 22:00 ana",
        "03-29 10:00 ben",
        "03-29 22:00 ana",
        "03-30 00:00 -",
    ]


def test_hours_that_do_not_divide_the_day_are_elapsed() -> None:
    crew = {"turn": "36 hours", "from": "2026-03-27 09:00", "crew": ["ana", "ben"]}
    assert story(crew, "2026-03-27", "2026-03-31 12:00") == [
        "03-27 09:00 ana",
        "03-28 21:00 ben",
        "03-30 10:00 ana",
        "03-31 12:00 -",
    ]


def test_days_pass_over_the_weekend_and_shifts_do_not() -> None:
    crew = {"from": "2026-01-08", "crew": ["ana", "ben", "cleo"], "hours": "mon-fri 09:00-17:00"}
    days = story({**crew, "turn": "1 day", "handoff": "daily 09:00"}, "2026-01-08", "2026-01-13")
    assert days[::2] == ["01-08 09:00 ana", "01-09 09:00 ben", "01-12 09:00 ben"]
    shifts = story({**crew, "turn": "1 shift"}, "2026-01-08", "2026-01-13")
    assert shifts[::2] == ["01-08 09:00 ana", "01-09 09:00 ben", "01-12 09:00 cleo"]


def test_the_first_has_the_first_stretch_also_when_the_crew_begins_between_two() -> None:
    crew = {"turn": "1 shift", "from": "2026-01-10", "crew": ["ana", "ben"], "hours": "mon-fri 09:00-17:00"}
    assert story(crew, "2026-01-09", "2026-01-14")[::2] == ["01-12 09:00 ana", "01-13 09:00 ben"]


def test_listed_shifts_and_nothing_else() -> None:
    shifts = [
        {"rotation": "r", "person": "ben", "from": "2026-12-02 09:00", "until": "2026-12-02 12:00"},
        {"rotation": "r", "person": "ana", "from": "2026-12-01 09:00", "until": "2026-12-02 09:00"},
    ]
    lines = ["12-01 09:00 ana", "12-02 09:00 ben", "12-02 12:00 -"]
    assert story({"listed": True}, "2026-12-01", "2026-12-04", shifts=shifts) == lines
    with_rest = story({"listed": True, "otherwise": "dan"}, "2026-12-01", "2026-12-03", shifts=shifts)
    assert with_rest == ["12-01 00:00 dan", *lines[:2], "12-02 12:00 dan", "12-03 00:00 -"]


def test_together_all_at_once() -> None:
    crew = {"crew": ["ben", "cleo", "ben"], "together": True, "hours": "mon 09:00-17:00"}
    override = {
        "rotation": "r",
        "person": "dan",
        "instead_of": "cleo",
        "from": "2026-01-05 12:00",
        "until": "2026-01-05 13:00",
    }
    roster = Roster(policy_of(crew, overrides=[override]))
    shifts = roster.shifts("r", local("2026-01-05"), local("2026-01-06"))
    found = [(s.person, told([s])[0][6:11], told([s])[1][6:11]) for s in shifts]
    assert found == [
        ("cleo", "09:00", "12:00"),
        ("ben", "09:00", "17:00"),
        ("dan", "12:00", "13:00"),
        ("cleo", "13:00", "17:00"),
    ]


def test_together_with_dated_crews() -> None:
    crews = [{"from": "2026-01-05", "order": ["ana", "ben"]}, {"from": "2026-01-06", "order": ["ana", "dan"]}]
    roster = Roster(policy_of({"together": True, "crews": crews}))
    people = [
        {s.person for s in roster.shifts("r", at, at + 1)}
        for at in map(local, ("2026-01-05 12:00", "2026-01-06"))
    ]
    assert people == [{"ana", "ben"}, {"ana", "dan"}]


def test_covered_by_a_chain_pages_the_last_one_also_after_its_date() -> None:
    cover = {"title": "r", "covered_by": "middle", "until": "2026-01-06", "reason": "no rota yet"}
    others = {"middle": {"covered_by": "end", "until": "2026-01-06", "reason": "none"}, "end": WEEKLY}
    roster = Roster(policy_of(cover, rotations=others))
    (shift,) = roster.shifts("r", local("2026-01-13"), local("2026-01-14"))
    assert (shift.person, shift.rotation, shift.because) == ("ben", "end", "turn")


@pytest.mark.parametrize(("otherwise", "whose"), [("dan", "dan"), ("lead", "dan"), ("x", "x")])
def test_otherwise_has_the_rest_within_the_rotations_life(otherwise: str, whose: str) -> None:
    crew = {**WEEKLY, "hours": "mon-fri 09:00-18:00", "otherwise": otherwise, "until": "2026-01-07 06:00"}
    roster = Roster(policy_of(crew, rotations={"x": {"crew": ["dan"]}}))
    shifts = roster.shifts("r", local("2026-01-01"), local("2026-01-09"))
    assert told(shifts) == [
        "01-05 09:00 ana",
        "01-05 18:00 dan",
        "01-06 09:00 ana",
        "01-06 18:00 dan",
        "01-07 06:00 -",
    ]
    assert [(s.because, s.rotation) for s in shifts[:2]] == [("turn", "r"), ("fallback", whose)]


def test_an_unset_role_leaves_the_rest_empty() -> None:
    crew = {"crew": ["ana"], "hours": "mon 09:00-10:00", "otherwise": "lead"}
    roles = {"lead": {"title": "Lead", "held_by": "unset"}}
    base = policy_of(crew)
    data = base.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    unset = Policy.model_validate({**data, "roles": roles})
    assert told(Roster(unset).shifts("r", local("2026-01-05"), local("2026-01-06"))) == [
        "01-05 09:00 ana",
        "01-05 10:00 -",
    ]


def test_overrides_of_the_fallback_are_followed_but_not_those_only_the_account_knows() -> None:
    crew = {"crew": ["ana"], "hours": "mon 09:00-10:00", "otherwise": "x"}
    declared = {"rotation": "x", "person": "ben", "from": "2026-01-05 09:30", "for": "1h"}
    live = {"x": [LiveDuty(("cleo",), local("2026-01-05 12:00"), local("2026-01-05 13:00"))]}
    roster = Roster(policy_of(crew, rotations={"x": {"crew": ["dan"]}}, overrides=[declared]), live)
    lines = told(roster.shifts("r", local("2026-01-05 09:00"), local("2026-01-05 15:00")))
    assert lines == ["01-05 09:00 ana", "01-05 10:00 ben", "01-05 10:30 dan", "01-05 15:00 -"]
    assert "cleo" in " ".join(told(roster.shifts("x", local("2026-01-05"), local("2026-01-06"))))


def test_an_override_has_its_whole_span_also_outside_hours() -> None:
    crew = {**WEEKLY, "hours": "mon-fri 09:00-18:00"}
    overrides = [
        {"rotation": "r", "person": "dan", "from": "2026-01-05 17:00", "until": "2026-01-05 20:00"},
        {"rotation": "r", "person": "cleo", "from": "2026-01-05 10:00", "for": "2h", "cancelled": True},
    ]
    assert story(crew, "2026-01-05", "2026-01-06", overrides=overrides) == [
        "01-05 09:00 ana",
        "01-05 17:00 dan",
        "01-05 20:00 -",
    ]


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-07-01"])
@pytest.mark.parametrize("length", ["30m", "2h", "4h", "240 minutes"])
def test_hours_and_minutes_of_an_override_are_real_time(day: str, length: str) -> None:
    override = {"rotation": "r", "person": "dan", "from": f"{day} 02:00", "for": length}
    roster = Roster(policy_of(WEEKLY, overrides=[override]))
    (shift,) = [s for s in roster.shifts("r", local(day), local(day) + 86_400) if s.because == "override"]
    assert shift.end - shift.start == Duration(length).seconds


@pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 23), ("2026-10-24", 25), ("2026-07-01", 24)])
@pytest.mark.parametrize(("length", "days"), [("1 day", 1), ("1 week", 7)])
def test_days_and_weeks_of_an_override_are_of_the_calendar(
    day: str, hours: int, length: str, days: int
) -> None:
    override = {"rotation": "r", "person": "dan", "from": f"{day} 12:00", "for": length}
    roster = Roster(policy_of(WEEKLY, overrides=[override]))
    (shift,) = [s for s in roster.shifts("r", local(day), local(day) + 9 * 86_400) if s.because == "override"]
    assert shift.end - shift.start == (days - 1) * 86_400 + hours * 3600


@pytest.mark.parametrize(
    ("zone_name", "moment", "instant"),
    [
        ("Europe/Bucharest", "2026-10-25 03:30", "2026-10-25T00:30:00Z"),
        ("Europe/Bucharest", "2026-10-25 03:30 2nd", "2026-10-25T01:30:00Z"),
        ("Europe/Bucharest", "2026-10-25 04:00", "2026-10-25T02:00:00Z"),
        ("Europe/Bucharest", "2026-03-29 04:00", "2026-03-29T01:00:00Z"),
        ("UTC", "2026-10-25 03:30", "2026-10-25T03:30:00Z"),
        ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45:00Z"),
        ("Australia/Lord_Howe", "2026-04-05 01:45 2nd", "2026-04-04T15:15:00Z"),
    ],
)
def test_every_minute_has_one_name(zone_name: str, moment: str, instant: str) -> None:
    assert iso(wall(moment, zone_name)) == instant
    assert wall_text(parse_instant(instant), zone(zone_name)) == moment


@pytest.mark.parametrize("zone_name", ["Europe/Bucharest", "UTC", "America/St_Johns", "Australia/Lord_Howe"])
def test_a_name_reads_back_as_its_minute_through_both_clock_changes(zone_name: str) -> None:
    where = zone(zone_name)
    year = parse_instant("2026-01-01T00:00:00Z")
    for change in where.changes_between(year, year + 366 * 86_400) or (year,):
        for at in range(change - 3 * 3600, change + 3 * 3600, 60):
            assert wall(wall_text(at, where), zone_name) == at


def test_live_overrides_beat_declared_ones_and_the_latest_wins() -> None:
    declared = {"rotation": "r", "person": "dan", "from": "2026-01-05 10:00", "for": "3h"}
    live = [
        LiveDuty(("ben",), local("2026-01-05 11:00"), local("2026-01-05 15:00")),
        LiveDuty(("P123",), local("2026-01-05 14:00"), local("2026-01-05 16:00")),
    ]
    roster = Roster(policy_of(WEEKLY, overrides=[declared]), {"r": live})
    assert told(roster.shifts("r", local("2026-01-05 09:00"), local("2026-01-05 18:00"))) == [
        "01-05 09:00 ana",
        "01-05 10:00 dan",
        "01-05 11:00 ben",
        "01-05 14:00 P123",
        "01-05 16:00 ana",
        "01-05 18:00 -",
    ]


def test_leave_counts_days_of_the_persons_zone_and_covers_chain() -> None:
    """ana lives in Chicago: her 6th begins at 08:00 in Bucharest.  ben, who covers, is away on the 7th."""
    people = {
        "ana": {"name": "Ana", "email": "ana@x.example", "time_zone": "America/Chicago"},
        **{p: {"name": p, "email": f"{p}@x.example"} for p in ("ben", "cleo", "dan")},
    }
    absences = [
        {"person": "ben", "first_day": "2026-01-07", "last_day": "2026-01-07", "covered_by": "cleo"},
        {"person": "ana", "first_day": "2026-01-06", "last_day": "2026-01-07", "covered_by": "ben"},
        {"person": "dan", "first_day": "2026-01-06", "last_day": "2026-01-07"},
    ]
    base = policy_of(WEEKLY, absences=absences)
    data = base.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    roster = Roster(Policy.model_validate({**data, "people": people}))
    shifts = roster.shifts("r", local("2026-01-05 09:00"), local("2026-01-09"))
    assert told(shifts) == [
        "01-05 09:00 ana",
        "01-06 08:00 ben",
        "01-07 00:00 cleo",
        "01-08 00:00 ben",
        "01-08 08:00 ana",
        "01-09 00:00 -",
    ]
    assert {s.because for s in shifts[1:4]} == {"override"}


def test_two_who_cover_each_other_do_not_run_in_circles() -> None:
    absences = [
        {"person": "ana", "first_day": "2026-01-06", "last_day": "2026-01-06", "covered_by": "ben"},
        {"person": "ben", "first_day": "2026-01-06", "last_day": "2026-01-06", "covered_by": "ana"},
    ]
    made = story(WEEKLY, "2026-01-06", "2026-01-07", absences=absences)
    assert made == ["01-06 00:00 ben", "01-07 00:00 -"]


def test_nobody_after_until() -> None:
    assert story({**WEEKLY, "until": "2026-01-13"}, "2026-01-11", "2026-02-01") == [
        "01-11 00:00 ana",
        "01-12 09:00 ben",
        "01-13 00:00 -",
    ]


def test_plain_turns_know_no_holidays_leave_or_overrides() -> None:
    """2026-01-06 and 07 are holidays in Romania."""
    override = {"rotation": "r", "person": "dan", "from": "2026-01-07 10:00", "for": "3h"}
    policy = policy_of({**WEEKLY, "hours": "business"}, overrides=[override])
    since, until = local("2026-01-06"), local("2026-01-08")
    assert told(Roster(policy, plain=True).shifts("r", since, until)) == [
        "01-06 09:00 ana",
        "01-06 18:00 -",
        "01-07 09:00 ana",
        "01-07 18:00 -",
    ]
    assert told(Roster(policy).shifts("r", since, until)) == ["01-07 10:00 dan", "01-07 13:00 -"]


def test_around_gives_shifts_whole_and_after_the_next_of_somebody_else() -> None:
    crew = {"turn": "4 weeks", "handoff": "mon 09:00", "from": "2026-01-05", "crew": ["ana", "ben"]}
    roster = Roster(policy_of(crew))
    at = local("2026-01-20")
    (now,) = roster.around("r", at)
    assert told([now]) == ["01-05 09:00 ana", "02-02 09:00 -"]
    following = roster.after("r", at)
    assert following is not None
    assert told([following]) == ["02-02 09:00 ben", "03-02 09:00 -"]


def test_around_in_a_gap_is_empty_and_after_finds_whoever_comes() -> None:
    roster = Roster(policy_of({**WEEKLY, "hours": "mon-fri 09:00-18:00"}))
    assert roster.around("r", local("2026-01-10 12:00")) == []
    following = roster.after("r", local("2026-01-10 12:00"))
    assert following is not None
    assert told([following]) == ["01-12 09:00 ben", "01-12 18:00 -"]
    same_day = roster.after("r", local("2026-01-05 12:00"))
    assert same_day is not None, "ana again on Tuesday is not somebody else"
    assert same_day.person == "ben"


def test_after_a_vacant_turn_comes_the_next_person() -> None:
    roster = Roster(policy_of({**WEEKLY, "crew": ["ana", "nobody", "nobody", "ben"]}))
    following = roster.after("r", local("2026-01-06"))
    assert following is not None
    assert (following.person, told([following])[0]) == ("ben", "01-26 09:00 ben")
    (vacant,) = roster.around("r", local("2026-01-13"))
    assert (vacant.person, told([vacant])) == (None, ["01-12 09:00 vacant", "01-26 09:00 -"])


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Bucharest", "2026-03-29", 23),
        ("Europe/Bucharest", "2026-10-25", 25),
        ("America/Chicago", "2026-03-08", 23),
        ("America/Chicago", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("America/Sao_Paulo", "2018-11-04", 23),
        ("America/Sao_Paulo", "2018-02-17", 25),
        ("Asia/Tehran", "2021-03-22", 23),
        ("Asia/Tehran", "2021-09-21", 25),
        ("Africa/Cairo", "2026-04-24", 23),
        ("Africa/Cairo", "2026-10-29", 25),
    ],
)
def test_the_turn_of_a_day_whose_clock_changes(zone: str, day: str, hours: float) -> None:
    crew = {
        "turn": "1 day",
        "handoff": "daily 00:00",
        "from": f"{int(day[:4]) - 1}-06-01",
        "crew": ["ana", "ben"],
    }
    roster = Roster(policy_of(crew, zone))
    (shift,) = roster.around("r", local(f"{day} 12:00", zone))
    assert shift.end - shift.start == hours * 3600


def test_names_stand_for_rotations_roles_and_people() -> None:
    roster = Roster(policy_of(WEEKLY))
    since, until = local("2026-01-05 09:00"), local("2026-01-06")
    assert [s.person for s in roster.of("r", since, until)] == ["ana"]
    assert [s.person for s in roster.of("lead", since, until)] == ["dan"]
    assert [s.person for s in roster.of("ben", since, until)] == ["ben"]
    assert roster.of("ben", until, until) == []


def test_the_zone_of_the_rotation_holds() -> None:
    crew = {**WEEKLY, "time_zone": "America/Chicago"}
    roster = Roster(policy_of(crew, BUCHAREST))
    assert roster.shifts("r", local("2026-01-05"), local("2026-01-06"))[0].start == local(
        "2026-01-05 09:00", "America/Chicago"
    )


def test_a_policy_with_broken_names_still_answers_for_the_rest() -> None:
    override = {"rotation": "gone", "person": "dan", "from": "2026-01-05 10:00", "for": "1h"}
    made = story(WEEKLY, "2026-01-05 09:00", "2026-01-06", overrides=[override])
    assert made == ["01-05 09:00 ana", "01-06 00:00 -"]
