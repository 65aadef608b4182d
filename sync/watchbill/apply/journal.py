"""JSON lines on disk before and after each write: what was about to happen when everything stopped.

Only keys, ids, statuses and reasons; no names of people, descriptions or tokens.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from watchbill.apply.lock import file_name
from watchbill.errors import WatchbillError
from watchbill.local_files import json_of, private_folder, read_bounded
from watchbill.rota.clock import iso


class Journal:
    def __init__(self, folder: Path, account: str, now: int, plan_digest: str) -> None:
        when = iso(now).replace(":", "")
        self.path = folder / f"{file_name(account)}-{when}-{plan_digest[:8] or 'plan'}.jsonl"
        self._line = 0
        try:
            private_folder(folder)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
            self._file = os.open(self.path, flags, 0o600)
            _sync_folder(folder)
        except OSError as bad:
            raise WatchbillError(
                f"cannot write the journal to {folder}: {bad.strerror}",
                remedy="make it writable, or set XDG_STATE_HOME to a folder that is",
            ) from bad

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    def write(self, event: str, **facts: Any) -> None:
        """On disk when it returns."""
        self._line += 1
        line = json.dumps({"line": self._line, "event": event, **facts}, ensure_ascii=False)
        os.write(self._file, line.encode() + b"\n")
        os.fsync(self._file)


def own_requests(folder: Path, account: str) -> frozenset[str]:
    """PagerDuty's ids of the writes that applies on this machine made: its audit trail names them."""
    found: set[str] = set()
    for facts in _written(folder, account):
        if isinstance(facts.get("request_ids"), list):
            found.update(id_ for id_ in facts["request_ids"] if isinstance(id_, str) and id_)
    return frozenset(found)


def made_here(folder: Path, account: str) -> dict[str, str]:
    """`kind:key` -> id of each object that applies on this machine wrote and neither deleted nor released since."""
    found: dict[str, str] = {}
    for facts in _written(folder, account):
        ref, id_ = str(facts.get("change") or ""), str(facts.get("id") or "")
        if facts.get("action") in ("delete", "forget"):
            found.pop(ref, None)
        elif ref and id_:
            found[ref] = id_
    return found


def _written(folder: Path, account: str) -> Iterator[dict[str, Any]]:
    """Oldest first."""
    files = folder.glob(f"{file_name(account)}-*.jsonl")
    for path in sorted(files, key=lambda file: (file.stat().st_mtime_ns, file.name)):
        try:
            content = read_bounded(path)
        except OSError:  # not a journal
            continue
        for line in content.splitlines():
            facts = _facts(line)
            if facts.get("event") == "written":
                yield facts


def _facts(line: bytes) -> dict[str, Any]:
    """Nothing for a line that a crash cut off."""
    try:
        facts = json_of(line)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _sync_folder(folder: Path) -> None:
    with suppress(PermissionError):  # Windows opens no folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
