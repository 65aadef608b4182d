"""Edits of blocks: whole lines come and go, single values change in place."""

from __future__ import annotations

from watchbill.config.edit_dump import Layout, block, held, inline, is_inline, item_lines, pair
from watchbill.config.edit_errors import EditRefused
from watchbill.config.edit_source import Slot, Source
from watchbill.config.edit_splice import Splice, whole_lines
from watchbill.config.yaml_data import Data
from watchbill.config.yaml_nodes import Alias, Mapping, Node, Scalar, Sequence
from watchbill.findings import Place


def insert_pair(
    source: Source, node: Mapping, index: int, key: str, value: Data, layout: Layout, path: Place
) -> list[Splice]:
    """As the pair number `index`, which is at least 1."""
    _refuse_questions(source, node, path)
    column = source.column(node.pairs[0][0].start)
    at = source.beyond(node.pairs[index - 1][1], column)
    return whole_lines(source, at, at, pair(key, value, column, layout))


def insert_item(source: Source, node: Sequence, index: int, value: Data, layout: Layout) -> list[Splice]:
    dash = source.dash(node, 0)
    column = source.column(dash)
    lines = item_lines(value, column, layout)
    if index:
        at = source.beyond(node.items[index - 1], column)
        return whole_lines(source, at, at, lines)
    newline = source.newline
    return [Splice(dash, dash, newline.join(lines)[column:] + newline + " " * column)]


def remove_pair(source: Source, node: Mapping, index: int, path: Place) -> list[Splice]:
    _refuse_questions(source, node, path)
    key, value = node.pairs[index]
    before = node.pairs[index - 1][1] if index else None
    return _remove(source, key.start, value, before)


def remove_item(source: Source, node: Sequence, index: int) -> list[Splice]:
    before = node.items[index - 1] if index else None
    return _remove(source, source.dash(node, index), node.items[index], before)


def _remove(source: Source, start: int, node: Node, before: Node | None) -> list[Splice]:
    text = source.text
    if source.begins_line(start):
        after = source.beyond(node, source.column(start))
        if before is not None and source.ends_in_blanks(before):
            while not text[after : source.line_end(after)].strip(" \t") and after < len(text):
                after = source.next_line(after)  # else these blank lines would join the text block before
        return whole_lines(source, source.line_start(start), after, [])
    # the first of a block that begins behind a dash: what follows moves up
    after = source.after(node)
    while text[after : after + 1] in (" ", "\t", "\r", "\n") and after < len(text):
        after += 1
    return [Splice(start, after, "")]


def replace(source: Source, slot: Slot, value: Data, layout: Layout, path: Place) -> list[Splice]:
    node, text = slot.node, source.text
    start, end = source.content_start(node), source.end(node)
    holder, indent = _holder(source, slot, path)
    if holder is None:
        return _replace_root(source, start, end, value, layout)
    empty = isinstance(node, Scalar) and node.is_empty
    same_line = empty or "\n" not in text[holder:start].replace("\r", "\n")
    head, body = _written(source, slot, value, indent, layout, same_line=same_line)
    if same_line:
        at = start if head and not body and not empty and start > holder else holder
        new = f" {head}" if head and at == holder else head
        if end > at and text[end - 1] in "\r\n":
            new += source.newline
        after = source.after(node)
        return [Splice(at, max(at, end), new), *(whole_lines(source, after, after, body) if body else [])]
    if head and not body and (isinstance(node, Scalar | Alias) or node.flow):
        return [Splice(start, end, head)]
    return [
        *([Splice(holder, holder, f" {head}")] if head else []),
        *whole_lines(source, source.line_start(start), source.after(node), body),
    ]


def _replace_root(source: Source, start: int, end: int, value: Data, layout: Layout) -> list[Splice]:
    terminated = end > start and source.text[end - 1] in "\r\n"
    if layout.style == "flow" or is_inline(value, layout):
        new = inline(value, flow=False)
    else:
        new = source.newline.join(block(value, source.column(start), layout))
        end = end if terminated else source.line_end(end)  # a comment there would join a text block
    return [Splice(start, end, new + source.newline if terminated else new)]


def _holder(source: Source, slot: Slot, path: Place) -> tuple[int | None, int]:
    """(behind the colon, dash or anchor that the value belongs to, column of the key or dash)."""
    node, parent = slot.node, slot.parent
    if parent is None:
        return None, 0
    if isinstance(parent, Mapping):
        _refuse_questions(source, parent, path)
        key = parent.pairs[slot.index][0]
        colon = source.colon(key)
        if colon is None:
            raise _by_hand(source, path)
        holder, indent = colon + 1, source.column(key.start)
    else:
        dash = source.dash(parent, slot.index)
        holder, indent = dash + 1, source.column(dash)
    if not isinstance(node, Alias) and node.anchor:
        holder = source.anchor_ends[node.start]
    return holder, indent


def _written(
    source: Source, slot: Slot, value: Data, indent: int, layout: Layout, *, same_line: bool
) -> tuple[str, list[str]]:
    node = slot.node
    quote = node.style if isinstance(node, Scalar) and node.style in ("'", '"') else ""
    if layout.style == "flow" or is_inline(value, layout):
        return inline(value, flow=False, quote=quote), []
    alike = (isinstance(node, Mapping) and isinstance(value, dict)) or (
        isinstance(node, Sequence) and isinstance(value, list)
    )
    if alike and not same_line and isinstance(node, Mapping | Sequence) and not node.flow:
        start = source.first(node)
        lines = block(value, source.column(start), layout)
        return "", [source.text[source.line_start(start) : start] + lines[0], *lines[1:]]
    if isinstance(slot.parent, Sequence):
        first, *rest = item_lines(value, indent, layout)
        if isinstance(node, Alias) or not node.anchor or not _is_block(first[indent + 2 :], value):
            return first[indent + 2 :], rest
        return "", [" " * (indent + 2) + first[indent + 2 :], *rest]
    return held(value, indent, layout)


def _is_block(first: str, value: Data) -> bool:
    """Not in brackets; such a block cannot begin behind an anchor."""
    return isinstance(value, dict | list) and not first.startswith(("[", "{"))


def _refuse_questions(source: Source, node: Mapping, path: Place) -> None:
    if source.asks(node):
        raise _by_hand(source, path)


def _by_hand(source: Source, path: Place) -> EditRefused:
    return EditRefused(
        f"{source.name(path)} is written with a ? before a key, which only a human can edit well",
        remedy="write it as `key: value`, or edit it by hand",
    )
