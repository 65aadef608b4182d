from __future__ import annotations

import pytest

from watchbill.publish.safe_html import text
from watchbill.report.safe import cells, plain

FAMILY = "👩\u200d👩\u200d👧"
"""One picture of three people: they are joined by U+200D."""
PERSIAN = "می\u200cخواهم"
"""Spelt with U+200C."""


@pytest.mark.parametrize("name", [FAMILY, PERSIAN, "नेपाल", "🏳️\u200d🌈 Zoë"])
def test_joiners_are_part_of_the_spelling(name: str) -> None:
    assert plain(name) == name
    assert text(name) == name


@pytest.mark.parametrize("mark", ["\u202e", "\u200f", "\u2066", "\ufeff", "\u200b", "\x1b", "\x7f"])
def test_what_turns_text_round_or_cannot_be_seen_becomes_a_dot(mark: str) -> None:
    assert plain(f"a{mark}b") == "a·b"
    assert text(f"a{mark}b") == "a·b"


def test_marks_and_joiners_take_no_column() -> None:
    assert cells("e\u0301") == cells("e") == 1
    assert cells("Z\u0308\ufe0f") == 1
    assert cells(PERSIAN) == len(PERSIAN) - 1
    assert cells("漢字") == 4
