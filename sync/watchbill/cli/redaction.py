"""One place where secrets are taken out of everything that a command prints: its own texts, logs of libraries, tracebacks."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator

from watchbill.cli.credentials import ERRORS

_SHORTEST, _SHORTEST_OF_OTHERS = 6, 12
"""Characters; a shorter value may be an ordinary word."""
_OTHERS = ("TOKEN", "SECRET", "PASSWORD", "API_KEY")
"""Ends of the names of other variables that hold secrets, such as those that `integration_keys: {env: ...}` names."""
_PUBLIC = "sandbox-token-"
"""Beginning of the token of the embedded sandbox, which `sandbox serve` prints."""


def without_secrets(text: str) -> str:
    """The text with the value of every secret variable replaced, also as `repr` and JSON write it."""
    return _without(tuple(_forms()), text)


def _without(forms: Iterable[tuple[str, str]], text: str) -> str:
    for form, name in forms:
        text = text.replace(form, f"[{name}]")
    return text


def redact_streams() -> None:
    """From here on stdout and stderr show no secret of the environment."""
    forms = tuple(_forms())
    if not forms:
        return
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper) and not isinstance(stream, _Redacted):
            stream.flush()
            setattr(sys, name, _Redacted(stream, forms))


class _Redacted(io.TextIOWrapper):
    """A secret that is written in two parts is not found: write whole lines."""

    def __init__(self, stream: io.TextIOWrapper, forms: tuple[tuple[str, str], ...]) -> None:
        super().__init__(
            stream.buffer,
            encoding=stream.encoding,
            errors=stream.errors,
            line_buffering=stream.line_buffering,
            write_through=stream.write_through,
        )
        self._forms = forms
        self._kept = stream  # closes the buffer when it goes

    def write(self, text: str, /) -> int:
        super().write(_without(self._forms, text))
        return len(text)


def _forms() -> Iterator[tuple[str, str]]:
    """(how a secret may be written, its variable), longest first for each variable."""
    for name, value in os.environ.items():
        least = _SHORTEST if name in ERRORS else _SHORTEST_OF_OTHERS if name.endswith(_OTHERS) else 0
        if not least or value.startswith(_PUBLIC):
            continue
        in_json = value.replace("\\", "\\\\").replace('"', '\\"')
        spelt = {value, value.strip(), repr(value)[1:-1], in_json, *value.split()}
        yield from ((form, name) for form in sorted(spelt, key=len, reverse=True) if len(form) >= least)
