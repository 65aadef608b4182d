"""The sandbox's state: JSON documents in SQLite, the links between them, and the request log.

One request is one transaction, so a killed process leaves every acknowledged write and no half one.  Documents
hold ids, not copies of names: what an answer says about another object is looked up when it is answered.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watchbill.sandbox import ids
from watchbill.sandbox.database import copy_into, opened
from watchbill.sandbox.links import links_of

Doc = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Logged:
    """One answered request.  `token_tail`: the last four characters, as in audit records."""

    method: str
    path: str
    status: int
    query: str = ""
    request_id: str = ""
    token_tail: str = ""
    at: str = ""


class Store:
    """Usable from several threads; writes of one transaction are seen by others when it ends."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._names: dict[tuple[str, str], tuple[str, int | None]] = {}
        self._version = -1
        self.generation = 0
        """Grows with every change to a document, also by another process; what was derived before is stale."""
        self._db = opened(path)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def fill_from(self, path: Path) -> None:
        """Everything that the state in that file holds.  Raises sqlite3.Error."""
        with self._lock:
            copy_into(self._db, path)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Nested ones join the outer one; an exception rolls all of it back."""
        with self._lock:
            if self._depth:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            self._drop_stale_names()
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                self._names.clear()
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth -= 1

    def execute(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    # documents

    def get(self, kind: str, id_: str) -> Doc | None:
        row = self._one("SELECT doc FROM objects WHERE kind=? AND id=? AND deleted_at IS NULL", kind, id_)
        return None if row is None else json.loads(row[0])

    def put(self, kind: str, doc: Doc, *, parent: str = "") -> None:
        """Creates or replaces; `doc["id"]` says which."""
        self.generation += 1
        name = str(doc.get("name") or "")
        search = f"{name} {doc.get('email', '')}".lower()
        with self.transaction():
            row = self._one("SELECT seq FROM objects WHERE kind=? AND id=?", kind, doc["id"])
            seq = self.next_number("seq") if row is None else row[0]
            self._db.execute(
                "INSERT OR REPLACE INTO objects VALUES(?,?,?,?,?,?,NULL,?)",
                (kind, doc["id"], name, search, parent, seq, json.dumps(doc, separators=(",", ":"))),
            )
            self._names.pop((kind, doc["id"]), None)
            self._db.execute("DELETE FROM links WHERE kind=? AND id=?", (kind, doc["id"]))
            self._db.executemany(
                "INSERT OR IGNORE INTO links VALUES(?,?,?,?)",
                [(kind, doc["id"], to_kind, to_id) for to_kind, to_id in links_of(kind, doc)],
            )

    def delete(self, kind: str, id_: str, *, tombstone_at: int | None = None) -> None:
        """With `tombstone_at` the document stays behind for those that still refer to it."""
        self.generation += 1
        with self.transaction():
            if tombstone_at is None:
                self._db.execute("DELETE FROM objects WHERE kind=? AND id=?", (kind, id_))
            else:
                self._db.execute(
                    "UPDATE objects SET deleted_at=? WHERE kind=? AND id=?", (tombstone_at, kind, id_)
                )
            self._db.execute("DELETE FROM links WHERE kind=? AND id=?", (kind, id_))
            self._names.pop((kind, id_), None)

    def children(self, kind: str, parent: str) -> list[Doc]:
        """In creation order."""
        return self._docs(
            "SELECT doc FROM objects WHERE kind=? AND parent=? AND deleted_at IS NULL ORDER BY seq",
            kind,
            parent,
        )

    def all(self, kind: str) -> list[Doc]:
        """In creation order."""
        return self._docs("SELECT doc FROM objects WHERE kind=? AND deleted_at IS NULL ORDER BY seq", kind)

    def count(self, kind: str) -> int:
        row = self._one("SELECT count(*) FROM objects WHERE kind=? AND deleted_at IS NULL", kind)
        return 0 if row is None else int(row[0])

    def named(self, kind: str, name: str) -> list[Doc]:
        """Exactly this name, letter case aside."""
        return self._docs(
            "SELECT doc FROM objects WHERE kind=? AND name=? COLLATE NOCASE AND deleted_at IS NULL ORDER BY seq",
            kind,
            name,
        )

    def matching(self, kind: str, text: str) -> list[Doc]:
        """Whose name or e-mail contains `text`, letter case aside."""
        return self._docs(
            "SELECT doc FROM objects WHERE kind=? AND deleted_at IS NULL AND instr(search, ?) ORDER BY seq",
            kind,
            text.lower(),
        )

    def page(
        self,
        kind: str,
        *,
        limit: int,
        offset: int,
        query: str = "",
        ids_in: Iterable[str] | None = None,
        descending: bool = False,
        by_creation: bool = False,
    ) -> tuple[list[Doc], int]:
        """A slice in name order (or creation order), and how many there are in all."""
        where, values = "kind=? AND deleted_at IS NULL", [kind]
        if query:
            where += " AND instr(search, ?)"
            values.append(query.lower())
        if ids_in is not None:
            where += " AND id IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(list(ids_in)))
        direction = "DESC" if descending else "ASC"
        order = f"seq {direction}" if by_creation else f"name COLLATE NOCASE {direction}, seq {direction}"
        with self._lock:
            total = self._one(f"SELECT count(*) FROM objects WHERE {where}", *values)  # noqa: S608  fixed words only
            rows = self._db.execute(
                f"SELECT doc FROM objects WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",  # noqa: S608
                [*values, limit, offset],
            ).fetchall()
        return [json.loads(row[0]) for row in rows], 0 if total is None else int(total[0])

    # what refers to what

    def name_of(self, kind: str, id_: str) -> tuple[str, int | None] | None:
        """Name and, for a tombstone, when it was deleted; None when there never was one or nothing is left."""
        known = self._names.get((kind, id_))
        if known is None:
            row = self._one("SELECT name, deleted_at FROM objects WHERE kind=? AND id=?", kind, id_)
            if row is None:
                return None
            known = self._names[kind, id_] = (row[0], row[1])
        return known

    def linked_from(self, from_kind: str, to_kind: str, to_id: str) -> list[str]:
        """Ids of documents of `from_kind` that point at this one."""
        with self._lock:
            rows = self._db.execute(
                "SELECT id FROM links WHERE to_kind=? AND to_id=? AND kind=? ORDER BY id",
                (to_kind, to_id, from_kind),
            ).fetchall()
        return [row[0] for row in rows]

    # numbers and ids

    def next_number(self, name: str) -> int:
        with self.transaction():
            self._db.execute(
                "INSERT INTO counters VALUES(?, 1) ON CONFLICT(name) DO UPDATE SET value = value + 1", (name,)
            )
            row = self._one("SELECT value FROM counters WHERE name=?", name)
        assert row is not None
        return int(row[0])

    def new_id(self, kind: str) -> str:
        while True:
            candidate = ids.make(kind, self.next_number("id"))
            if self._one("SELECT 1 FROM objects WHERE id=? AND kind=?", candidate, kind) is None:
                return candidate

    # the request log

    def log(self, entry: Logged) -> None:
        with self.transaction():
            self._db.execute(
                "INSERT INTO requests(at, method, path, query, status, request_id, token_tail) VALUES(?,?,?,?,?,?,?)",
                (
                    entry.at,
                    entry.method,
                    entry.path,
                    entry.query,
                    entry.status,
                    entry.request_id,
                    entry.token_tail,
                ),
            )

    def logged(self) -> list[Logged]:
        with self._lock:
            rows = self._db.execute(
                "SELECT method, path, status, query, request_id, token_tail, at FROM requests ORDER BY seq"
            ).fetchall()
        return [Logged(*row) for row in rows]

    def clear_log(self) -> None:
        with self.transaction():
            self._db.execute("DELETE FROM requests")

    def _one(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        with self._lock:
            row: tuple[Any, ...] | None = self._db.execute(sql, values).fetchone()
        return row

    def _docs(self, sql: str, *values: object) -> list[Doc]:
        with self._lock:
            rows = self._db.execute(sql, values).fetchall()
        return [json.loads(row[0]) for row in rows]

    def _drop_stale_names(self) -> None:
        """Another process may have written to the same file since."""
        row = self._one("PRAGMA data_version")
        if row is not None and row[0] != self._version:
            self._names.clear()
            self.generation += 1
            self._version = row[0]
