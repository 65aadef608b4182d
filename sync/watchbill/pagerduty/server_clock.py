"""PagerDuty's own clock, from the `Date` of its answers: the one that all users of an account share."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from watchbill.pagerduty.pacing import Clock
from watchbill.rota.clock import Instant, instant_of


class ServerClock:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._told: tuple[str, float] | None = None

    def learn(self, headers: Mapping[str, str]) -> None:
        if "date" in headers:
            with self._lock:
                self._told = (headers["date"], self._clock.monotonic())

    @property
    def now(self) -> Instant | None:
        with self._lock:
            told = self._told
        if told is None:
            return None
        try:
            then = instant_of(parsedate_to_datetime(told[0]))
        except ValueError:
            return None
        return int(then + self._clock.monotonic() - told[1])
