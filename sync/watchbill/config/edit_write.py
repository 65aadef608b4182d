"""Writing a file so that a reader sees the old text or the new one, never a part."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from watchbill.config.edit_errors import EditRefused
from watchbill.config.file_text import reason, shown


def write_text(path: Path, text: str, *, private: bool = False) -> bool:
    """Writes `text` as it is (UTF-8, line breaks untouched); False when the file has just that text already.

    Folders are made, a link keeps pointing and its target is written.  The file's mode stays, unless it is
    `private`: then it is 600.
    """
    return write_bytes(path, text.encode("utf-8"), private=private)


def write_bytes(path: Path, data: bytes, *, private: bool = False) -> bool:
    try:
        target = path.resolve()
        mode = _mode(target)
        if mode is not None and (mode == 0o600 or not private) and target.read_bytes() == data:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, data, 0o600 if private else mode)
    except (OSError, RuntimeError) as error:
        why = reason(error) if isinstance(error, OSError) else "the link leads to itself"
        raise EditRefused(
            f"{shown(path)} cannot be written: {why}", remedy="check the folder's permissions"
        ) from None
    return True


def write_all(texts: Mapping[Path, str]) -> None:
    """All of them or none: what was written is put back where a later one fails."""
    done: list[tuple[Path, bytes]] = []
    try:
        for path, text in texts.items():
            before = path.read_bytes()
            write_text(path, text)
            done.append((path, before))
    except BaseException:
        for path, before in done:
            write_bytes(path, before)
        raise


def _mode(target: Path) -> int | None:
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise EditRefused(f"{shown(target)} is not a file", remedy="choose another name")
    return stat.S_IMODE(mode)


def _replace(target: Path, data: bytes, mode: int | None) -> None:
    beside = target.parent / f".{target.name[:200]}.{secrets.token_hex(6)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(beside, flags, 0o666 if mode is None else 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            beside.chmod(mode)
        beside.replace(target)
    except BaseException:
        with suppress(FileNotFoundError):
            beside.unlink()
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """The rename itself must survive a power cut; some file systems cannot sync a folder."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
