"""What a plain YAML word means here, and which words other YAML tools would take for something else.

Only whole numbers, true/false and null are more than text.  Dates, times, `yes` and `1.0` stay what was typed.
"""

from __future__ import annotations

import re
from functools import lru_cache

from watchbill.config.yaml_nodes import Plain

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_WORDS: dict[str, Plain] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_SWITCHES = {"yes": "true", "on": "true", "no": "false", "off": "false"}
_SIXTIES = re.compile(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z")
_FLOAT = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*|[0-9][0-9_]*(?=[eE]))(?:[eE][-+]?[0-9]+)?\Z"
)
_NOT_FINITE = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
_OTHER_NUMBER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|[0-9][0-9_]*)\Z")


@lru_cache(maxsize=8192)
def plain_value(text: str) -> Plain:
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INTEGER.match(text) else text


@lru_cache(maxsize=8192)
def misread(text: str) -> tuple[str, str] | None:
    """(what other tools make of this plain text, what to do), or None when everyone reads the same text."""
    switch = _SWITCHES.get(text.lower()) if text in (text.lower(), text.upper(), text.capitalize()) else None
    if switch:
        return f"take it for {switch}", f'quote it: "{text}"; if you mean {switch}, write {switch}'
    if not text or text[0] not in "0123456789+-." or isinstance(plain_value(text), int):
        return None
    if _SIXTIES.match(text):
        daily = f"0{text}" if text[1] == ":" else text
        return f"take it for {_sixty(text)}", f'quote it: "{text}"; a daily handoff is written: daily {daily}'
    if _FLOAT.match(text) or _NOT_FINITE.match(text):
        return "take it for a fraction", f'quote it: "{text}"'
    if _OTHER_NUMBER.match(text):
        return "take it for a number", f'quote it: "{text}", or write the number in plain digits'
    return None


def _sixty(text: str) -> str:
    if "." in text or len(text) > 20:
        return "a number"
    total = 0
    for part in text.lstrip("+-").replace("_", "").split(":"):
        total = total * 60 + int(part)
    return f"the number {'-' if text.startswith('-') else ''}{total}"
