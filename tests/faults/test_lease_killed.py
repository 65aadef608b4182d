"""An apply under a lease, killed at every one of its writes, the lease's own among them: the next run finishes."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

from faults.dying import Moment
from faults.leased import apply_under_lease
from forked import start_forkserver
from journeys.leases import account, connect, leases, terms
from unit.apply.plans import NOW, change, layer, plan, schedule
from watchbill.apply.execute import execute
from watchbill.plan.document import Plan
from watchbill.sandbox.server import Sandbox

WRITES = 5
"""The lease's claim and hold, two schedules, the lease's end."""


def _in_child(sandbox: Sandbox, what: Plan, state: Path, at: int, moment: Moment) -> int | None:
    start_forkserver()
    context = multiprocessing.get_context("forkserver")
    child = context.Process(
        target=apply_under_lease, args=(sandbox.url, what.model_dump_json(by_alias=True), state, at, moment)
    )
    child.start()
    child.join(120)
    return child.exitcode


FULL = pytest.mark.skipif(
    os.environ.get("WATCHBILL_FAULTS") != "full", reason="takes long; `nox -s faults` runs it"
)


@pytest.mark.parametrize(
    "moment", [pytest.param("before", marks=FULL), "after", pytest.param("drop", marks=FULL)]
)
def test_killed_at_each_write_of_an_apply_under_a_lease(moment: Moment, tmp_path: Path) -> None:
    for at in range(1, WRITES + 1):
        with account() as sandbox, connect(sandbox) as transport:
            people = [user["id"] for user in sandbox.store.all("user") if user["role"] != "owner"]
            what = plan([change(schedule(key, [layer(*people)])) for key in "ab"])
            state = tmp_path / f"{at}"
            code = _in_child(sandbox, what, state, at, moment)
            assert code == (0 if moment == "drop" else -9), f"{moment} write {at}"
            other_machine = tmp_path / f"{at} elsewhere"
            second = execute(
                what,
                transport,
                now=NOW,
                state=other_machine,
                lease=terms("the second", wait=30.0, limit=600.0),
            )
            assert second.exit_code == 0, second
            assert leases(sandbox) == []
            found = sorted(s["name"] for s in sandbox.store.all("schedule"))
            assert found == ["medicalcor-a", "medicalcor-b"], f"{moment} write {at}"
