"""A place of the policy in words: `expectation 'DB at night'`, never its number in a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_ONE = {
    "people": "person",
    "roles": "role",
    "rotations": "rotation",
    "severities": "severity",
    "domains": "domain",
    "ladders": "ladder",
    "services": "service",
    "paths": "path",
    "experts": "expert",
    "vendors": "vendor",
    "procedures": "procedure",
    "messages": "message",
    "metrics": "metric",
    "guidance": "guidance",
    "teams": "team",
    "external": "external object",
}


def one_of(kind: str) -> str:
    """The word for one object of a kind."""
    return _ONE.get(kind, kind)


def item_words(kind: str, item: Any) -> str:
    """One item of a list of the policy, as the file has it or as the model has it; "" where it has no such words."""
    if kind == "expectations" and (name := _of(item, "name")):
        return f"expectation '{name}'"
    if kind == "revisions" and (version := _of(item, "version")):
        return f"revision '{version}'"
    if kind == "overrides" and (rotation := _of(item, "rotation")):
        return f"override of {rotation}{_from(item, 'from')}"
    if kind == "shifts" and (rotation := _of(item, "rotation")):
        return f"listed shift of {rotation}{_from(item, 'from')}"
    if kind == "absences" and (person := _of(item, "person")):
        return f"leave of {person}{_from(item, 'first_day')}"
    return ""


def inside(owner: str, steps: Iterable[str | int]) -> str:
    """Keys are joined as in `rotations.backend`; an item of a list is counted from 1."""
    for step in steps:
        if isinstance(step, int):
            owner = f"item {step + 1} of {owner}" if owner else f"item {step + 1}"
        elif " " in owner:
            owner = f"{step} of {owner}"
        else:
            owner = f"{owner}.{step}" if owner else step
    return owner


def place_words(policy: Any, place: tuple[str | int, ...]) -> str:
    """`rotation backend: otherwise`, `expectation 'DB at night': pages 0m`, `settings: chat phones`."""
    kind, *rest = place
    owner = str(kind)
    if rest and isinstance(rest[0], int):
        number = rest.pop(0)
        owner = item_words(owner, getattr(policy, owner)[number]) or f"item {int(number) + 1} of {owner}"
    elif rest and kind in _ONE:
        owner = f"{_ONE[str(kind)]} {rest.pop(0)}"
    while rest and isinstance(rest[-1], int):
        rest.pop()  # which of several names it is
    inside = " ".join(str(step + 1) if isinstance(step, int) else step for step in rest)
    return f"{owner}: {inside}" if inside else owner


def _from(item: Any, key: str) -> str:
    begins = _of(item, key)
    return f" from {begins}" if begins else ""


def _of(item: Any, key: str) -> str:
    if isinstance(item, Mapping):
        found = item.get(key)
    else:
        found = getattr(item, key, None) or getattr(item, f"{key}_", None)
    return "" if found is None or isinstance(found, list | Mapping) else str(found)
