"""One file to text, and how files are named in findings.  Nothing but a regular file is opened."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from watchbill.config.lines import printable
from watchbill.findings import Finding


def shown(path: Path) -> str:
    """The name as a user would type it: relative to the working folder when it lies below it."""
    with suppress(ValueError, OSError):
        path = path.absolute().relative_to(Path.cwd())
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace")).replace(
        "\n", "\N{REPLACEMENT CHARACTER}"
    )


def read_text(path: Path, *, limit: int) -> str | Finding:
    """The text with its line breaks as they are, or what keeps it from being read."""
    try:
        data = _bytes(path, limit)
    except OSError as error:
        return unreadable(path, error)
    return data if isinstance(data, Finding) else _decoded(path, data)


def _bytes(path: Path, limit: int) -> bytes | Finding:
    # O_NONBLOCK: a pipe put in the file's place after the look at it must not hang us
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return file_finding("file-unreadable", path, "this is not a regular file", "replace it by a file")
        if status.st_size > limit:
            return _too_large(path, status.st_size, limit)
        data = file.read(limit + 1)
    return data if len(data) <= limit else _too_large(path, len(data), limit)


def _too_large(path: Path, length: int, limit: int) -> Finding:
    message = f"the file has {size(length)}; a policy file may have {size(limit)}"
    return file_finding("file-limits", path, message, "split it, or move what is no policy out of the folder")


def _decoded(path: Path, data: bytes) -> str | Finding:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return file_finding("file-text", path, "the file is UTF-16", "save it as UTF-8")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _not_utf8(path, data, error.start)


def _not_utf8(path: Path, data: bytes, at: int) -> Finding:
    head = data[:4096]
    if b"\0" in head or sum(b < 9 for b in head) * 20 > len(head):
        return file_finding(
            "file-text", path, "this is not a text file", "move it out of the folder, or rename it"
        )
    before = data[:at].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    line = before.count(b"\n") + 1
    begin = before.rfind(b"\n") + 1
    column = len(before[begin:].decode("utf-8")) + 1
    rest = data[at : at + 200].splitlines()[0]
    source = printable((before[begin:] + rest).decode("utf-8", "replace"))
    return Finding(
        rule="file-text",
        severity="error",
        message=f"the file is not UTF-8: byte 0x{data[at]:02X}",
        hint="save it as UTF-8; it looks like an older encoding such as Latin-1 or Windows-1252",
        file=shown(path),
        line=line,
        column=column,
        source=source if len(source) < 400 else "",
    )


def unreadable(path: Path, error: OSError) -> Finding:
    if error.errno == errno.ELOOP:
        message, hint = "this link leads to itself", "delete the link"
    elif error.errno == errno.ENOENT and path.is_symlink():
        target = printable(str(path.readlink()))
        message, hint = f"this link leads nowhere: {target} does not exist", "mend or delete the link"
    else:
        message, hint = f"it cannot be read: {reason(error)}", "check its permissions"
    return file_finding("file-unreadable", path, message, hint)


def reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def size(count: int) -> str:
    return f"{count / 1_000_000:,.1f} MB" if count >= 100_000 else f"{count:,} bytes"


def file_finding(rule: str, path: Path, message: str, hint: str) -> Finding:
    return Finding(rule=rule, severity="error", message=message, hint=hint, file=shown(path))
