"""A policy tree as files: one per kind, one per rotation, or by team where there are very many."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from watchbill.config.edit_dump import dump_fragment

MANY = 60
"""Objects of a kind; above that its files are by team."""
WIDE = 110
"""Columns; what fits is written on one line, in brackets."""

_ONE_LINE = frozenset({"people", "teams", "roles", "external"})
"""Kinds of which one object may be one line."""


def files_of(data: Mapping[str, Any], folder: Path, schema: Path) -> dict[Path, str]:
    """Path below `folder` -> text.  `schema`: the folder of the schema files."""
    found: dict[Path, tuple[str, dict[str, Any]]] = {}
    for kind, items in data.items():
        if kind == "rotations" and len(items) <= MANY:
            for handle, item in items.items():
                found[Path(kind, f"{handle}.yaml")] = kind, {handle: item}
        elif kind in ("rotations", "ladders", "services") and len(items) > MANY:
            for team, members in _by_team(kind, items, data).items():
                found[Path(kind, f"{team}.yaml")] = kind, members
        else:
            found[Path(f"{kind}.yaml")] = kind, items
    return {path: _text(path, kind, items, folder, schema) for path, (kind, items) in found.items()}


def _text(path: Path, kind: str, items: Mapping[str, Any], folder: Path, schema: Path) -> str:
    where = Path(os.path.relpath(schema.absolute(), (folder / path).parent.absolute()), f"{kind}.schema.json")
    lines = [f"# yaml-language-server: $schema={where.as_posix()}", f"{kind}:"]
    for key, value in items.items():
        lines += _pair(key, value, 2, one_line=kind in _ONE_LINE)
    return "\n".join(lines) + "\n"


def _pair(key: str, value: Any, indent: int, *, one_line: bool = True) -> Iterator[str]:
    """`key: value`; a mapping on one line where that may be and fits."""
    lead = " " * indent
    if isinstance(value, Mapping) and value:
        line = f"{lead}{dump_fragment({key: value}, style='flow')[1:-1]}"
        if one_line and len(line) <= WIDE:
            yield line
        else:
            yield f"{lead}{dump_fragment({key: 0}).removesuffix(' 0')}"
            for inner, item in value.items():
                yield from _pair(inner, item, indent + 2)
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        yield f"{lead}{dump_fragment({key: 0}).removesuffix(' 0')}"
        for item in value:
            yield from _item(item, indent + 2)
    else:
        yield lead + dump_fragment({key: value}, indent)


def _item(item: Mapping[str, Any], indent: int) -> Iterator[str]:
    line = f"{' ' * indent}- {dump_fragment(item, style='flow')}"
    if len(line) <= WIDE:
        yield line
        return
    lines = [line for key, value in item.items() for line in _pair(key, value, indent + 2)]
    yield f"{' ' * indent}- {lines[0].lstrip()}"
    yield from lines[1:]


def _by_team(kind: str, items: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """A service goes with its ladder."""
    found: dict[str, dict[str, Any]] = {}
    for handle, item in items.items():
        team = item.get("team")
        if kind == "services":
            team = data.get("ladders", {}).get(item.get("ladder"), {}).get("team")
        first = team[0] if isinstance(team, list) else team
        found.setdefault(first or "no-team", {})[handle] = item
    return dict(sorted(found.items()))
