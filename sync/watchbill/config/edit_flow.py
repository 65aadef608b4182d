"""Edits inside [...] and {...}, on one line or over several."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from watchbill.config.edit_errors import EditRefused
from watchbill.config.edit_source import Source
from watchbill.config.edit_splice import Splice
from watchbill.config.yaml_nodes import Mapping, Scalar, Sequence
from watchbill.findings import Place


@dataclass(frozen=True, slots=True)
class _Part:
    """One item or pair, and the comma behind it."""

    start: int
    end: int
    comma: int | None


def insert_part(source: Source, node: Mapping | Sequence, index: int, new: str, path: Place) -> list[Splice]:
    opening = _opening(source, node, path)
    parts = _parts(source, node)
    if not parts:
        return [Splice(opening + 1, opening + 1, new)]
    if index == 0:
        first = parts[0]
        gap = _line_gap(source, first.start) if _own_line(source, node, first) else " "
        return [Splice(first.start, first.start, f"{new},{gap}")]
    return _insert_after(source, node, parts[index - 1], new)


def _insert_after(source: Source, node: Mapping | Sequence, part: _Part, new: str) -> list[Splice]:
    own_line = _own_line(source, node, part)
    gap = _line_gap(source, part.start) if own_line else " "
    if part.comma is not None:
        at = part.comma + 1
        if own_line and source.ends_line(at):
            at = source.line_end(at)
            return [Splice(at, at, f"{gap}{new},")]
        return [Splice(at, at, f" {new},")]
    at = part.end
    if own_line and source.ends_line(at):
        line_end = source.line_end(at)
        return [Splice(at, at, ","), Splice(line_end, line_end, gap + new)]
    return [Splice(at, at, f",{gap}{new}")]


def remove_part(source: Source, node: Mapping | Sequence, index: int, path: Place) -> list[Splice]:
    _opening(source, node, path)
    parts = _parts(source, node)
    part = parts[index]
    own_line = _own_line(source, node, part)
    stop = part.end if part.comma is None else part.comma + 1
    before = parts[index - 1].comma if index else None
    loose_comma = [] if part.comma is not None or before is None else [Splice(before, before + 1, "")]
    if own_line and source.ends_line(stop):
        return [*loose_comma, Splice(source.line_start(part.start), source.next_line(stop), "")]
    if before is not None and not source.text[before + 1 : part.start].strip(" \t"):
        keep = 1 if part.comma is not None else 0
        return [Splice(before + keep, stop, "")]
    if part.comma is None and before is not None and not source.text[before + 1 : part.start].strip():
        return [Splice(before, stop, "")]
    return [
        *loose_comma,
        Splice(part.start, _blanks_end(source, stop) if part.comma is not None else stop, ""),
    ]


def value_start_text(source: Source, mapping: Mapping, index: int, new: str) -> Splice:
    """For a key that has no value yet."""
    key, value = mapping.pairs[index]
    colon = source.colon(key)
    if colon is None or colon >= _parts(source, mapping)[index].end:
        return Splice(key.end, key.end, f": {new}")
    at = source.content_start(value) if not isinstance(value, Scalar) or value.anchor else colon + 1
    return Splice(at, at, f" {new}")


def _opening(source: Source, node: Mapping | Sequence, path: Place) -> int:
    at = source.content_start(node)
    asks = isinstance(node, Mapping) and source.asks(node)
    if source.text[at : at + 1] not in "[{" or asks:
        raise EditRefused(
            f"{source.name(path)} is written in a form that only a human can edit well",
            remedy="edit it by hand",
        )
    return at


def _parts(source: Source, node: Mapping | Sequence) -> list[_Part]:
    spans: list[tuple[int, int]] = []
    if isinstance(node, Sequence):
        spans = [(item.start, item.end) for item in node.items]
    else:
        for i, (key, value) in enumerate(node.pairs):
            end = value.end
            if isinstance(value, Scalar) and value.is_empty and not value.anchor:
                colon = source.colon(key)
                limit = node.pairs[i + 1][0].start if i + 1 < len(node.pairs) else node.end
                end = colon + 1 if colon is not None and colon < limit else key.end
            spans.append((key.start, end))
    parts = []
    for i, (start, end) in enumerate(spans):
        limit = spans[i + 1][0] if i + 1 < len(spans) else node.end - 1
        at = bisect_left(source.commas, end)
        comma = source.commas[at] if at < len(source.commas) and source.commas[at] < limit else None
        parts.append(_Part(start, end, comma))
    return parts


def _own_line(source: Source, node: Mapping | Sequence, part: _Part) -> bool:
    return source.begins_line(part.start) and source.line_start(part.start) > node.start


def _line_gap(source: Source, start: int) -> str:
    return source.newline + source.text[source.line_start(start) : start]


def _blanks_end(source: Source, at: int) -> int:
    while source.text[at : at + 1] in (" ", "\t"):
        at += 1
    return at
