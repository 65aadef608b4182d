"""The schema files: where they are, whether they are what the models say, writing them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from watchbill.schema.generate import POLICY, policy_schema

_PACKAGED = Path(__file__).parent / "published"
_COMMITTED = Path(__file__).parents[3] / "schema"


@cache
def published() -> dict[str, Any]:
    """The committed schema of a policy file; a copy without one gets the same from the models."""
    for folder in (_PACKAGED, _COMMITTED):
        path = folder / POLICY
        if path.is_file():
            schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return schema
    return policy_schema()


def as_text(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def stale(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Names that are missing, differ, or are in the folder and no longer wanted."""
    wanted = {name: as_text(schema) for name, schema in files.items()}
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.schema.json")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def write(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Makes the folder equal to `files`; returns the names that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = stale(folder, files)
    for name in changed:
        if name in files:
            (folder / name).write_text(as_text(files[name]), encoding="utf-8", newline="\n")
        else:
            (folder / name).unlink()
    return changed
