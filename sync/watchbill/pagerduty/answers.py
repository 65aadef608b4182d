"""What comes back for one request sent once: an answer of any status, or none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Response:
    """Names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """None for an empty body; raises ValueError for what is no JSON."""
        return json.loads(self.content) if self.content.strip() else None


class NoAnswer(Exception):
    """`sent`: the request may have reached the server.  `slow`: the server took too long."""

    def __init__(self, what: str, *, sent: bool, slow: bool) -> None:
        super().__init__(what)
        self.sent = sent
        self.slow = slow
