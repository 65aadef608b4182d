"""A YAML text opened for editing: its nodes, its punctuation, and what may be touched.

All positions are offsets into the text.  "After" a node is where the next line begins: behind the comment on its
last line, before comments and blank lines below it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from ruamel.yaml.tokens import AnchorToken, BlockEntryToken, FlowEntryToken, KeyToken, ValueToken

from watchbill.config.edit_dump import Layout
from watchbill.config.edit_errors import EditRefused
from watchbill.config.edit_habits import indented_like
from watchbill.config.lines import quoted
from watchbill.config.yaml_nodes import Alias, Mapping, Node, Scalar, Sequence, is_merge, walk
from watchbill.config.yaml_reader import read_yaml
from watchbill.config.yaml_stream import tokens
from watchbill.errors import PolicyInvalid
from watchbill.findings import Place
from watchbill.model.places import inside

_BLANK_REST = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?=[\r\n]|\Z)")
_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value is: its node, the collection that holds it, its index there."""

    node: Node
    parent: Mapping | Sequence | None = None
    index: int = 0
    in_flow: bool = False


class Source:
    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.document = read_yaml(text, file)
        if self.document.broken:
            raise PolicyInvalid(
                f"{file or 'the file'} has errors and cannot be edited",
                self.document.findings,
                remedy="mend these first; `watchbill check` shows them all",
            )
        self.lines = self.document.lines
        self.shift = 1 if text.startswith("\ufeff") else 0
        self._read_punctuation()
        self.aliases = (
            [n for n in walk(self.document.root) if isinstance(n, Alias)] if self.document.root else []
        )
        self.newline = self._newline()
        self.closed = len(text) == self.shift or text.endswith(("\n", "\r"))

    @cached_property
    def layout(self) -> Layout:
        """As most of the file has it."""
        layout = Layout(newline=self.newline, closed=self.closed)
        return indented_like(self, self.document.root, layout) if self.document.root else layout

    def _read_punctuation(self) -> None:
        self.dashes: list[int] = []
        self.commas: list[int] = []
        self.colons: list[int] = []
        self.questions: list[int] = []
        self.anchor_ends: dict[int, int] = {}
        kept = {BlockEntryToken: self.dashes, FlowEntryToken: self.commas, ValueToken: self.colons}
        for token in tokens(self.text[self.shift :]):
            start, end = token.start_mark.index + self.shift, token.end_mark.index + self.shift
            if type(token) in kept:
                if end > start:
                    kept[type(token)].append(start)
            elif type(token) is KeyToken and end > start:
                self.questions.append(start)
            elif type(token) is AnchorToken:
                self.anchor_ends[start] = end

    # -- lines

    def line_start(self, at: int) -> int:
        start = max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1
        return max(start, self.shift)

    def line_end(self, at: int) -> int:
        match = _BREAK.search(self.text, at)
        return match.start() if match else len(self.text)

    def next_line(self, at: int) -> int:
        match = _BREAK.search(self.text, at)
        return match.end() if match else len(self.text)

    def column(self, at: int) -> int:
        return at - self.line_start(at)

    def begins_line(self, at: int) -> bool:
        return not self.text[self.line_start(at) : at].strip(" \t")

    def ends_line(self, at: int) -> bool:
        """Nothing but blanks and a comment follows."""
        return _BLANK_REST.match(self.text, at) is not None

    # -- nodes

    def content_start(self, node: Node) -> int:
        """Behind the anchor, if there is one."""
        if isinstance(node, Alias) or not node.anchor:
            return node.start
        end = self.anchor_ends[node.start]
        if isinstance(node, Scalar) and node.is_empty:
            return end
        if isinstance(node, Mapping | Sequence) and not node.flow:
            return self.first(node)
        gap = re.compile(r"(?:[ \t\r\n]|(?<=[ \t\r\n])#[^\r\n]*)*").match(self.text, end)
        return gap.end() if gap else end

    def first(self, node: Mapping | Sequence) -> int:
        """Where the first key or dash of a block stands."""
        return node.pairs[0][0].start if isinstance(node, Mapping) else self.dash(node, 0)

    def end(self, node: Node) -> int:
        """Behind the last character that says something; behind the line for some text blocks."""
        if isinstance(node, Mapping | Sequence) and not node.flow:
            return self.end(node.pairs[-1][1] if isinstance(node, Mapping) else node.items[-1])
        if isinstance(node, Scalar) and node.style in ("|", ">"):
            return node.end if self._blanks_count(node) else node.start + len(self._trimmed(node))
        return node.end

    def after(self, node: Node) -> int:
        end = self.end(node)
        if end > 0 and self.text[end - 1] in "\r\n" and end > node.start:
            return end
        return self.next_line(end)

    def beyond(self, node: Node, column: int) -> int:
        """After a node of a block in that column, with the comments below that are indented into the node.

        Left behind, such a comment could become a line of a text block before it.
        """
        at = best = self.after(node)
        while at < len(self.text):
            line = self.text[at : self.line_end(at)]
            words = line.lstrip(" \t")
            if words and (words[0] != "#" or len(line) - len(words) <= column):
                break
            at = self.next_line(at)
            best = at if words else best
        return best

    def _trimmed(self, node: Scalar) -> str:
        return self.text[node.start : node.end].rstrip(" \t\r\n")

    def ends_in_blanks(self, node: Node) -> bool:
        """Blank lines after the node are a part of it."""
        while isinstance(node, Mapping | Sequence) and not node.flow:
            node = node.pairs[-1][1] if isinstance(node, Mapping) else node.items[-1]
        return isinstance(node, Scalar) and node.style in ("|", ">") and self._blanks_count(node)

    def _blanks_count(self, node: Scalar) -> bool:
        """Blank lines at the end of the text block are part of its text."""
        header = self.text[node.start : self.line_end(node.start)].split("#")[0]
        return "+" in header or node.text.rstrip("\n") != node.text.rstrip()

    def dash(self, node: Sequence, index: int) -> int:
        item = node.items[index]
        return self.dashes[bisect_left(self.dashes, item.start) - 1]

    def colon(self, key: Node) -> int | None:
        i = bisect_left(self.colons, key.end)
        if i == len(self.colons):
            return None
        between = self.text[key.end : self.colons[i]]
        return self.colons[i] if not re.sub(r"#[^\r\n]*", "", between).strip() else None

    def asks(self, node: Mapping) -> bool:
        """Some key is written with a question mark before it."""
        return any(
            self.questions and not self.text[q + 1 : key.start].strip()
            for key, _ in node.pairs
            for q in self.questions[max(0, bisect_left(self.questions, key.start) - 1) :][:1]
            if q < key.start
        )

    # -- where things are

    def slot(self, path: Place) -> Slot:
        """Refuses what is not there, and what is written in another place."""
        if self.document.root is None:
            raise EditRefused(f"{self.name(path)} is not there", remedy="check the name")
        slot = Slot(self.document.root)
        for depth, step in enumerate(path):
            self.refuse_shared(slot.node, path[:depth])
            slot = self._step(slot, step, path[: depth + 1])
        return slot

    def _step(self, slot: Slot, step: str | int, path: Place) -> Slot:
        node = slot.node
        if isinstance(node, Mapping):
            for index, (_, value) in enumerate(node.pairs):
                if node.lookup.get(str(step), (None, None))[1] is value:
                    return Slot(value, node, index, slot.in_flow or node.flow)
            if str(step) in node.lookup:
                line = self.lines.number(node.lookup[str(step)][0].start)
                raise EditRefused(
                    f"{self.name(path)} is taken over from line {line} by <<",
                    remedy="change it there, or write the key out here by hand",
                )
        elif isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
            return Slot(node.items[step], node, step, slot.in_flow or node.flow)
        raise EditRefused(f"{self.name(path)} is not there", remedy="check the name")

    def name(self, path: Place) -> str:
        where = f" in {self.file}" if self.file else ""
        return quoted(inside("", path) or "the whole file", 200) + where

    # -- what may be touched

    def refuse_shared(self, node: Node, path: Place) -> None:
        """A change inside `node` must not show anywhere else."""
        if isinstance(node, Alias):
            line = self.lines.number(node.target.start)
            raise EditRefused(
                f"{self.name(path)} is *{node.name}: a change would also change line {line}",
                remedy="write the value out here by hand first",
            )
        users = [a for a in self.aliases if a.target is node]
        if users:
            lines = ", ".join(str(self.lines.number(a.start)) for a in users[:5])
            raise EditRefused(
                f"{self.name(path)} is &{node.anchor}: a change would also change line {lines}",
                remedy=f"write the value out where *{node.anchor} stands, by hand, first",
            )

    def refuse_loss(self, node: Node, path: Place) -> None:
        """Nothing that is used elsewhere may go away with `node`."""
        inside = {id(n): n for n in walk(node)}
        for alias in self.aliases:
            if id(alias) not in inside and id(alias.target) in inside:
                raise EditRefused(
                    f"{self.name(path)} holds &{alias.name}, used in line {self.lines.number(alias.start)}",
                    remedy=f"write the value out where *{alias.name} stands, by hand, first",
                )

    def has_merges(self) -> bool:
        root = self.document.root
        return root is not None and any(
            isinstance(n, Mapping) and any(is_merge(k) for k, _ in n.pairs) for n in walk(root)
        )

    def _newline(self) -> str:
        found = Counter(_BREAK.findall(self.text))
        return max(found, key=lambda b: (found[b], b)) if found else "\n"
