"""A real `watchbill apply` that is stopped, killed, kept waiting or left alone by the account."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from away import away
from journeys.conftest import NOW, Person, clean_environment
from journeys.leases import leases, put_lease
from watchbill.account.lease import Lease, Process
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

SIX = """\
settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  pagerduty: {account: sandbox, new_schedules: layers}
people:
  ana: {name: Ana, email: ana@example.com}
  ben: {name: Ben, email: ben@example.com}
rotations:
"""
SIX += "".join(
    f"  r{n}: {{title: Rotation {n}, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]}}\n"
    for n in range(6)
)


@pytest.fixture
def anna(tmp_path: Path) -> Person:
    """With a policy of six rotations."""
    folder = tmp_path / "repository"
    (folder / "policies").mkdir(parents=True)
    (folder / "policies" / "all.yaml").write_text(SIX, "utf-8")
    return Person(folder, clean_environment(tmp_path / "home"))


@pytest.fixture
def slow() -> Iterator[Sandbox]:
    """Every answer takes a while, so that there is a middle to stop in."""
    with served(latency_ms=60) as running:
        yield running


@contextmanager
def served(latency_ms: int = 0) -> Iterator[Sandbox]:
    with Sandbox(clock=NOW, options=SandboxOptions(rate_limit=0, latency_ms=latency_ms)) as running:
        ensure_users(
            running.store, ({"name": h.title(), "email": f"{h}@example.com"} for h in ("ana", "ben"))
        )
        yield running


@contextmanager
def applying(person: Person, *words: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [sys.executable, "-m", "watchbill", "apply", "--yes", *words],
        cwd=person.folder,
        env={**person.env, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.communicate()


def until_written(sandbox: Sandbox, child: subprocess.Popen[str], schedules: int = 2) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        written = [s for s in sandbox.store.all("schedule") if "rotation/" in (s["description"] or "")]
        if len(written) >= schedules:
            return
        time.sleep(0.01)
    raise AssertionError(f"nothing was written: {child.poll()}")


def others(sandbox: Sandbox) -> list[str]:
    return sorted(
        o["name"] for k in ("schedule", "escalation_policy", "service") for o in sandbox.store.all(k)
    )


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGINT, id="ctrl-c"),
        pytest.param(signal.SIGTERM, id="terminated", marks=pytest.mark.long),
    ],
)
def test_a_stop_finishes_the_running_request_reports_and_leaves_no_lease(
    slow: Sandbox, anna: Person, number: signal.Signals
) -> None:
    anna = anna.at(slow)
    with applying(anna) as child:
        until_written(slow, child)
        assert len(leases(slow)) == 1
        child.send_signal(number)
        out, err = child.communicate(timeout=60)
    assert child.returncode == 13, err
    assert "Interrupted. What was written stays" in out
    told = re.search(r"(\d) of 6 changes done", out)
    assert told is not None, out
    assert 2 <= int(told[1]) < 6
    assert leases(slow) == []
    writing = [s["name"] for s in slow.store.all("schedule") if (s["description"] or "").endswith("writing")]
    assert writing == []
    again = anna.watchbill("apply", "--yes")
    assert again.code == 0, again.out + again.err
    assert len(set(others(slow))) == len(others(slow))


def test_a_killed_apply_leaves_its_lease_and_the_next_one_takes_over(slow: Sandbox, anna: Person) -> None:
    anna = anna.at(slow)
    with applying(anna) as child:
        until_written(slow, child)
        child.kill()
        child.communicate(timeout=60)
    (left,) = leases(slow)
    drift = anna.watchbill("drift", "--json")
    assert drift.code == 0, drift.out
    assert "lease" not in json.dumps([drift.json["changes"], drift.json["notices"]])
    again = anna.watchbill("apply", "--yes")
    assert again.code == 0, again.out + again.err
    assert f"taking over from an apply that died: {left.holder}, since" in again.err
    assert leases(slow) == []
    assert len(set(others(slow))) == len(others(slow))
    assert anna.watchbill("plan", "--exit-code").code == 0


def test_the_lease_goes_also_where_nothing_is_left_to_apply(anna: Person) -> None:
    """Killed after its last change, before it gave the lease up."""
    with served() as sandbox:
        anna = anna.at(sandbox)
        assert anna.watchbill("apply", "--yes").code == 0
        long_ago, elsewhere = int(time.time()) - 1000, Process(4711, 1, "0" * 8)
        put_lease(sandbox, Lease("0" * 12, "ben on ci", long_ago, 3, long_ago, elsewhere, "held"))
        assert anna.watchbill("plan", "--exit-code").code == 0
        assert len(leases(sandbox)) == 1
        again = anna.watchbill("apply", "--yes")
        assert again.code == 0, again.out + again.err
        assert "taking over from an apply that died: ben on ci" in again.err
        assert leases(sandbox) == []


@pytest.mark.long
def test_of_two_at_once_the_second_is_told_or_waits(slow: Sandbox, anna: Person, tmp_path: Path) -> None:
    anna = anna.at(slow)
    bob = Person(anna.folder, {**anna.env, "XDG_STATE_HOME": str(tmp_path / "elsewhere")})
    slow.world.options = replace(slow.world.options, latency_ms=250)
    with applying(anna) as child:
        until_written(slow, child, 1)
        with applying(bob, "--wait", "5m") as waiting:
            refused = bob.watchbill("apply", "--yes", "--wait", "0s", XDG_STATE_HOME=str(tmp_path / "third"))
            assert refused.code == 11, refused.out + refused.err
            assert re.search(r"another apply is running: \S+ on \S+, since 20", refused.err)
            out, err = waiting.communicate(timeout=120)
        assert child.wait(60) == 0
    assert waiting.returncode == 0, out + err
    assert "waiting: another apply is running" in err
    assert len(set(others(slow))) == len(others(slow))
    assert leases(slow) == []


@pytest.mark.long
def test_the_same_machine_is_told_at_once(slow: Sandbox, anna: Person) -> None:
    anna = anna.at(slow)
    slow.world.options = replace(slow.world.options, latency_ms=250)
    with applying(anna) as child:
        until_written(slow, child, 1)
        refused = anna.watchbill("apply", "--yes")
        assert refused.code == 11
        assert f"process {child.pid}" in refused.err


def test_ci_keeps_them_apart_where_the_settings_say_so(anna: Person) -> None:
    text = SIX.replace("account: sandbox", "account: sandbox, lease: ci")
    (anna.policies / "all.yaml").write_text(text, "utf-8")
    with served() as sandbox:
        anna = anna.at(sandbox)
        refused = anna.watchbill("apply", "--yes")
        assert refused.code == 11
        assert "outside of CI" in refused.err
        assert others(sandbox) == []
        waived = anna.watchbill("apply", "--yes", "--waive", "outside-ci=the runners are down")
        assert waived.code == 0, waived.err
        assert "guard outside-ci waived: the runners are down" in waived.err
        assert not [r for r in sandbox.requests() if r.method == "DELETE"], "no lease was made"


def test_a_plan_that_is_stale_makes_no_lease(anna: Person) -> None:
    with served() as sandbox:
        anna = anna.at(sandbox)
        made = anna.watchbill("plan", "--out", "plan.json")
        assert made.code == 0, made.err
        assert anna.watchbill("apply", "plan.json", "--yes").code == 0
        text = SIX.replace("crew: [ana, ben]", "crew: [ben, ana]")
        (anna.policies / "all.yaml").write_text(text, "utf-8")
        assert anna.watchbill("plan", "--out", "plan.json").code == 0
        with sandbox.store.transaction():
            for doc in sandbox.store.all("schedule"):
                sandbox.store.put("schedule", {**doc, "name": f"{doc['name']}, edited by hand"})
        writes = len([r for r in sandbox.requests() if r.method != "GET"])
        stale = anna.watchbill("apply", "plan.json", "--yes", "--waive", "imminent=agreed")
        assert stale.code == 12, stale.out + stale.err
        assert len([r for r in sandbox.requests() if r.method != "GET"]) == writes


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        (["apply", "--yes", "--deadline", "2s"], 2),
        pytest.param(["plan"], 10, marks=pytest.mark.long),
        pytest.param(["drift", "--deadline", "2s"], 2, marks=pytest.mark.long),
    ],
)
def test_an_account_that_never_answers_ends_in_14_within_the_deadline(
    anna: Person, words: list[str], seconds: int
) -> None:
    with Sandbox(clock=NOW) as gone:
        anna = anna.at(gone)
    began = time.monotonic()
    ran = anna.watchbill(*words)
    assert ran.code == 14, ran.out + ran.err
    assert time.monotonic() - began < seconds + 10, "the rest is Python's own start on a busy machine"
    assert "does not answer" in ran.err
    assert "PAGERDUTY_URL" in ran.err


def test_an_account_that_dies_in_the_middle_ends_in_13_within_the_deadline(
    slow: Sandbox, anna: Person
) -> None:
    anna = anna.at(slow)
    with applying(anna, "--deadline", "3s") as child:
        until_written(slow, child)
        with away(slow):
            began = time.monotonic()
            out, err = child.communicate(timeout=60)
    assert child.returncode == 13, out + err
    assert time.monotonic() - began < 20
    assert "does not answer" in out
    assert "The lease stays in the account" in out
