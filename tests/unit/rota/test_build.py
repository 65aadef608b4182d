"""Where turns are counted from."""

from __future__ import annotations

import pytest

from rota_reference import Data
from rota_stories import local, policy_of
from watchbill.rota.build import end_of, sources
from watchbill.rota.grid import DayGrid, ElapsedGrid, HourGrid, StretchGrid
from watchbill.rota.turns import FOREVER, CrewSequence, Segment

TWO = ["ana", "ben"]


def segment(rotation: Data) -> Segment:
    (source,) = sources(policy_of({"crew": TWO, **rotation}), "r")
    assert isinstance(source.sequence, CrewSequence)
    return source.sequence.segments[0]


@pytest.mark.parametrize(
    ("rotation", "start", "anchor"),
    [
        (
            {"turn": "1 week", "handoff": "mon 09:00", "from": "2026-01-05"},
            "2026-01-05 09:00",
            "2026-01-05 09:00",
        ),
        (
            {"turn": "2 weeks", "handoff": "fri 18:00", "from": "2026-01-07 15:00"},
            "2026-01-07 15:00",
            "2026-01-02 18:00",
        ),
        (
            {"turn": "1 week", "handoff": "mon 09:00", "from": "2026-01-05 08:00"},
            "2026-01-05 08:00",
            "2025-12-29 09:00",
        ),
        (
            {"turn": "3 days", "handoff": "daily 08:30", "from": "2026-01-05"},
            "2026-01-05 08:30",
            "2026-01-05 08:30",
        ),
        (
            {"turn": "3 days", "handoff": "daily 08:30", "from": "2026-01-05 07:00"},
            "2026-01-05 07:00",
            "2026-01-04 08:30",
        ),
        ({"turn": "12 hours", "from": "2026-01-05"}, "2026-01-05", "2026-01-05"),
        ({"turn": "8 hours", "from": "2026-01-05 06:00"}, "2026-01-05 06:00", "2026-01-05 06:00"),
    ],
)
def test_the_first_turn_is_the_rest_of_the_running_one(rotation: Data, start: str, anchor: str) -> None:
    made = segment(rotation)
    assert made.grid is not None
    assert (made.start, made.grid.start(0), made.origin) == (local(start), local(anchor), 0)


@pytest.mark.parametrize(
    ("rotation", "kind"),
    [
        ({"turn": "1 week", "handoff": "mon 09:00"}, DayGrid),
        ({"turn": "6 hours"}, HourGrid),
        ({"turn": "6 hours", "counted": "elapsed"}, ElapsedGrid),
        ({"turn": "7 hours"}, ElapsedGrid),
        ({"turn": "2 shifts", "hours": "business"}, StretchGrid),
    ],
)
def test_four_ways_of_counting(rotation: Data, kind: type) -> None:
    assert isinstance(segment({"from": "2026-01-05", **rotation}).grid, kind)


def test_turns_that_cannot_be_counted_have_no_grid() -> None:
    assert segment({"turn": "1 week"}).grid is None
    assert segment({"from": "2026-01-05"}).grid is None


def test_the_end_is_local_midnight_or_the_time_given() -> None:
    assert end_of(policy_of({"crew": TWO}), "r") == FOREVER
    assert end_of(policy_of({"crew": TWO, "until": "2026-07-01"}), "r") == local("2026-07-01")
    assert end_of(policy_of({"crew": TWO, "until": "2026-07-01 09:00"}), "r") == local("2026-07-01 09:00")
