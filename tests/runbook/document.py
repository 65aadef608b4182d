"""The runbook's Markdown, taken apart into items without knowing anything of the policy.

An item is what a reader could miss if it were gone: a heading, a paragraph, one table cell, one list item, one
line of a code block, one box of a diagram.  Rules, fences, table separators and the arrows of diagrams are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Literal

Kind = Literal["heading", "prose", "header", "cell", "list", "code", "node"]

_FENCE = re.compile(r"\s*```")
_HEADING = re.compile(r"#+ (.*)")
_LIST = re.compile(r"\s*(?:-|\d+\.) (.*)")
_LINK = re.compile(r"\[(.*)\]\(#.*\)")
_SEPARATOR = re.compile(r"\|[-|]+\|")
_DRAWING = re.compile(r"[─│┌┐└┘├┤┬┴▼]")


@dataclass(frozen=True, slots=True)
class Item:
    """`table`: which table of the document, counted from 1, 0 outside of tables; `column` counts from 0."""

    line: int
    kind: Kind
    text: str
    table: int = 0
    column: int = 0


def read(path: Path) -> list[Item]:
    return list(_items(path.read_text(encoding="utf-8").splitlines()))


def code_block(path: Path, first: int) -> str:
    """The block whose first inner line is `first`, without its indentation; ends with a line end."""
    lines = path.read_text(encoding="utf-8").splitlines()[first - 1 :]
    inner = lines[: next(i for i, line in enumerate(lines) if _FENCE.match(line))]
    indent = len(inner[0]) - len(inner[0].lstrip())
    return "".join(f"{line[indent:].rstrip()}\n" for line in inner)


def _items(lines: list[str]) -> Iterator[Item]:
    tables = count(1)
    in_code = in_table = False
    table = 0
    for number, line in enumerate(lines, start=1):
        if _FENCE.match(line):
            in_code = not in_code
        elif in_code:
            yield from _code(number, line)
        elif line.startswith("|"):
            if not in_table:
                table = next(tables)
            if not _SEPARATOR.fullmatch(line):
                kind: Kind = "cell" if in_table else "header"
                yield from (
                    Item(number, kind, _plain(cell), table, column)
                    for column, cell in enumerate(line.strip("|").split("|"))
                )
        elif line.strip() and line != "---":
            yield _flowing(number, line)
        in_table = line.startswith("|") and not in_code


def _code(number: int, line: str) -> Iterator[Item]:
    if _DRAWING.search(line):
        boxes = re.split(r"\s{2,}", _DRAWING.sub("  ", line).strip())
        yield from (Item(number, "node", box) for box in boxes if box)
    elif line.strip():
        yield Item(number, "code", line.strip())


def _flowing(number: int, line: str) -> Item:
    if heading := _HEADING.fullmatch(line):
        return Item(number, "heading", _plain(heading[1]))
    if entry := _LIST.fullmatch(line):
        link = _LINK.fullmatch(entry[1])
        return Item(number, "list", _plain(link[1] if link else entry[1]))
    return Item(number, "prose", _plain(line))


def _plain(text: str) -> str:
    return text.replace("**", "").replace("`", "").strip()
