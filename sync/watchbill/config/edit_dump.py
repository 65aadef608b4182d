"""Plain data to YAML for new fragments: quoted only where needed, so that every YAML tool reads the same text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from watchbill.config.edit_errors import EditRefused
from watchbill.config.lines import quoted
from watchbill.config.yaml_data import Data
from watchbill.config.yaml_scalars import misread, plain_value
from watchbill.config.yaml_stream import refused_character

Style = Literal["auto", "flow", "block"]
"""auto: a block, with short lists of words in brackets inside it."""

SHORT = 60
LONGEST_KEY = 1_000  # YAML allows 1,024 characters before the colon

_BLOCK_PLAIN = re.compile(r"[\w(/.+$][^\x00-\x1f#]*\Z")
_FLOW_PLAIN = re.compile(
    r"[\w(/.+$][^\x00-\x1f#,\[\]{}?:\"']*(?:(?<=[0-9]):(?=[0-9])[^\x00-\x1f#,\[\]{}?:\"']*)*\Z"
)
_INNER = re.compile(r":(?:\s|\Z)|\s\Z|[^\S ]")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is laid out: `step` columns per level, list dashes `dash` columns right of their key.

    `closed`: the last line ends in a line break; without it a text block there would lose its own.
    """

    style: Style = "auto"
    step: int = 2
    dash: int = 2
    newline: str = "\n"
    closed: bool = True


def dump_fragment(value: Data, indent: int = 0, style: Style = "auto", newline: str = "\n") -> str:
    """YAML for `value`, without a line break at the end.

    The first line is meant to stand in column `indent` already; the lines after it bring their own indentation.
    """
    layout = Layout(style, newline=newline)
    if style == "flow" or is_inline(value, layout):
        return inline(value, flow=style == "flow")
    return newline.join(block(value, indent, layout))


def is_inline(value: Data, layout: Layout) -> bool:
    """Scalars of one line and empty collections have no block form."""
    return not value if isinstance(value, Mapping | list) else not literal(value, layout)


def inline(value: Data, *, flow: bool, quote: str = "") -> str:
    if isinstance(value, Mapping):
        return (
            "{"
            + ", ".join(f"{key_text(k, flow=True)}: {inline(v, flow=True)}" for k, v in value.items())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(inline(item, flow=True) for item in value) + "]"
    return scalar(value, flow=flow, quote=quote)


def block(value: Data, indent: int, layout: Layout) -> list[str]:
    """The lines of a block; the first one without indentation, the others with it."""
    if isinstance(value, Mapping) and value:
        lines = [line for key, item in value.items() for line in pair(key, item, indent, layout)]
    elif isinstance(value, list) and value:
        lines = [line for entry in value for line in item_lines(entry, indent, layout)]
    else:
        head, body = held(value, indent, layout)
        return [head, *body]
    return [lines[0][indent:], *lines[1:]]


def pair(key: str, value: Data, indent: int, layout: Layout) -> list[str]:
    """`key: value` and its lines, all with their indentation."""
    head, body = held(value, indent, layout)
    return [f"{' ' * indent}{key_text(key, flow=False)}:{' ' if head else ''}{head}", *body]


def item_lines(value: Data, indent: int, layout: Layout) -> list[str]:
    lead = f"{' ' * indent}- "
    if layout.style == "flow" or is_inline(value, layout) or _fits(value, layout) or literal(value, layout):
        head, body = held(value, indent, layout)
        return [lead + head, *body]
    first, *rest = block(value, indent + 2, layout)
    return [lead + first, *rest]


def held(value: Data, indent: int, layout: Layout) -> tuple[str, list[str]]:
    """What follows `key:` on its line, and the lines below it; `indent` is the column of the key or dash."""
    text = literal(value, layout)
    if text and layout.style != "flow":
        mark, *body = text
        deeper = " " * (indent + layout.step)
        return mark, [deeper + line if line else "" for line in body]
    if layout.style == "flow" or is_inline(value, layout) or _fits(value, layout):
        return inline(value, flow=layout.style == "flow"), []
    deeper_by = layout.dash if isinstance(value, list) else layout.step
    first, *rest = block(value, indent + deeper_by, layout)
    return "", [" " * (indent + deeper_by) + first, *rest]


def _fits(value: Data, layout: Layout) -> bool:
    """A short list of words is written in brackets."""
    if layout.style != "auto" or not isinstance(value, list):
        return False
    return not any(isinstance(v, Mapping | list) for v in value) and len(inline(value, flow=True)) <= SHORT


def key_text(key: str, *, flow: bool) -> str:
    text = scalar(key, flow=flow) if key != "<<" else '"<<"'
    if isinstance(plain_value(key), str) or not key:
        shown = text
    else:
        shown = key if re.fullmatch(r"[0-9]+", key) else text
    if len(shown) > LONGEST_KEY:
        raise EditRefused(f"{quoted(key)} is too long for a key", remedy="use a shorter name")
    return shown


def scalar(value: Data, *, flow: bool, quote: str = "") -> str:
    """`quote`: the quotes to use, if they can hold the text; by default only what needs them gets any."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        text = str(value)
        if plain_value(text) != value:
            raise EditRefused(f"{text[:30]} is too large a number", remedy="write it as text")
        return text
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} has no YAML form here")
    return _text(value, flow=flow, quote=quote)


def _text(text: str, *, flow: bool, quote: str) -> str:
    if refused_character(text) is not None:
        raise EditRefused(f"{quoted(text)} has a character that no policy may hold", remedy="delete it")
    printable = _is_printable(text)
    if not quote and printable and _is_plain(text, flow=flow):
        return text
    if printable and (quote == "'" or (not quote and ('"' in text or "\\" in text))):
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(_escaped(text)) + '"'


def _is_plain(text: str, *, flow: bool) -> bool:
    shape = _FLOW_PLAIN if flow else _BLOCK_PLAIN
    if not shape.match(text) or _INNER.search(text):
        return False
    return isinstance(plain_value(text), str) and misread(text) is None and not text.startswith("...")


def _is_printable(text: str) -> bool:
    return text.isprintable() and refused_character(text) is None


def _escaped(text: str) -> Iterator[str]:
    for c in text:
        if c in _ESCAPES:
            yield _ESCAPES[c]
        elif _is_printable(c):
            yield c
        else:
            code = ord(c)
            yield (
                f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
            )


def literal(value: Any, layout: Layout) -> list[str]:
    """The mark and the lines of a text block (|), or [] where quotes are the better form."""
    if not isinstance(value, str) or "\n" not in value or (value.endswith("\n") and not layout.closed):
        return []
    body = value.removesuffix("\n")
    lines = body.split("\n")
    fits = all(_is_printable(line) and line == line.rstrip() for line in lines)
    if not fits or not lines[0] or lines[0].startswith(" ") or not lines[-1]:
        return []
    return ["|" if value.endswith("\n") else "|-", *lines]
