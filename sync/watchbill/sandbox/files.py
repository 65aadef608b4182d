"""Account files: what `--load` reads and `--save` writes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from watchbill.errors import UsageError
from watchbill.local_files import NEW, json_of, read_bounded

_REMEDY = 'it starts with {"users": [...], "schedules": [...]}; `watchbill sandbox save` writes one'


def read_account_file(path: Path) -> dict[str, Any]:
    try:
        document = json_of(read_bounded(path))
    except OSError as bad:
        raise UsageError(f"{path} cannot be read: {bad.strerror}", remedy="check the path") from None
    except ValueError as bad:
        raise UsageError(f"{path} is not JSON: {bad}", remedy=_REMEDY) from None
    if not isinstance(document, dict):
        raise UsageError(f"{path} holds no account", remedy=_REMEDY)
    return document


def write_account_file(path: Path, document: Mapping[str, Any]) -> None:
    """Whole or not at all."""
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    beside = path.with_name(path.name + ".writing")
    try:
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, NEW, 0o600), "wb") as file:
            file.write(text.encode())
        beside.replace(path)
    except OSError as bad:
        beside.unlink(missing_ok=True)
        raise UsageError(
            f"{path} cannot be written: {bad.strerror}", remedy="name a file in a folder that exists"
        ) from None
