"""One layout: what is written otherwise comes out alike, and means what it meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchbill.config.edit_dump import dump_fragment
from watchbill.config.format import formatted
from watchbill.config.yaml_reader import read_yaml

ROOT = Path(__file__).parents[3]
SHIPPED = sorted((ROOT / "policies").glob("*.yaml"))
EXAMPLES = sorted((ROOT / "tests" / "examples").rglob("*.yaml"))

MESSY = """\
rotations:
    backend:   {title: "A",crew: [ a,b ] , turn : 1 week}   # c
    # next
    other:
      # inner
      crew:
      - a
      # two
      -   b
      -
          c
      layers:
          -   name:  x
              text: |
                  hello
                    deep\x20\x20

                  there
              crew: [a,
                 b]
          -  - q
             - r


# tail
last:
- 1
- k: v
  z: w
   \t
"""
TIDY = """\
rotations:
  backend: {title: "A", crew: [a, b], turn: 1 week}   # c
  # next
  other:
    # inner
    crew:
      - a
      # two
      - b
      -
        c
    layers:
      - name: x
        text: |
            hello
              deep\x20\x20

            there
        crew: [a,
           b]
      - - q
        - r

# tail
last:
  - 1
  - k: v
    z: w
"""


def comments(text: str) -> list[str]:
    return [line.split(" #")[-1].strip("# ") for line in text.splitlines() if "#" in line]


def test_messy_becomes_tidy_and_stays() -> None:
    assert read_yaml(MESSY, "x").data == read_yaml(TIDY, "x").data
    assert formatted(MESSY, "x") == TIDY
    assert formatted(TIDY, "x") == TIDY


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.name)
def test_the_shipped_files_however_they_are_spaced(path: Path) -> None:
    text = path.read_text("utf-8")
    assert formatted(text, path.name) == text
    spaced = "\ufeff" + text.replace("\n", "\r\n")
    assert formatted(spaced, path.name) == text
    if "|\n" not in text and "- name:" not in text:  # in those, columns count beside each other
        spaced = re.sub(r"(?m)^( +)", r"\1\1", spaced).replace("\r\n\r\n", "\r\n\r\n\r\n")
        assert formatted(spaced.replace("\r\n", "  \r\n").rstrip(), path.name) == text


def test_every_example_means_the_same_and_a_second_run_changes_nothing() -> None:
    seen = 0
    for path in EXAMPLES:
        try:
            text = path.read_text("utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        before = read_yaml(text, "x")
        if before.broken:
            continue
        made = formatted(text, "x")
        assert made is not None, path
        assert read_yaml(made, "x").data == before.data, path
        assert formatted(made, "x") == made, path
        assert comments(made) == comments(text), path
        seen += 1
    assert seen > 200


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("", ""),
        ("# only a comment", "# only a comment\n"),
        ("\n\n\na: 1\n\n\n", "a: 1\n"),
        ("a: |\n  end", "a: |\n  end"),
        ("a: |-\n    end\n    # no comment\n", "a: |-\n    end\n    # no comment\n"),
        ("a:  >\n      x\n      y\nb: 1\n", "a: >\n      x\n      y\nb: 1\n"),
        ("a: 'it  # is'   # kept\n", "a: 'it  # is'   # kept\n"),
        ("{a: 1,b: [1,2 ]}\n", "{a: 1, b: [1, 2]}\n"),
        ('a: "x\n     y"\n', 'a: "x\n     y"\n'),
        ("a:\n        - b:   1\n          c: 2\n        # end\n", "a:\n  - b: 1\n    c: 2\n  # end\n"),
    ],
)
def test_corners(text: str, made: str) -> None:
    assert formatted(text, "x") == made
    assert read_yaml(made, "x").data == read_yaml(text, "x").data


WORDS = st.text("ab #:-'\"\n|>[]{},0", max_size=8)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(0, 99) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=12,
)


@given(data=st.dictionaries(st.sampled_from("abcd"), DATA, min_size=1, max_size=4), indent=st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_means_the_same(data: dict[str, object], indent: int) -> None:
    text = " " * indent + dump_fragment(data, indent, "block") + "\n"  # type: ignore[arg-type]
    before = read_yaml(text, "x")
    assert not before.broken
    made = formatted(text, "x")
    assert made is not None
    assert read_yaml(made, "x").data == before.data
    assert formatted(made, "x") == made
