"""Edits as the commands make them, byte for byte."""

from __future__ import annotations

from typing import Any

import pytest

from watchbill.config.edit import append_item, insert_item, insert_key, remove, set_value
from watchbill.config.edit_errors import EditRefused
from watchbill.errors import PolicyInvalid

ROTATIONS = """\
# yaml-language-server: $schema=../schema/rotations.schema.json

rotations:
  backend:                     # the usual form
    title: "Back end"
    turn: 1 week
    crew: [ana, ben]   # in this order

  # the database people
  database:
    title: 'Data  base'
    crews:
      - {from: 2026-01-05, order: [ana, ben]}
      - from: 2026-12-07       # after the move
        order:
        - ana
        # ben is back from leave
        - ben
    hours: business
"""


def changed(before: str, after: str) -> list[str]:
    """The lines that differ, as a diff shows them."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return [f"-{line}" for line in old] + [f"+{line}" for line in new]


BACKEND = ("rotations", "backend")
DATABASE = ("rotations", "database")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("edit", "diff"),
    [
        (
            lambda t: append_item(t, (*BACKEND, "crew"), "cleo"),
            ["-    crew: [ana, ben]   # in this order", "+    crew: [ana, ben, cleo]   # in this order"],
        ),
        (
            lambda t: insert_item(t, (*DATABASE, "crews", 1, "order"), 1, "cleo"),
            ["+        - cleo"],
        ),
        (
            lambda t: append_item(t, (*DATABASE, "crews", 1, "order"), "no"),
            ['+        - "no"'],
        ),
        (
            lambda t: append_item(t, (*DATABASE, "crews"), {"from": "2027-01-04", "order": ["ben", "ana"]}),
            [
                "+      - from: 2027-01-04",
                "+        order:",
                "+        - ben",
                "+        - ana",
            ],
        ),
        (
            lambda t: insert_item(
                t, (*DATABASE, "crews"), 0, {"from": "2025-01-06", "order": ["ben"]}, style="flow"
            ),
            ["+      - {from: 2025-01-06, order: [ben]}"],
        ),
        (
            lambda t: set_value(t, (*DATABASE, "crews", 0, "from"), "2026-01-12"),
            [
                "-      - {from: 2026-01-05, order: [ana, ben]}",
                "+      - {from: 2026-01-12, order: [ana, ben]}",
            ],
        ),
        (
            lambda t: set_value(t, (*BACKEND, "title"), "Front end"),
            ['-    title: "Back end"', '+    title: "Front end"'],
        ),
        (
            lambda t: set_value(t, (*DATABASE, "title"), "Ana's"),
            ["-    title: 'Data  base'", "+    title: 'Ana''s'"],
        ),
        (
            lambda t: insert_key(t, BACKEND, "handoff", "mon 09:00", after="turn"),
            ["+    handoff: mon 09:00"],
        ),
        (
            lambda t: insert_key(t, BACKEND, "pagerduty", {"id": "PABC123"}),
            ["+    pagerduty:", "+      id: PABC123"],
        ),
        (
            lambda t: insert_key(t, ("rotations",), "new", {"title": "New", "crew": ["ana", "ben"]}),
            ["+  new:", "+    title: New", "+    crew: [ana, ben]"],
        ),
        (
            lambda t: remove(t, (*DATABASE, "crews", 1)),
            [
                "-      - from: 2026-12-07       # after the move",
                "-        order:",
                "-        - ana",
                "-        # ben is back from leave",
                "-        - ben",
            ],
        ),
        (
            lambda t: remove(t, (*DATABASE, "crews", 1, "order", 1)),
            ["-        - ben"],
        ),
        (
            lambda t: remove(t, (*DATABASE, "crews", 1, "from")),
            [
                "-      - from: 2026-12-07       # after the move",
                "-        order:",
                "+      - order:",
            ],
        ),
        (
            lambda t: remove(t, (*BACKEND, "crew")),
            ["-    crew: [ana, ben]   # in this order"],
        ),
        (
            lambda t: set_value(t, (*BACKEND, "crew"), []),
            ["-    crew: [ana, ben]   # in this order", "+    crew: []   # in this order"],
        ),
    ],
)
def test_edits(edit: Any, diff: list[str], newline: str) -> None:
    text = ROTATIONS.replace("\n", newline)
    assert changed(text, edit(text)) == [line + newline for line in diff]


@pytest.mark.parametrize(
    "text", [ROTATIONS, ROTATIONS.replace("\n", "\r\n"), "\ufeff" + ROTATIONS, ROTATIONS.rstrip()]
)
def test_add_then_remove_restores_the_bytes(text: str) -> None:
    entry = {"from": "2027-01-04", "order": ["ben", "ana"]}
    assert remove(append_item(text, (*DATABASE, "crews"), entry), (*DATABASE, "crews", 2)) == text
    assert remove(insert_item(text, (*DATABASE, "crews"), 0, entry), (*DATABASE, "crews", 0)) == text
    for crew in ((*BACKEND, "crew"), (*DATABASE, "crews", 0, "order"), (*DATABASE, "crews", 1, "order")):
        for index in range(3):
            assert remove(insert_item(text, crew, index, "cleo"), (*crew, index)) == text
    assert remove(insert_key(text, BACKEND, "from", "2026-01-05"), (*BACKEND, "from")) == text
    assert remove(insert_key(text, ("rotations",), "x", {"crew": ["a"]}), ("rotations", "x")) == text


def test_comments_below_belong_to_what_they_are_indented_into() -> None:
    text = "a:\n  k: 1\n  # k is one\n# about b\nb: |\n  text\n\nc: 1\n  # deep\n# flat\nd: 2\n"
    assert remove(text, ("a",)) == text.removeprefix("a:\n  k: 1\n  # k is one\n")
    assert remove(text, ("c",)) == text.replace("c: 1\n  # deep\n", ""), "else it would be a line of b"
    assert insert_key(text, (), "n", 1, after="a").startswith("a:\n  k: 1\n  # k is one\nn: 1\n# about b\n")


def test_blank_lines_do_not_join_a_text_block() -> None:
    text = "a: |+\n  text\n\nb: 1\n\n\nc: 1\n"
    assert remove(text, ("b",)) == "a: |+\n  text\n\nc: 1\n"
    assert remove(insert_key(text, (), "n", 1, after="a"), ("n",)) == text


def test_setting_what_is_there_changes_nothing() -> None:
    assert set_value(ROTATIONS, (*BACKEND, "crew"), ["ana", "ben"]) is ROTATIONS
    assert set_value("a: 1\n", ("a",), True) == "a: true\n"


@pytest.mark.parametrize(
    ("text", "path", "value", "after"),
    [
        ("a:\nb: 1\n", ("a",), 3, "a: 3\nb: 1\n"),
        ("a:   # why\nb: 1\n", ("a",), "x", "a: x   # why\nb: 1\n"),
        ("a:   # why\nb: 1\n", ("a",), {"c": 1}, "a:   # why\n  c: 1\nb: 1\n"),
        ("a: 1 # why\nb: 1\n", ("a",), {"c": 1}, "a: # why\n  c: 1\nb: 1\n"),
        ("a: [x] # why\n", ("a",), ["y", "z"], "a: [y, z] # why\n"),
        ("a:  # why\n  - x  # that\n  # more\nb: 1\n", ("a",), "y", "a: y  # why\n  # more\nb: 1\n"),
        ("a:\n  - x\nb: 1\n", ("a",), ["y", "z"], "a:\n  - y\n  - z\nb: 1\n"),
        ("a:\n- x\nb: 1\n", ("a",), {"c": 1}, "a:\n  c: 1\nb: 1\n"),
        ("a: |\n  one\n\n# c\nb: 1\n", ("a",), "two\nthree\n", "a: |\n  two\n  three\n\n# c\nb: 1\n"),
        ("a: |\n  one\nb: 1\n", ("a",), "two", "a: two\nb: 1\n"),
        ("a: |+\n  one\n\nb: 1\n", ("a",), "two", "a: two\nb: 1\n"),
        ("a: one\nb: 1\n", ("a",), "two\nlines", "a: |-\n  two\n  lines\nb: 1\n"),
        ("- x\n- y # why\n", (1,), {"a": 1, "b": 2}, "- x\n- a: 1 # why\n  b: 2\n"),
        ("- - a\n  - b\n", (0, 0), "c", "- - c\n  - b\n"),
        ("{a: , b}\n", ("a",), "x", "{a: x , b}\n"),
        ("{a: , b}\n", ("b",), "x", "{a: , b: x}\n"),
        ("x: &n 1\ny: 2\n", ("x",), 3, "x: &n 3\ny: 2\n"),
        ("x: &n [a]\ny: *n\n", ("y",), ["b"], "x: &n [a]\ny: [b]\n"),
        ("x: {<<: {b: 1}, c: 2}\n", ("x", "c"), 3, "x: {<<: {b: 1}, c: 3}\n"),
        ("a: 'x'", ("a",), None, "a: null"),
        ("a: plain\n", ("a",), "12:00", 'a: "12:00"\n'),
        ("a: [1]\n", ("a", 0), "2026-12-24 09:00", "a: [2026-12-24 09:00]\n"),
        ("a: [1]\n", ("a", 0), "x, y", 'a: ["x, y"]\n'),
    ],
)
def test_set_value(text: str, path: tuple[str | int, ...], value: Any, after: str) -> None:
    assert set_value(text, path, value) == after


@pytest.mark.parametrize(
    ("text", "index", "after"),
    [
        ("a: []\n", 0, "a: [N]\n"),
        ("a: [ ] # c\n", 0, "a: [N ] # c\n"),
        ("a: [x]\n", 1, "a: [x, N]\n"),
        ("a: [x]\n", 0, "a: [N, x]\n"),
        ("a: [x,y]\n", 1, "a: [x, N,y]\n"),
        ("a: [x, y,]\n", 2, "a: [x, y, N,]\n"),
        ("a: [\n  x,\n  y  # last\n]\n", 2, "a: [\n  x,\n  y,  # last\n  N\n]\n"),
        ("a: [\n  x,\n  y,  # last\n]\n", 2, "a: [\n  x,\n  y,  # last\n  N,\n]\n"),
        ("a: [\n  x,  # first\n  y\n]\n", 1, "a: [\n  x,  # first\n  N,\n  y\n]\n"),
        ("a: [\n  x,\n  y]\n", 2, "a: [\n  x,\n  y,\n  N]\n"),
        ("a: [x,\n    y]\n", 1, "a: [x, N,\n    y]\n"),
        ("a: [x, # first\n    y]\n", 1, "a: [x, N, # first\n    y]\n"),
        ("a:\n  - x\n", 0, "a:\n  - N\n  - x\n"),
        ("a:\n  - x", 1, "a:\n  - x\n  - N"),
        ("a:\n- x\n\n# end\n", 1, "a:\n- x\n- N\n\n# end\n"),
        ("a:\n  - |\n    text\n\n", 1, "a:\n  - |\n    text\n  - N\n\n"),
        ("a:\n  - |+\n    text\n\nb: 1\n", 1, "a:\n  - |+\n    text\n\n  - N\nb: 1\n"),
        ("a:\n  -\n", 1, "a:\n  -\n  - N\n"),
        ("a:\n    # head\n    - x\n", 0, "a:\n    # head\n    - N\n    - x\n"),
    ],
)
def test_insert_item_and_back(text: str, index: int, after: str) -> None:
    new = insert_item(text, ("a",), index, "N")
    assert new == after
    assert remove(new, ("a", index)) == text


def test_first_of_all() -> None:
    assert append_item("a:  # none yet\n", ("a",), "x") == "a: [x]  # none yet\n"
    assert insert_key("a:\n", ("a",), "b", 1) == "a:\n  b: 1\n"
    assert insert_key("# only a comment\n", (), "a", [1]) == "# only a comment\na: [1]\n"
    assert insert_key("# only a comment", (), "a", 1) == "# only a comment\na: 1"
    assert insert_key("", (), "a", {"b": "c"}) == "a:\n  b: c\n"
    assert insert_key("a: {}\n", ("a",), "b", 1) == "a: {b: 1}\n"


def test_last_of_all() -> None:
    assert remove("a:\n  - x  # why\nb: 1\n", ("a", 0)) == "a: []\nb: 1\n"
    assert remove("a:  # head\n  k: 1\n  # tail\n", ("a", "k")) == "a: {}  # head\n  # tail\n"
    assert remove("- k: 1\n- x\n", (0, "k")) == "- {}\n- x\n"
    assert remove("a: 1\n", ("a",)) == "{}\n"


@pytest.mark.parametrize(
    ("text", "edit", "words"),
    [
        (
            "a: &x [1]\nb: *x\n",
            lambda t: append_item(t, ("a",), 2),
            "'a' is &x: a change would also change line 2",
        ),
        (
            "a: &x [1]\nb: *x\n",
            lambda t: append_item(t, ("b",), 2),
            "'b' is *x: a change would also change line 1",
        ),
        ("a: &x [1]\nb: *x\n", lambda t: set_value(t, ("b", 0), 2), "'b' is *x"),
        ("a: &x {k: 1}\nb: *x\n", lambda t: set_value(t, ("a", "k"), 2), "'a' is &x"),
        ("a: &x 1\nb: *x\n", lambda t: set_value(t, ("a",), 2), "'a' is &x"),
        ("a: {k: &x 1}\nb: *x\n", lambda t: remove(t, ("a",)), "'a' holds &x, used in line 2"),
        ("a: {k: &x 1}\nb: *x\n", lambda t: set_value(t, ("a",), 2), "'a' holds &x, used in line 2"),
        (
            "b: &x {k: 1}\na: {<<: *x}\n",
            lambda t: set_value(t, ("a", "k"), 2),
            "'a.k' is taken over from line 1",
        ),
        ("b: &x {k: 1}\na: {<<: *x}\n", lambda t: remove(t, ("a", "k")), "'a.k' is taken over from line 1"),
        ("b: &x {k: 1}\na: {<<: *x, k: 2}\n", lambda t: remove(t, ("a", "k")), "'a.k' would come back"),
        ("b: &x {k: 1}\na: {<<: *x}\n", lambda t: insert_key(t, ("b",), "l", 2), "'b' is &x"),
        ("a: 1\n", lambda t: set_value(t, ("b",), 2), "'b' is not there"),
        ("a: 1\n", lambda t: set_value(t, ("a", 0), 2), "'item 1 of a' is not there"),
        ("a: [1]\n", lambda t: remove(t, ("a", 1)), "'item 2 of a' is not there"),
        ("a: [1]\n", lambda t: insert_item(t, ("a",), 2, 2), "'a' has 1 items"),
        ("a: {b: 1}\n", lambda t: append_item(t, ("a",), 2), "'a' is not a list"),
        ("a: [1]\n", lambda t: insert_key(t, ("a",), "b", 2), "'a' is not a mapping"),
        ("a: 1\n", lambda t: insert_key(t, (), "a", 2), "'a' is there already"),
        ("a: 1\n", lambda t: insert_key(t, (), "b", 2, after="c"), "'c' is not there"),
        ("a: 1\n", lambda t: remove(t, ()), "the whole file"),
        ("", lambda t: remove(t, ("a",)), "'a' is not there"),
        ("? a\n: 1\n", lambda t: insert_key(t, (), "b", 2), "only a human"),
        ("? a\n: 1\nb: 1\n", lambda t: remove(t, ("a",)), "only a human"),
        ("a: [b: 1]\n", lambda t: insert_key(t, ("a", 0), "c", 2), "only a human"),
        ("a: 1\n", lambda t: set_value(t, ("a",), 10**30), "too large a number"),
        ("a: 1\n", lambda t: insert_key(t, (), "k" * 2000, 1), "too long for a key"),
        ("a: 1\n", lambda t: set_value(t, ("a",), "\ud800"), "no policy may hold"),
        ("a: 1\n", lambda t: set_value(t, ("a",), "\x1b[31m"), "no policy may hold"),
    ],
)
def test_refused(text: str, edit: Any, words: str) -> None:
    with pytest.raises(EditRefused) as caught:
        edit(text)
    assert words in caught.value.message
    assert caught.value.remedy


def test_merges_and_aliases_beside_the_edit_are_kept() -> None:
    text = "b: &x {k: 1}\na:\n  <<: *x  # from b\nc: [*x, 2]\n"
    new = insert_key(text, ("a",), "k", 2)
    assert new == "b: &x {k: 1}\na:\n  <<: *x  # from b\n  k: 2\nc: [*x, 2]\n"
    assert remove(text, ("c", 0)) == "b: &x {k: 1}\na:\n  <<: *x  # from b\nc: [2]\n"


def test_a_file_with_errors_is_not_edited() -> None:
    with pytest.raises(PolicyInvalid) as caught:
        set_value("a: 1\na: 2\n", ("a",), 3, file="policies/a.yaml")
    assert caught.value.findings[0].rule == "duplicate-key"
    assert "policies/a.yaml" in caught.value.message


def test_the_layout_of_the_file_is_followed() -> None:
    text = "a:\n    b:\n    - x\n    - y\n"
    assert insert_key(text, ("a",), "c", {"d": {"e": [1] * 30}}).endswith(
        "    c:\n        d:\n            e:\n" + "            - 1\n" * 30
    )
