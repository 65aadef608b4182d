from __future__ import annotations

import pytest

from watchbill.report.columns import beside, column, wrapped
from watchbill.report.safe import cells

TEXTS = (
    "until Mon 30 Nov 09:00, their turn in Primary On-Call",
    "x" * 300,
    "漢字" * 60,
    "e\u0301" * 90,
    "a " * 70 + "Wolfeschlegelsteinhausenbergerdorff" * 4,
    " led by a blank",
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("width", [20, 21, 33, 80])
@pytest.mark.parametrize("hanging", [0, 2])
def test_no_line_is_longer_and_nothing_is_lost(text: str, width: int, hanging: int) -> None:
    lines = wrapped(text, width, hanging=hanging)
    assert max(cells(line) for line in lines) <= width
    assert all(line.startswith(" " * hanging) for line in lines[1:])
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_words_are_kept_whole_where_they_fit() -> None:
    assert wrapped("one two three four five", 20, hanging=2) == ["one two three four", "  five"]
    assert wrapped("", 20) == [""]


def test_columns_stand_beside_each_other_and_the_head_is_told_once() -> None:
    left = column("Infrastructure On-Call of the whole company", 22, str)
    right = (["until Mon 09:00", "next: ana"], 0)
    assert beside("  +15  ", [left, right]) == [
        "  +15  Infrastructure On-Call  until Mon 09:00",
        "       of the whole company    next: ana",
    ]


def test_colours_take_no_place() -> None:
    painted = column("ana", 5, lambda text: f"\x1b[1m{text}\x1b[0m")
    assert beside("", [painted, (["x"], 0)]) == ["\x1b[1mana  \x1b[0m  x"]
