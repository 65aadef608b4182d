"""An account that answers badly: applies still end right, nothing is doubled, and a stop is a clean stop."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from unit.apply.plans import NOW, change, layer, plan, schedule, whole
from watchbill.account.objects import Account
from watchbill.apply.events import Event
from watchbill.apply.execute import execute
from watchbill.apply.lock import one_at_a_time
from watchbill.errors import GuardRefused
from watchbill.pagerduty.read import read_account
from watchbill.pagerduty.transport import Exchange, Limits, Transport
from watchbill.rota.clock import DAY, iso
from watchbill.sandbox.faults import parse_fault
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import ABILITIES, SandboxOptions
from watchbill.sandbox.server import Sandbox

PEOPLE = ("ana", "bogdan", "carmen", "dan")


class QuickClock:
    """Real time, with waits a thousand times as short: the sandbox's limits are switched off."""

    def monotonic(self) -> float:
        return time.monotonic() * 1000

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / 1000)


@contextmanager
def account(*faults: str, people: tuple[str, ...] = PEOPLE) -> Iterator[Sandbox]:
    options = SandboxOptions(rate_limit=0, faults=tuple(parse_fault(f) for f in faults), seed=7)
    with Sandbox(clock=iso(NOW), options=options) as sandbox:
        ensure_users(sandbox.store, [{"name": p.title(), "email": f"{p}@example.com"} for p in people])
        yield sandbox


def connect(
    sandbox: Sandbox, on_exchange: Callable[[Exchange], None] | None = None, *, patience: float = 30_000
) -> Transport:
    return Transport(
        sandbox.url,
        SecretStr(sandbox.token),
        clock=QuickClock(),
        jitter=random.Random(3),
        limits=Limits(timeout=5, patience=patience, first_contact=patience, silence=patience),
        on_exchange=on_exchange,
    )


def crew(sandbox: Sandbox) -> list[str]:
    return [user["id"] for user in sandbox.store.all("user") if user["role"] != "owner"]


def read(transport: Transport) -> Account:
    return read_account(transport, name="sandbox", now=NOW, since=NOW, until=NOW + 60 * DAY)


def names(found: Account) -> list[str]:
    return sorted(obj.name for obj in found.objects())


EXPECTED = ["backend P1", "checkout", "medicalcor-backend", "medicalcor-primary", "primary P1"]


@pytest.mark.parametrize(
    "faults",
    [
        ("drop-response:after=0",),
        ("drop-response:after=2",),
        ("drop-response:after=4",),
        ("drop-response:after=5",),
        ("drop-response:0.5",),
        ("500:0.3",),
        ("429-bare:0.3",),
        ("429:0.2",),
        ("429:0.1", "429-bare:0.1", "503:0.1", "drop-response:0.2", "truncated-body:0.05"),
    ],
    ids=" ".join,
)
def test_an_apply_ends_right_and_doubles_nothing(faults: tuple[str, ...], tmp_path: Path) -> None:
    with account(*faults) as sandbox, connect(sandbox) as transport:
        wanted = whole(crew(sandbox))
        outcome = execute(wanted, transport, now=NOW, state=tmp_path)
        assert [(s.ref, s.status, s.reason) for s in outcome.steps if not s.is_done] == []
        found = read(transport)
        assert names(found) == EXPECTED
        assert len(sandbox.store.all("override")) == 1
        assert transport.tally.retries + len(sandbox.requests()) > len(wanted.changes), "no fault was met"
        if all(fault.startswith("drop-response") for fault in faults):
            assert outcome.writes == len(wanted.changes), "looked first, so nothing was sent twice"
        again = execute(wanted, transport, now=NOW, state=tmp_path)
        assert ({s.status for s in again.steps}, again.writes) == ({"already"}, 0)


def test_a_put_that_adds_a_layer_adds_it_once_though_its_answer_is_lost(tmp_path: Path) -> None:
    with account("drop-response:1.0,method=PUT,times=1") as sandbox, connect(sandbox) as transport:
        people = crew(sandbox)
        execute(plan([change(schedule("a", [layer(*people)]))]), transport, now=NOW, state=tmp_path)
        current = read(transport).schedules[0]
        want = schedule("a", [layer(*people), layer(people[0], name="Layer 2")])
        outcome = execute(plan([change(want, current)]), transport, now=NOW, state=tmp_path)
        assert outcome.exit_code == 0
        assert [x.name for x in read(transport).schedules[0].layers] == ["Layer 1", "Layer 2"]
        (put,) = [r for r in sandbox.requests() if r.method == "PUT"]
        assert put.path == f"/schedules/{current.id}"


def test_a_dead_account_ends_in_14_and_a_dying_one_in_13(tmp_path: Path) -> None:
    with account() as sandbox:
        wanted = whole(crew(sandbox))
        url = sandbox.url
    with Transport(url, SecretStr("t"), clock=QuickClock(), limits=Limits()) as transport:
        outcome = execute(wanted, transport, now=NOW, state=tmp_path)
    assert (outcome.exit_code, outcome.writes) == (14, 0)
    assert "does not answer" in outcome.fatal
    assert {s.status for s in outcome.steps} == {"not started"}
    with account("503:1.0,after=14,times=0") as sandbox, connect(sandbox, patience=500) as transport:
        outcome = execute(whole(crew(sandbox)), transport, now=NOW, state=tmp_path)
        assert outcome.exit_code == 13
        assert outcome.fatal
        statuses = Counter(s.status for s in outcome.steps)
        assert statuses["applied"] >= 1
        assert statuses["not started"] >= 1


