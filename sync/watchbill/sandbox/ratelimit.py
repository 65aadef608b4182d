"""The limit PagerDuty publishes: so many requests per minute and token, told in three headers."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

WINDOW = 60.0


@dataclass(frozen=True, slots=True)
class Verdict:
    allowed: bool
    limit: int
    remaining: int
    reset: int
    """Seconds until the window starts over."""

    @property
    def headers(self) -> dict[str, str]:
        return {
            "ratelimit-limit": str(self.limit),
            "ratelimit-remaining": str(self.remaining),
            "ratelimit-reset": str(self.reset),
        }


class RateLimiter:
    """Counts in real time, whatever the sandbox's clock says: clients sleep in real time."""

    def __init__(self, limit: int, seconds: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._seconds = seconds
        self._windows: dict[str, tuple[float, int]] = {}

    def take(self, token: str) -> Verdict | None:
        """None when there is no limit."""
        if self.limit <= 0:
            return None
        now = self._seconds()
        began, used = self._windows.get(token, (now, 0))
        if now - began >= WINDOW:
            began, used = now, 0
        allowed = used < self.limit
        used += allowed
        self._windows[token] = (began, used)
        return Verdict(allowed, self.limit, self.limit - used, math.ceil(began + WINDOW - now))
