"""Which process holds a lease, and whether one of this machine still lives."""

from __future__ import annotations

import hashlib
import os
import platform
from functools import cache
from pathlib import Path

from watchbill.account.lease import Process

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_CONTAINER = Path("/proc/self/ns/pid")
_CAN_ASK = os.name == "posix" and hasattr(os, "kill")
"""On Windows signal 0 is a Ctrl-C, not a question."""
_START_TIME = 19
"""Place in /proc/PID/stat after the name, which may hold blanks."""


def this_process() -> Process:
    return Process(os.getpid(), _started(os.getpid()), _place())


def is_dead(process: Process) -> bool:
    """Only True where it is certain: the process was one of this machine, and is there no more."""
    if process.place != _place() or not _CAN_ASK:
        return False
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:  # somebody else's, so it lives
        return _is_another(process)
    return _is_another(process)


def _is_another(process: Process) -> bool:
    now = _started(process.pid)
    return bool(process.started and now) and process.started != now


def _started(pid: int) -> int:
    """Ticks since boot; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        return int(fields.split()[_START_TIME])
    except (OSError, ValueError, IndexError):
        return 0


@cache
def _place() -> str:
    """Processes of one place see each other by pid."""
    boot = _BOOT.read_text(encoding="ascii") if _BOOT.exists() else ""
    container = str(_CONTAINER.readlink()) if _CONTAINER.is_symlink() else ""
    return hashlib.sha256(f"{platform.node()}\n{boot}\n{container}".encode()).hexdigest()[:12]
