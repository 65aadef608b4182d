"""Writing a whole folder so that a reader sees the old one or the new one."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from watchbill.errors import UsageError

MARK = ("data.js", b"window.watchbill = ")
"""How a folder shows that it holds a site of ours."""


def replace_folder(out: Path, files: Mapping[str, bytes]) -> None:
    """Raises UsageError for a folder with anything else in it, and where it cannot be written."""
    target = out.resolve()
    if target == Path.cwd() or target in Path.cwd().parents:
        raise UsageError(f"{out} is the folder you are in", remedy="choose a folder of its own")
    if target.exists() and not _is_ours(target):
        raise UsageError(f"{out} holds other things than a site", remedy="choose an empty or a new folder")
    mark = secrets.token_hex(6)
    beside, old = (target.with_name(f".{target.name[:200]}.{mark}.{kind}") for kind in ("tmp", "old"))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside.mkdir()
        for name, data in files.items():
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        _swap(beside, target, old)
    except OSError as error:
        raise UsageError(
            f"{out} cannot be written: {error.strerror}", remedy="check its permissions"
        ) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _swap(beside: Path, target: Path, old: Path) -> None:
    if not target.exists():
        beside.rename(target)
        return
    target.rename(old)
    try:
        beside.rename(target)
    except OSError:
        old.rename(target)
        raise


def _is_ours(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    name, start = MARK
    marked = folder / name
    if marked.is_file():
        with marked.open("rb") as file:
            return file.read(len(start)) == start
    return not any(folder.iterdir())
