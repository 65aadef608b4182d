"""Runs verbs while watchbill sees only what Python has on Windows.  Started as a program, with a list of commands.

`os`, `signal`, `time`, `socket` and `select` lack what CPython documents as "Availability: Unix" (before 3.13), and
modules of Unix alone cannot be imported.  Python's own library and other packages keep what this system has.
"""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import importlib
import io
import json
import os
import re
import sys
import types
import warnings
from typing import Any

NO_MODULES = {
    *("fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "crypt", "spwd", "nis", "syslog", "posix"),
    *("readline", "curses", "ossaudiodev", "_posixsubprocess"),
}
NOT_IN = {
    "os": r"""
        chflags|chown|chroot|confstr\w*|copy_file_range|ctermid|environb|eventfd\w*|fchdir|fchmod|fchown|fdatasync|fork
        |forkpty|fpathconf|fstatvfs|fwalk|get_blocking|get(e|res)?[ug]id|getenvb|getgrouplist|getgroups|getloadavg
        |getpgid|getpgrp|getpriority|getsid|getxattr|grantpt|initgroups|kill|killpg|lchflags|lchmod|lchown|listxattr
        |lockf|login_tty|major|makedev|memfd_create|minor|mkfifo|mknod|nice|openpty|pathconf\w*|pidfd_open|pipe2|plock
        |posix_\w+|preadv?|ptsname|pwritev?|readv|register_at_fork|removexattr|sched_\w+|sendfile|set(e|re|res)?[ug]id
        |set_blocking|setgroups|setns|setpgid|setpriority|setsid|setxattr|splice|statvfs|sync|sysconf\w*|tcgetpgrp
        |tcsetpgrp|timerfd_\w+|ttyname|uname|unlockpt|unshare|wait|wait3|wait4|waitid|writev|W[A-Z]+
        |O_(ACCMODE|ASYNC|CLOEXEC|DIRECT|DIRECTORY|DSYNC|LARGEFILE|NDELAY|NOATIME|NOCTTY|NOFOLLOW|NONBLOCK|PATH|RSYNC|SYNC|TMPFILE)
        |EX_\w+|F_\w+|GRND_\w+|MFD_\w+|POSIX_\w+|PRIO_\w+|P_(ALL|P?G?ID|PIDFD)|RTLD_\w+|RWF_\w+|SCHED_\w+|SF_\w+|ST_\w+|XATTR_\w+
        |CLONE_\w+|EFD_\w+|SPLICE_\w+|TFD_\w+|getrandom|getxattr""",
    "signal": r"""
        alarm|getitimer|pause|pidfd_send_signal|pthread_\w+|setitimer|siginterrupt|sigpending|sigtimedwait|sigwait\w*
        |ITIMER_\w+|SIG_(UN)?BLOCK|SIG_SETMASK|SIG(?!(ABRT|FPE|ILL|INT|SEGV|TERM|_DFL|_IGN)$)[A-Z0-9]+""",
    "time": r"clock_(get|set)\w+|clock_getres|pthread_\w+|tzset|CLOCK_\w+",
    "socket": r"AF_UNIX|SO_REUSEPORT|if_\w+|sethostname|socketpair|recv_fds|send_fds|CMSG_\w+|SCM_\w+",
    "select": r"(e|dev)?poll|kqueue|kevent|EPOLL\w+|POLL\w+",
}
O_BINARY = 1 << 30
"""Stands for Windows' own flag: a file opened without it changes line breaks there."""


class Reduced(types.ModuleType):
    def __init__(self, whole: types.ModuleType, gone: str) -> None:
        super().__init__(whole.__name__)
        self.__dict__["_whole"], self.__dict__["_gone"] = whole, re.compile(gone, re.VERBOSE)

    def __getattr__(self, name: str) -> Any:
        if self._gone.fullmatch(name):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r} on Windows")
        if self.__name__ == "os" and name in ("O_BINARY", "open"):
            return {"O_BINARY": O_BINARY, "open": _open}[name]
        return getattr(self._whole, name)


def _open(path: Any, flags: int, mode: int = 0o777) -> int:
    if os.path.isdir(path):  # noqa: PTH112
        raise PermissionError(13, "Permission denied")
    assert flags & O_BINARY, f"{path} is opened in Windows' text mode"
    return os.open(path, flags & ~O_BINARY, mode)


def become_windows_like() -> None:
    """Before the first import of watchbill."""
    reduced = {name: Reduced(importlib.import_module(name), gone) for name, gone in NOT_IN.items()}
    whole_import = builtins.__import__

    def reduced_import(name: str, globals: Any = None, *rest: Any, **more: Any) -> Any:  # noqa: A002  as Python calls it
        ours = str((globals or {}).get("__name__", "")).partition(".")[0] == "watchbill"
        if ours and name.partition(".")[0] in NO_MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}")
        if ours and name in reduced:
            return reduced[name]
        return whole_import(name, globals, *rest, **more)

    builtins.__import__ = reduced_import

    def not_there(*_: Any) -> None:
        raise NotImplementedError

    for name in ("add_signal_handler", "remove_signal_handler"):
        setattr(type(asyncio.new_event_loop()), name, not_there)
    warnings.filterwarnings("error", category=EncodingWarning, module=r"watchbill\b")


def run(words: list[str]) -> dict[str, Any]:
    main = importlib.import_module("watchbill.cli.main")
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["watchbill", *words]
    code: Any = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main.run()
        except SystemExit as leave:
            code = leave.code
    return {"words": words, "code": code, "out": out.getvalue(), "err": err.getvalue()}


if __name__ == "__main__":
    become_windows_like()
    if sys.argv[1] == "--one":
        sys.argv = ["watchbill", *sys.argv[2:]]
        importlib.import_module("watchbill.cli.main").run()
    results = [run(words) for words in json.loads(sys.argv[1])]
    print(json.dumps(results))
