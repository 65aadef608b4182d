"""The sandbox's own idea of now."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from watchbill.rota.clock import Instant, iso


class MovableClock:
    """Real time by default.  Given an instant it stands still there until moved; `run()` lets it tick on.

    A clock that stands still makes two runs at the same instant equal, whatever they cost in real time.
    """

    def __init__(self, at: Instant | None = None) -> None:
        self._offset = 0.0
        self._pretended: float | None = None
        self._frozen: float | None = None if at is None else float(at)

    def now(self) -> Instant:
        return int(self.exact())

    def exact(self) -> float:
        if self._pretended is not None:
            return self._pretended
        return time.time() + self._offset if self._frozen is None else self._frozen

    @contextmanager
    def pretending(self, at: Instant) -> Iterator[None]:
        """Within the block it is `at`: for what the clock did while nobody looked."""
        outer, self._pretended = self._pretended, float(at)
        try:
            yield
        finally:
            self._pretended = outer

    def iso(self) -> str:
        return iso(self.now())

    def milliseconds(self) -> str:
        """2026-11-23T14:00:00.123Z, as audit records have it."""
        exact = self.exact()
        return f"{iso(int(exact))[:-1]}.{int(exact % 1 * 1000):03d}Z"

    @property
    def running(self) -> bool:
        return self._frozen is None

    def move(self, to: Instant) -> None:
        if self._frozen is None:
            self._offset = to - time.time()
        else:
            self._frozen = float(to)

    def advance(self, seconds: float) -> None:
        if self._frozen is None:
            self._offset += seconds
        else:
            self._frozen += seconds

    def run(self) -> None:
        if self._frozen is not None:
            self._offset = self._frozen - time.time()
            self._frozen = None

    def stop(self) -> None:
        self._frozen = self.exact()
