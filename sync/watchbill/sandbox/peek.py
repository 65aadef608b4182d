"""What a sandbox's state would answer, without a server and without a trace: it is read into memory first."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from watchbill.errors import UsageError
from watchbill.rota.clock import Instant
from watchbill.sandbox.call import Call
from watchbill.sandbox.clock import MovableClock
from watchbill.sandbox.errors import ApiError, not_found
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.routes import API_ROUTES, teach
from watchbill.sandbox.store import Store
from watchbill.sandbox.world import World

_MARKED = "watchbill/"


class Peek:
    """Answers GET requests as of `at`."""

    def __init__(self, state: Path, at: Instant) -> None:
        """Raises UsageError for a file that is no state of a sandbox."""
        store = Store()
        try:
            store.fill_from(state)
            self._world = World(store, MovableClock(at), SandboxOptions(rate_limit=0))
        except (sqlite3.Error, OSError) as bad:
            store.close()
            raise UsageError(f"the sandbox's state {state} can't be read: {bad}") from bad
        self._lock = threading.Lock()
        teach(self._world)
        self._routes = [
            (re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", route.path)), route.handler)
            for route in API_ROUTES
            if route.method == "GET"
        ]

    @property
    def was_applied_to(self) -> bool:
        """Whether any schedule carries an ownership marker."""
        schedules = [*self._world.store.all("schedule"), *self._world.store.all("schedule_v3")]
        return any(_MARKED in (doc.get("description") or "") for doc in schedules)

    def get(self, path: str, query: Mapping[str, Sequence[str]]) -> tuple[int, Any]:
        """Status and body."""
        world = self._world
        try:
            for form, handler in self._routes:
                if found := form.fullmatch(path):
                    named = {key: list(values) for key, values in query.items()}
                    call = Call(world, "GET", path, found.groupdict(), named, now=world.now)
                    with self._lock:
                        reply = handler(call)
                    return reply.status, reply.body
        except ApiError as error:
            return error.status, error.body
        return 404, not_found().body

    def close(self) -> None:
        self._world.store.close()
