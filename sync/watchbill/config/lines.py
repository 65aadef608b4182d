"""Offsets to lines and columns, and texts made safe to print."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from watchbill.findings import Spot

_BREAK = re.compile(r"\r\n|\r|\n")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
LONGEST_SOURCE = 400


def printable(text: str) -> str:
    """One character for one character, so that a caret below still points right."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text).replace("\t", " ")


def quoted(text: str, longest: int = 60) -> str:
    """For messages: what someone else wrote, cut short and without control characters."""
    line = printable(text.replace("\r\n", " ").replace("\n", " "))
    return f"'{line}'" if len(line) <= longest else f"'{line[:longest]}...'"


class Lines:
    """Line breaks are LF, CRLF and CR, as editors count them; a column counts characters from 1."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file

    @cached_property
    def starts(self) -> list[int]:
        return [0, *(m.end() for m in _BREAK.finditer(self.text))]

    def number(self, offset: int) -> int:
        """The line of an offset, from 1; the end of the text belongs to the last line that says something."""
        line = bisect_right(self.starts, offset)
        while line > 1 and offset >= len(self.text) and self.starts[line - 1] >= len(self.text):
            line -= 1
        return line

    def bounds(self, line: int) -> tuple[int, int]:
        """First offset of a line, and the one after its last character, line break left out."""
        begin = self.starts[line - 1]
        match = _BREAK.search(self.text, begin)
        return begin, match.start() if match else len(self.text)

    def line(self, number: int) -> str:
        begin, end = self.bounds(number)
        return self.text[begin:end]

    def spot(self, start: int, end: int) -> Spot:
        number = self.number(start)
        begin, stop = self.bounds(number)
        if begin == 0 and self.text.startswith("\ufeff"):
            begin = 1
        column = max(0, min(start, stop) - begin)
        width = max(1, min(end, stop) - start)
        source = printable(self.text[begin : min(stop, begin + LONGEST_SOURCE)])
        return Spot(self.file, number, column + 1, width, source.rstrip() if column < LONGEST_SOURCE else "")
