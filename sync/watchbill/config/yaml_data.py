"""Nodes to plain data: duplicate keys refused, merge keys applied, keys always text."""

from __future__ import annotations

from typing import Any

from watchbill.config.lines import Lines, quoted
from watchbill.config.yaml_nodes import Alias, Mapping, Node, Scalar, Sequence, is_merge, resolved
from watchbill.config.yaml_problem import Problem

Data = Any
"""dict, list, str, int, bool or None."""


def make_data(root: Node, lines: Lines) -> tuple[Data, list[Problem]]:
    maker = _Maker(lines)
    return maker.data(root), maker.problems


class _Maker:
    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.problems: list[Problem] = []
        self.done: set[int] = set()

    def data(self, node: Node) -> Data:
        if isinstance(node, Alias):
            return self.data(node.target)
        if isinstance(node, Scalar):
            return node.value
        if isinstance(node, Sequence):
            return [self.data(item) for item in node.items]
        self.index(node)
        return {key: self.data(value) for key, (_, value) in node.lookup.items()}

    def index(self, node: Mapping) -> None:
        """Fills `lookup`: own keys first, then merged ones, the first of equal ones winning."""
        if id(node) in self.done:
            return
        self.done.add(id(node))
        merges: list[Node] = []
        for key, value in node.pairs:
            if is_merge(key):
                merges.append(value)
                continue
            name = self.key_text(key)
            if name is None:
                continue
            if name in node.lookup:
                self.duplicate(name, key, node.lookup[name][0])
            else:
                node.lookup[name] = (key, value)
        for value in merges:
            self.merge(node, value)

    def key_text(self, key: Node) -> str | None:
        key = resolved(key) if isinstance(resolved(key), Scalar) else key
        if isinstance(key, Scalar) and not key.is_empty:
            return key.text
        message = "a key is missing before the colon" if isinstance(key, Scalar) else "a key must be a word"
        hint = "write `key: value`"
        if isinstance(key, Mapping) and key.flow:
            hint = 'a text with {{ ... }} in it must be put in quotes: "{{ name }}"'
        elif isinstance(key, Sequence) and key.flow:
            hint = 'a text that begins with [ must be put in quotes: "[...]"'
        self.problems.append(Problem("yaml-key", message, hint, key.start, max(key.end, key.start + 1)))
        return None

    def merge(self, node: Mapping, value: Node) -> None:
        source = resolved(value)
        sources = source.items if isinstance(source, Sequence) else [source]
        for item in sources:
            merged = resolved(item)
            if not isinstance(merged, Mapping):
                message = "<< takes only a mapping, or a list of mappings"
                hint = "point it to an anchor of a mapping: `<<: *name`"
                self.problems.append(Problem("yaml-alias", message, hint, item.start, item.end))
                continue
            self.index(merged)
            for name, pair in merged.lookup.items():
                node.lookup.setdefault(name, pair)

    def duplicate(self, name: str, key: Node, first: Node) -> None:
        here, there = self.lines.number(key.start), self.lines.number(first.start)
        where = f"lines {there} and {here}" if here != there else f"line {here}"
        message = f"{quoted(name)} is there twice: {where}"
        hint = f"keep one of them; the one in line {there} is read" if here != there else "keep one of them"
        self.problems.append(Problem("duplicate-key", message, hint, key.start, key.end))
