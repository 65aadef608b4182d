"""One apply at a time per account, wherever it runs: the lease in the account, over HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from contract.openapi import Contract, read_deviations
from journeys.leases import account, connect, leases, put_lease, terms
from shared import openapi_path
from unit.apply.plans import NOW, change, layer, plan, schedule
from watchbill.account.lease import LEASE_NAME, Lease, Process, parse_lease
from watchbill.apply import holder
from watchbill.apply.events import Event
from watchbill.apply.execute import execute
from watchbill.apply.lease import LeaseLost, leased
from watchbill.errors import AccountUnfit, GuardRefused
from watchbill.pagerduty.read import read_account
from watchbill.rota.clock import DAY, HOUR, iso
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

ELSEWHERE = Process(4711, 0, "feedc0ffee00")


def foreign(at: int, **given: object) -> Lease:
    """Of a machine whose processes cannot be seen from here."""
    fields = {"run": "0" * 12, "holder": "bogdan on ci-7", "since": at, "beat": 3, "at": at, "state": "held"}
    return Lease(**{**fields, "process": ELSEWHERE, **given})  # type: ignore[arg-type]


def one_schedule(sandbox: Sandbox) -> list[str]:
    return [user["id"] for user in sandbox.store.all("user") if user["role"] != "owner"]


def test_a_lease_goes_through_its_text() -> None:
    lease = foreign(NOW, holder="ana\nin run 7 of org/repo", id="PX1")
    read = parse_lease(f"Above.\n{lease.text}\nBelow, by a web form", "PX1", "renamed")
    assert read is not None
    assert (read.holder, read.id) == ("ana in run 7 of org/repo", "PX1")
    assert (read.run, read.at, read.process, read.state) == (lease.run, NOW, ELSEWHERE, "held")
    for text in (
        "watchbill/1 rotation/x 3f9c2a @2026-11-01T10:00Z",
        lease.text.replace("2026-11-23", "2026-99-23"),
        lease.text.replace("PX1", "PX2"),
        lease.text.removesuffix(" in PX1"),
    ):
        assert parse_lease(text, "PX1", LEASE_NAME) is None
    claimed = foreign(NOW, state="claimed")
    assert parse_lease(claimed.text, "PX1", LEASE_NAME) is not None
    assert parse_lease(claimed.text, "PX1", f"{LEASE_NAME} (copy)") is None


@pytest.mark.parametrize("name", ["Incident 77: stuck watchbill lease", "watchbill lease (copy)"])
@pytest.mark.parametrize("state", ["claimed", "held"])
def test_a_copy_of_a_lease_is_not_touched(name: str, state: str) -> None:
    with account() as sandbox, connect(sandbox) as transport:
        old = foreign(int(time.time()) - 10_000, state=state, id="POLD001")
        user = transport.get("/users", {"limit": 100}).items("users")[0]["id"]
        layer = {
            "name": "lease",
            "start": iso(NOW),
            "rotation_virtual_start": iso(NOW),
            "rotation_turn_length_seconds": 86400,
            "users": [{"user": {"id": user, "type": "user_reference"}}],
        }
        body = {"name": name, "time_zone": "Etc/UTC", "description": old.text, "schedule_layers": [layer]}
        transport.post("/schedules", {"schedule": {"type": "schedule", **body}})
        before = sandbox.store.all("schedule")
        with leased(transport, terms()) as held:
            assert not held.waited
        assert sandbox.store.all("schedule") == before


def test_it_is_there_while_it_is_held_and_pages_nobody() -> None:
    with account() as sandbox, connect(sandbox) as transport:
        with leased(transport, terms()):
            (lease,) = leases(sandbox)
            assert (lease.holder, lease.state, lease.process.pid) == ("ana on here", "held", os.getpid())
            final = transport.get(
                f"/schedules/{lease.id}", {"since": iso(NOW), "until": iso(NOW + 300 * DAY)}
            ).body["schedule"]["final_schedule"]
            assert final["rendered_schedule_entries"] == []
            assert transport.get("/oncalls").body["oncalls"] == []
            found = read_account(transport, name="sandbox", now=NOW, since=NOW, until=NOW + DAY)
            assert found.objects() == (), "the lease is no object of the account's"
        assert leases(sandbox) == []
        assert not [s for s in sandbox.store.all("schedule") if s["name"] == LEASE_NAME]


def test_who_does_not_wait_is_told_who_holds_it() -> None:
    with account() as sandbox, connect(sandbox) as first, connect(sandbox) as second:
        with (
            leased(first, terms("ana in run 7")),
            pytest.raises(GuardRefused) as told,
            leased(second, terms("bogdan")),
        ):
            pytest.fail("two at once")
        assert "ana in run 7, since 20" in told.value.message
        assert told.value.exit_code == 11
        with leased(second, terms("bogdan")) as held:
            assert not held.waited


def test_who_waits_is_shown_who_holds_it_and_gets_it_next() -> None:
    with account() as sandbox, connect(sandbox) as first, connect(sandbox) as second:
        seen: list[str] = []
        entered, leave = threading.Event(), threading.Event()

        def hold() -> None:
            with leased(first, terms("ana")):
                entered.set()
                leave.wait(10)

        def saw(lease: Lease) -> None:
            seen.append(lease.holder)
            leave.set()

        thread = threading.Thread(target=hold)
        thread.start()
        assert entered.wait(10)
        with leased(second, terms("bogdan", wait=20.0, limit=30.0, on_wait=saw)) as held:
            assert held.waited
        thread.join()
        assert set(seen) == {"ana"}
        assert leases(sandbox) == []


def test_the_beat_goes_on_and_keeps_a_slow_apply_from_being_taken_over() -> None:
    with (
        account() as sandbox,
        connect(sandbox) as first,
        connect(sandbox) as second,
        leased(first, terms("ana", limit=0.6)) as held,
    ):
        with pytest.raises(GuardRefused), leased(second, terms("bogdan", wait=3.5, limit=0.6)):
            pytest.fail("two at once")
        assert leases(sandbox)[0].beat > 5
        held.check()


def test_one_that_stands_still_is_taken_over_after_watching_it() -> None:
    taken: list[str] = []
    with account() as sandbox, connect(sandbox) as transport:
        at = int(time.time())
        put_lease(sandbox, foreign(at + 5 * HOUR), "watchbill lease")  # its clock is wrong by hours
        began = time.monotonic()
        with leased(
            transport, terms(wait=20.0, limit=1.0, on_takeover=lambda x: taken.append(x.holder))
        ) as h:
            assert 1.0 <= time.monotonic() - began < 10
            assert h.waited, "what the dead one wrote is looked at once more"
        assert taken == ["bogdan on ci-7"]


def test_one_whose_last_beat_is_too_long_ago_is_taken_over_at_once() -> None:
    with account() as sandbox, connect(sandbox) as transport:
        put_lease(sandbox, foreign(int(time.time()) - 100))
        with leased(transport, terms(limit=90.0)) as held:
            assert held.waited
            assert len(leases(sandbox)) == 1
        put_lease(sandbox, foreign(int(time.time()) - 100))
        with pytest.raises(GuardRefused), leased(transport, terms(limit=200.0)):
            pytest.fail("it is not that old")


def test_a_holder_who_was_taken_over_writes_no_more() -> None:
    with account() as sandbox, connect(sandbox) as transport:
        with leased(transport, terms(beat=0.02)) as held:
            held.check()
            transport.delete(f"/schedules/{leases(sandbox)[0].id}")
            other = put_lease(sandbox, foreign(int(time.time())))
            deadline = time.monotonic() + 10
            while not held.lost and time.monotonic() < deadline:
                time.sleep(0.02)
            with pytest.raises(LeaseLost):
                held.check()
        assert [lease.id for lease in leases(sandbox)] == [other], "another's lease is not taken away"


def test_an_apply_that_loses_its_lease_stops_and_says_so(tmp_path: Path) -> None:
    with account() as sandbox, connect(sandbox) as transport, connect(sandbox) as rival:
        people = one_schedule(sandbox)
        two = plan([change(schedule(key, [layer(*people)])) for key in "ab"])

        def take_over(event: Event) -> None:
            if event.what == "started" and event.place == 2:
                rival.delete(f"/schedules/{leases(sandbox)[0].id}")
                time.sleep(0.5)

        outcome = execute(two, transport, now=NOW, state=tmp_path, on_event=take_over, lease=terms(beat=0.02))
        assert [s.status for s in outcome.steps] == ["applied", "failed"]
        assert not outcome.steps[1].wrote
        assert outcome.exit_code == 13
        assert "lease is gone" in outcome.fatal


def test_ctrl_c_while_waiting_writes_nothing_and_leaves_the_others_lease(tmp_path: Path) -> None:
    with account() as sandbox, connect(sandbox) as transport:
        two = plan([change(schedule(key, [layer(*one_schedule(sandbox))])) for key in "ab"])
        other = put_lease(sandbox, foreign(int(time.time())))
        pressed = terms(wait=60.0, limit=60.0, on_wait=lambda lease: os.kill(os.getpid(), signal.SIGINT))
        outcome = execute(two, transport, now=NOW, state=tmp_path, lease=pressed)
        assert outcome.interrupted
        assert (outcome.exit_code, outcome.wrote) == (13, False)
        assert {s.status for s in outcome.steps} == {"not started"}
        assert [lease.id for lease in leases(sandbox)] == [other]


def test_a_name_that_somebody_else_uses_is_told() -> None:
    with account() as sandbox, connect(sandbox) as transport:
        people = one_schedule(sandbox)
        taken = schedule("x", [layer(*people)], name=LEASE_NAME, marker=None)
        body = {"name": LEASE_NAME, "time_zone": "UTC", "type": "schedule", "schedule_layers": []}
        transport.post("/schedules", {"schedule": body})
        assert taken.name == LEASE_NAME
        with pytest.raises(AccountUnfit, match="in the way"), leased(transport, terms()):
            pytest.fail("two of one name")


def test_a_token_that_may_make_no_schedule_learns_the_other_way() -> None:
    with (
        account(SandboxOptions(read_only_tokens=("weak",))) as sandbox,
        connect(sandbox, "weak") as transport,
        pytest.raises(AccountUnfit) as told,
        leased(transport, terms()),
    ):
        pytest.fail("it may not write")
    assert "lease: ci" in told.value.remedy


@pytest.mark.parametrize("fault", ["drop-response:1.0,method=POST,times=1", "500:0.4", "429-bare:0.3"])
def test_a_bad_connection_makes_no_second_lease(fault: str, tmp_path: Path) -> None:
    from watchbill.sandbox.faults import parse_fault

    options = SandboxOptions(rate_limit=0, faults=(parse_fault(fault),), seed=5)
    with account(options) as sandbox, connect(sandbox) as transport:
        with leased(transport, terms(limit=60.0, beat=5.0)):
            assert len(leases(sandbox)) == 1
        assert leases(sandbox) == []


def test_every_exchange_is_as_documented(tmp_path: Path) -> None:
    contract = Contract(openapi_path(), [d for d in read_deviations() if d.about != "client"])
    with Sandbox(clock=iso(NOW), record=True) as sandbox, connect(sandbox) as transport:
        ensure_users(sandbox.store, [{"name": "Ana", "email": "ana@example.com"}])
        put_lease(sandbox, foreign(1000))
        with leased(transport, terms(beat=0.05)):
            time.sleep(0.3)
        problems = []
        for seen in sandbox.exchanges():
            problems += contract.request_problems(seen.method, seen.path, seen.query, seen.headers, seen.body)
            problems += contract.response_problems(seen.method, seen.path, seen.status, seen.answer)
        assert [str(p) for p in problems] == []
        assert {s.method for s in sandbox.exchanges()} == {"GET", "POST", "PUT", "DELETE"}


CHILD = """
import sys, time
from journeys.leases import terms
from pydantic import SecretStr
from watchbill.apply.lease import leased
from watchbill.pagerduty.transport import Transport
with Transport(sys.argv[1], SecretStr("any-token")) as transport, leased(transport, terms("child", limit=600.0)):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_killed_process_of_this_machine_is_known_to_be_dead() -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    with (
        account() as sandbox,
        connect(sandbox) as transport,
        subprocess.Popen(
            [sys.executable, "-c", CHILD, sandbox.url], stdout=subprocess.PIPE, env=env
        ) as child,
    ):
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(GuardRefused), leased(transport, terms(limit=600.0)):
            pytest.fail("the child lives")
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert len(leases(sandbox)) == 1, "a killed process leaves its lease"
        with leased(transport, terms(limit=600.0)) as held:
            assert held.waited


def test_a_process_is_only_dead_where_that_is_certain() -> None:
    me = holder.this_process()
    assert not holder.is_dead(me)
    assert not holder.is_dead(ELSEWHERE)
    if me.started:
        assert holder.is_dead(Process(me.pid, me.started + 1, me.place)), "the pid is another's by now"
    assert not holder.is_dead(Process(me.pid, 0, me.place))
