"""What a YAML text is made of, before it becomes data.  Positions are character offsets into the whole text.

`weight` counts the nodes a node stands for once its aliases are expanded (long texts count more), `height` the
levels below it, so that an alias bomb is seen while it is still small.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

Plain = str | int | bool | None
MERGE = "<<"


@dataclass(slots=True, eq=False)
class Scalar:
    """`style` is "" for plain, else the character it begins with: ' " | >."""

    start: int
    end: int
    anchor: str | None
    style: str
    text: str
    value: Plain
    weight: int = 1
    height: int = 0

    @property
    def is_empty(self) -> bool:
        """Nothing is written where a value could stand."""
        return not self.text and not self.style


@dataclass(slots=True, eq=False)
class Sequence:
    start: int
    end: int
    anchor: str | None
    flow: bool
    items: list[Node] = field(default_factory=list)
    weight: int = 1
    height: int = 0


@dataclass(slots=True, eq=False)
class Mapping:
    """`lookup` is filled when the data is made: key text -> (key, value), merged ones included."""

    start: int
    end: int
    anchor: str | None
    flow: bool
    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    lookup: dict[str, tuple[Node, Node]] = field(default_factory=dict)
    weight: int = 1
    height: int = 0


@dataclass(slots=True, eq=False)
class Alias:
    start: int
    end: int
    name: str
    target: Scalar | Sequence | Mapping
    weight: int = 1
    height: int = 0


Node = Scalar | Sequence | Mapping | Alias


def resolved(node: Node) -> Scalar | Sequence | Mapping:
    return node.target if isinstance(node, Alias) else node


def children(node: Node) -> Iterator[Node]:
    """As written: an alias has none."""
    if isinstance(node, Sequence):
        yield from node.items
    elif isinstance(node, Mapping):
        for key, value in node.pairs:
            yield key
            yield value


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from walk(child)


def is_merge(key: Node) -> bool:
    return isinstance(key, Scalar) and not key.style and key.text == MERGE
