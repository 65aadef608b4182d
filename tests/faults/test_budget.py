"""An apply against an account that limits, fails and dawdles, in virtual time: it takes what the budget allows."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest
from pydantic import SecretStr

from unit.apply.plans import NOW, whole
from watchbill.apply.execute import execute
from watchbill.pagerduty.transport import Exchange, Transport
from watchbill.rota.clock import iso
from watchbill.sandbox.faults import parse_fault
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

LIMIT = 240
"""Requests a minute, so that a plan of 120 changes needs more than one window."""
RESET = 1.0
"""What the sandbox's made-up 429 asks for."""


class SharedClock:
    """Of the transport and of the sandbox's rate limit; sleeping threads sleep side by side."""

    def __init__(self) -> None:
        self.at = 0.0
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        until = self.at + seconds
        with self._lock:
            self.at = max(self.at, until)


@pytest.mark.parametrize(
    "faults",
    [
        (),
        ("429:0.1",),
        ("429-bare:0.1",),
        ("503:0.1",),
        ("429:0.1", "429-bare:0.1", "503:0.1", "latency:0.1,seconds=0.01"),
    ],
    ids=lambda faults: " ".join(faults) or "none",
)
def test_requests_and_time_stay_within_what_the_budget_allows(
    faults: tuple[str, ...], tmp_path: Path
) -> None:
    clock = SharedClock()
    options = SandboxOptions(rate_limit=LIMIT, faults=tuple(parse_fault(f) for f in faults), seed=5)
    failed: list[int] = []

    def count(seen: Exchange) -> None:
        if seen.status in (429, 503):
            failed.append(seen.status)

    with Sandbox(clock=iso(NOW), options=options) as sandbox:
        sandbox._front._limiter._seconds = clock.monotonic
        ensure_users(sandbox.store, [{"name": n, "email": f"{n}@example.com"} for n in "abcd"])
        crew = [u["id"] for u in sandbox.store.all("user") if u["role"] != "owner"]
        wanted = whole(crew, [f"r{i}" for i in range(59)])
        with Transport(
            sandbox.url, SecretStr("t"), clock=clock, jitter=random.Random(2), on_exchange=count
        ) as transport:
            outcome = execute(wanted, transport, now=NOW, state=tmp_path)
    assert outcome.complete
    good = 3 * len(wanted.changes) + 3
    assert outcome.requests - len(failed) <= 1.3 * good
    windows = (outcome.requests - 1) // LIMIT * 60
    told_to_wait = RESET * failed.count(429)
    assert clock.at <= 1.3 * (windows + told_to_wait) + 5
    print(f"{outcome.requests} requests, {len(failed)} of them in vain, {clock.at:.0f} virtual seconds")
