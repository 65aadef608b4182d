"""Killed in the middle of a storm of writes: what was acknowledged is there, and nothing is half there."""

from __future__ import annotations

import contextlib
import http.client
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from contract.client import Client
from unit.sandbox.world import layer, ok
from watchbill.sandbox.store import Store

KILLS = 10
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


@dataclass
class Written:
    """What was acknowledged; `tried` is the last number sent, whether or not an answer came."""

    schedules: set[str] = field(default_factory=set)
    notes: set[str] = field(default_factory=set)
    batches: int = 0
    edit: int = 0
    tried: int = 0


def prepare(api: Client) -> dict[str, str]:
    user = ok(api.get("/users"))["users"][0]["id"]
    team = ok(api.post("/teams", {"team": {"type": "team", "name": "Edited"}}))["team"]["id"]
    body: dict[str, Any] = {
        "type": "schedule",
        "name": "Overridden",
        "time_zone": "UTC",
        "schedule_layers": [layer(user)],
    }
    schedule = ok(api.post("/schedules", {"schedule": body}))["schedule"]["id"]
    rule = {"escalation_delay_in_minutes": 5, "targets": [{"id": user, "type": "user_reference"}]}
    body = {"type": "escalation_policy", "name": "P", "escalation_rules": [rule]}
    policy = ok(api.post("/escalation_policies", {"escalation_policy": body}))["escalation_policy"]["id"]
    reference = {"id": policy, "type": "escalation_policy_reference"}
    body = {"type": "service", "name": "S", "escalation_policy": reference}
    service = ok(api.post("/services", {"service": body}))["service"]["id"]
    body = {"type": "incident", "title": "I", "service": {"id": service, "type": "service_reference"}}
    incident = ok(api.post("/incidents", {"incident": body}))["incident"]["id"]
    return {"user": user, "team": team, "schedule": schedule, "incident": incident}


def make_schedule(api: Client, ids: dict[str, str], written: Written) -> None:
    name = f"Schedule {time.monotonic_ns()}"
    layers = [layer(ids["user"]), layer(ids["user"])]
    body = {"type": "schedule", "name": name, "time_zone": "UTC", "schedule_layers": layers}
    ok(api.post("/schedules", {"schedule": body}))
    written.schedules.add(name)


def make_note(api: Client, ids: dict[str, str], written: Written) -> None:
    if len(written.notes) > 1500:  # an incident takes 2,000
        ok(api.get("/abilities"))
        return
    text = f"Note {time.monotonic_ns()}"
    ok(api.post(f"/incidents/{ids['incident']}/notes", {"note": {"content": text}}))
    written.notes.add(text)


def make_overrides(api: Client, ids: dict[str, str], written: Written) -> None:
    """Three in one request: all of them or none."""
    user = {"id": ids["user"], "type": "user_reference"}
    one = {"start": "2030-01-01T00:00:00Z", "end": "2030-01-02T00:00:00Z", "user": user}
    ok(api.post(f"/schedules/{ids['schedule']}/overrides", {"overrides": [one, one, one]}))
    written.batches += 1


def edit_team(api: Client, ids: dict[str, str], written: Written) -> None:
    written.tried += 1
    body = {"type": "team", "name": "Edited", "description": str(written.tried)}
    ok(api.put(f"/teams/{ids['team']}", {"team": body}))
    written.edit = written.tried


WRITERS = (make_schedule, make_note, make_overrides, edit_team)


def storm(
    url: str, write: Callable[[Client, dict[str, str], Written], None], ids: dict[str, str], written: Written
) -> None:
    """Until nobody answers any more."""
    with Client(url) as api, contextlib.suppress(OSError, http.client.HTTPException):
        while True:
            write(api, ids, written)


def check(state: Path, ids: dict[str, str], written: Written) -> None:
    """As the next process finds it; then that of every write all its parts are there, or none."""
    store = Store(state)
    try:
        schedules = {doc["name"]: doc for doc in store.all("schedule") if doc["name"] != "Overridden"}
        assert written.schedules <= set(schedules)
        recorded = {doc["root"][1] for doc in store.all("audit") if doc["root"][0] == "schedule"}
        assert {doc["id"] for doc in schedules.values()} <= recorded
        assert all(len(doc["layers"]) == 2 for doc in schedules.values())
        overrides = store.children("override", ids["schedule"])
        assert len(overrides) % 3 == 0
        assert len(overrides) >= 3 * written.batches
        told = [doc["note"] for doc in store.all("log_entry") if doc["type"] == "annotate_log_entry"]
        assert Counter(told) == Counter(doc["content"] for doc in store.children("note", ids["incident"]))
        answered = Counter((entry.method, entry.path) for entry in store.logged() if entry.status < 300)
        assert answered["POST", "/schedules"] == len(schedules) + 1
        assert answered["POST", f"/schedules/{ids['schedule']}/overrides"] == len(overrides) / 3
    finally:
        store.close()


def check_served(api: Client, ids: dict[str, str], written: Written) -> None:
    base = f"/incidents/{ids['incident']}"
    notes = [note["content"] for note in ok(api.get(f"{base}/notes"))["notes"]]
    assert written.notes <= set(notes)
    assert len(notes) == len(set(notes))
    description = ok(api.get(f"/teams/{ids['team']}"))["team"]["description"]
    assert written.edit <= int(description or 0) <= written.tried


def test_kill_in_a_write_storm(tmp_path: Path) -> None:
    state, dice = tmp_path / "state.sqlite", random.Random(20261123)
    written = Written()
    process, url = serve(state)
    with Client(url) as api:
        ids = prepare(api)
    for _ in range(KILLS):
        writers = [threading.Thread(target=storm, args=(url, write, ids, written)) for write in WRITERS]
        for writer in writers:
            writer.start()
        time.sleep(dice.uniform(0.05, 0.5))
        process.kill()
        process.wait()
        for writer in writers:
            writer.join()
        assert process.stdout is not None
        process.stdout.close()
        check(state, ids, written)
        process, url = serve(state)
        with Client(url) as api:
            check_served(api, ids, written)
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()
    assert len(written.schedules) > KILLS
    assert len(written.notes) > KILLS
    assert min(written.batches, written.edit) > KILLS


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_when_asked(tmp_path: Path, number: signal.Signals) -> None:
    process, url = serve(tmp_path / "state.sqlite")
    with Client(url) as api:
        ok(api.get("/abilities"))
    process.send_signal(number)
    assert process.wait(timeout=10) == 0
    assert process.stdout is not None
    process.stdout.close()
