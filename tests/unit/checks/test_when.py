from __future__ import annotations

import pytest

from policy_text import at
from watchbill.checks.when import first_and_total, length, some, when


@pytest.mark.parametrize(
    ("seconds", "told"), [(540 * 60, "9 h"), (5400, "1 h 30"), (1200, "20 min"), (0, "0 min")]
)
def test_lengths(seconds: int, told: str) -> None:
    assert length(seconds) == told


def test_spans_are_told_in_their_zone() -> None:
    spans = [
        (at("2026-11-23 09:00"), at("2026-11-23 10:00")),
        (at("2026-11-24 09:00"), at("2026-11-24 09:30")),
    ]
    assert when(spans[0][0], "America/New_York") == "Mon 2026-11-23 02:00"
    one = "first Mon 2026-11-23 09:00 to Mon 2026-11-23 10:00"
    assert first_and_total(spans[:1], "Europe/Bucharest") == f"{one} (1 h)"
    assert first_and_total(spans, "Europe/Bucharest") == f"{one}; 2 times, 1 h 30 in all"


def test_long_lists_are_cut() -> None:
    assert some(["a", "b"], 2) == "a; b"
    assert some(["a", "b", "c"], 1) == "a; and 2 more"
