"""How fast to ask: one budget for all threads, fed by the `ratelimit-*` headers, and the waits between tries.

Seconds on a clock that tests replace.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Protocol

Wait = Callable[[float], None]

BLIND_FIRST = 0.5
BLIND_LONGEST = 30.0
"""Waits after a 429 that says nothing of use, doubled while they keep coming."""
LONGEST_WINDOW = 120.0
"""PagerDuty's windows are a minute: a header that tells of more is not believed, and asked again after this."""
RETRY_FIRST = 0.25
RETRY_LONGEST = 8.0


class Clock(Protocol):
    def monotonic(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...


class RealClock:
    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Budget:
    """Requests left in the account's current window, as far as its answers tell.

    Nothing is known before the first answer, and nothing again when a window has passed.
    """

    def __init__(self, clock: Clock, jitter: random.Random) -> None:
        self._clock = clock
        self._jitter = jitter
        self._lock = threading.Lock()
        self._in_flight = 0
        self._remaining: int | None = None
        self._window_end = 0.0
        self._closed_until = 0.0
        self._refused_in_a_row = 0
        self.waited = 0.0
        """Seconds spent waiting for the budget, of all threads together."""

    def take(self, wait: Wait) -> None:
        """Blocks until one more request fits."""
        while (pause := self._pause()) > 0:
            with self._lock:
                self.waited += pause
            wait(pause)

    def settle(self, status: int | None, headers: Mapping[str, str]) -> None:
        """Once per request taken; `status` is None when no answer came."""
        with self._lock:
            self._in_flight -= 1
            now = self._clock.monotonic()
            reset = _number(headers.get("ratelimit-reset"))
            remaining = _number(headers.get("ratelimit-remaining"))
            if reset is not None and remaining is not None:
                self._learn(now, int(remaining), min(reset, LONGEST_WINDOW))
            if status == 429:
                self._close(now, retry_after(headers) if reset is None else reset)
            elif status is not None:
                self._refused_in_a_row = 0

    def _pause(self) -> float:
        with self._lock:
            now = self._clock.monotonic()
            if now < self._closed_until:
                return self._closed_until - now
            if self._remaining is not None and now >= self._window_end:
                self._remaining = None
            if self._remaining is not None:
                if self._remaining <= 0:
                    return self._window_end - now + self._jitter.uniform(0.05, 0.25)
                self._remaining -= 1
            self._in_flight += 1
            return 0.0

    def _learn(self, now: float, remaining: int, reset: float) -> None:
        end = now + reset
        left = max(0, remaining - self._in_flight)
        if self._remaining is None or end > self._window_end + 1.0:
            self._remaining = left
        else:
            self._remaining = min(self._remaining, left)
        self._window_end = end

    def _close(self, now: float, told: float | None) -> None:
        if told is not None and told >= 1:
            pause = min(told, LONGEST_WINDOW) + self._jitter.uniform(0.05, 0.25)
        elif now < self._closed_until:
            return  # sent before the wait began: it tells nothing new
        else:
            longest = min(BLIND_LONGEST, BLIND_FIRST * 2**self._refused_in_a_row)
            pause = longest * self._jitter.uniform(1, 1.3)
            self._refused_in_a_row = min(self._refused_in_a_row + 1, 10)
        self._closed_until = max(self._closed_until, now + pause)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds.  PagerDuty sends none; what stands before it may, as seconds or as a time (RFC 9110, 10.2.3)."""
    text = headers.get("retry-after", "")
    if (seconds := _number(text)) is not None:
        return seconds
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(headers["date"])
    except (KeyError, TypeError, ValueError):
        return None
    return _number(str(wait.total_seconds()))


def backoff(tries: int, jitter: random.Random) -> float:
    """Seconds to wait after this many failed tries (1, 2, ...)."""
    longest = min(RETRY_LONGEST, RETRY_FIRST * 2.0 ** min(tries - 1, 10))
    return longest * jitter.uniform(0.5, 1.0)


def _number(text: str | None) -> float | None:
    """None for what is no number, negative, or so large that it must mean something else."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 <= value < 86_400 else None
