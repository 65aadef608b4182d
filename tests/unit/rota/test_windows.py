"""Window forms, worked out by hand."""

from __future__ import annotations

import pytest

from rota_stories import BUCHAREST, local, story
from watchbill.model.settings import Settings
from watchbill.model.text import Window
from watchbill.rota.build import plan_for
from watchbill.rota.clock import HOUR, zone
from watchbill.rota.windows import ALWAYS, WeekPlan, holidays_of, knows_holidays, plan_of

DAY = 24


def plan(*windows: str) -> WeekPlan:
    return plan_of(o for w in windows for o in Window(w).occurrences)


@pytest.mark.parametrize(
    ("windows", "stretches"),
    [
        (["mon-fri 09:00-18:00"], [(d * DAY + 9, 9) for d in range(5)]),
        (["daily 21:00-01:00"], [(d * DAY + 21, 4) for d in range(7)]),
        (["sat,sun"], [(5 * DAY, 48)]),
        (["sun,mon"], [(6 * DAY, 48)]),
        (["fri 18:00 - mon 08:00"], [(4 * DAY + 18, 62)]),
        (["sat-mon 20:00-02:00"], [(20, 6), (5 * DAY + 20, 6), (6 * DAY + 20, 6)]),
        (["mon 09:00 - mon 09:00"], [(0, 168)]),
        (["mon 09:00 - mon 08:00"], [(9, 167)]),
        (["daily 09:00-09:00"], [(0, 168)]),
        (["mon 09:00-12:00", "mon 12:00-13:00", "mon 12:30-14:00"], [(9, 5)]),
    ],
)
def test_stretches_of_the_week_are_joined(windows: list[str], stretches: list[tuple[int, int]]) -> None:
    assert plan(*windows).stretches == tuple((s * HOUR, n * HOUR) for s, n in stretches)


@pytest.mark.parametrize(
    ("window", "lines"),
    [
        ("sun 22:00-03:00", ["01-05 00:00 ana", "01-05 03:00 -", "01-11 22:00 ana", "01-12 00:00 -"]),
        ("sun 22:00 - mon 03:00", ["01-05 00:00 ana", "01-05 03:00 -", "01-11 22:00 ana", "01-12 00:00 -"]),
        ("sat,sun", ["01-10 00:00 ana", "01-12 00:00 -"]),
        ("wed", ["01-07 00:00 ana", "01-08 00:00 -"]),
        ("tue,thu 09:00-10:00", ["01-06 09:00 ana", "01-06 10:00 -", "01-08 09:00 ana", "01-08 10:00 -"]),
        ("sun-mon 09:00-10:00", ["01-05 09:00 ana", "01-05 10:00 -", "01-11 09:00 ana", "01-11 10:00 -"]),
    ],
)
def test_a_week_of_each_form(window: str, lines: list[str]) -> None:
    assert story({"crew": ["ana"], "hours": window}, "2026-01-05", "2026-01-12") == lines


def test_a_night_that_began_before_a_holiday_keeps_its_tail() -> None:
    """2026-12-01 is a holiday in Romania, 11-30 too; 12-02 is none."""
    crew = {"crew": ["ana"], "hours": "nights"}
    assert story(crew, "2026-11-29 12:00", "2026-12-03 12:00") == [
        "11-29 21:00 ana",
        "11-30 07:00 -",
        "12-02 21:00 ana",
        "12-03 07:00 -",
    ]


def test_turns_count_on_holidays() -> None:
    """Tuesday 2026-12-01 would have been ben's."""
    crew = {"turn": "1 day", "handoff": "daily 09:00", "from": "2026-11-27", "crew": ["ana", "ben", "cleo"]}
    by_day = story({**crew, "hours": "business"}, "2026-11-27", "2026-12-04")
    assert by_day[::2] == ["11-27 09:00 ana", "12-02 09:00 cleo", "12-03 09:00 ana"]
    shifts = {"turn": "1 shift", "from": "2026-11-27", "crew": ["ana", "ben", "cleo"], "hours": "business"}
    assert story(shifts, "2026-11-27", "2026-12-04")[::2] == [
        "11-27 09:00 ana",
        "12-02 09:00 ana",
        "12-03 09:00 ben",
    ]


def test_only_the_windows_that_except_holidays_are_skipped() -> None:
    hours = ["business", "tue 10:00-12:00"]
    crew = {"crew": ["ana"], "hours": hours}
    assert story(crew, "2026-12-01", "2026-12-02") == ["12-01 10:00 ana", "12-01 12:00 -"]
    assert story(crew, "2026-12-08", "2026-12-09") == ["12-08 09:00 ana", "12-08 18:00 -"]


def test_plans_remember_which_holidays_they_skip() -> None:
    settings = Settings.model_validate(
        {
            "format": 1,
            "organization": "X",
            "time_zone": BUCHAREST,
            "hours": {
                "ro": {"windows": "mon 09:00-10:00", "except_holidays": "RO"},
                "by": {"windows": ["tue 09:00-10:00"], "except_holidays": "DE-BY"},
            },
        }
    )
    mixed = plan_for(settings, ["ro", "by", Window("wed 09:00-10:00")])
    assert [country for country, _ in mixed.groups] == [None, "DE-BY", "RO"]
    assert [country for country, _ in mixed.bare.groups] == [None]
    assert mixed.stretches == mixed.bare.stretches
    assert plan_for(settings, ["ro", "always"]) == ALWAYS
    assert plan_for(settings, None).is_always


def test_holidays_by_country_and_subdivision() -> None:
    assert holidays_of(None, 2026, 2027) == frozenset()
    assert len(holidays_of("DE-BY", 2026, 2026)) > len(holidays_of("DE-BE", 2026, 2026))
    assert knows_holidays("RO")
    assert knows_holidays("DE-BY")
    assert not knows_holidays("XX")
    assert not knows_holidays("RO-XX")


@pytest.mark.parametrize(
    ("day", "window", "start", "hours"),
    [
        ("2026-03-29", "sun 02:00-05:00", "2026-03-29 02:00", 2),
        ("2026-10-25", "sun 02:00-05:00", "2026-10-25 02:00", 4),
        ("2026-03-29", "sun 03:30-05:00", "2026-03-29 04:30", 0.5),
        ("2026-10-25", "sun 03:30-05:00", "2026-10-25 03:30", 2.5),
    ],
)
def test_windows_across_a_clock_change(day: str, window: str, start: str, hours: float) -> None:
    since = local(day)
    ((begin, end),) = plan(window).spans(zone(BUCHAREST), since, since + 86_400)
    assert (begin, end - begin) == (local(start), hours * HOUR)


def test_a_window_within_the_skipped_hour_does_not_happen() -> None:
    since = local("2026-03-29")
    assert list(plan("sun 03:00-04:00").spans(zone(BUCHAREST), since, since + 86_400)) == []


def test_spans_are_cut_at_the_bounds() -> None:
    where, since = zone(BUCHAREST), local("2026-01-05 10:00")
    assert list(plan("mon 09:00-18:00").spans(where, since, since + HOUR)) == [(since, since + HOUR)]
    assert list(ALWAYS.spans(where, since, since + 1)) == [(since, since + 1)]
    assert list(ALWAYS.spans(where, since, since)) == []
