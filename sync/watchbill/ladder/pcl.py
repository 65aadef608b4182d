"""Conditions of event orchestrations (PCL), as far as watchbill writes them: an evaluator of its own.

`matches` (also part, regex, exactly), `==`, `in`, `exists`, `not`, `and`, `or`, parentheses; paths below `event`
with names, ['odd names'] and [places].  A missing path is nothing, and values of unlike types never match.
Clocks (`now`) and counters (`trigger_count`) are not in it: what they answer is in no event.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from watchbill.regex import BadPattern, Pattern

Event = Mapping[str, Any]
"""PD-CEF: summary, source, severity, custom_details, ..."""
Condition = Callable[[Event], bool]
Path = tuple[str | int, ...]

_TOKENS = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\['\\])*')|(?P<number>-?\d+(?:\.\d+)?(?![\w.]))|(?P<word>\w+)"
    r"|(?P<mark>==|[()\[\].,]))"
)


class NotUnderstood(ValueError):
    """No condition of this subset."""


@lru_cache(maxsize=4096)
def condition(text: str) -> Condition:
    """Raises NotUnderstood."""
    reader = _Reader(text)
    try:
        found = _or(reader)
    except RecursionError:
        raise NotUnderstood("the condition is nested too deeply") from None
    if not reader.is_done:
        raise NotUnderstood(f"{reader.rest()!r} is too much in {text!r}")
    return found


def quoted(text: str) -> str:
    """As a text of a condition."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._at = place = 0
        while text[place:].strip():
            found = _TOKENS.match(text, place)
            if found is None:
                raise NotUnderstood(f"{text[place:].strip()!r} cannot be read")
            self._tokens.append((found.lastgroup or "", found[found.lastgroup or 0]))
            place = found.end()

    @property
    def is_done(self) -> bool:
        return self._at >= len(self._tokens)

    def rest(self) -> str:
        return " ".join(token for _, token in self._tokens[self._at :])

    def take(self, *wanted: str) -> bool:
        """One of these words or marks, letter case ignored."""
        if self.is_done:
            return False
        kind, token = self._tokens[self._at]
        if kind in ("text", "number") or token.lower() not in wanted:
            return False
        self._at += 1
        return True

    def need(self, mark: str) -> None:
        if not self.take(mark):
            raise NotUnderstood(f"{mark!r} is missing before {self.rest() or 'the end'!r}")

    def next(self, *kinds: str) -> tuple[str, str]:
        if self.is_done or self._tokens[self._at][0] not in kinds:
            raise NotUnderstood(f"{' or '.join(kinds)} is missing before {self.rest() or 'the end'!r}")
        self._at += 1
        return self._tokens[self._at - 1]


def _or(reader: _Reader) -> Condition:
    parts = [_and(reader)]
    while reader.take("or"):
        parts.append(_and(reader))
    return lambda event: any(part(event) for part in parts)


def _and(reader: _Reader) -> Condition:
    parts = [_not(reader)]
    while reader.take("and"):
        parts.append(_not(reader))
    return lambda event: all(part(event) for part in parts)


def _not(reader: _Reader) -> Condition:
    if reader.take("not"):
        denied = _not(reader)
        return lambda event: not denied(event)
    if reader.take("("):
        inner = _or(reader)
        reader.need(")")
        return inner
    return _comparison(reader)


def _comparison(reader: _Reader) -> Condition:
    path = _path(reader)
    if reader.take("exists"):
        return lambda event: value_at(event, path) is not None
    if reader.take("matches"):
        return _matches(reader, path)
    if reader.take("=="):
        wanted = _literal(reader)
        return lambda event: _equal(value_at(event, path), wanted)
    if reader.take("in"):
        choices = _choices(reader)
        return lambda event: any(_equal(value_at(event, path), choice) for choice in choices)
    raise NotUnderstood(f"no comparison before {reader.rest() or 'the end'!r}")


def _path(reader: _Reader) -> Path:
    root = reader.next("word")[1]
    if root != "event":
        raise NotUnderstood(f"a path begins with `event`, not {root!r}")
    steps: list[str | int] = []
    while True:
        if reader.take("."):
            steps.append(reader.next("word", "number")[1])
        elif reader.take("["):
            kind, step = reader.next("text", "number")
            steps.append(_plain(step) if kind == "text" else int(step))
            reader.need("]")
        else:
            return tuple(steps)


def value_at(event: Event, path: Path) -> Any:
    """None where there is nothing."""
    value: Any = event
    for step in path:
        if isinstance(step, int):
            inside = isinstance(value, Sequence) and not isinstance(value, str) and 0 <= step < len(value)
            value = value[step] if inside else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _matches(reader: _Reader, path: Path) -> Condition:
    kind = "part" if reader.take("part") else "regex" if reader.take("regex") else "whole"
    exactly = reader.take("exactly")
    wanted = _plain(reader.next("text")[1])
    try:
        compiled = Pattern(wanted, ignore_case=not exactly) if kind == "regex" else None
    except BadPattern as bad:
        raise NotUnderstood(f"invalid regular expression {wanted!r}: {bad}") from bad

    def holds(event: Event) -> bool:
        value = value_at(event, path)
        if value is None or isinstance(value, Mapping | list | tuple):
            return False
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if compiled is not None:
            return compiled.is_in(text)
        if kind == "whole":
            return text == wanted if exactly else text.lower() == wanted.lower()
        return wanted in text if exactly else wanted.lower() in text.lower()

    return holds


def _literal(reader: _Reader) -> str | float | bool:
    kind, token = reader.next("text", "number", "word")
    if kind == "text":
        return _plain(token)
    if kind == "number":
        return float(token)
    if token.lower() not in ("true", "false"):
        raise NotUnderstood(f"{token!r} is no value")
    return token.lower() == "true"


def _choices(reader: _Reader) -> tuple[str | float | bool, ...]:
    reader.need("[")
    found = [_literal(reader)]
    while reader.take(","):
        found.append(_literal(reader))
    reader.need("]")
    return tuple(found)


def _equal(value: object, wanted: str | float | bool) -> bool:
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, int | float) and isinstance(wanted, float):
        return value == wanted
    return isinstance(value, str) and value == wanted


def _plain(token: str) -> str:
    return re.sub(r"\\(['\\])", r"\1", token[1:-1])
