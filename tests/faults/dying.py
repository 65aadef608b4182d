"""An apply in a child process that is killed at one of its writes."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from forked import start_forkserver
from unit.pagerduty.scripted import VirtualClock
from watchbill.apply.execute import execute
from watchbill.pagerduty.transport import Transport
from watchbill.plan.document import Plan
from wires import Fatal, is_write

Moment = Literal["before", "after", "drop"]


def deadly_wire(url: str, at: int, moment: Moment, *, reads: bool = False) -> Fatal:
    """Kills the process before or after the write number `at` (from 1), or loses the answer of that write.

    With `reads` every request counts.
    """
    return Fatal(
        url,
        at,
        moment,
        die=lambda: os.kill(os.getpid(), signal.SIGKILL),
        counts=lambda method, path: reads or is_write(method, path),
    )


def apply_in_child(
    url: str, plan: Plan, now: int, state: Path, at: int, moment: Moment, *, reads: bool = False
) -> int:
    """The child's exit code; -9 when it was killed."""
    start_forkserver()
    context = multiprocessing.get_context("forkserver")
    child = context.Process(
        target=_apply, args=(url, plan.model_dump_json(by_alias=True), now, state, at, moment, reads)
    )
    child.start()
    child.join()
    code = child.exitcode
    child.close()
    assert code is not None
    return code


def _apply(url: str, plan: str, now: int, state: Path, at: int, moment: Moment, reads: bool) -> None:
    wire = deadly_wire(url, at, moment, reads=reads)
    with Transport(url, SecretStr("any-token"), wire=wire, clock=VirtualClock()) as transport:
        outcome = execute(Plan.model_validate_json(plan), transport, now=now, state=state)
    os._exit(outcome.exit_code)
