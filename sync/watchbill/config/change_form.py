"""Between `from`, `crew`, `first` and the first entry of `crews`: the lines move, and move back byte for byte."""

from __future__ import annotations

import re

from watchbill.config.edit import EditRefused, remove
from watchbill.config.edit_flow import insert_part
from watchbill.config.edit_habits import layout_for
from watchbill.config.edit_source import Source
from watchbill.config.edit_splice import Splice, spliced
from watchbill.config.yaml_data import Data
from watchbill.config.yaml_nodes import Mapping, Node, Scalar, Sequence
from watchbill.config.yaml_reader import read_yaml
from watchbill.findings import Place

NOTE = "# each crew from its date on"
"""Beside `crews`, where it came out of the usual form."""
ALWAYS = "# since ever"
"""Beside a `from` that the usual form did not have."""
MERGED = "# as above"
"""Beside a value that came by a merge (<<)."""
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
    new = _flow_dated(source, node, path, extra) if node.flow else _block_dated(source, node, path, extra)
    if not _mean_the_same(text, new, path):
        raise EditRefused(
            f"the crew of {source.name(path)} is written in a form that only a human can edit well",
            remedy="write it as `crews` with one entry by hand, then try again",
        )
    return new


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
        new = _flow_usual(source, path, crews.index, entries, entry)
    else:
        new = _block_usual(source, node, crews.index, entry)
    return new if new == text or _mean_the_same(new, text, path) else text


def _mean_the_same(usual: str, dated: str, path: Place) -> bool:
    """Read again, the two texts differ in the form of this one crew only."""
    documents = [read_yaml(text, "") for text in (usual, dated)]
    if any(document.broken for document in documents):
        return False
    held = [document.data for document in documents]
    for step in path[:-1]:
        held = [data[step] for data in held]
    one, other = (data.pop(path[-1]) for data in held)
    (entry,) = other.pop("crews")
    alike = entry["order"] == one["crew"] and entry.get("first") == one.get("first")
    alike = alike and one.get("from") in (None, entry["from"])
    rest = [{key: value for key, value in spec.items() if key not in KEYS} for spec in (one, other)]
    return alike and rest[0] == rest[1] and documents[0].data == documents[1].data


def _own(node: Mapping) -> dict[str, int]:
    """Keys that stand in this mapping itself -> which pair."""
    return {key.text: i for i, (key, _) in enumerate(node.pairs) if isinstance(key, Scalar)}


def _absent(data: Data, path: Place, own: dict[str, int], anchor: str | None) -> dict[str, str]:
    """What the first entry must say and the mapping does not, with a comment that tells why."""
    for step in path:
        data = data[step]
    absent = [key for key in ("from", "first") if key not in own and data.get(key) is not None]
    found = {key: f"{data[key]} {MERGED}" for key in absent}
    if anchor is not None:
        found["from"] = f"{anchor} {ALWAYS}"
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
    said = dict(extra)
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
    lines = [line for line in lines if not line.rstrip().endswith((f" {ALWAYS}", f" {MERGED}"))]
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
    """Keys that stand apart are taken out; the note tells behind which key each belongs."""
    asides, said = "", {key: value.partition(" #")[0] for key, value in extra.items()}
    near, far = _group(_own(node))
    for key in far:
        own = _own(node)
        value = node.pairs[own[key]][1]
        said[key] = source.text[value.start : value.end]
        before = [k.text for k, _ in node.pairs[: own[key]] if isinstance(k, Scalar)]
        asides += f"; {key} after {before[-1]}" if before else ""
        source = Source(remove(source.text, (*path, key), file=source.file), source.file)
        node = _mapping(source, path)
    own = _own(node)
    start, end = node.pairs[own[near[0]]][0].start, node.pairs[own[near[-1]]][1].end
    inside = _renamed(source, node.pairs[own["crew"]][0], "crew", "order", start, end)
    inside = f"from: {said['from']}, {inside}" if "from" in said else inside
    inside = f"{inside}, first: {said['first']}" if "first" in said else inside
    note = []
    if source.ends_line(node.end):
        at = source.line_end(node.end)
        words = NOTE + asides + "".join(f"; {key} taken along" for key in extra)
        words = f"({words[2:]})" if "#" in source.text[node.end : at] else words
        note = [Splice(at, at, f" {words}")]
    return spliced(source.text, [Splice(start, end, f"crews: [{{{inside}}}]"), *note])


def _flow_usual(source: Source, path: Place, index: int, entries: Sequence, entry: Mapping) -> str:
    node = _mapping(source, path)
    own = _own(entry)
    start, end = entry.start + 1, entry.end - 1
    inside = _renamed(source, entry.pairs[own["order"]][0], "order", "crew", start, end)
    note, asides = [], ""
    if source.ends_line(node.end):
        rest = source.text[node.end : source.line_end(node.end)]
        found = re.search(rf" (?:{NOTE}|\({NOTE[2:]})((?:; \w+ (?:after [\w-]+|taken along))*)\)?\Z", rest)
        if found is None:
            return source.text
        asides = found[1]
        note = [Splice(node.end + found.start(), source.line_end(node.end), "")]
    values = {key: source.text[entry.pairs[i][1].start : entry.pairs[i][1].end] for key, i in own.items()}
    text = spliced(source.text, [Splice(node.pairs[index][0].start, entries.end, inside), *note])
    for key, behind in reversed(re.findall(r"; (\w+) (?:after ([\w-]+)|taken along)", asides)):
        text = remove(text, (*path, key), file=source.file)
        if behind:
            again = Source(text, source.file)
            place = _own(_mapping(again, path))[behind] + 1
            said = f"{key}: {values[key]}"
            text = spliced(text, insert_part(again, _mapping(again, path), place, said, path))
    return text


def _mapping(source: Source, path: Place) -> Mapping:
    node = source.slot(path).node
    assert isinstance(node, Mapping)
    return node
