"""Parse events to nodes, within bounds.

Everything is bounded while reading: the depth, the number of aliases, and what they would expand to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from watchbill.config.lines import quoted
from watchbill.config.yaml_nodes import Alias, Mapping, Node, Scalar, Sequence
from watchbill.config.yaml_problem import Problem, ReadStopped
from watchbill.config.yaml_scalars import plain_value
from watchbill.config.yaml_stream import events, refused_character, refused_escape, restored


@dataclass(frozen=True, slots=True)
class Limits:
    """`nodes` counts keys, values and lists after aliases are expanded; 100 characters of text weigh as one."""

    nodes: int = 200_000
    depth: int = 50
    aliases: int = 1_000


@dataclass(slots=True)
class Composed:
    root: Node | None = None
    scalars: list[Scalar] = field(default_factory=list)
    mappings: list[Mapping] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    node: Sequence | Mapping
    key: Node | None = None


class _Composer:
    def __init__(self, text: str, limits: Limits, shift: int) -> None:
        self.text, self.limits, self.shift = text, limits, shift
        self.result = Composed()
        self.stack: list[_Open] = []
        self.anchors: dict[str, Scalar | Sequence | Mapping] = {}
        self.unfinished: set[int] = set()
        self.documents = 0

    def run(self) -> Composed:
        try:
            for event in events(self.text):
                if not self.take(event):
                    break
        except ReadStopped as stop:
            self.result.root = None
            problem = stop.problem
            if problem.start < len(self.text) + self.shift:
                problem = problem._replace(start=problem.start + self.shift, end=problem.end + self.shift)
            self.result.problems.append(problem)
        return self.result

    def take(self, event: Any) -> bool:
        kind = type(event)
        if kind is ScalarEvent:
            self.scalar(event)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            self.opened(event, kind is MappingStartEvent)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            self.closed(event)
        elif kind is AliasEvent:
            self.alias(event)
        elif kind is DocumentStartEvent:
            self.documents += 1
            if self.documents > 1:
                self.second_document(event)
                return False
        return True

    def scalar(self, event: Any) -> None:
        text, style = restored(event.value), event.style or ""
        node = Scalar(
            start=event.start_mark.index + self.shift,
            end=event.end_mark.index + self.shift,
            anchor=event.anchor,
            style=style,
            text=text,
            value=text if style else plain_value(text),
            weight=1 + len(text) // 100,
        )
        self.check_tag(event, node)
        if style == '"':
            self.check_escapes(node)
        self.result.scalars.append(node)
        if node.anchor:
            self.anchors[node.anchor] = node
        self.add(node)

    def opened(self, event: Any, is_mapping: bool) -> None:
        start = event.start_mark.index + self.shift
        end = event.end_mark.index + self.shift
        if len(self.stack) >= self.limits.depth:
            raise self.stop(
                f"nested more than {self.limits.depth} levels deep", "write it flatter", start - self.shift
            )
        node = (Mapping if is_mapping else Sequence)(start, end, event.anchor, bool(event.flow_style))
        self.check_tag(event, node)
        if isinstance(node, Mapping):
            self.result.mappings.append(node)
        if node.anchor:
            self.anchors[node.anchor] = node
        self.unfinished.add(id(node))
        self.stack.append(_Open(node))

    def closed(self, event: Any) -> None:
        node = self.stack.pop().node
        self.unfinished.discard(id(node))
        if node.flow:
            node.end = event.end_mark.index + self.shift
        self.add(node)

    def alias(self, event: Any) -> None:
        name, start, end = event.anchor, event.start_mark.index, event.end_mark.index
        target = self.anchors.get(name)
        if target is None:
            raise ReadStopped(
                Problem(
                    "yaml-alias",
                    f"*{name} points to nothing: no &{name} stands above it",
                    f'if it is a text, put it in quotes: "*{name}"',
                    start,
                    end,
                )
            )
        if id(target) in self.unfinished:
            raise ReadStopped(
                Problem("yaml-alias", f"*{name} contains itself", "write out what is meant", start, end)
            )
        node = Alias(start + self.shift, end + self.shift, name, target, target.weight, target.height)
        self.result.aliases.append(node)
        if len(self.result.aliases) > self.limits.aliases:
            raise self.stop(f"more than {self.limits.aliases} aliases", "write the values out", start)
        self.add(node)

    def add(self, node: Node) -> None:
        if not self.stack:
            self.result.root = node
            return
        top = self.stack[-1]
        parent = top.node
        parent.weight += node.weight
        parent.height = max(parent.height, node.height + 1)
        if not parent.flow:
            parent.end = node.end
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif top.key is None:
            top.key = node
        else:
            parent.pairs.append((top.key, node))
            top.key = None
        if parent.weight > self.limits.nodes:
            raise self.stop(
                f"too much in one file: more than {self.limits.nodes:,} values once aliases are expanded",
                "split the file, or write out fewer copies",
                node.start - self.shift,
            )
        if len(self.stack) + node.height > self.limits.depth:
            raise self.stop(
                f"nested more than {self.limits.depth} levels deep once aliases are expanded",
                "write it flatter",
                node.start - self.shift,
            )

    def check_escapes(self, node: Scalar) -> None:
        """What may not stand in a file may not come in by an escape either."""
        written = self.text[node.start - self.shift : node.end - self.shift]
        if "\\" in written:
            refused = refused_character(node.text) or refused_escape(written)
            if refused is not None:
                self.result.problems.append(refused._replace(start=node.start, end=node.end))

    def check_tag(self, event: Any, node: Scalar | Sequence | Mapping) -> None:
        if event.tag is not None:
            tag = self.text[event.start_mark.index : event.start_mark.index + 40].split(maxsplit=1)
            shown = quoted(tag[0]) if tag and tag[0].startswith("!") else "a tag"
            self.result.problems.append(
                Problem(
                    "yaml-tag",
                    f"{shown}: YAML tags are not used here",
                    'delete it; if it is a text, put it in quotes: "!..."',
                    node.start,
                    node.start + (len(tag[0]) if tag else 1),
                )
            )

    def second_document(self, event: Any) -> None:
        start = event.start_mark.index + self.shift
        self.result.problems.append(
            Problem(
                "yaml-documents",
                "a second YAML document begins here; what follows is not read",
                "put it into a file of its own, or delete the ---",
                start,
                start + 3,
            )
        )

    def stop(self, message: str, hint: str, at: int) -> ReadStopped:
        return ReadStopped(Problem("yaml-limits", message, hint, at, at + 1))


def compose(text: str, limits: Limits) -> Composed:
    """`text` may begin with a byte order mark; offsets count it."""
    shift = 1 if text.startswith("\ufeff") else 0
    return _Composer(text[shift:], limits, shift).run()
