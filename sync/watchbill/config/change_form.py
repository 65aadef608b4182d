"""Between `from`, `crew`, `first` and the first entry of `crews`: the lines move, and move back byte for byte."""

from __future__ import annotations

import re

from watchbill.config.edit import EditRefused, remove
from watchbill.config.edit_habits import layout_for
from watchbill.config.edit_source import Source
from watchbill.config.edit_splice import Splice, spliced
from watchbill.config.yaml_data import Data
from watchbill.config.yaml_nodes import Mapping, Node, Scalar, Sequence
from watchbill.findings import Place

NOTE = "# each crew from its date on"
"""Beside `crews`, where it came out of the usual form."""
ALWAYS = "# since ever"
"""Beside a `from` that the usual form did not have."""
EVER = ", the first since ever"
"""The same, where a rotation stands in braces."""
ASIDE = "# in crews: "
"""Before a line that stood apart from `crew`, so that it finds back."""
KEYS = ("from", "crew", "first")


def dated_form(text: str, path: Place, *, anchor: str | None = None, file: str = "") -> str:
    """`anchor`: the `from` of a rotation that has none."""
    source = Source(text, file)
    node = source.slot(path).node
    if not isinstance(node, Mapping):
        raise EditRefused(f"{source.name(path)} is not a mapping", remedy="check the name")
    source.refuse_shared(node, path)
    own = _own(node)
    if "crew" not in own or source.asks(node):
        raise EditRefused(
            f"the crew of {source.name(path)} is written in a form that only a human can edit well",
            remedy="write from, crew and first out in the rotation itself",
        )
    extra = _absent(source.document.data, path, own, anchor)
    return _flow_dated(source, node, path, extra) if node.flow else _block_dated(source, node, path, extra)


def usual_form(text: str, path: Place, *, file: str = "") -> str:
    """The text as it is where `crews` has several entries, or did not come out of the usual form."""
    source = Source(text, file)
    node = source.slot(path).node
    crews = source.slot((*path, "crews"))
    entries = crews.node
    if not isinstance(node, Mapping) or not isinstance(entries, Sequence) or len(entries.items) != 1:
        return text
    entry = entries.items[0]
    if not isinstance(entry, Mapping) or not {*_own(entry)} <= {"from", "order", "first"}:
        return text
    if node.flow:
        return _flow_usual(source, node, crews.index, entries, entry)
    return _block_usual(source, node, crews.index, entry)


def _own(node: Mapping) -> dict[str, int]:
    """Keys that stand in this mapping itself -> which pair."""
    return {key.text: i for i, (key, _) in enumerate(node.pairs) if isinstance(key, Scalar)}


def _absent(data: Data, path: Place, own: dict[str, int], anchor: str | None) -> dict[str, str]:
    """What the first entry must say and the mapping does not: it comes by a merge, or was never needed."""
    for step in path:
        data = data[step]
    found = {key: str(data[key]) for key in ("from", "first") if key not in own and data.get(key) is not None}
    if anchor is not None:
        found["from"] = anchor
    return found


def _group(own: dict[str, int]) -> tuple[list[str], list[str]]:
    """(keys beside `crew`, in order; keys that stand elsewhere)"""
    wanted = {own[key]: key for key in KEYS if key in own}
    low = high = own["crew"]
    while low - 1 in wanted:
        low -= 1
    while high + 1 in wanted:
        high += 1
    near = [wanted[i] for i in range(low, high + 1)]
    return near, [key for key in wanted.values() if key not in near]


def _renamed(source: Source, key: Node, old: str, new: str, start: int, end: int) -> str:
    """text[start:end] with one key renamed, its quotes kept."""
    said = source.text[key.start : key.end]
    if said.strip("\"'") != old:
        raise EditRefused(f"the key {said} cannot be renamed", remedy=f"write it as {old}")
    return source.text[start : key.start] + said.replace(old, new) + source.text[key.end : end]


# -- blocks


def _block_dated(source: Source, node: Mapping, path: Place, extra: dict[str, str]) -> str:
    own = _own(node)
    near, far = _group(own)
    for key in (*near, *far):
        pair = node.pairs[own[key]]
        whole = key in near or source.next_line(pair[0].start) == source.after(pair[1])
        if not source.begins_line(pair[0].start) or not whole:
            raise EditRefused(
                f"{source.name((*path, key))} is written in a form that only a human can edit well",
                remedy="write it on a line of its own",
            )
    first, last = node.pairs[own[near[0]]], node.pairs[own[near[-1]]]
    column = source.column(first[0].start)
    start, end = source.line_start(first[0].start), source.after(last[1])
    body = _renamed(source, node.pairs[own["crew"]][0], "crew", "order", start, end).splitlines(keepends=True)
    said = {key: f"{value} {ALWAYS}" for key, value in extra.items()}
    for key in far:
        value = node.pairs[own[key]][1]
        said[key] = source.text[value.start : value.end]
    added = {key: f"{' ' * column}{key}: {value}{source.newline}" for key, value in said.items()}
    if "first" in added and not body[-1].endswith(("\n", "\r")):
        body[-1] += source.newline
        added["first"] = added["first"].removesuffix(source.newline)
    body = [*filter(None, [added.get("from")]), *body, *filter(None, [added.get("first")])]
    wide = layout_for(source, [{}], [], "auto").dash + 2
    lines = [" " * wide + line if line.strip() else line for line in body]
    lines[0] = " " * (column + wide - 2) + "- " + lines[0][column + wide :]
    head = f"{' ' * column}crews: {NOTE}{source.newline}"
    aside = [Splice(at, at, ASIDE) for at in (node.pairs[own[key]][0].start for key in far)]
    return spliced(source.text, [*aside, Splice(start, end, head + "".join(lines))])


