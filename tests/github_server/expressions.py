"""The part of GitHub's expressions that our workflows use; anything else fails loudly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<op>==|!=|&&|\|\||[!(),])|(?P<name>[A-Za-z_][\w.-]*))"
)


class Unknown(Exception):
    pass


def filled(text: Any, context: Mapping[str, Any]) -> str:
    """`${{ }}` replaced, as GitHub writes values into `env:` and `with:`."""
    if not isinstance(text, str):
        return {True: "true", False: "false"}.get(text, str(text)) if text is not None else ""
    return re.sub(
        r"\$\{\{(.*?)\}\}", lambda found: _shown(evaluate(found[1], context)), text, flags=re.DOTALL
    )


def holds(text: str, context: Mapping[str, Any]) -> bool:
    inner = re.fullmatch(r"\s*\$\{\{(.*)\}\}\s*", text, flags=re.DOTALL)
    return bool(evaluate(inner[1] if inner else text, context))


def evaluate(text: str, context: Mapping[str, Any]) -> Any:
    tokens: list[tuple[str, str]] = []
    at, text = 0, text.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise Unknown(text[at:])
        kind = str(found.lastgroup)
        tokens.append((kind, found[kind]))
        at = found.end()
    reader = _Reader(tokens, context)
    value = reader.either()
    if reader.tokens:
        raise Unknown(text)
    return value


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]], context: Mapping[str, Any]) -> None:
        self.tokens = tokens
        self.context = context

    def _takes(self, op: str) -> bool:
        if self.tokens and self.tokens[0] == ("op", op):
            self.tokens.pop(0)
            return True
        return False

    def either(self) -> Any:
        value = self.both()
        while self._takes("||"):
            other = self.both()
            value = value or other
        return value

    def both(self) -> Any:
        value = self.compared()
        while self._takes("&&"):
            other = self.compared()
            value = other if value else value
        return value

    def compared(self) -> Any:
        value = self.one()
        if self._takes("=="):
            return _shown(value).lower() == _shown(self.one()).lower()
        if self._takes("!="):
            return _shown(value).lower() != _shown(self.one()).lower()
        return value

    def one(self) -> Any:
        if self._takes("!"):
            return not self.one()
        if self._takes("("):
            value = self.either()
            assert self._takes(")")
            return value
        kind, word = self.tokens.pop(0)
        if kind == "text":
            return word[1:-1].replace("''", "'")
        if kind == "name" and self._takes("("):
            return self._call(word)
        if kind != "name":
            raise Unknown(word)
        return self._looked_up(word)

    def _call(self, name: str) -> Any:
        words: list[Any] = []
        while not self._takes(")"):
            words.append(self.either())
            self._takes(",")
        if name == "startsWith":
            return _shown(words[0]).lower().startswith(_shown(words[1]).lower())
        if name in {"always", "cancelled", "failure", "success"}:
            failed = bool(self.context["job_failed"])
            return {"always": True, "cancelled": False, "failure": failed, "success": not failed}[name]
        raise Unknown(name)

    def _looked_up(self, name: str) -> Any:
        value: Any = self.context
        for step in name.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        return value
