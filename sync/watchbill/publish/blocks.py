"""The published document before it has a form: one tree of blocks for Markdown and for the pages, so that the
two never differ."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Strong:
    text: str


@dataclass(frozen=True, slots=True)
class Code:
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """To a heading of the same document."""

    text: str
    anchor: str


Part = str | Strong | Code | Link
Words = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    words: Words


@dataclass(frozen=True, slots=True)
class Table:
    head: tuple[str, ...]
    rows: tuple[tuple[Words, ...], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    words: Words
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Items:
    entries: tuple[Entry, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Verbatim lines; `language` is a hint for colouring."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    label: str
    who: str = ""
    """Names of the people behind it, where they are known."""
    happens: bool = False
    """An event; nobody is paged."""


@dataclass(frozen=True, slots=True)
class Arrow:
    source: int
    target: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes in an order in which every arrow leads forward."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


Block = Heading | Paragraph | Table | Items | Listing | Drawing


def paragraph(*parts: Part) -> Paragraph:
    return Paragraph(parts)


def items(entries: Iterable[str | Words | Entry], *, ordered: bool = False) -> Items:
    return Items(tuple(e if isinstance(e, Entry) else Entry(as_words(e)) for e in entries), ordered)


def table(head: Iterable[str], rows: Iterable[Iterable[str | Part | Words]]) -> Table:
    return Table(tuple(head), tuple(tuple(as_words(cell) for cell in row) for row in rows))


def as_words(value: Part | Words) -> Words:
    return value if isinstance(value, tuple) else (value,)


def slug(text: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", text.casefold()))


def text_of(words: Words) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in words)
