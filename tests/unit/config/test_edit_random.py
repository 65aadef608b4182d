"""Any edit of any text: exactly the data asked for, and every other byte as it was.

The texts are drawn line by line, not dumped: comments, blank lines, odd indentation, every way of quoting, text
blocks, brackets over several lines, anchors, CRLF, no line break at the end.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from watchbill.config import edit
from watchbill.config.edit import EditRefused
from watchbill.config.edit_dump import Style, dump_fragment
from watchbill.config.edit_source import Source
from watchbill.config.edit_update import update_value
from watchbill.config.yaml_nodes import Mapping, Node, Scalar, Sequence
from watchbill.config.yaml_reader import read_yaml
from watchbill.config.yaml_stream import refused_character

MANY = settings(
    max_examples=int(os.environ.get("WATCHBILL_EXAMPLES", "100")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
NAMES = ["ana", "ben", "crew", "P1", "backend-1", "title", "x y", "2026-01-05", "ü", "no", "12", "it's"]
TEXTS = [
    *NAMES,
    "mon 09:00",
    "a: b",
    "#db",
    "@x",
    "- x",
    "[a]",
    "",
    " lead",
    "two\nlines\n",
    "end ",
    'say "x"',
    "a, b",
]
WORDS = st.one_of(
    st.sampled_from(TEXTS), st.integers(-3, 99), st.booleans(), st.none(), st.text(max_size=6)
).filter(lambda v: not isinstance(v, str) or refused_character(v) is None)
STYLES: st.SearchStrategy[Style] = st.sampled_from(["auto", "flow", "block"])
KEYS = st.sampled_from(NAMES)
VALUES = st.recursive(
    WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=5
)


class Writer:
    """Draws one way to write a value."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.anchors: list[str] = []
        self.comments = 0

    def chance(self, one_in: int) -> bool:
        return bool(self.draw(st.integers(1, one_in)) == 1)

    def comment(self) -> str:
        self.comments += 1
        return f"# note {self.comments}: [x, 'y"

    def trailing(self) -> str:
        return f"{' ' * self.draw(st.integers(1, 3))}{self.comment()}" if self.chance(5) else ""

    def between(self, indent: int) -> Iterator[str]:
        if self.chance(6):
            yield " " * self.draw(st.sampled_from([indent, indent, 0, indent + 1])) + self.comment()
        if self.chance(8):
            yield ""

    def scalar(self, value: Any, *, flow: bool) -> str:
        if isinstance(value, str):
            quote = self.draw(st.sampled_from(["", "", "'", '"']))
            if quote == '"':
                return json.dumps(value, ensure_ascii=True)
            if quote == "'" and value.isprintable():
                return "'" + value.replace("'", "''") + "'"
        return dump_fragment(value, style="flow" if flow else "block") if value != "" else '""'

    def anchor(self) -> str:
        if not self.chance(12):
            return ""
        self.anchors.append(f"a{len(self.anchors)}")
        return f"&{self.anchors[-1]} "

    def flow(self, value: Any, indent: int) -> str:
        if not isinstance(value, dict | list):
            return self.scalar(value, flow=True)
        parts = [self.flow(v, indent + 2) for v in (value.values() if isinstance(value, dict) else value)]
        if isinstance(value, dict):
            parts = [f"{self.scalar(k, flow=True)}: {p}" for k, p in zip(value, parts, strict=True)]
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        pad = self.draw(st.sampled_from(["", "", " "]))
        if not parts:
            return opening + pad + closing
        comma = "," if self.chance(4) else ""
        if self.chance(4):
            deeper = "\n" + " " * (indent + 2)
            lines = [
                p + ("," if i < len(parts) - 1 else comma) + self.trailing() for i, p in enumerate(parts)
            ]
            return opening + deeper + deeper.join(lines) + "\n" + " " * indent + closing
        return opening + pad + self.draw(st.sampled_from([", ", ","])).join(parts) + comma + pad + closing

    def lines(self, value: Any, indent: int) -> list[str]:
        """A block, every line with its indentation."""
        out: list[str] = []
        step = self.draw(st.sampled_from([2, 2, 2, 4, 1]))
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            out += self.between(indent)
            anchor = self.anchor()
            is_block = isinstance(item, dict | list) and item and not self.chance(3)
            if isinstance(value, dict):
                head = " " * indent + self.scalar(key, flow=False) + ":"
                deeper = indent if isinstance(item, list) and self.chance(3) else indent + step
            else:
                head, deeper = " " * indent + "-", indent + self.draw(st.sampled_from([2, 2, 3]))
                if is_block and not anchor and self.chance(2):
                    first, *rest = self.lines(item, deeper)
                    if first.lstrip().startswith("#") or not first.strip():
                        out += [f"{head}{self.trailing()}", first, *rest]
                    else:
                        out += [f"{head}{' ' * (deeper - indent - 1)}{first.lstrip()}", *rest]
                    continue
            if is_block:
                out += [f"{head} {anchor}".rstrip() + self.trailing(), *self.lines(item, deeper)]
            elif item is None and self.chance(2):
                out.append(f"{head} {anchor}".rstrip() + self.trailing())
            elif isinstance(item, str) and self.blockable(item) and self.chance(2):
                mark = self.draw(st.sampled_from(["|", "|+", "|2"])) if item.endswith("\n") else "|-"
                mark = mark if mark != "|2" or step == 2 else "|"
                body = [" " * (indent + step) + line for line in item.removesuffix("\n").split("\n")]
                out += [
                    f"{head} {anchor}{mark}{self.trailing()}",
                    *body,
                    *[""] * self.draw(st.integers(0, 1)),
                ]
            else:
                out.append(f"{head} {anchor}{self.flow(item, indent + step)}{self.trailing()}")
        return out

    def blockable(self, text: str) -> bool:
        lines = text.removesuffix("\n").split("\n")
        return all(line.isprintable() and line.strip() == line and line for line in lines)


