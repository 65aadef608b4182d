"""Wakes a main thread that waits, from a signal handler or another thread.

`threading.Event.set` in a signal handler can hang: the handler may run while the waiting thread holds the event's lock.
`queue.SimpleQueue.put` is made for that case.
"""

from __future__ import annotations

import signal
from contextlib import suppress
from queue import Empty, SimpleQueue


class Bell:
    def __init__(self) -> None:
        self.ended = False
        self._rung = SimpleQueue[None]()

    def ring(self) -> None:
        self._rung.put(None)

    def end_on_signals(self) -> None:
        """From now on SIGINT and SIGTERM set `ended` and ring."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)

    def wait(self, seconds: float) -> None:
        """Until it rings, or rang since the last wait."""
        with suppress(Empty):
            self._rung.get(timeout=seconds)
            while True:
                self._rung.get_nowait()

    def _end(self, *_: object) -> None:
        self.ended = True
        self.ring()
