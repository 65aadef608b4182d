"""A wire that answers by script, and a clock that only moves when somebody sleeps."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from watchbill.pagerduty.answers import NoAnswer, Response
from watchbill.pagerduty.transport import Limits, Transport

Outcome = Response | NoAnswer


def answer(status: int = 200, body: Any = None, **headers: str) -> Response:
    """Headers with underscores for hyphens."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, sent, b"" if body is None else json.dumps(body).encode())


def broken(*, sent: bool = True, slow: bool = False) -> NoAnswer:
    return NoAnswer("the connection broke", sent=sent, slow=slow)


class VirtualClock:
    def __init__(self) -> None:
        self.at = 0.0
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.at += seconds


@dataclass
class ScriptedWire:
    """Answers the script in order, then `last` for ever; a callable decides by the request."""

    script: list[Outcome | Callable[[str, str, Mapping[str, Any]], Outcome]] = field(default_factory=list)
    last: Outcome | Callable[[str, str, Mapping[str, Any]], Outcome] = field(
        default_factory=lambda: answer(200, {})
    )
    seen: list[tuple[str, str, Mapping[str, Any], Any]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any],
        body: Any | None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        with self.lock:
            self.seen.append((method, path, params, body))
            self.senders.append((headers or {}).get("From", ""))
            step = self.script.pop(0) if self.script else self.last
        outcome = step(method, path, params) if callable(step) else step
        if isinstance(outcome, NoAnswer):
            raise outcome
        return outcome

    def close(self) -> None:
        pass


def transport(wire: ScriptedWire, clock: VirtualClock | None = None, **limits: float) -> Transport:
    return Transport(
        "https://api.pagerduty.com",
        SecretStr("u+secretsecretsecret"),
        wire=wire,
        clock=clock or VirtualClock(),
        jitter=random.Random(1),
        limits=Limits(**limits),
    )
