from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import jsonschema
import pytest

from shared import ROOT
from unit.apply.plans import NOW, change, ladder, layer, rotation_ref, schedule, service, user_ref
from watchbill.account.objects import EscalationPolicy
from watchbill.apply.interrupt import Interrupt
from watchbill.apply.journal import Journal, own_requests
from watchbill.apply.lock import file_name, one_at_a_time
from watchbill.apply.order import in_order
from watchbill.apply.outcome import Outcome, Status, Step
from watchbill.apply.resolve import NotYetMade, marked, with_ids
from watchbill.errors import GuardRefused, WatchbillError


def step(status: Status, *, wrote: bool = False) -> Step:
    return Step(
        ref="schedule:a", action="create", kind="schedule", key="a", name="a", status=status, wrote=wrote
    )


@pytest.mark.parametrize(
    ("steps", "interrupted", "code"),
    [
        ([], False, 0),
        ([step("applied", wrote=True), step("already")], False, 0),
        ([step("stale"), step("not started")], False, 12),
        ([step("applied", wrote=True), step("stale")], False, 13),
        ([step("applied", wrote=True), step("failed"), step("blocked")], False, 13),
        ([step("failed", wrote=True)], False, 13),
        ([step("failed"), step("blocked")], False, 14),
        ([step("not started")], True, 13),
        ([step("applied", wrote=True)], True, 0),
    ],
)
def test_exit_codes(steps: list[Step], interrupted: bool, code: int) -> None:
    made = Outcome(account="a", plan_digest="d", steps=tuple(steps), interrupted=interrupted)
    assert made.exit_code == code


def test_an_outcome_goes_through_json() -> None:
    made = Outcome(account="a", plan_digest="d", steps=(step("applied", wrote=True),))
    assert Outcome.model_validate_json(made.model_dump_json()) == made
    schema = json.loads((ROOT / "schema" / "outcome.schema.json").read_text("utf-8"))
    jsonschema.validate(json.loads(made.model_dump_json()), schema)


def test_what_others_need_comes_first_and_else_the_order_stands() -> None:
    api = change(service("api", "db"), needs=["escalation_policy:ladder/db"])
    db = change(
        ladder("db", [[rotation_ref("a")]]), needs=["schedule:rotation/a", "schedule:rotation/elsewhere"]
    )
    a, b = (change(schedule(key, [layer("P1")])) for key in "ab")
    assert in_order([api, b, db, a]) == [b, a, db, api]


def test_a_circle_is_told() -> None:
    a = change(schedule("a", [layer("P1")]), needs=["schedule:rotation/b"])
    b = change(schedule("b", [layer("P1")]), needs=["schedule:rotation/a"])
    with pytest.raises(WatchbillError, match="wait for each other"):
        in_order([a, b])


def test_references_get_the_ids_of_what_was_made() -> None:
    want = ladder("db", [[rotation_ref("a"), user_ref("P1")]])
    got = with_ids(want, {"rotation/a": "S1"})
    assert isinstance(got, EscalationPolicy)
    assert [(t.kind, t.id) for t in got.rules[0].targets] == [("schedule", "S1"), ("user", "P1")]
    with pytest.raises(NotYetMade):
        with_ids(want, {})


def test_a_marker_only_where_there_shall_be_one() -> None:
    want = schedule("a", [layer("P1")])
    marker = marked(want, NOW + 1).marker
    assert marker is not None
    assert (marker.key, marker.at, len(marker.digest)) == ("rotation/a", NOW + 60, 6)
    assert marked(want.model_copy(update={"marker": None}), NOW).marker is None


def test_one_lock_for_an_account_and_another_for_another(tmp_path: Path) -> None:
    with one_at_a_time(tmp_path, "eu/acme"):
        with one_at_a_time(tmp_path, "acme"):
            pass
        with pytest.raises(GuardRefused) as told, one_at_a_time(tmp_path, "eu/acme"):
            pass
        assert str(os.getpid()) in told.value.message
    with one_at_a_time(tmp_path, "eu/acme"):
        pass


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    code = (
        "import sys, time, pathlib; from watchbill.apply.lock import one_at_a_time\n"
        f"with one_at_a_time(pathlib.Path({str(tmp_path)!r}), 'acme'):\n    print('held', flush=True); time.sleep(60)"
    )
    env = {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=env) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(GuardRefused) as told, one_at_a_time(tmp_path, "acme"):
            pass
        assert str(child.pid) in told.value.message
        child.kill()
    with one_at_a_time(tmp_path, "acme"):
        pass


def test_a_state_folder_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WatchbillError) as told, one_at_a_time(tmp_path / "file" / "locks", "acme"):
        pass
    assert "XDG_STATE_HOME" in told.value.remedy


@pytest.mark.parametrize("account", ["eu/acme", "../../etc", "", "a b", ".."])
def test_account_names_stay_inside_the_folder(account: str) -> None:
    name = file_name(account)
    assert name
    assert "/" not in name
    assert not name.startswith(".")


def test_the_journal_is_lines_of_json_and_knows_our_requests(tmp_path: Path) -> None:
    with Journal(tmp_path, "eu/acme", NOW, "abcdef0123") as journal:
        journal.write("begin", plan="abcdef0123")
        journal.write("written", change="schedule:a", request_ids=["r-1", ""])
    with journal.path.open("a") as file:
        file.write('{"line": 3, "event": "writ')  # cut off by a crash
    lines = journal.path.read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines[:2]] == ["begin", "written"]
    assert journal.path.stat().st_mode & 0o077 == 0, "only its owner reads it"
    assert own_requests(tmp_path, "eu/acme") == {"r-1"}
    assert own_requests(tmp_path, "other") == frozenset()


def test_the_first_ctrl_c_asks_and_the_second_stops() -> None:
    asked = []
    with Interrupt(lambda: asked.append(1)) as interrupt:
        os.kill(os.getpid(), signal.SIGINT)
        assert (interrupt.asked, asked) == (True, [1])
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_outside_the_main_thread_signals_are_left_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    found = []

    def work() -> None:
        with Interrupt(lambda: None):
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [before]
