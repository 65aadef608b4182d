"""An apply in a child process that is killed at one of its writes; and what an account holds, told without ids."""

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

from watchbill.account.canon import form_of
from watchbill.account.objects import Account
from watchbill.apply.execute import execute
from watchbill.pagerduty.answers import NoAnswer, Response
from watchbill.pagerduty.client import OfficialClient
from watchbill.pagerduty.read import read_account
from watchbill.pagerduty.transport import Transport
from watchbill.plan.document import Plan
from watchbill.rota.clock import DAY, WEEK, iso, parse_instant
from watchbill.rota.spans import complement, union
from watchbill.sandbox.server import Sandbox

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
    with Transport(url, SecretStr("any-token"), wire=wire) as transport:
        outcome = execute(Plan.model_validate_json(plan), transport, now=now, state=state)
    os._exit(outcome.exit_code)


def read(sandbox: Sandbox, now: int) -> Account:
    with Transport(sandbox.url, SecretStr("any-token")) as transport:
        bare = read_account(transport, name="sandbox", now=now, since=now, until=now + 90 * DAY)
        ids = [schedule.id for schedule in bare.schedules]
        return read_account(
            transport, name="sandbox", now=now, since=now, until=now + 90 * DAY, overrides_of=ids
        )


def told(account: Account, now: int) -> list[str]:
    """Everything the account holds, by name: what two accounts that mean the same have in common."""
    names = {schedule.id: schedule.name for schedule in account.schedules}
    lines = []
    for obj in account.objects():
        owner = obj.marker.key if obj.marker else "nobody"
        text = f"{obj.kind} {owner} {form_of(obj, now=now)}"
        for other in account.objects():  # ids are unique within their kind only
            for left, right in ("()", "[]"):
                text = text.replace(
                    f"{left}{other.kind!r}, {other.id!r}{right}",
                    f"{left}{other.kind!r}, <{other.name}>{right}",
                )
        lines.append(text)
    for id_, slots in account.overrides.items():
        lines += [f"override {names[id_]} {slot.match}" for slot in slots]
    return sorted(lines)


def unpaged(sandbox: Sandbox, now: int) -> list[str]:
    """Services whose first step reaches nobody at some minute of the next week, as PagerDuty renders it."""
    span = (now, now + WEEK)
    holes = []
    with Transport(sandbox.url, SecretStr("any-token")) as transport:
        account = read_account(transport, name="sandbox", now=now, since=now, until=now + 1)
        policies = {policy.id: policy for policy in account.policies}
        for service in account.services:
            covered: list[tuple[int, int]] = []
            for target in policies[service.policy.id].rules[0].targets:
                covered += [span] if target.kind == "user" else _rendered(transport, target.id, span)
            if complement(union(covered), *span):
                holes.append(service.name)
    return holes


def _rendered(transport: Transport, schedule_id: str, span: tuple[int, int]) -> list[tuple[int, int]]:
    since, until = (iso(at) for at in span)
    answer = transport.get(
        f"/schedules/{schedule_id}", {"since": since, "until": until, "time_zone": "Etc/UTC"}
    )
    entries = answer.body["schedule"]["final_schedule"]["rendered_schedule_entries"]
    return [(parse_instant(e["start"]), parse_instant(e["end"])) for e in entries]