def test_a_token_that_may_only_read_writes_nothing(tmp_path: Path) -> None:
    options = SandboxOptions(read_only_tokens=("read-only-token",))
    with Sandbox(clock=iso(NOW), options=options) as sandbox:
        ensure_users(sandbox.store, [{"name": "Ana", "email": "ana@example.com"}])
        with Transport(sandbox.url, SecretStr("read-only-token")) as transport:
            want = plan([change(schedule("a", [layer(*crew(sandbox))]))])
            outcome = execute(want, transport, now=NOW, state=tmp_path)
    assert outcome.steps[0].status == "failed"
    assert "may not" in outcome.steps[0].reason
    assert "admin" in outcome.steps[0].remedy
    assert outcome.exit_code == 14
    assert not outcome.wrote


def test_an_account_whose_plan_has_no_round_robin_is_read_without_it(tmp_path: Path) -> None:
    options = SandboxOptions(abilities=tuple(a for a in ABILITIES if a != "round_robin_scheduling"))
    with Sandbox(clock=iso(NOW), options=options) as sandbox:
        ensure_users(sandbox.store, [{"name": p.title(), "email": f"{p}@example.com"} for p in PEOPLE])
        with Transport(sandbox.url, SecretStr(sandbox.token)) as transport:
            outcome = execute(whole(crew(sandbox)), transport, now=NOW, state=tmp_path)
            assert outcome.exit_code == 0, outcome
            assert names(read(transport)) == EXPECTED


@pytest.fixture
def listening() -> Iterator[None]:
    """Whoever starts the tests in the background has them ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("listening")
def test_ctrl_c_finishes_the_running_change_and_reports(tmp_path: Path) -> None:
    with account() as sandbox, connect(sandbox) as transport:
        wanted = whole(crew(sandbox))

        def press(event: Event) -> None:
            if event.what == "started" and event.place == 2:
                os.kill(os.getpid(), signal.SIGINT)

        outcome = execute(wanted, transport, now=NOW, state=tmp_path, on_event=press)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert outcome.interrupted
        assert outcome.exit_code == 13
        assert [s.status for s in outcome.steps] == ["applied"] * 2 + ["not started"] * 4
        with connect(sandbox) as fresh:
            finished = execute(wanted, fresh, now=NOW, state=tmp_path)
            assert [s.status for s in finished.steps] == ["already"] * 2 + ["applied"] * 4
            assert names(read(fresh)) == EXPECTED


def test_one_apply_at_a_time(tmp_path: Path) -> None:
    with (
        account() as sandbox,
        connect(sandbox) as transport,
        one_at_a_time(tmp_path / "locks", "sandbox"),
        pytest.raises(GuardRefused) as told,
    ):
        execute(whole(crew(sandbox)), transport, now=NOW, state=tmp_path)
    assert str(os.getpid()) in told.value.message
    assert told.value.exit_code == 11


def test_overrides_that_pagerduty_drops_with_a_change_are_made_again(tmp_path: Path) -> None:
    with account() as sandbox:
        people = crew(sandbox)

        def drop(exchange: Exchange) -> None:
            if exchange.method == "PUT":
                with sandbox.store.transaction():
                    for one in sandbox.store.all("override"):
                        sandbox.store.delete("override", one["id"])

        with connect(sandbox, drop) as transport:
            execute(whole(people), transport, now=NOW, state=tmp_path)
            current = next(s for s in read(transport).schedules if s.key == "rotation/primary")
            want = current.model_copy(update={"description": "other words"})
            outcome = execute(plan([change(want, current)]), transport, now=NOW, state=tmp_path)
            assert outcome.exit_code == 0
            assert "made again" in outcome.steps[0].notes[0]
            assert len(sandbox.store.all("override")) == 1


def test_two_threads_share_one_budget() -> None:
    with (
        Sandbox(clock=iso(NOW), options=SandboxOptions(rate_limit=20)) as sandbox,
        Transport(sandbox.url, SecretStr(sandbox.token)) as transport,
    ):
        threads = [
            threading.Thread(target=lambda: [transport.get("/abilities") for _ in range(9)]) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert transport.tally.limited == 0
        assert transport.tally.total == 18


def test_the_journal_tells_each_write_and_no_secret(tmp_path: Path) -> None:
    with account() as sandbox, connect(sandbox) as transport:
        outcome = execute(whole(crew(sandbox)), transport, now=NOW, state=tmp_path)
        text = Path(outcome.journal).read_text(encoding="utf-8")
        for word in (sandbox.token, "@example.com", "Who is paged"):
            assert word not in text
        lines = text.splitlines()
        assert sum('"event": "writing"' in line for line in lines) == outcome.writes == 6
        assert sum('"event": "written"' in line for line in lines) == 6
        assert '"event": "end"' in lines[-1]