@st.composite
def texts(draw: st.DrawFn) -> str:
    writer = Writer(draw)
    data = draw(
        st.dictionaries(KEYS, VALUES, min_size=1, max_size=4) | st.lists(VALUES, min_size=1, max_size=4)
    )
    lines = writer.lines(data, 0)
    if writer.anchors and isinstance(data, dict) and writer.chance(2):
        lines.append(f"again: *{draw(st.sampled_from(writer.anchors))}")
    text = "\n".join([*writer.between(0), *lines]) + ("" if writer.chance(4) else "\n")
    text = ("\ufeff" if writer.chance(20) else "") + text
    document = read_yaml(text, "drawn.yaml")
    assume(not document.broken)
    text = text.replace("\n", "\r\n") if writer.chance(3) else text
    note(repr(text))
    return text


def places(node: Node, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Node]]:
    yield path, node
    if isinstance(node, Mapping):
        for key, value in node.pairs:
            if isinstance(key, Scalar):
                yield from places(value, (*path, key.text))
    elif isinstance(node, Sequence):
        for i, value in enumerate(node.items):
            yield from places(value, (*path, i))


def pick(data: st.DataObject, text: str, *kinds: type) -> tuple[tuple[str | int, ...], Node]:
    root = read_yaml(text, "f").root
    assert root is not None
    fitting = [(p, n) for p, n in places(root) if not kinds or isinstance(n, kinds)]
    assume(fitting)
    return data.draw(st.sampled_from(fitting))


def holder_of(data: Any, path: tuple[str | int, ...]) -> Any:
    for step in path[:-1]:
        data = data[step]
    return data


def is_part_of(small: str, large: str) -> bool:
    rest = iter(large)
    return all(c in rest for c in small)


def same(one: Any, other: Any) -> bool:
    return json.dumps(one) == json.dumps(other)


@MANY
@given(st.data(), texts(), VALUES)
def test_insert_then_remove_an_item(data: st.DataObject, text: str, value: Any) -> None:
    path, node = pick(data, text, Sequence)
    assert isinstance(node, Sequence)
    index = data.draw(st.integers(0, len(node.items)))
    style = data.draw(STYLES)
    try:
        new = edit.insert_item(text, path, index, value, style=style)
    except EditRefused:
        assert "&" in text
        return
    wanted = {"": copy.deepcopy(read_yaml(text, "f").data)}
    holder_of(wanted, ("", *path, index)).insert(index, value)
    assert same(read_yaml(new, "f").data, wanted[""])
    assert is_part_of(text, new)
    if node.items or node.flow:
        assert edit.remove(new, (*path, index)) == text


@MANY
@given(st.data(), texts(), VALUES)
def test_insert_then_remove_a_key(data: st.DataObject, text: str, value: Any) -> None:
    path, node = pick(data, text, Mapping)
    assert isinstance(node, Mapping)
    keys = [k.text for k, _ in node.pairs if isinstance(k, Scalar)]
    after = data.draw(st.sampled_from([None, *keys]))
    try:
        new = edit.insert_key(text, path, "new key", value, after=after)
    except EditRefused:
        assert "&" in text
        return
    found = holder_of(read_yaml(new, "f").data, (*path, ""))
    place = len(keys) if after is None else keys.index(after) + 1
    assert list(found) == [*keys[:place], "new key", *keys[place:]]
    assert is_part_of(text, new)
    assert edit.remove(new, (*path, "new key")) == text


@MANY
@given(st.data(), texts(), VALUES)
def test_set_a_value(data: st.DataObject, text: str, value: Any) -> None:
    path, node = pick(data, text)
    style = data.draw(STYLES)
    try:
        new = edit.set_value(text, path, value, style=style)
    except EditRefused:
        assert "&" in text
        return
    wanted = {"": copy.deepcopy(read_yaml(text, "f").data)}
    holder_of(wanted, ("", *path))[path[-1] if path else ""] = value
    assert same(read_yaml(new, "f").data, wanted[""])
    if (
        path
        and not isinstance(value, dict | list)
        and isinstance(node, Scalar)
        and node.style not in ("|", ">")
    ):
        assert text[: node.start] == new[: node.start]
        assert new.endswith(text[node.end :])


