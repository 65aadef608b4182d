"""Windows of an abstract week."""

from __future__ import annotations

import pytest

from rota_stories import local
from watchbill.account.weeks import (
    WHOLE_WEEK,
    ClockChange,
    Stretch,
    clock_changes,
    common,
    cut_at_changes,
    daily,
    outside,
)
from watchbill.rota.clock import DAY, HOUR, WEEK, zone

H = HOUR
BUSINESS = tuple((day * DAY + 9 * H, 9 * H) for day in range(5))


def test_the_rest_of_the_week() -> None:
    assert outside(BUSINESS) == (
        *((day * DAY + 18 * H, 15 * H) for day in range(4)),
        (4 * DAY + 18 * H, 63 * H),
    )
    assert outside(outside(BUSINESS)) == BUSINESS
    assert outside(WHOLE_WEEK) == ()
    assert outside(()) == WHOLE_WEEK


def test_what_two_have_in_common() -> None:
    nights = daily(22 * H, 10 * H)
    assert nights[-1] == (6 * DAY + 22 * H, 10 * H)
    assert common(nights, BUSINESS) == ()
    assert common(nights, ((0, 9 * H),)) == ((0, 8 * H),)
    assert common(WHOLE_WEEK, nights) == nights


def test_a_day_of_24_hours_is_the_whole_week() -> None:
    assert daily(9 * H, DAY) == WHOLE_WEEK


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("Europe/Bucharest", (ClockChange(6 * DAY + 3 * H, 6 * DAY + 4 * H, H),)),
        ("America/Chicago", (ClockChange(6 * DAY + 2 * H, 6 * DAY + 3 * H, H),)),
        ("Australia/Lord_Howe", (ClockChange(6 * DAY + 2 * H, 6 * DAY + 2 * H + H // 2, H // 2),)),
        ("Asia/Kolkata", ()),
    ],
)
def test_where_in_the_week_the_clock_is_set(name: str, changes: tuple[ClockChange, ...]) -> None:
    since = local("2026-01-01")
    assert clock_changes(zone(name), since, since + 3 * 365 * DAY) == changes


@pytest.mark.parametrize(
    ("stretch", "cut"),
    [
        ((4 * DAY + 18 * H, 63 * H), ((4 * DAY + 18 * H, 35 * H), (6 * DAY + 4 * H, 29 * H))),
        ((5 * DAY + 21 * H, 10 * H), ((5 * DAY + 21 * H, 8 * H), (6 * DAY + 4 * H, 3 * H))),
        ((5 * DAY + 21 * H, 6 * H), ((5 * DAY + 21 * H, 6 * H),)),
        ((6 * DAY + 3 * H, 20 * H), ((6 * DAY + 3 * H, 2 * H), (6 * DAY + 4 * H, 19 * H))),
        ((9 * H, 9 * H), ((9 * H, 9 * H),)),
        ((6 * DAY + 9 * H, WEEK - 3 * H), ((6 * DAY + 9 * H, 164 * H), (6 * DAY + 4 * H, 2 * H))),
    ],
)
def test_a_stretch_over_a_change_is_cut_behind_it(stretch: Stretch, cut: tuple[Stretch, ...]) -> None:
    change = ClockChange(6 * DAY + 3 * H, 6 * DAY + 4 * H, H)
    assert cut_at_changes([stretch], [change]) == cut
