"""The common verbs while watchbill sees only what Python has on Windows; see `windows_like`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from journeys.conftest import Person
from shared import ROOT

PROGRAM = [sys.executable, "-X", "warn_default_encoding", str(ROOT / "tests/windows_like.py")]


def run_all(person: Person, commands: list[list[str]]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [*PROGRAM, json.dumps(commands)],
        cwd=person.folder,
        env={**person.env, "WATCHBILL_DEBUG": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    results: list[dict[str, Any]] = json.loads(done.stdout)
    return results


def test_the_common_verbs(person: Person) -> None:
    commands = [
        ["check"],
        ["who"],
        ["who", "database", "--severity", "P1"],
        ["why", "backend"],
        ["simulate", "P1", "database"],
        ["gaps"],
        ["load"],
        ["show", "database"],
        ["expert", "stripe"],
        ["plan"],
        ["apply", "--sandbox", "--yes"],
        ["drift"],
        ["sandbox", "show"],
        ["crew", "add", "primary", "backend-1"],
        ["override", "add", "primary", "primary-2", "--from", "2026-12-24 09:00", "--for", "2h"],
        ["fmt"],
        ["check"],
        ["apply", "--sandbox", "--yes", "--waive", "changed=a test"],
        ["tidy"],
        ["publish", "runbook", "--out", "RUNBOOK.md"],
        ["publish", "site", "--out", "site"],
        ["publish", "calendars", "--out", "calendars"],
        ["init", "new", "--install", "watchbill==1"],
        ["sandbox", "reset"],
    ]
    failed = [r for r in run_all(person, commands) if r["code"]]
    assert not failed, "\n".join(
        f"{r['words']}: {r['code']}\n{r['out'][-400:]}{r['err'][-2000:]}" for r in failed
    )


SAMPLE = """
import os, signal, time
gone = [os, "pread fchmod getuid kill O_NOFOLLOW"], [signal, "SIGHUP SIGKILL"], [time, "tzset"]
print([n for m, names in gone for n in names.split() if hasattr(m, n)], os.getpid() > 0, signal.SIGTERM == 15)
try:
    import fcntl
except ImportError:
    print("no fcntl")
"""


def test_the_names_are_gone_for_watchbill_alone() -> None:
    script = (
        "import windows_like; windows_like.become_windows_like(); import os; os.pread\n"
        f"exec({SAMPLE!r}, {{'__name__': 'watchbill.sample'}})"
    )
    words = [sys.executable, "-c", script]
    done = subprocess.run(words, cwd=ROOT / "tests", capture_output=True, text=True, check=False)
    assert done.stdout == "[] True True\nno fcntl\n", done.stderr


def test_a_served_sandbox_ends_at_ctrl_c(person: Person) -> None:
    with subprocess.Popen(
        [*PROGRAM, "--one", "sandbox", "serve"],
        cwd=person.folder,
        env=person.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as served:
        assert served.stdout is not None
        assert "http://127.0.0.1:" in served.stdout.readline()
        served.send_signal(signal.SIGINT)
        _, err = served.communicate(timeout=60)
        assert served.returncode == 0, err


def test_the_lock_of_an_apply_where_there_is_no_fcntl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With Windows' interface, as CPython documents it: one byte at the present place."""
    from types import SimpleNamespace

    from watchbill.apply.lock import one_at_a_time
    from watchbill.errors import GuardRefused

    taken: set[int] = set()

    def locking(descriptor: int, mode: int, count: int) -> None:
        assert (mode, count) == (2, 1)
        at = os.lseek(descriptor, 0, os.SEEK_CUR)
        if at in taken:
            raise PermissionError(13, "Permission denied")
        taken.add(at)

    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2))
    with one_at_a_time(tmp_path, "acme"):
        assert (tmp_path / "acme.lock").read_text() == str(os.getpid())
        with pytest.raises(GuardRefused, match=rf"process {os.getpid()}"), one_at_a_time(tmp_path, "acme"):
            pass
    assert taken == {1 << 20}
