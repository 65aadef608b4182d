"""Cutting and pasting: a splice replaces text[start:end]; all of one edit are made at once."""

from __future__ import annotations

from typing import NamedTuple

from watchbill.config.edit_source import Source


class Splice(NamedTuple):
    start: int
    end: int
    text: str


def spliced(text: str, splices: list[Splice]) -> str:
    parts: list[str] = []
    done = 0
    for start, end, new in sorted(splices, key=lambda s: (s.start, s.end)):
        parts += text[done:start], new
        done = end
    return "".join([*parts, text[done:]])


def whole_lines(source: Source, start: int, end: int, lines: list[str]) -> list[Splice]:
    """Replaces whole lines; keeps a text that does not end in a line break that way."""
    text, newline = source.text, source.newline
    unterminated = end == len(text) and not source.closed
    new = newline.join(lines)
    if not lines:
        if start == end:
            return []
        if unterminated and start > source.shift:
            start -= 2 if text[start - 2 : start] == "\r\n" else 1
        return [Splice(start, end, "")]
    if unterminated:
        return [Splice(start, end, newline + new if start == end else new)]
    return [Splice(start, end, new + newline)]
