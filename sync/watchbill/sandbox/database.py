"""The SQLite file behind the store: its tables, and opening it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from watchbill.errors import UsageError
from watchbill.local_files import private_file

VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects(
  kind TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, search TEXT NOT NULL, parent TEXT NOT NULL,
  seq INTEGER NOT NULL, deleted_at INTEGER, doc TEXT NOT NULL, PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS objects_by_name ON objects(kind, name COLLATE NOCASE, seq);
CREATE INDEX IF NOT EXISTS objects_by_parent ON objects(kind, parent, seq);
CREATE TABLE IF NOT EXISTS links(
  kind TEXT NOT NULL, id TEXT NOT NULL, to_kind TEXT NOT NULL, to_id TEXT NOT NULL,
  PRIMARY KEY(kind, id, to_kind, to_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS links_back ON links(to_kind, to_id, kind);
CREATE TABLE IF NOT EXISTS timers(incident TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS timers_by_at ON timers(at);
CREATE TABLE IF NOT EXISTS counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS requests(
  seq INTEGER PRIMARY KEY, at TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, query TEXT NOT NULL,
  status INTEGER NOT NULL, request_id TEXT NOT NULL, token_tail TEXT NOT NULL);
"""


def opened(path: Path | None) -> sqlite3.Connection:
    db: sqlite3.Connection | None = None
    try:
        if path is not None:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            private_file(path)
        db = sqlite3.connect(
            ":memory:" if path is None else path, isolation_level=None, check_same_thread=False, timeout=30
        )
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, VERSION):
            raise sqlite3.DatabaseError(f"written by another version of watchbill ({version})")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        db.executescript(_SCHEMA)
        db.execute(f"PRAGMA user_version={VERSION}")
    except (sqlite3.Error, OSError) as bad:
        if db is not None:
            db.close()
        raise UsageError(
            f"the sandbox's state {path} can't be used: {bad}",
            remedy="delete the file to start from an empty account, or name another",
        ) from bad
    return db


def copy_into(db: sqlite3.Connection, path: Path) -> None:
    """All of the file's state; the file stays as it is.  Raises sqlite3.Error."""
    source = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=1)
    try:
        source.execute("PRAGMA query_only=ON")
        version = source.execute("PRAGMA user_version").fetchone()[0]
        if version != VERSION:
            raise sqlite3.DatabaseError(f"written by another version of watchbill ({version})")
        source.backup(db)
    finally:
        source.close()
