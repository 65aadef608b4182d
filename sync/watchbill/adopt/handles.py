"""Handles for what an account calls by any name: readable, unique, the same at every import."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from watchbill.model.base import HANDLE, WORDS

LONGEST = 63
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "&": " and "}
)


class Called(NamedTuple):
    id: str
    names: tuple[str, ...]
    """The best first; the next is taken where it gives no handle or one that is taken."""


def slug(text: str) -> str:
    """ "" where no letter or digit of it can be kept."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    kept = plain.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", kept).strip("-")[:LONGEST].rstrip("-")


def handles_for(
    things: Iterable[Called], word: str, taken: Iterable[str] = (), given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Id -> handle.  `word` begins the handles of what has no usable name.  `given`: id -> handle it has already.

    Who comes first is decided by id, so that somebody who joins later takes nobody's handle.
    """
    found = {id_: handle for id_, handle in (given or {}).items() if re.fullmatch(HANDLE, handle)}
    used = {*taken, *WORDS, *found.values()}
    for thing in sorted(things):
        if thing.id in found:
            continue
        slugs = [s for name in thing.names if (s := slug(name))] or [slug(f"{word}-{thing.id}") or word]
        handle = next((s for s in slugs if s not in used), None) or numbered(slugs[0], used)
        found[thing.id] = handle
        used.add(handle)
    return found


def numbered(base: str, used: set[str]) -> str:
    """The base itself where it is free, else the first number that is."""
    if base not in used:
        return base
    number = 2
    while True:
        end = f"-{number}"
        handle = base[: LONGEST - len(end)].rstrip("-") + end
        if handle not in used:
            return handle
        number += 1
