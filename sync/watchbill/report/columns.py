"""Text beside text, within the width of a terminal: what is too long for its column goes on below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest

from watchbill.report.safe import cells, fitting, padded, plain

LEAST = 20
"""Columns that a text gets however narrow the terminal is."""

Style = Callable[[str], str]


def wrapped(text: str, width: int, *, hanging: int = 0) -> list[str]:
    """`hanging`: by how much the lines below the first are indented.  Words are broken only where one of them is
    longer than a line."""
    room, lines, line = max(width, LEAST), [], ""
    for word in plain(text).split(" "):
        joined = f"{line} {word}" if line.strip() else line + word
        if cells(joined) <= room:
            line = joined
            continue
        if line.strip():
            lines.append(line)
            line = " " * hanging
        line += word
        while cells(line) > room:
            head = fitting(line, room)
            lines.append(head)
            line = " " * hanging + line[len(head) :]
    return [*lines, line] if line.strip() or not lines else lines


def column(text: str, width: int, style: Style) -> tuple[list[str], int]:
    """Painted after it is padded: colours take no place."""
    return [style(padded(line, width)) for line in wrapped(text, width)], width


def beside(head: str, columns: Iterable[tuple[Sequence[str], int]], between: str = "  ") -> list[str]:
    """The lines of each column next to each other, the first ones on one line, behind the head."""
    texts, widths = zip(*columns, strict=True)
    made: list[str] = []
    for row in zip_longest(*texts):
        told = (" " * w if text is None else text for text, w in zip(row, widths, strict=True))
        made.append(f"{' ' * cells(head) if made else head}{between.join(told)}".rstrip())
    return made
