"""Text to data with positions: what resolves to what, and where things stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from shared import shared
from watchbill.config import yaml_stream
from watchbill.config.yaml_reader import Document, read_yaml


def at(document: Document, *path: str | int, key: bool = False) -> tuple[int, int, int]:
    spot = document.spot(path, key=key)
    assert spot is not None
    return spot.line, spot.column, spot.width


def test_the_c_parser_is_in_use() -> None:
    """ruamel.yaml falls back to its own parser, many times slower, without a word."""
    parser = type(yaml_stream._parser("a: 1"))
    assert (parser.__module__, parser.__name__) == ("ruamel.yaml.clib._ruamel_yaml", "CParser")
    assert parser.get_event.__class__.__name__ in ("method_descriptor", "cython_function_or_method")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("0", 0),
        ("-1", -1),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("NO", "NO"),
        ("2026-01-05", "2026-01-05"),
        ("2026-11-29 03:00", "2026-11-29 03:00"),
        ("2026-11-29T03:00:00Z", "2026-11-29T03:00:00Z"),
        ("12:00", "12:00"),
        ("mon 09:00", "mon 09:00"),
        ("15m", "15m"),
        ("1 week", "1 week"),
        ("1.0", "1.0"),
        ("010", "010"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("+5", "+5"),
        ("9" * 30, "9" * 30),
        ("'3'", "3"),
        ('"true"', "true"),
        ("'null'", "null"),
        ("tRUE", "tRUE"),
    ],
)
def test_plain_words(text: str, value: Any) -> None:
    for written in (f"a: {text}\n", f"{{a: {text}}}", f"a:\n  - {text}\n"):
        data = read_yaml(written, "f.yaml").data["a"]
        found = data[0] if isinstance(data, list) else data
        assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("[{at: 2026-11-29 03:00, p: {0m: x}}]", [{"at": "2026-11-29 03:00", "p": {"0m": "x"}}]),
        (
            "{url: https://x.example/a?b=c:d, ask: Who is on it?, q: ?x, t: [12:30h, a:b]}",
            {"url": "https://x.example/a?b=c:d", "ask": "Who is on it?", "q": "?x", "t": ["12:30h", "a:b"]},
        ),
        ('{"a":"b", \'c\':1, "d":[x], "e":{y: z}}', {"a": "b", "c": 1, "d": ["x"], "e": {"y": "z"}}),
        ("a: say \"x\":y, and 'z':?\nb: ::x\nc: |\n  a:b?c [x:y]\n", None),
        ("? a\n: b\n? c\n", {"a": "b", "c": None}),
        ("# why? a:b\nkey: v # x:y?\n", {"key": "v"}),
    ],
)
def test_yaml_1_2_in_flow_collections(text: str, data: Any) -> None:
    """The C parser alone stops at most of these."""
    expected = data or {"a": "say \"x\":y, and 'z':?", "b": "::x", "c": "a:b?c [x:y]\n"}
    document = read_yaml(text, "f.yaml")
    assert (document.data, document.findings) == (expected, [])


def test_every_example_of_the_format_reads() -> None:
    for part in shared("policy-format.yaml").read_text("utf-8").split("\n---\n"):
        document = read_yaml(part, "policy-format.yaml")
        assert document.findings == []
        assert isinstance(document.data, dict)


def test_keys_are_text() -> None:
    assert read_yaml("1: a\ntrue: b\n2026-01-05: c\n'x': d\n", "f").data == {
        "1": "a",
        "true": "b",
        "2026-01-05": "c",
        "x": "d",
    }


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\n\n"])
def test_nothing_is_no_error(text: str) -> None:
    document = read_yaml(text, "f.yaml")
    assert (document.data, document.findings, document.spot(("a", "b"))) == (
        None,
        [],
        document.spot(()),
    )


TEXT = """\
rotations:
  backend:  # the usual
    crew: [ana, ben]
    title: "Back end"
    crews:
      - from: 2026-01-05
        order:
          - ana
          - ben
    team:
