"""When an incident, or an alert that is held back, next needs looking at."""

from __future__ import annotations

from watchbill.rota.clock import Instant
from watchbill.sandbox.store import Store


def wake(store: Store, incident: str, at: Instant | None) -> None:
    if at is None:
        store.execute("DELETE FROM timers WHERE incident=?", incident)
    else:
        store.execute("INSERT OR REPLACE INTO timers VALUES(?,?)", incident, at)


def next_due(store: Store, until: Instant) -> tuple[str, Instant] | None:
    """The earliest up to and including `until`."""
    rows = store.execute("SELECT incident, at FROM timers WHERE at <= ? ORDER BY at, incident LIMIT 1", until)
    return (str(rows[0][0]), int(rows[0][1])) if rows else None
