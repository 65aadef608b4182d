from __future__ import annotations

import json
from typing import Any

import pytest

from watchbill.config.edit import EditRefused
from watchbill.config.edit_update import update_value
from watchbill.config.yaml_reader import read_yaml

TEXT = """\
rotations:
  backend:  # the usual form
    # agreed in May
    turn: 1 week   # not two
    crew:
      - ana   # lead
      - ben
      # cleo is away
      - dora
    hours: business
"""


def test_only_what_differs_is_written() -> None:
    new = {"title": "B", "turn": "2 weeks", "crew": ["ana", "cleo", "dora", "eve"]}
    assert update_value(TEXT, ("rotations", "backend"), new) == (
        """\
rotations:
  backend:  # the usual form
    # agreed in May
    turn: 2 weeks   # not two
    crew:
      - ana   # lead
      - cleo
      # cleo is away
      - dora
      - eve
    title: B
"""
    )


def test_equal_data_changes_nothing() -> None:
    data = read_yaml(TEXT, "f").data
    assert update_value(TEXT, (), data) == TEXT
    assert update_value(TEXT, ("rotations",), data["rotations"]) == TEXT


def test_an_alias_inside_is_written_out() -> None:
    text = "a: &c [x, y]\nb:\n  crew: *c  # same\n  k: 1\n"
    assert update_value(text, ("b",), {"crew": ["x", "z"], "k": 1}) == (
        "a: &c [x, y]\nb:\n  crew: [x, z]  # same\n  k: 1\n"
    )


def test_what_is_not_there() -> None:
    with pytest.raises(EditRefused, match=r"'a\.c' is not there"):
        update_value("a: {b: 1}\n", ("a", "c"), 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([1, 2, 3], [3, 1, 2]),
        ([1], [2]),
        ([{"a": 1, "b": [1]}, {"a": 2}], [{"a": 2}, {"a": 1, "b": [1, 2]}, {"c": {}}]),
        ({"a": 1, "b": 2}, {"c": 3}),
        ({"a": [1, 2]}, {"a": []}),
        ({"a": []}, {"a": [1, 2]}),
        ({"a": {"b": None}}, {"a": None}),
        ([[1], [2]], [[2], [1], [3]]),
        ([], [[]]),
    ],
)
def test_any_two_values(old: Any, new: Any) -> None:
    for text in (json.dumps({"x": old}), f"# head\nx: {json.dumps(old)}\ny: 1\n"):
        found = read_yaml(update_value(text, ("x",), new), "f")
        assert found.data["x"] == new
        assert not found.broken
