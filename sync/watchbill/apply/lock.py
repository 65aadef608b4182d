"""One apply at a time per account on this machine.  The lock goes with the process, also when it is killed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from watchbill.errors import GuardRefused, WatchbillError
from watchbill.local_files import private_folder


@contextmanager
def one_at_a_time(folder: Path, account: str, patience: float = 0.0) -> Iterator[None]:
    """Raises GuardRefused while another process holds it, after `patience` seconds."""
    path = folder / f"{file_name(account)}.lock"
    try:
        private_folder(folder)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    except OSError as bad:
        raise WatchbillError(
            f"cannot write to {folder}: {bad.strerror}",
            remedy="make it writable, or set XDG_STATE_HOME to a folder that is",
        ) from bad
    try:
        until = time.monotonic() + patience
        while not (taken := _take(descriptor)) and time.monotonic() < until:
            time.sleep(0.02)
        if not taken:
            os.lseek(descriptor, 0, os.SEEK_SET)
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip()
            raise GuardRefused(
                f"another apply to {account} is running on this machine"
                + (f" (process {holder})" if holder else ""),
                remedy="wait until it has ended",
            )
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)


def file_name(account: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in account).lstrip(".") or "account"


def _take(descriptor: int) -> bool:
    """By what the system has; where it has neither, only the lease in the account keeps others out."""
    fcntl, msvcrt = _module("fcntl"), _module("msvcrt")
    if fcntl is not None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    elif msvcrt is not None:
        os.lseek(descriptor, 1 << 20, os.SEEK_SET)  # others cannot read a byte that is locked there
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
    return True


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        return None
