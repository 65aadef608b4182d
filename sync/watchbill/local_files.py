"""Files that the command line names: regular ones, of a size that fits into memory."""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
from pathlib import Path
from typing import IO, Any

LARGEST = 64_000_000
"""Bytes."""
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
"""How to open a file that must not be there."""


def read_bounded(path: Path, most: int = LARGEST) -> bytes:
    """Raises OSError, also for what is not a regular file or has more bytes than `most`."""
    # O_NONBLOCK: opening a pipe that nobody writes to would wait for ever
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        return read_stream(file, str(path), most)


def read_named(path: Path, most: int = LARGEST) -> bytes:
    """As `read_bounded`; `-` is the standard input."""
    return read_stream(sys.stdin.buffer, "-", most) if str(path) == "-" else read_bounded(path, most)


def read_stream(stream: IO[bytes], name: str, most: int = LARGEST) -> bytes:
    """Raises OSError for more bytes than `most`."""
    data = stream.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it has more than {most:,} bytes", name)
    return data


def json_of(data: bytes) -> Any:
    """Raises ValueError, also for JSON that is nested too deeply."""
    try:
        return json.loads(data.decode("utf-8"))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def private_folder(path: Path) -> None:
    """Makes it and what lies above it, mode 700; one that is there and ours loses the rights of others.

    Raises OSError.
    """
    for folder in reversed([path, *path.parents]):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
    _for_the_owner_alone(path, 0o700)


def private_file(path: Path) -> None:
    """Empty and mode 600 where there is none; one that is there and ours loses the rights of others.

    Raises OSError.
    """
    try:
        os.close(os.open(path, NEW, 0o600))
    except FileExistsError:
        _for_the_owner_alone(path, 0o600)


def _for_the_owner_alone(path: Path, mode: int) -> None:
    """Files and folders only: nobody's /dev/null loses its rights."""
    status = path.stat()
    is_plain = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
    is_ours = not hasattr(os, "geteuid") or status.st_uid == os.geteuid()
    if is_plain and is_ours and status.st_mode & 0o077:
        path.chmod(mode)
