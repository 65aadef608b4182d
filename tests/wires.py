"""Wires between a transport and a sandbox, on which something happens."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from pydantic import SecretStr

from watchbill.pagerduty.answers import NoAnswer, Response
from watchbill.pagerduty.client import OfficialClient


class Killed(BaseException):
    """What a kill looks like from inside: nothing is sent any more, nothing is cleaned up."""


def kill() -> None:
    raise Killed


def is_write(method: str, path: str) -> bool:
    return method != "GET"


class Through:
    def __init__(self, url: str, *, timeout: float = 10) -> None:
        self._inner = OfficialClient(url, SecretStr("any-token"), timeout=timeout)

    def send(self, method: str, path: str, *more: Any) -> Response:
        """`more`: parameters, body, headers."""
        return self._inner.send(method, path, *more)

    def close(self) -> None:
        self._inner.close()


class Fatal(Through):
    """Dies before or after the write number `at` (from 1; 0: at none), or loses its answer (`drop`)."""

    def __init__(
        self,
        url: str,
        at: int,
        moment: str,
        *,
        die: Callable[[], None] = kill,
        counts: Callable[[str, str], bool] = is_write,
    ) -> None:
        super().__init__(url)
        self._at, self._moment, self._die, self._counts = at, moment, die, counts
        self._lock, self._dead = threading.Lock(), False
        self.writes = 0

    def send(self, method: str, path: str, *more: Any) -> Response:
        if self._dead:
            self._die()
        counts = self._counts(method, path)
        with self._lock:
            self.writes += counts
            doomed = counts and self.writes == self._at
        self._pass(doomed, "before")
        answer = super().send(method, path, *more)
        self._pass(doomed, "after")
        if doomed:
            raise NoAnswer("the answer got lost", sent=True, slow=False)
        return answer

    def revive(self) -> None:
        """The next run of whoever died, which nothing kills."""
        self._at, self._dead = 0, False

    def _pass(self, doomed: bool, moment: str) -> None:
        if doomed and self._moment == moment:
            self._dead = True
            self._die()
