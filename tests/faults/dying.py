"""An apply in a child process that is killed at one of its writes."""

from __future__ import annotations

import multiprocessing.forkserver
import os
import signal
import sys
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr

from unit.pagerduty.scripted import VirtualClock
from watchbill.apply.execute import execute
from watchbill.pagerduty.answers import NoAnswer, Response
from watchbill.pagerduty.client import OfficialClient
from watchbill.pagerduty.transport import Transport
from watchbill.plan.document import Plan

Moment = Literal["before", "after", "drop"]


class DeadlyWire:
    """Kills the process before or after the write number `at` (from 1), or loses the answer of that write.

    With `reads` every request counts.
    """

    def __init__(self, url: str, at: int, moment: Moment, *, reads: bool = False) -> None:
        self._inner = OfficialClient(url, SecretStr("any-token"), timeout=10)
        self._at, self._moment, self._reads, self._count = at, moment, reads, 0
        self._lock = threading.Lock()

    def send(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any],
        body: Any | None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        counts = self._reads or method != "GET"
        with self._lock:
            self._count += counts
            doomed = counts and self._count == self._at
        if doomed and self._moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = self._inner.send(method, path, params, body, headers)
        if doomed and self._moment == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        if doomed:
            raise NoAnswer("the answer got lost", sent=True, slow=False)
        return answer

    def close(self) -> None:
        self._inner.close()


def apply_in_child(
    url: str, plan: Plan, now: int, state: Path, at: int, moment: Moment, *, reads: bool = False
) -> int:
    """The child's exit code; -9 when it was killed."""
    context = multiprocessing.get_context("forkserver")
    _start_forkserver()
    child = context.Process(
        target=_apply, args=(url, plan.model_dump_json(by_alias=True), now, state, at, moment, reads)
    )
    child.start()
    child.join()
    code = child.exitcode
    child.close()
    assert code is not None
    return code


@cache
def _start_forkserver() -> None:
    """With everything imported, so that a child costs a fork; it looks for modules in PYTHONPATH only."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
    try:
        multiprocessing.forkserver.set_forkserver_preload([__name__])
        multiprocessing.forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def _apply(url: str, plan: str, now: int, state: Path, at: int, moment: Moment, reads: bool) -> None:
    wire = DeadlyWire(url, at, moment, reads=reads)
    with Transport(url, SecretStr("any-token"), wire=wire, clock=VirtualClock()) as transport:
        outcome = execute(Plan.model_validate_json(plan), transport, now=now, state=state)
    os._exit(outcome.exit_code)
