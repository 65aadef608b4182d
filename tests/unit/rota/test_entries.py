from __future__ import annotations

import pytest

from watchbill.errors import UsageError
from watchbill.rota.clock import DAY
from watchbill.rota.entries import (
    LATEST,
    MAX_PIECES,
    OVERFLOW_REACH,
    Entry,
    coverage_percent,
    in_window,
    latest_wins,
    merge,
    refuse_flood,
)
from watchbill.rota.spans import between, clip


def test_touching_entries_of_one_user_are_one_and_empty_ones_vanish() -> None:
    assert merge([Entry(20, 30, "A"), Entry(10, 20, "A"), Entry(30, 40, "B"), Entry(5, 5, "C")]) == [
        Entry(10, 30, "A"),
        Entry(30, 40, "B"),
    ]


def test_another_source_or_rotation_is_another_entry() -> None:
    parts = [
        Entry(0, 10, "A", "schedule_rotation", "R1"),
        Entry(10, 20, "A", "schedule_rotation", "R2"),
        Entry(20, 30, "A", "custom_shift"),
    ]
    assert merge(parts) == parts


def test_concurrent_entries_stay_and_join_each_with_its_own() -> None:
    assert merge([Entry(0, 10, "A"), Entry(0, 10, "B"), Entry(10, 20, "B"), Entry(10, 20, "A")]) == [
        Entry(0, 20, "A"),
        Entry(0, 20, "B"),
    ]


def test_an_entry_inside_another_of_the_same_user_adds_nothing() -> None:
    assert merge([Entry(0, 50, "A"), Entry(10, 20, "A"), Entry(40, 60, "A")]) == [Entry(0, 60, "A")]


def test_coverage_counts_each_covered_second_once_and_no_empty_member() -> None:
    entries = [Entry(-50, 10, "A"), Entry(5, 20, "B"), Entry(50, 90, None)]
    assert coverage_percent(entries, 0, 100) == 20.0
    assert coverage_percent([], 0, 100) == 0.0


def test_coverage_of_one_instant() -> None:
    assert coverage_percent([Entry(5, 5, "A")], 5, 5) == 100.0
    assert coverage_percent([], 5, 5) == 0.0


def test_the_last_of_overlapping_entries_wins_and_the_others_show_around_it() -> None:
    stacked = [Entry(0, 100, "A"), Entry(20, 60, "B"), Entry(40, 50, "C")]
    assert merge(latest_wins(stacked)) == [
        Entry(0, 20, "A"),
        Entry(20, 40, "B"),
        Entry(40, 50, "C"),
        Entry(50, 60, "B"),
        Entry(60, 100, "A"),
    ]
    assert merge(latest_wins(stacked[::-1])) == [Entry(0, 100, "A")]


def _always(low: int, high: int) -> list[Entry]:
    return [Entry(low, high, "A")]


def test_an_entry_that_never_ends_is_cut_a_year_from_the_window() -> None:
    assert in_window(_always, 0, DAY, overflow=True) == [Entry(-OVERFLOW_REACH, DAY + OVERFLOW_REACH, "A")]


def test_with_overflow_only_entries_that_touch_the_window_come_back() -> None:
    turns = [Entry(k * 9 * DAY, (k + 1) * 9 * DAY, "AB"[k % 2]) for k in range(-9, 9)]

    def draw(low: int, high: int) -> list[Entry]:
        return [
            Entry(max(e.start, low), min(e.end, high), e.user)
            for e in turns
            if e.start < high and e.end > low
        ]

    assert in_window(draw, DAY, 9 * DAY, overflow=True) == [Entry(0, 9 * DAY, "A")]
    assert in_window(draw, DAY, 9 * DAY + 1, overflow=True) == turns[9:11]


def test_an_empty_window_asks_for_that_instant() -> None:
    assert in_window(_always, 7, 7, overflow=False) == [Entry(7, 7, "A")]


def test_a_window_must_be_forward_and_within_reason() -> None:
    with pytest.raises(UsageError, match="ends before it starts"):
        in_window(_always, 10, 9, overflow=False)
    with pytest.raises(UsageError, match="1900 to 2200"):
        in_window(_always, 0, LATEST + 1, overflow=False)


def test_a_flood_is_refused_with_its_size() -> None:
    refuse_flood(MAX_PIECES, "this")
    with pytest.raises(UsageError, match=r"about 500,001 entries") as caught:
        refuse_flood(MAX_PIECES + 1, "this")
    assert "shorter window" in caught.value.remedy


def test_between_is_clip_for_sorted_spans() -> None:
    spans = [(0, 10), (20, 30), (40, 50)]
    for since in range(-5, 60):
        for until in range(since + 1, 60):
            assert between(spans, since, until) == clip(spans, since, until), (since, until)
