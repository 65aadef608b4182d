"""What comes back for one request sent once: an answer of any status, or none; and whether to try it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from watchbill.pagerduty.pacing import retry_after

_RETRY = frozenset({408, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Response:
    """Names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """None for an empty body; raises ValueError for what is no JSON."""
        return json.loads(self.content) if self.content.strip() else None

    @property
    def sent(self) -> bool:
        return True

    @property
    def limited(self) -> bool:
        return self.status == 429

    @property
    def slow(self) -> bool:
        return self.status == 504

    @property
    def trouble(self) -> str | None:
        """What is wrong with it, if it is worth another try."""
        if self.limited:
            return "too many requests (429)"
        return f"server error {self.status}" if self.status in _RETRY else None

    @property
    def wait(self) -> float:
        """Seconds that it tells to wait."""
        return retry_after(self.headers) or 0.0


class NoAnswer(Exception):
    """`sent`: the request may have reached the server.  `slow`: the server took too long."""

    status: int | None = None
    headers: Mapping[str, str] = {}
    limited = False
    wait = 0.0

    def __init__(self, what: str, *, sent: bool, slow: bool) -> None:
        super().__init__(what)
        self.sent = sent
        self.slow = slow

    @property
    def trouble(self) -> str | None:
        return str(self)


Outcome = Response | NoAnswer
