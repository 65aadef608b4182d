"""Layers and events of two schedules side by side: what changed of each, and how many are the same.

Elements are told apart by their names, or by name and place where a name is there twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from watchbill.account.pairing import matched

Told = dict[str, str]
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Kind(Generic[E]):
    word: str
    """layer, shift"""
    name: Callable[[E], str]
    likeness: Callable[[E, E], int]
    """0 = another one."""
    tell: Callable[[E], Sequence[tuple[str, str]]]
    equal: Callable[[E, E], frozenset[str]]
    """Fields that mean the same in both, whatever their words."""


@dataclass(frozen=True, slots=True)
class Compared:
    old: Told
    new: Told
    unchanged: str
    """2 layers; "" for none."""


def compared(before: Sequence[E], after: Sequence[E], kind: Kind[E]) -> Compared:
    pairs = matched(after, before, kind.likeness)
    counts = [Counter(kind.name(e) for e in side) for side in (before, after)]

    def label(element: E, place: int, side: Sequence[E]) -> str:
        name = kind.name(element)
        if name and all(count[name] <= 1 for count in counts):
            return name
        return f"{name or kind.word} ({place + 1} of {len(side)})"

    old: Told = {}
    new: Told = {}
    unchanged = 0
    for place, (element, pair) in enumerate(zip(after, pairs, strict=True)):
        prefix = label(element, place, after)
        mine, theirs = dict(kind.tell(element)), {}
        if pair is not None:
            theirs = dict(kind.tell(before[pair]))
            same = kind.equal(before[pair], element)
            mine, theirs = ({f: t for f, t in side.items() if f not in same} for side in (mine, theirs))
            if kind.name(element) != kind.name(before[pair]):
                mine["name"], theirs["name"] = kind.name(element), kind.name(before[pair])
            unchanged += mine == theirs
        new |= {f"{prefix} · {field}": text for field, text in mine.items()}
        old |= {f"{prefix} · {field}": text for field, text in theirs.items()}
    for place, element in enumerate(before):
        if place not in pairs:
            prefix = label(element, place, before)
            old |= {f"{prefix}, removed · {field}": text for field, text in kind.tell(element)}
    return Compared(old, new, counted(unchanged, kind.word))


def counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}" if number else ""
