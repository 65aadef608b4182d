"""One layout for policy files: two columns per level, one blank between things, comments where they stood.

Only blanks, line breaks and blank lines change; every word, quote and comment stays.  What comes out is read again
and must mean the same, with the same comments in the same order; where that cannot be had the text is left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

from ruamel.yaml.tokens import (
    BlockEndToken,
    BlockEntryToken,
    BlockMappingStartToken,
    BlockSequenceStartToken,
    FlowEntryToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    KeyToken,
    ScalarToken,
    ValueToken,
)

from watchbill.config.yaml_reader import read_yaml
from watchbill.config.yaml_stream import tokens

STEP = 2
_OPENS = (FlowMappingStartToken, FlowSequenceStartToken)
_CLOSES = (FlowMappingEndToken, FlowSequenceEndToken)


def formatted(text: str, file: str) -> str | None:
    """None where no layout of ours means the same, and for a text that cannot be read."""
    meant = _means(text, file)
    if meant is None:
        return None
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    made = _laid_out(plain)
    for result in (
        made,
        made.removesuffix("\n"),
    ):  # a text block at the end may have no line break of its own
        if _means(result, file) == meant:
            return result
    return None


def _means(text: str, file: str) -> tuple[Any, list[str]] | None:
    """None for what cannot be read."""
    document = read_yaml(text, file)
    return None if document.broken else (document.data, _comments(text.removeprefix("\ufeff")))


def _comments(text: str) -> list[str]:
    found: list[str] = []
    end = 0
    for token in tokens(text):
        if token.end_mark.index > token.start_mark.index or token.start_mark.index >= len(text):
            found += re.findall(r"#[^\r\n]*", text[end : token.start_mark.index])
            end = max(end, token.end_mark.index)
    found += re.findall(r"#[^\r\n]*", text[end:])
    return [comment.rstrip() for comment in found]


@dataclass(slots=True)
class _Level:
    """A block collection: the column where its keys or dashes stand, and shall stand."""

    old: int
    new: int
    kind: Literal["mapping", "list", "indentless"] = "mapping"
    """indentless: a list whose dashes stand right below their key; it has no token of its own."""


@dataclass(slots=True)
class _Layout:
    text: str
    levels: list[_Level] = field(default_factory=list)
    starts: dict[int, list[_Level]] = field(default_factory=dict)
    """Line that a key or dash begins -> the levels it stands in."""
    within: dict[int, int] = field(default_factory=dict)
    """Line that goes on with what an earlier one began -> columns to move it by."""
    alone: dict[int, int] = field(default_factory=dict)
    """Line that holds a value whose key or dash stands on an earlier one -> column."""
    kept: set[int] = field(default_factory=set)
    """Lines of texts, whose blanks at the end count."""
    depth: int = 0

    def token(self, token: Any) -> None:
        mark = token.start_mark
        if isinstance(token, (*_OPENS, *_CLOSES)):
            self.depth += 1 if isinstance(token, _OPENS) else -1
        opens_here = self.depth == isinstance(token, _OPENS)
        if opens_here and not isinstance(token, _CLOSES):
            self._block(token)
        elif self.levels:
            self._goes_on(token.start_mark.line, token.end_mark.line)
        if isinstance(token, ScalarToken) and token.end_mark.line > mark.line:
            ends = token.end_mark.line + (token.end_mark.column > 0)
            self._goes_on(mark.line + 1, ends - 1)
            self.kept |= set(range(mark.line, ends))

    def _block(self, token: Any) -> None:
        top = self.levels[-1] if self.levels else None
        mark = token.start_mark
        if top is not None and top.kind == "indentless" and isinstance(token, KeyToken | BlockEndToken):
            self.levels.pop()
            top = self.levels[-1]
        if isinstance(token, BlockMappingStartToken | BlockSequenceStartToken):
            kind: Literal["mapping", "list"] = (
                "mapping" if isinstance(token, BlockMappingStartToken) else "list"
            )
            self.levels.append(_Level(mark.column, top.new + STEP if top else 0, kind))
        elif isinstance(token, BlockEndToken):
            self.levels.pop()
        elif isinstance(token, BlockEntryToken | KeyToken) and top is not None:
            if isinstance(token, BlockEntryToken) and top.kind == "mapping":
                self.levels.append(_Level(mark.column, top.new + STEP, "indentless"))
            if self._is_first(mark.index):
                self.starts.setdefault(mark.line, list(self.levels))
        elif token.end_mark.index > mark.index and top is not None and self._is_first(mark.index):
            self.alone.setdefault(mark.line, top.new + STEP)

    def _goes_on(self, first: int, last: int) -> None:
        by = self.levels[-1].new - self.levels[-1].old if self.levels else 0
        for line in range(first, last + 1):
            self.within.setdefault(line, by)

    def _is_first(self, index: int) -> bool:
        return not self.text[self.text.rfind("\n", 0, index) + 1 : index].strip()


def _laid_out(text: str) -> str:
    layout = _Layout(text)
    found = list(tokens(text))
    for token in found:
        layout.token(token)
    lines = text.split("\n")
    for line, gaps in _gaps(found).items():
        for start, end, blank in sorted(gaps, reverse=True):
            lines[line] = lines[line][:start] + blank + lines[line][end:]
    return _joined(lines, layout)


def _gaps(found: list[Any]) -> dict[int, list[tuple[int, int, str]]]:
    """Line -> (from, until, what shall stand there) between two things on it."""
    gaps: dict[int, list[tuple[int, int, str]]] = {}
    depth = 0
    real = [t for t in found if t.end_mark.index > t.start_mark.index]
    for left, right in pairwise(real):
        depth += isinstance(left, _OPENS) - isinstance(left, _CLOSES)
        if left.end_mark.line != right.start_mark.line:
            continue
        blank = _blank(left, right, depth)
        if blank is not None:
            span = (left.end_mark.column, right.start_mark.column, blank)
            gaps.setdefault(left.end_mark.line, []).append(span)
    return gaps


def _blank(left: Any, right: Any, depth: int) -> str | None:
    """None: as it is."""
    if depth and (isinstance(left, _OPENS) or isinstance(right, (*_CLOSES, FlowEntryToken))):
        return ""
    if isinstance(left, FlowEntryToken | ValueToken | BlockEntryToken):
        return " "
    if isinstance(right, ValueToken) and isinstance(left, ScalarToken):
        return ""
    return None


def _joined(lines: list[str], layout: _Layout) -> str:
    made: list[str] = []
    here: list[_Level] = []
    for number, line in enumerate(lines):
        bare = line.lstrip(" ")
        here = layout.starts.get(number, here)
        if number in layout.starts:
            made.append(_trimmed(" " * here[-1].new + bare, keep=number in layout.kept))
        elif number in layout.alone:
            made.append(_trimmed(" " * layout.alone[number] + bare, keep=number in layout.kept))
        elif number in layout.kept or number in layout.within:
            made.append(_moved(line, layout.within.get(number, 0), keep=number in layout.kept))
        elif bare.startswith("#"):
            made.append(
                (" " * _comment_column(len(line) - len(bare), number, lines, here, layout) + bare).rstrip()
            )
        elif bare.strip():
            made.append(line.rstrip(" \t"))
        elif made and made[-1] != "":
            made.append("")
    while made and made[-1] == "":
        made.pop()
    return "\n".join(made) + "\n" if made else ""


def _moved(line: str, by: int, *, keep: bool) -> str:
    if by < 0:
        line = line[min(-by, len(line) - len(line.lstrip(" "))) :]
    elif line.strip():
        line = " " * by + line
    return _trimmed(line, keep=keep)


def _trimmed(line: str, *, keep: bool) -> str:
    return line if keep else line.rstrip(" \t")


def _comment_column(old: int, number: int, lines: list[str], here: list[_Level], layout: _Layout) -> int:
    """Of what it stands beside: the next thing where they are in line, else what came before, else the next thing."""
    after = next((layout.starts[n] for n in range(number + 1, len(lines)) if n in layout.starts), None)
    if after is not None and after[-1].old == old:
        return after[-1].new
    for level in reversed(here):
        if level.old <= old:
            return level.new + (old - level.old if level.old != old and not after else 0)
    return after[-1].new if after is not None else 0