"""


@pytest.mark.parametrize("text", [TEXT, TEXT.replace("\n", "\r\n"), "\ufeff" + TEXT])
def test_spots(text: str) -> None:
    document = read_yaml(text, "policies/a.yaml")
    assert at(document, "rotations", "backend", "title") == (4, 12, 10)
    assert at(document, "rotations", "backend", "title", key=True) == (4, 5, 5)
    assert at(document, "rotations", "backend", "crew") == (3, 11, 10)
    assert at(document, "rotations", "backend", "crew", 1) == (3, 17, 3)
    assert at(document, "rotations", "backend", "crews", 0, "order", 1) == (9, 13, 3)
    assert at(document, "rotations", "backend", "crews", 0) == (6, 9, 4)
    assert at(document, "rotations", "backend") == (2, 3, 7), "a block is shown by its key"
    assert at(document, "rotations", "backend", "team") == (10, 5, 4), "so is an empty value"
    assert at(document) == (1, 1, 9)


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (("rotations", "backend", "turn"), (2, 3, 7)),
        (("rotations", "backend", "crew", 7), (3, 5, 4)),
        (("rotations", "backend", "title", "x"), (4, 5, 5)),
        (("rotations", "database", "crew", 0), (1, 1, 9)),
        (("people",), (1, 1, 9)),
    ],
)
def test_the_nearest_enclosing_spot(path: tuple[str | int, ...], key: tuple[int, int, int]) -> None:
    assert at(read_yaml(TEXT, "f"), *path) == key


def test_spot_carries_the_line() -> None:
    spot = read_yaml(TEXT, "policies/a.yaml").spot(("rotations", "backend", "crew", 0))
    assert spot is not None
    assert (spot.file, spot.source) == ("policies/a.yaml", "    crew: [ana, ben]")


def test_columns_count_characters() -> None:
    document = read_yaml("é😀: {ü: x}\n", "f")
    assert at(document, "é😀", "ü") == (1, 9, 1)


def test_aliases_and_merges() -> None:
    text = "a: &a {x: 1, z: 2}\nb: {<<: *a, z: 3}\nc: *a\nd: {<<: [{x: 5}, *a]}\n"
    document = read_yaml(text, "f")
    assert document.findings == []
    assert document.data == {
        "a": {"x": 1, "z": 2},
        "b": {"x": 1, "z": 3},
        "c": {"x": 1, "z": 2},
        "d": {"x": 5, "z": 2},
    }
    assert document.data["c"] is not document.data["a"], "changing one place must not change another"
    assert at(document, "b", "x") == (1, 11, 1)
    assert at(document, "c") == (3, 4, 2)


_words = st.text(alphabet="ab:?-,#'\"&*! []{}\n\t0é", max_size=25)


@given(_words)
def test_any_text_gives_data_or_a_finding(text: str) -> None:
    document = read_yaml(text, "f.yaml")
    for finding in document.findings:
        assert finding.line >= 1
        assert finding.column >= 1
        assert finding.hint
        assert "\n" not in finding.message
    if document.data is None and text.strip() and document.root is None and not document.findings:
        assert all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines())


@given(_words)
def test_it_reads_what_ruamel_reads(text: str) -> None:
    document = read_yaml(text, "f.yaml")
    if document.root is None or document.broken:
        return
    try:
        theirs = YAML(typ="base", pure=True).load(text)
    except Exception:  # noqa: BLE001  their parser refuses a little more; it crashes on some of it
        return
    assert _as_text(document.data, document.root) == theirs


def _as_text(data: Any, node: Any) -> Any:
    """ruamel's `base` resolves nothing: every scalar is its text."""
    if hasattr(node, "target"):
        return _as_text(data, node.target)
    if isinstance(data, dict):
        return {k: _as_text(v, node.lookup[k][1]) for k, v in data.items()}
    if isinstance(data, list):
        return [_as_text(v, n) for v, n in zip(data, node.items, strict=True)]
    return node.text


def test_examples_in_the_repository_read() -> None:
    root = Path(__file__).resolve().parents[3] / "policies"
    for path in sorted(root.rglob("*.yaml")):
        assert read_yaml(path.read_text("utf-8"), path.name).findings == []
