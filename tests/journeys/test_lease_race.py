"""Several applies at the same instant, over HTTP: exactly one goes on, round after round."""

from __future__ import annotations

import threading
import time

import pytest

from journeys.leases import account, connect, leases, terms
from watchbill.apply.lease import leased
from watchbill.errors import GuardRefused
from watchbill.sandbox.server import Sandbox

RUNNERS = 4


class Ring:
    """Counts who is inside at once, and how many got in."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inside = self.most = self.entered = 0

    def stay(self, seconds: float) -> None:
        with self.lock:
            self.inside += 1
            self.entered += 1
            self.most = max(self.most, self.inside)
        time.sleep(seconds)
        with self.lock:
            self.inside -= 1


def race(sandbox: Sandbox, *, wait: float, one_name: bool, runners: int = RUNNERS) -> tuple[Ring, list[str]]:
    """With names of their own only the tie-break keeps them apart: PagerDuty refuses none."""
    ring, refused = Ring(), []
    start, end = threading.Barrier(runners), threading.Barrier(runners)

    def run(number: int) -> None:
        suffix = "" if one_name else f" {number}"
        with connect(sandbox) as transport:
            transport.get("/abilities")
            start.wait(10)
            name = f"watchbill lease{suffix}"
            mine = terms(f"runner {number}", wait=wait, limit=30.0, poll=0.01, beat=5.0, name=name)
            try:
                with leased(transport, mine):
                    ring.stay(0.02)
                    if not wait:
                        end.wait(20)
            except GuardRefused as told:
                refused.append(told.message)
                end.wait(20)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return ring, refused


@pytest.mark.parametrize("one_name", [True, False], ids=["unique name", "tie-break alone"])
@pytest.mark.parametrize("rounds", [12, pytest.param(150, marks=pytest.mark.long)])
def test_exactly_one_goes_on(one_name: bool, rounds: int) -> None:
    with account() as sandbox:
        for number in range(rounds):
            ring, refused = race(sandbox, wait=0.0, one_name=one_name)
            assert (ring.most, ring.entered) == (1, 1), f"round {number}"
            assert len(refused) == RUNNERS - 1
            assert all("another apply is running: runner" in message for message in refused)
            assert leases(sandbox) == []


@pytest.mark.parametrize("one_name", [True, False], ids=["unique name", "tie-break alone"])
@pytest.mark.parametrize("rounds", [3, pytest.param(40, marks=pytest.mark.long)])
def test_those_who_wait_come_one_after_the_other(one_name: bool, rounds: int) -> None:
    with account() as sandbox:
        for number in range(rounds):
            ring, refused = race(sandbox, wait=60.0, one_name=one_name)
            assert (ring.most, ring.entered, refused) == (1, RUNNERS, []), f"round {number}"
            assert leases(sandbox) == []