@MANY
@given(st.data(), texts())
def test_update_to_anything(data: st.DataObject, text: str) -> None:
    path, _ = pick(data, text)
    old = read_yaml(text, "f").data
    for step in path:
        old = old[step]
    value = data.draw(st.one_of(VALUES, st.just(old).map(lambda v: _shuffled(v, data.draw(st.randoms())))))
    try:
        new = update_value(text, path, value)
    except EditRefused:
        assert "&" in text
        return
    wanted = {"": copy.deepcopy(read_yaml(text, "f").data)}
    holder_of(wanted, ("", *path))[path[-1] if path else ""] = value
    assert json.dumps(read_yaml(new, "f").data, sort_keys=True) == json.dumps(wanted[""], sort_keys=True)


def _shuffled(value: Any, random: Any) -> Any:
    """Nearly the same: something gone, something twice, something in another order."""
    if isinstance(value, dict):
        return {k: _shuffled(v, random) for k, v in value.items() if random.random() < 0.8}
    if isinstance(value, list):
        mixed = [_shuffled(v, random) for v in value for _ in range(random.choice([0, 1, 1, 1, 2]))]
        return random.sample(mixed, len(mixed)) if random.random() < 0.3 else mixed
    return value


@MANY
@given(st.data(), texts())
def test_remove_anything(data: st.DataObject, text: str) -> None:
    path, node = pick(data, text)
    assume(path)
    try:
        new = edit.remove(text, path)
    except EditRefused:
        assert "&" in text
        return
    wanted = {"": copy.deepcopy(read_yaml(text, "f").data)}
    holder_of(wanted, ("", *path)).pop(path[-1])
    assert same(read_yaml(new, "f").data, wanted[""])
    gone = [line for line in text.splitlines() if line.lstrip().startswith("#") and line.strip() not in new]
    begin = begins(text, path)
    column = begin - max(text.rfind("\n", 0, begin), text.startswith("\ufeff") - 1) - 1
    if len(holder_of(read_yaml(text, "f").data, path)) > 1:
        for line in gone:
            inside = text.index(line) < node.end or len(line) - len(line.lstrip()) > column
            assert begin < text.index(line) and inside, (text, path, new)  # noqa: PT018


def begins(text: str, path: tuple[str | int, ...]) -> int:
    """Where the key or the dash stands; what is before it stays."""
    source = Source(text, "f")
    parent, index = source.slot(path).parent, source.slot(path).index
    if isinstance(parent, Mapping):
        return parent.pairs[index][0].start
    assert parent is not None
    return parent.items[index].start if parent.flow else source.dash(parent, index)


@MANY
@given(st.data(), texts())
def test_remove_everything_step_by_step(data: st.DataObject, text: str) -> None:
    assume("&" not in text)
    for _ in range(30):
        root = read_yaml(text, "f").root
        assert root is not None
        paths = [p for p, _ in places(root) if p]
        if not paths:
            break
        text = edit.remove(text, data.draw(st.sampled_from(paths)))


@MANY
@given(VALUES, STYLES)
def test_fragments_read_back(value: Any, style: Style) -> None:
    document = read_yaml(dump_fragment(value, style=style) + "\n", "f")
    assert same(document.data, value)
    assert [f for f in document.findings if "list" not in f.message] == []


@MANY
@given(texts())
def test_ruamel_reads_the_same(text: str) -> None:
    document = read_yaml(text, "f")
    theirs = YAML(typ="base", pure=True).load(text.removeprefix("\ufeff"))
    assert _words(document.root) == theirs


def _words(node: Any) -> Any:
    if hasattr(node, "target"):
        return _words(node.target)
    if isinstance(node, Mapping):
        return {k.text: _words(v) for k, v in node.pairs if isinstance(k, Scalar)}
    return [_words(i) for i in node.items] if isinstance(node, Sequence) else node.text


def test_the_writer_draws_what_it_should() -> None:
    """Else the tests above are weaker than they look."""
    seen: set[str] = set()

    @settings(max_examples=300, deadline=None, database=None, derandomize=True)
    @given(texts())
    def draw(text: str) -> None:
        for sign in (
            "#",
            "\r\n",
            "&",
            "*a",
            "[",
            "{",
            "|",
            "'",
            '"',
            "\n\n",
            ",]",
            "- - ",
            "\ufeff",
            "[\n",
            "{\n",
        ):
            if sign in text:
                seen.add(sign)
        if not text.endswith("\n"):
            seen.add("no end")

    draw()
    assert len(seen) == 16, seen


def test_the_tests_above_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    from watchbill.config import edit_splice
    from watchbill.errors import WatchbillError

    monkeypatch.setattr(edit, "spliced", lambda text, splices: edit_splice.spliced(text, splices[:-1]))
    with pytest.raises(WatchbillError, match="more than asked for"):
        edit.append_item("a: [b]\n", ("a",), "c")