def _block_usual(source: Source, node: Mapping, index: int, entry: Mapping) -> str:
    key = node.pairs[index][0]
    noted = source.text[key.end : source.line_end(key.start)] == f": {NOTE}"
    start, end = source.next_line(key.start), source.after(entry)
    if not noted or entry.flow or source.line_start(entry.pairs[0][0].start) != start:
        return source.text
    column = source.column(key.start)
    wide = source.column(entry.pairs[0][0].start) - column
    body = _renamed(source, entry.pairs[_own(entry)["order"]][0], "order", "crew", start, end)
    lines = body.replace("- ", "  ", 1).splitlines(keepends=True)
    lines = [line[wide:] if line.strip() else line for line in lines]
    ended = lines[-1].endswith(("\n", "\r"))
    lines = [line for line in lines if not line.rstrip().endswith(f" {ALWAYS}")]
    back = []
    for name in ("from", "first"):
        aside = re.compile(rf"(?:(?<=[\r\n])|\A) {{{column}}}({ASIDE})[\"']?{name}[\"']?:")
        found = aside.search(source.text, *_around(source, node))
        if found is not None:
            back.append(Splice(*found.span(1), ""))
            lines = [line for line in lines if not line.startswith(f"{' ' * column}{name}:")]
    if not ended:
        lines[-1] = lines[-1].rstrip("\r\n")
    return spliced(source.text, [*back, Splice(source.line_start(key.start), end, "".join(lines))])


def _around(source: Source, node: Mapping) -> tuple[int, int]:
    """A block and the comments right above and below it."""
    lines = [m.span() for m in re.finditer(r"[^\r\n]*(?:\r\n|\r|\n|\Z)", source.text)]
    quiet = re.compile(r"\s*(?:#.*)?\s*\Z")
    start, end = source.line_start(node.start), source.after(node)
    for line in reversed([line for line in lines if line[1] <= start]):
        if not quiet.match(source.text[slice(*line)]):
            break
        start = line[0]
    for line in (line for line in lines if line[0] >= end):
        if not quiet.match(source.text[slice(*line)]):
            break
        end = line[1]
    return start, end


# -- braces


def _flow_dated(source: Source, node: Mapping, path: Place, extra: dict[str, str]) -> str:
    own = _own(node)
    near, far = _group(own)
    if far:
        value = node.pairs[own[far[0]]][1]
        extra = {**extra, far[0]: source.text[value.start : value.end]}
        text = remove(source.text, (*path, far[0]), file=source.file)
        again = Source(text, source.file)
        return _flow_dated(again, _mapping(again, path), path, extra)
    start, end = node.pairs[own[near[0]]][0].start, node.pairs[own[near[-1]]][1].end
    inside = _renamed(source, node.pairs[own["crew"]][0], "crew", "order", start, end)
    if "from" in extra:
        inside = f"from: {extra['from']}, {inside}"
    if "first" in extra:
        inside = f"{inside}, first: {extra['first']}"
    note = []
    if source.ends_line(node.end):
        at = source.line_end(node.end)
        words = NOTE + (EVER if "from" in extra and "from" not in own else "")
        words = f"({words[2:]})" if "#" in source.text[node.end : at] else words
        note = [Splice(at, at, f" {words}")]
    return spliced(source.text, [Splice(start, end, f"crews: [{{{inside}}}]"), *note])


def _flow_usual(source: Source, node: Mapping, index: int, entries: Sequence, entry: Mapping) -> str:
    inside = _renamed(
        source, entry.pairs[_own(entry)["order"]][0], "order", "crew", entry.start + 1, entry.end - 1
    )
    note = []
    if source.ends_line(node.end):
        at = source.line_end(node.end)
        rest = source.text[node.end : at]
        found = re.search(rf" (?:{NOTE}|\({NOTE[2:]})({EVER})?\)?\Z", rest)
        if found is None:
            return source.text
        note = [Splice(node.end + found.start(), at, "")]
        if found[1]:
            inside = inside.partition(", ")[2]
    return spliced(source.text, [Splice(node.pairs[index][0].start, entries.end, inside), *note])


def _mapping(source: Source, path: Place) -> Mapping:
    node = source.slot(path).node
    assert isinstance(node, Mapping)
    return node
