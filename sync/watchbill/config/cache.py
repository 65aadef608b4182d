"""What the YAML reader made of files that it found nothing wrong with, kept between runs.

One file in the user's cache folder serves one policy folder.  It is a shortcut and never a source: whatever cannot be
found, read or believed is read from the policy again, and what cannot be written is not kept.  Only the files of a
valid policy get here, so that nothing is kept that `check` would have refused (a phone number, say).

A file's data is known by the SHA-256 of its text.  The whole is believed when it was made by the same reader, and its
own checksum is right.  It is JSON: reading it can build nothing but plain data, which is validated like any other.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from watchbill import __version__
from watchbill.config.yaml_data import Data
from watchbill.config.yaml_reader import Document

OFF = "WATCHBILL_NO_CACHE"
SMALLEST = 8_000
"""Characters in all; a smaller policy is read as quickly from its own files."""
LARGEST = 64_000_000
"""Bytes of one cache file, and of all of them together; those used last are kept."""
MOST_FOLDERS = 32
_HEAD = b"watchbill-parsed "
_DAY = 86_400


class ParseCache:
    """For one policy folder.  Never raises."""

    def __init__(self, root: Path) -> None:
        self._path = _path(root)
        self._known: Mapping[str, Data] = {} if self._path is None else _read(self._path)
        self._used: dict[str, str] = {}

    def document(self, text: str, file: str) -> Document | None:
        """As the reader made it before; its positions are looked up in the text when somebody asks."""
        key = _key(text)
        self._used[file] = key
        return Document(file, text, self._known[key]) if key in self._known else None

    def keep(self, documents: Iterable[Document]) -> None:
        """`documents`: of a policy without errors; those with findings of their own are left out."""
        kept = {self._used[d.file]: d for d in documents if d.file in self._used and not d.findings}
        if self._path is None or kept.keys() <= self._known.keys():
            return
        if sum(len(document.text) for document in kept.values()) < SMALLEST:
            return
        _write(self._path, {key: document.data for key, document in kept.items()})


def _path(root: Path) -> Path | None:
    if os.environ.get(OFF):
        return None
    from platformdirs import user_cache_path  # noqa: PLC0415  not for those who keep nothing

    try:
        name = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:32]
        return user_cache_path("watchbill") / "parsed" / f"{name}.json"
    except (OSError, RuntimeError):
        return None


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _reader() -> str:
    """Changes with whatever may read a file differently: the release, or a source file of the reader."""
    with suppress(OSError), os.scandir(Path(__file__).parent) as entries:
        marks = sorted(
            (entry.name, entry.stat().st_size, entry.stat().st_mtime_ns)
            for entry in entries
            if entry.name.endswith(".py") and entry.name.startswith(("yaml_", "lines", "cache"))
        )
        return hashlib.sha256(repr((__version__, marks)).encode()).hexdigest()
    return __version__


def _read(path: Path) -> dict[str, Data]:
    """Empty for whatever is not exactly what `_write` wrote."""
    try:
        content = _bytes(path)
        head, _, body = content.partition(b"\n")
        if head != _HEAD + hashlib.sha256(body).hexdigest().encode():
            return {}
        found = json.loads(body, parse_float=_refused, parse_constant=_refused)
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict) or found.get("reader") != _reader():
        return {}
    files = found.get("files")
    return files if isinstance(files, dict) else {}


def _bytes(path: Path) -> bytes:
    """Raises OSError unless it is a regular file of ours and of a size that we would write."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path, flags | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        ours = not hasattr(os, "geteuid") or status.st_uid == os.geteuid()
        if not stat.S_ISREG(status.st_mode) or not ours or status.st_size > LARGEST:
            raise PermissionError(path)
        with suppress(OSError):
            os.utime(path)
        return file.read(LARGEST)


def _refused(text: str) -> NoReturn:
    raise ValueError(f"the reader makes no {text}")


def _write(path: Path, files: dict[str, Data]) -> None:
    """Whole or not at all, whoever else is writing."""
    try:
        made: Any = {"reader": _reader(), "files": files}
        body = json.dumps(made, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return
    if len(body) > LARGEST - 1000:
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}-{os.urandom(6).hex()}.tmp")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(draft, flags, 0o600), "wb") as file:
            file.write(_HEAD + hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        draft.replace(path)
        _prune(path.parent, path)
    except OSError:
        with suppress(OSError):
            draft.unlink()


def _prune(folder: Path, newest: Path) -> None:
    """Those longest unused go, and drafts that somebody was stopped in."""
    found: list[tuple[float, int, Path]] = []
    written = newest.stat()
    for path in folder.iterdir():
        with suppress(OSError):
            status = path.lstat()
            if path.suffix == ".tmp" and written.st_mtime - status.st_mtime > _DAY:
                path.unlink()
            elif path.suffix == ".json" and path != newest:
                found.append((status.st_mtime, status.st_size, path))
    room = LARGEST - written.st_size
    for number, (_, length, path) in enumerate(sorted(found, reverse=True), start=2):
        room -= length
        if number > MOST_FOLDERS or room < 0:
            with suppress(OSError):
                path.unlink()
