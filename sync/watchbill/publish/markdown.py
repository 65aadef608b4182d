"""Blocks as GitHub-flavoured Markdown.  Whatever the policy says is text: never markup, a tag or a link.

Only what would be markup is escaped, so that the file also reads well as it is; no invisible characters, since
people copy from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from watchbill.publish.blocks import (
    Arrow,
    Block,
    Box,
    Code,
    Drawing,
    Entry,
    Heading,
    Items,
    Link,
    Listing,
    Paragraph,
    Part,
    Strong,
    Table,
    Words,
)
from watchbill.report.safe import plain

_MARKUP = re.compile(
    r"[\\`*|~$]"
    r"|(?<!\w)_|_(?!\w)"
    r"|<(?=[A-Za-z/!?])"
    r"|&(?=#?\w+;)"
    r"|\](?=[(\[:])"
    r"|!(?=\[)"
)
_LEADING = re.compile(
    r"\s*(?:(?=>)|(?=[-+](?:\s|$))|(?=#{1,6}(?:\s|$))|(?=[-=]+\s*$)|\d{1,9}(?=[.)](?:\s|$)))"
)
_FENCE = re.compile(r"`{3,}")


def markdown(blocks: Iterable[Block]) -> str:
    return "\n\n".join(_block(block) for block in blocks) + "\n"


def escape(text: str) -> str:
    """Within a line."""
    return _MARKUP.sub(lambda found: f"\\{found[0]}", plain(text))


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {escape(block.text)}"
        case Paragraph():
            return _line(block.words)
        case Table():
            return _table(block)
        case Items():
            return _items(block)
        case Listing():
            return _listing(block)
        case Drawing():
            return f"```mermaid\n{mermaid(block)}\n```"


def _line(words: Words) -> str:
    """At the start of a line more is markup than within one."""
    text = _words(words)
    found = _LEADING.match(text)
    return f"{text[: found.end()]}\\{text[found.end() :]}".lstrip() if found else text.lstrip()


def _words(words: Words) -> str:
    return "".join(_part(part) for part in words)


def _part(part: Part) -> str:
    match part:
        case Strong():
            return f"**{escape(part.text).strip()}**" if part.text.strip() else ""
        case Code():
            return _code(plain(part.text))
        case Link():
            return f"[{escape(part.text)}](#{part.anchor})"
        case str():
            return escape(part)


def _code(text: str) -> str:
    """Longer ticks than any inside; a pipe would end a table's cell even here."""
    ticks = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    gap = " " if "`" in text else ""
    return f"{ticks}{gap}{text}{gap}{ticks}".replace("|", r"\|")


def _table(table: Table) -> str:
    lines = [_row(escape(name) for name in table.head), _row("---" for _ in table.head)]
    return "\n".join([*lines, *(_row(_words(cell) for cell in row) for row in table.rows)])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _items(block: Items) -> str:
    return "\n".join(
        _entry(entry, f"{number}." if block.ordered else "-")
        for number, entry in enumerate(block.entries, start=1)
    )


def _entry(entry: Entry, sign: str) -> str:
    indent = " " * (len(sign) + 1)
    text = f"{sign} {_line(entry.words)}"
    for inner in entry.blocks:
        told = "\n".join(f"{indent}{line}" if line else "" for line in _block(inner).split("\n"))
        text += f"\n{told}" if isinstance(inner, Items) else f"\n\n{told}\n"
    return text


def _listing(block: Listing) -> str:
    lines = [plain(line) for line in block.text.rstrip("\n").split("\n")]
    longest = max((len(run) for line in lines for run in _FENCE.findall(line)), default=2)
    fence = "`" * (longest + 1)
    return "\n".join([f"{fence}{block.language}", *lines, fence])


_ENTITIES = {'"': "#quot;", "#": "#35;", "<": "#lt;", "&": "#amp;", "`": "#96;", "\\": "#92;"}


def mermaid(drawing: Drawing) -> str:
    return "\n".join(
        [
            "flowchart TD",
            *(f"  {_id(number)}{_shape(box)}" for number, box in enumerate(drawing.boxes)),
            *(_arrow(arrow) for arrow in drawing.arrows),
        ]
    )


def _id(number: int) -> str:
    return f"step{number + 1}"


def _shape(box: Box) -> str:
    label = _label(box.label) + (f"<br>{_label(box.who)}" if box.who else "")
    return f'(["{label}"])' if box.happens else f'["{label}"]'


def _arrow(arrow: Arrow) -> str:
    label = f'|"{_label(arrow.label)}"|' if arrow.label else ""
    return f"  {_id(arrow.source)} -->{label} {_id(arrow.target)}"


def _label(text: str) -> str:
    """Mermaid's own entities: https://mermaid.js.org/syntax/flowchart.html, special characters."""
    return "".join(_ENTITIES.get(character, character) for character in plain(text))
