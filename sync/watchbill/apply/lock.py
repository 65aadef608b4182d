"""One apply at a time per account on this machine.  The lock goes with the process, also when it is killed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from watchbill.errors import GuardRefused, WatchbillError


@contextmanager
def one_at_a_time(folder: Path, account: str) -> Iterator[None]:
    """Raises GuardRefused while another process holds it."""
    path = folder / f"{file_name(account)}.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as bad:
        raise WatchbillError(
            f"cannot write to {folder}: {bad.strerror}",
            remedy="make it writable, or set XDG_STATE_HOME to a folder that is",
        ) from bad
    try:
        if not _take(descriptor):
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            raise GuardRefused(
                f"another apply to {account} is running on this machine"
                + (f" (process {holder})" if holder else ""),
                remedy="wait until it has ended",
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def file_name(account: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in account).lstrip(".") or "account"


if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> bool:
        os.lseek(descriptor, 1 << 20, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _take(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
