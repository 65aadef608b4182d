"""Text from files and accounts, made harmless to show: no control characters, no lines of its own."""

from __future__ import annotations

import unicodedata

_NAMED = {"\t": " ", "\n": " ", "\r": " "}
_JOINERS = "\u200c\u200d"
"""Several scripts and most emoji of more than one part are written with them; they turn nothing round."""


def plain(text: object) -> str:
    """One line; whatever would move the cursor, turn text round or paint it becomes a dot."""
    told = str(text)
    if told.isprintable():
        return told
    return "".join(_NAMED.get(c, "·" if is_control(c) else c) for c in told)


def is_control(character: str) -> bool:
    return character not in _JOINERS and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co")


def cells(text: str) -> int:
    """Columns on a terminal; wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(c) in ("Mn", "Me", "Cf")
        else 2
        if unicodedata.east_asian_width(c) in "WF"
        else 1
        for c in text
    )


def padded(text: str, width: int) -> str:
    return text + " " * (width - cells(text))


def cut(text: str, width: int) -> str:
    """To at most so many columns, with an ellipsis where something is lost."""
    if cells(text) <= width:
        return text
    return f"{fitting(text, width - 1)}…"


def fitting(text: str, width: int) -> str:
    """As much of the beginning as takes that many columns; a character stays with the marks upon it."""
    taken = 0
    for place, character in enumerate(text):
        taken += cells(character)
        if taken > width:
            return text[:place]
    return text


def count(number: int, what: str) -> str:
    """1 change, 2 changes, 3 policies"""
    if number == 1:
        return f"1 {what}"
    return f"{number} {what[:-1]}ies" if what.endswith("y") else f"{number} {what}s"
