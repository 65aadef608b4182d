"""Handoffs, worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest

from rota_stories import local
from watchbill.rota.clock import DAY, HOUR, day_number, zone
from watchbill.rota.grid import DayGrid, ElapsedGrid, Grid, HourGrid, stretch_grid

BUCHAREST = zone("Europe/Bucharest")
MONDAY = day_number(date(2026, 3, 23))


@pytest.mark.parametrize(
    "grid",
    [
        DayGrid(BUCHAREST, MONDAY, 3 * HOUR + 1800, 1),
        DayGrid(BUCHAREST, MONDAY, 0, 14),
        HourGrid(BUCHAREST, MONDAY, 1800, 1),
        HourGrid(zone("Australia/Lord_Howe"), MONDAY, 0, 1),
        HourGrid(zone("Africa/Cairo"), MONDAY, 0, 12),
        ElapsedGrid(local("2026-03-23"), 7 * HOUR),
        stretch_grid(BUCHAREST, ((9 * HOUR, 9 * HOUR), (3 * DAY, HOUR)), 1, local("2026-03-24")),
    ],
)
def test_the_turn_under_way_is_the_last_that_began(grid: Grid) -> None:
    for at in range(local("2026-03-20"), local("2026-11-05"), 5 * HOUR + 1800):
        k = grid.index_at(at)
        assert grid.start(k) <= at < grid.start(k + 1)


def test_a_turn_of_hours_swallowed_by_the_clock_is_empty() -> None:
    grid = HourGrid(BUCHAREST, day_number(date(2026, 3, 29)), 0, 1)
    assert grid.start(3) == grid.start(4) == local("2026-03-29 04:00")
    assert grid.index_at(local("2026-03-29 04:00")) == 4


def test_days_keep_their_time_of_day() -> None:
    grid = DayGrid(BUCHAREST, MONDAY, 9 * HOUR, 7)
    assert [grid.start(k) for k in (0, 1, 31)] == [
        local("2026-03-23 09:00"),
        local("2026-03-30 09:00"),
        local("2026-10-26 09:00"),
    ]
    assert grid.index_at(local("2026-03-23 08:59")) == -1


def test_stretches_count_from_the_one_under_way() -> None:
    stretches = ((9 * HOUR, 9 * HOUR), (2 * DAY + 9 * HOUR, 9 * HOUR))
    inside = stretch_grid(BUCHAREST, stretches, 2, local("2026-03-25 12:00"))
    assert [inside.start(k) for k in (-1, 0, 1)] == [
        local("2026-03-18 09:00"),
        local("2026-03-25 09:00"),
        local("2026-04-01 09:00"),
    ]


def test_between_two_stretches_the_first_turn_is_under_way_at_once() -> None:
    grid = stretch_grid(BUCHAREST, ((9 * HOUR, 9 * HOUR),), 1, local("2026-03-24"))
    assert [grid.start(k) for k in (-1, 0, 1)] == [
        local("2026-03-23 09:00"),
        local("2026-03-24"),
        local("2026-04-06 09:00"),
    ]
    assert grid.stretch_end(grid.offset) == local("2026-03-30 18:00")
