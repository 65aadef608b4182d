"""Edits of YAML text that leave every other byte alone: comments, quotes, anchors, line breaks, indentation.

Each takes a text and gives the new one.  A path names a value as in the data: ("rotations", "backend", "crew", 2).
After each edit the new text is read again and must hold exactly the data that was asked for.  What is inserted can
be removed again and leaves the bytes as they were.  EditRefused: the path is not there, or the value is written
elsewhere too (an alias, an anchor in use, a merge key), so that more than asked for would change.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable

from watchbill.config import edit_block, edit_flow
from watchbill.config.edit_dump import Style, dump_fragment, inline, key_text, pair
from watchbill.config.edit_errors import EditRefused
from watchbill.config.edit_habits import layout_for
from watchbill.config.edit_source import Slot, Source
from watchbill.config.edit_splice import Splice, spliced, whole_lines
from watchbill.config.edit_write import write_text
from watchbill.config.yaml_data import Data
from watchbill.config.yaml_nodes import Mapping, Scalar, Sequence
from watchbill.config.yaml_reader import read_yaml
from watchbill.errors import WatchbillError
from watchbill.findings import Place

__all__ = [
    "EditRefused",
    "append_item",
    "dump_fragment",
    "insert_item",
    "insert_key",
    "remove",
    "set_value",
    "write_text",
]


def set_value(text: str, path: Place, value: Data, *, style: Style = "auto", file: str = "") -> str:
    """Replaces the value at `path`; a quoted text stays quoted, a list in brackets stays in brackets."""
    source = Source(text, file)
    slot = source.slot(path)
    if _same(_at(source.document.data, path), value):
        return text
    _refuse_shared_value(source, slot, path)
    expected = _changed(source.document.data, path, lambda holder, step: _assign(holder, step, value))
    return _done(source, _replaced(source, slot, value, style, path), expected, path)


def insert_key(
    text: str,
    path: Place,
    key: str,
    value: Data,
    *,
    after: str | None = None,
    style: Style = "auto",
    file: str = "",
) -> str:
    """A new key in the mapping at `path`, behind the key `after`, or as the last one."""
    source = Source(text, file)
    if source.document.root is None and not path:
        return _first_key(source, key, value, style)
    slot = source.slot(path)
    node = slot.node
    source.refuse_shared(node, path)
    if isinstance(node, Scalar) and node.value is None and after is None:
        expected = _changed(
            source.document.data, path, lambda holder, step: _assign(holder, step, {key: value})
        )
        return _done(source, _replaced(source, slot, {key: value}, style, path), expected, path)
    if not isinstance(node, Mapping):
        raise EditRefused(f"{source.name(path)} is not a mapping", remedy="check the name")
    own = [k.text if isinstance(k, Scalar) else "" for k, _ in node.pairs]
    if key in own:
        raise EditRefused(
            f"{source.name((*path, key))} is there already", remedy="change it, or remove it first"
        )
    if after is not None and after not in own:
        raise EditRefused(f"{source.name((*path, after))} is not there", remedy="check the name")
    index = len(own) if after is None else own.index(after) + 1
    expected = _changed(
        source.document.data, (*path, key), lambda holder, _: _insert(holder, key, value, after)
    )
    if node.flow:
        new = f"{key_text(key, flow=True)}: {inline(value, flow=True)}"
        splices = edit_flow.insert_part(source, node, index, new, path)
    else:
        layout = layout_for(source, value, [v for _, v in node.pairs], style)
        splices = edit_block.insert_pair(source, node, index, key, value, layout, path)
    return _done(source, splices, expected, path)


def append_item(text: str, path: Place, value: Data, *, style: Style = "auto", file: str = "") -> str:
    """A new last item in the list at `path`; a key without a value becomes a list."""
    return insert_item(text, path, None, value, style=style, file=file)


def insert_item(
    text: str, path: Place, index: int | None, value: Data, *, style: Style = "auto", file: str = ""
) -> str:
    """A new item in the list at `path`, before the item that is number `index` now; None = behind the last."""
    source = Source(text, file)
    slot = source.slot(path)
    node = slot.node
    source.refuse_shared(node, path)
    if isinstance(node, Scalar) and node.value is None and not index:
        expected = _changed(source.document.data, path, lambda holder, step: _assign(holder, step, [value]))
        return _done(source, _replaced(source, slot, [value], style, path), expected, path)
    if not isinstance(node, Sequence):
        raise EditRefused(f"{source.name(path)} is not a list", remedy="check the name")
    count = len(node.items)
    if index is not None and not 0 <= index <= count:
        raise EditRefused(
            f"{source.name(path)} has {count} items, none before number {index}", remedy="check the number"
        )
    place = count if index is None else index
    expected = _changed(source.document.data, (*path, place), lambda holder, step: holder.insert(step, value))
    if node.flow:
        splices = edit_flow.insert_part(source, node, place, inline(value, flow=True), path)
    else:
        layout = layout_for(source, value, node.items, style)
        splices = edit_block.insert_item(source, node, place, value, layout)
    return _done(source, splices, expected, path)


def remove(text: str, path: Place, *, file: str = "") -> str:
    """Removes a key or an item with its lines; comments on lines of their own stay.  What is left empty says so."""
    source = Source(text, file)
    slot = source.slot(path)
    parent = slot.parent
    if parent is None:
        raise EditRefused("the whole file cannot be removed this way", remedy="delete the file")
    source.refuse_loss(slot.node, path)
    _refuse_key_loss(source, slot, path)
    if isinstance(parent, Mapping) and _is_merged_too(parent, str(path[-1])):
        raise EditRefused(
            f"{source.name(path)} would come back by <<, which brings the same key", remedy="edit it by hand"
        )
    expected = _changed(source.document.data, path, lambda holder, step: holder.pop(step))
    if parent.flow:
        splices = edit_flow.remove_part(source, parent, slot.index, path)
    elif len(parent.items if isinstance(parent, Sequence) else parent.pairs) == 1:
        empty: Data = [] if isinstance(parent, Sequence) else {}
        splices = _replaced(source, source.slot(path[:-1]), empty, "flow", path)
    elif isinstance(parent, Mapping):
        splices = edit_block.remove_pair(source, parent, slot.index, path)
    else:
        splices = edit_block.remove_item(source, parent, slot.index)
    return _done(source, splices, expected, path)


def _replaced(source: Source, slot: Slot, value: Data, style: Style, path: Place) -> list[Splice]:
    if not slot.in_flow:
        return edit_block.replace(source, slot, value, layout_for(source, value, [slot.node], style), path)
    node = slot.node
    quote = node.style if isinstance(node, Scalar) and node.style in ("'", '"') else ""
    new = inline(value, flow=True, quote=quote)
    if isinstance(node, Scalar) and node.is_empty and isinstance(slot.parent, Mapping):
        return [edit_flow.value_start_text(source, slot.parent, slot.index, new)]
    return [Splice(source.content_start(node), node.end, new)]


def _first_key(source: Source, key: str, value: Data, style: Style) -> str:
    """Into a file that has only comments, or nothing."""
    at = len(source.text)
    splices = whole_lines(source, at, at, pair(key, value, 0, layout_for(source, value, [], style)))
    return _done(source, splices, {key: value}, ())


# -- what may not change


def _refuse_shared_value(source: Source, slot: Slot, path: Place) -> None:
    if isinstance(slot.node, Mapping | Sequence | Scalar):
        source.refuse_shared(slot.node, path)
    source.refuse_loss(slot.node, path)


def _refuse_key_loss(source: Source, slot: Slot, path: Place) -> None:
    if isinstance(slot.parent, Mapping):
        source.refuse_loss(slot.parent.pairs[slot.index][0], path)


def _is_merged_too(node: Mapping, key: str) -> bool:
    merged = [
        value
        for name, value in node.pairs
        if isinstance(name, Scalar) and name.text == "<<" and not name.style
    ]
    sources = [s for m in merged for s in (m.items if isinstance(m, Sequence) else [m])]
    targets = [getattr(s, "target", s) for s in sources]
    return any(isinstance(t, Mapping) and key in t.lookup for t in targets)


# -- what must have changed


def _at(data: Data, path: Place) -> Data:
    for step in path:
        data = data[step]
    return data


def _changed(data: Data, path: Place, change: Callable[[Data, str | int], object]) -> Data:
    """A copy of the data with `change` made to the collection that holds the last step of `path`."""
    box = {"": copy.deepcopy(data)}
    steps: Place = ("", *path)
    holder: Data = box
    for step in steps[:-1]:
        holder = holder[step]
    change(holder, steps[-1])
    return box[""]


def _assign(holder: Data, step: str | int, value: Data) -> None:
    holder[step] = value


def _insert(holder: Data, key: str, value: Data, after: str | None) -> None:
    holder.pop(key, None)  # one that << brings
    pairs = list(holder.items())
    place = len(pairs) if after is None else list(holder).index(after) + 1
    holder.clear()
    holder.update([*pairs[:place], (key, value), *pairs[place:]])


def _same(one: Data, other: Data, *, ordered: bool = True) -> bool:
    """Strict: 1 is not true, and the order of keys counts."""
    return json.dumps(one, sort_keys=not ordered) == json.dumps(other, sort_keys=not ordered)


def _done(source: Source, splices: list[Splice], expected: Data, path: Place) -> str:
    new = spliced(source.text, splices)
    document = read_yaml(new, source.file)
    if document.broken or not _same(document.data, expected, ordered=not source.has_merges()):
        raise WatchbillError(
            f"the edit of {source.name(path)} would change more than asked for, so nothing was changed",
            remedy="edit it by hand, and please report it with the lines around it",
        )
    return new
