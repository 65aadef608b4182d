"""Killed in the middle of a storm of writes: what was acknowledged is there, and nothing is half there."""

from __future__ import annotations

import http.client
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from contract.client import Client
from unit.sandbox.world import ok
from watchbill.sandbox.store import Store

SERVE = """
import sys
from pathlib import Path
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import serve
serve(port=0, state=Path(sys.argv[1]), options=SandboxOptions(rate_limit=0),
      ready=lambda url, token: print(url, flush=True))
"""


def serve(state: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(state)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert url.startswith("http://127.0.0.1:")
    return process, url


def storm(url: str, who: int, acknowledged: list[str], stop: threading.Event) -> None:
    with Client(url) as api:
        number = 0
        while not stop.is_set():
            number += 1
            name = f"Team {who}-{os.getpid()}-{time.monotonic_ns()}-{number}"
            try:
                answer = api.post("/teams", {"team": {"type": "team", "name": name}})
            except (OSError, http.client.HTTPException):
                return
            if answer.status == 201:
                acknowledged.append(name)


@pytest.mark.parametrize("seed", [1, 2])
def test_kill_in_a_write_storm(tmp_path: Path, seed: int) -> None:
    state = tmp_path / "state.sqlite"
    acknowledged: list[str] = []
    for _ in range(2):
        process, url = serve(state)
        stop = threading.Event()
        writers = [threading.Thread(target=storm, args=(url, who, acknowledged, stop)) for who in range(3)]
        for writer in writers:
            writer.start()
        time.sleep(random.Random(seed).uniform(0.2, 0.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        stop.set()
        for writer in writers:
            writer.join()
        assert process.stdout is not None
        process.stdout.close()
    assert len(acknowledged) > 20
    store = Store(state)
    teams = {doc["name"]: doc["id"] for doc in store.all("team")}
    recorded = [doc["root"][1] for doc in store.all("audit") if doc["root"][0] == "team"]
    answered = [entry for entry in store.logged() if entry.method == "POST" and entry.status == 201]
    store.close()
    assert set(acknowledged) <= set(teams)
    assert sorted(teams.values()) == sorted(recorded)
    assert len(answered) == len(teams)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_when_asked(tmp_path: Path, number: signal.Signals) -> None:
    process, url = serve(tmp_path / "state.sqlite")
    with Client(url) as api:
        ok(api.get("/abilities"))
    process.send_signal(number)
    assert process.wait(timeout=10) == 0
    assert process.stdout is not None
    process.stdout.close()
