"""YAML that is valid and says something else than the writer thinks (https://yaml.org/spec/1.2.2, and 1.1 readers)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from watchbill.config.lines import quoted
from watchbill.config.yaml_compose import Composed
from watchbill.config.yaml_nodes import Mapping, Node, Scalar, Sequence
from watchbill.config.yaml_problem import Problem
from watchbill.config.yaml_scalars import misread
from watchbill.findings import Severity

RULE = "yaml-trap"

_EATEN = re.compile(r"[ \t]+(#(?=[^\s#!])[^\r\n]*)")
_SWALLOWED = re.compile(r"[\r\n][ \t]*- ")
_ONE_WORD = re.compile(r"#[\w./-]+\s*\Z")
_ONE_TEXT = {
    *("name", "title", "description", "email", "slack", "github", "phone", "channel", "portal", "status"),
    *("priority_line", "account_manager", "primary", "backup", "purpose", "use_when", "reason", "author"),
    *("changes", "organization"),
}
_FORM_WORDS = {
    "name",
    "phone",
    "email",
    "number",
    "tbd",
    "todo",
    "contact",
    "manager",
    "url",
    "channel",
    "date",
}


def traps(composed: Composed, text: str) -> Iterator[Problem]:
    for scalar in composed.scalars:
        if scalar.style:
            continue
        if scalar.is_empty:
            yield from _empty(scalar, text)
        elif _SWALLOWED.search(text, scalar.start, scalar.end):
            message = "this text goes on over the next line, which looks like a list item"
            hint = "put the list under a key of its own; if it is one text, put it in quotes"
            yield Problem(RULE, message, hint, scalar.start, scalar.end)
        elif odd := misread(scalar.text):
            message = f"{quoted(scalar.text)} is text here, but other YAML tools {odd[0]}"
            yield Problem(RULE, message, odd[1], scalar.start, scalar.end, "warning")
    for mapping in composed.mappings:
        for key, value in mapping.pairs:
            yield from _pair(mapping, key, value, text)


def _empty(scalar: Scalar, text: str) -> Iterator[Problem]:
    """`channel: #db` and `name: &ops` are null."""
    eaten = _EATEN.match(text, scalar.end)
    if eaten:
        comment = eaten.group(1).rstrip()
        severity: Severity = "error" if _ONE_WORD.match(comment) else "warning"
        yield Problem(
            RULE,
            f"nothing stands here: {quoted(comment)} is a comment",
            f'if it is the value, put it in quotes: "{comment}"; if it is a comment, put a space after the #',
            eaten.start(1),
            eaten.start(1) + len(comment),
            severity,
        )
    elif scalar.anchor:
        hint = f'if it is a text, put it in quotes: "&{scalar.anchor}"'
        message = f"&{scalar.anchor} names an empty value"
        yield Problem(RULE, message, hint, scalar.start, scalar.end, "warning")


def _pair(mapping: Mapping, key: Node, value: Node, text: str) -> Iterator[Problem]:
    if mapping.flow and isinstance(value, Scalar) and value.is_empty and isinstance(key, Scalar):
        yield from _no_value(key, value, text)
    if isinstance(value, Sequence) and value.flow and isinstance(key, Scalar):
        yield from _listed(key.text, value)


def _no_value(key: Scalar, value: Scalar, text: str) -> Iterator[Problem]:
    """In `{P1: Critical impact, production down}` the comma ends the text."""
    if key.style or ":" in text[key.end : max(value.end, key.end)]:
        return
    if ":" in key.text:
        hint = "put a space after the colon"
    else:
        hint = 'a comma inside {...} begins a new key: put the whole text in quotes: "..., ..."'
    yield Problem(RULE, f"{quoted(key.text)} is a key without a value", hint, key.start, key.end, "warning")


def _listed(key: str, value: Sequence) -> Iterator[Problem]:
    """`name: [Name]` is a list of one; a comma in `[Tell them, then wait]` splits."""
    words = [
        i.text for i in value.items if isinstance(i, Scalar) and not i.style and isinstance(i.value, str)
    ]
    if len(words) != len(value.items) or not words:
        return
    first = words[0].split(maxsplit=1)[0].lower() if words[0] else ""
    if len(words) == 1 and (key in _ONE_TEXT or (first in _FORM_WORDS and words[0][:1].isupper())):
        hint = f'write `{key}: placeholder` if it is not known yet, or put the text in quotes: "[{words[0]}]"'
        message = f"[{words[0]}] is a list with one item, not a text"
        yield Problem(RULE, message, hint, value.start, value.end, "warning")
    elif (
        " " in words[0]
        and words[0][:1].isupper()
        and any(w.startswith(("and ", "or ", "then ")) for w in words[1:])
    ):
        hint = 'a comma inside [...] separates items: put a text with a comma in quotes: "..., ..."'
        message = f"this list has {len(words)} items"
        yield Problem(RULE, message, hint, value.start, value.end, "warning")
