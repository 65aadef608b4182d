"""PagerDuty's clock is not ours, and moves on while an apply runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from unit.apply.plans import NOW, change, layer, plan, schedule
from watchbill.account.canon import form_of
from watchbill.account.digest import as_written
from watchbill.account.objects import Schedule
from watchbill.apply.execute import execute
from watchbill.apply.outcome import Outcome
from watchbill.pagerduty.read import read_account
from watchbill.pagerduty.transport import Transport
from watchbill.plan.document import Change
from watchbill.rota.clock import DAY, MINUTE, WEEK, iso
from watchbill.sandbox.faults import parse_fault
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox


class Bench:
    def __init__(self, sandbox: Sandbox, transport: Transport, state: Path) -> None:
        self.sandbox, self.transport, self.state = sandbox, transport, state
        self.crew = [u["id"] for u in sandbox.store.all("user") if u["role"] != "owner"]

    def apply(self, *changes: Change) -> Outcome:
        return execute(plan(changes), self.transport, now=NOW, state=self.state)

    def schedule(self, now: int = NOW) -> Schedule:
        account = read_account(self.transport, name="sandbox", now=now, since=now, until=now + DAY)
        return account.schedules[0]


@pytest.fixture(params=[-7, 0, 7, 20 * MINUTE], ids="server{:+d}s".format)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    options = SandboxOptions(faults=(parse_fault("drop-response:1.0,method=PUT,times=1"),))
    with Sandbox(clock=iso(NOW + request.param), options=options) as sandbox:
        ensure_users(sandbox.store, [{"name": n, "email": f"{n}@example.com"} for n in ("ana", "bob", "cat")])
        with Transport(sandbox.url, SecretStr("t")) as transport:
            yield Bench(sandbox, transport, tmp_path)


def test_a_crew_change_and_its_withdrawal(bench: Bench) -> None:
    ana, bob, cat = bench.crew
    first = schedule("a", [layer(ana, bob)])
    handoff = NOW + WEEK
    second = schedule(
        "a", [layer(ana, bob, end=handoff), layer(ana, bob, cat, name="Layer 2", start=handoff)]
    )
    assert bench.apply(change(first)).complete
    for want in (second, first):
        current = bench.schedule()
        outcome = bench.apply(change(want, current))
        assert outcome.complete, outcome
        assert outcome.writes == 1, "the change whose answer was lost is recognised and not sent again"
    later = NOW + 30 * MINUTE
    found = bench.schedule(later)
    assert form_of(found, now=later) == form_of(first, now=later)
    assert as_written(found)


def test_a_handoff_only_minutes_away_is_kept_to_the_second(bench: Bench) -> None:
    ana, bob, cat = bench.crew
    assert bench.apply(change(schedule("a", [layer(ana, bob)]))).complete
    handoff = NOW + 25 * MINUTE
    want = schedule("a", [layer(ana, bob, end=handoff), layer(cat, name="Layer 2", start=handoff)])
    assert bench.apply(change(want, bench.schedule())).complete
    found = bench.schedule()
    assert form_of(found, now=NOW + 21 * MINUTE) == form_of(want, now=NOW + 21 * MINUTE)
