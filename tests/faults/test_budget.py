"""An apply against an account that limits, fails and dawdles, in virtual time: it takes what the budget allows.

Virtual time passes only while somebody waits; of two threads that wait side by side it passes once.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from unit.apply.plans import NOW, whole
from watchbill.apply.execute import execute
from watchbill.apply.outcome import Outcome
from watchbill.pagerduty.answers import NoAnswer, Response
from watchbill.pagerduty.pacing import LONGEST_WINDOW
from watchbill.pagerduty.transport import Exchange, Limits, Transport
from watchbill.rota.clock import iso
from watchbill.sandbox.faults import parse_fault
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox
from wires import Through

LIMIT, FEW = 960, 60
"""Requests a minute: as PagerDuty allows, and so few that sixty changes need several minutes."""
SLOW = 1.0
"""Virtual seconds that a slow answer takes."""
RESET, BLIND = 1.0, 0.5
"""What the sandbox's made-up 429 asks for; the least to wait after one that says nothing."""
BACKOFF = 0.25 * 0.75
EACH = "429:0.1", "429-bare:0.1", "503:0.1"


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


class Dawdling(Through):
    """Every tenth answer or so is slow."""

    def __init__(self, url: str, clock: SharedClock) -> None:
        super().__init__(url, timeout=30)
        self._clock, self._random = clock, random.Random(4)
        self.slow = 0

    def send(self, method: str, path: str, *more: Any) -> Response:
        if self._random.random() < 0.1:
            self.slow += 1
            self._clock.sleep(SLOW)
        return super().send(method, path, *more)


@dataclass
class Run:
    outcome: Outcome
    seconds: float
    answers: Counter[int | None] = field(default_factory=Counter)
    slow: int = 0


def run(changes: int, faults: tuple[str, ...], state: Path, *, slow: bool = False, limit: int = LIMIT) -> Run:
    clock, answers = SharedClock(), Counter[int | None]()
    options = SandboxOptions(rate_limit=limit, faults=tuple(parse_fault(f) for f in faults), seed=5)

    def count(seen: Exchange) -> None:
        answers[seen.status] += 1

    with Sandbox(clock=iso(NOW), options=options) as sandbox:
        sandbox._front._limiter._seconds = clock.monotonic
        ensure_users(sandbox.store, [{"name": n, "email": f"{n}@example.com"} for n in "abcd"])
        crew = [u["id"] for u in sandbox.store.all("user") if u["role"] != "owner"]
        wanted = whole(crew, [f"r{i}" for i in range(changes // 2 - 1)])
        assert len(wanted.changes) == changes
        wire = Dawdling(sandbox.url, clock) if slow else None
        jitter = random.Random(2)
        with Transport(
            sandbox.url, SecretStr("t"), clock=clock, jitter=jitter, on_exchange=count, wire=wire
        ) as transport:
            outcome = execute(wanted, transport, now=NOW, state=state)
        found = Counter(kind for kind in ("schedule", "escalation_policy") for _ in sandbox.store.all(kind))
    assert outcome.complete, outcome
    assert found.total() == changes - 2, "each once"
    assert outcome.requests == answers.total()
    return Run(outcome, clock.at, answers, wire.slow if wire else 0)


def judge(ran: Run, undisturbed: int, *, limit: int = LIMIT) -> str:
    """The fewest requests: the undisturbed run's, and one more for each that was refused.  The least time: as many
    windows as these requests fill, the waits that the account asked for, the time it took to answer."""
    refused = ran.answers[429] + ran.answers[503]
    fewest = undisturbed + refused
    windows = (fewest - 1) // limit * 60.0
    least = windows + ran.answers[429] / 2 * (RESET + BLIND) + ran.answers[503] * BACKOFF + ran.slow * SLOW
    assert ran.outcome.requests <= 1.3 * fewest
    assert ran.outcome.requests <= 1.3 * undisturbed / (1 - refused / ran.outcome.requests)
    assert ran.seconds <= 1.3 * least + 5
    return (
        f"{ran.outcome.requests} requests where {fewest} were the fewest ({refused} refused), "
        f"{ran.seconds:.0f} virtual seconds where {least:.0f} were the least"
    )


@pytest.fixture(scope="module")
def sixty(tmp_path_factory: pytest.TempPathFactory) -> int:
    """Requests of sixty changes, undisturbed."""
    return run(60, (), tmp_path_factory.mktemp("quiet"), limit=FEW).outcome.requests


@pytest.mark.parametrize("fault", EACH)
def test_requests_and_time_stay_within_what_the_budget_allows(fault: str, sixty: int, tmp_path: Path) -> None:
    print(judge(run(60, (fault,), tmp_path, limit=FEW), sixty, limit=FEW))


def test_five_hundred_changes_under_all_of_them_at_once(sixty: int, tmp_path: Path) -> None:
    """Three requests each - a look, the write, reading it back - and three lists before."""
    assert sixty == 3 * 60 + 3
    print(judge(run(500, EACH, tmp_path, slow=True), 3 * 500 + 3))


class Dead(Through):
    """Answers `good` times, then never again as it should."""

    def __init__(self, url: str, good: int, end: Response | NoAnswer, clock: SharedClock) -> None:
        super().__init__(url, timeout=9)
        self._good, self._end, self._clock = good, end, clock

    def send(self, method: str, path: str, *more: Any) -> Response:
        self._good -= 1
        if self._good >= 0:
            return super().send(method, path, *more)
        if isinstance(self._end, NoAnswer):
            self._clock.sleep(30 if self._end.slow else 0)
            raise self._end
        return self._end


FULL = {"ratelimit-remaining": "0", "ratelimit-reset": "37"}
ENDS = {
    "refuses connections": NoAnswer("refused", sent=False, slow=False),
    "breaks connections": NoAnswer("broken", sent=True, slow=False),
    "never answers": NoAnswer("timeout", sent=True, slow=True),
    "503": Response(503, {}, b""),
    "429": Response(429, FULL, b""),
    "429 without headers": Response(429, {}, b""),
    "429 for an hour": Response(429, {"ratelimit-remaining": "0", "ratelimit-reset": "3600"}, b""),
    "429 over at once": Response(429, {"ratelimit-remaining": "0", "ratelimit-reset": "0"}, b""),
}


@pytest.mark.parametrize("good", [0, 5, 16])
@pytest.mark.parametrize("end", ENDS)
def test_a_dead_account_ends_within_the_deadline(end: str, good: int, tmp_path: Path) -> None:
    clock = SharedClock()
    with Sandbox(clock=iso(NOW), options=SandboxOptions(rate_limit=0)) as sandbox:
        ensure_users(sandbox.store, [{"name": n, "email": f"{n}@example.com"} for n in "abcd"])
        crew = [u["id"] for u in sandbox.store.all("user") if u["role"] != "owner"]
        wire = Dead(sandbox.url, good, ENDS[end], clock)
        with Transport(
            sandbox.url, SecretStr("t"), clock=clock, wire=wire, jitter=random.Random(1)
        ) as transport:
            outcome = execute(whole(crew), transport, now=NOW, state=tmp_path)
    assert outcome.exit_code == (13 if outcome.wrote else 14), outcome
    assert bool(outcome.fatal)
    assert "does not answer" in outcome.fatal
    limits = Limits()
    assert clock.at <= limits.silence + LONGEST_WINDOW
    if not good and isinstance(ENDS[end], NoAnswer):
        assert clock.at <= limits.first_contact + limits.timeout
    assert outcome.wrote == (good > 10)
