"""The first line of a policy file, which names its schema for editors."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

SCHEMA_LINE = re.compile(r"\s*#\s*yaml-language-server: \$schema=(\S*?)[a-z]+\.schema\.json\s")


def schema_of(policies: Path, files: Sequence[str], path: Path, kind: str) -> str:
    """Where the policy's other files say the schemas are."""
    for file in files:
        found = SCHEMA_LINE.match(_head(Path(file)))
        if found is None:
            continue
        if "://" in found[1]:
            return f"{found[1]}{kind}.schema.json"
        folder = os.path.normpath(Path(file).parent.absolute() / found[1])
        return Path(os.path.relpath(folder, path.parent.absolute()), f"{kind}.schema.json").as_posix()
    folder = str(policies.absolute().parent / "schema")
    return Path(os.path.relpath(folder, path.parent.absolute()), f"{kind}.schema.json").as_posix()


def _head(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline(1000)
