"""A large account in the sandbox: how fast it loads, lists, answers who is on call, and takes writes.

2,000 schedules of two layers, 1,000 policies of three levels, 500 users, 500 services; one client, one connection.
Run: python tests/bench/sandbox.py
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

SCHEDULES, POLICIES, USERS, SERVICES = 2000, 1000, 500, 500
NOW = "2026-11-23T14:00:00Z"
HEADERS = {
    "Authorization": "Token token=bench",
    "From": "owner@sandbox.invalid",
    "Content-Type": "application/json",
}


def estate() -> dict[str, Any]:
    start = "2026-01-05T09:00:00+02:00"

    def layer(at: int, number: int) -> dict[str, Any]:
        crew = [{"user": {"id": f"PU{(at * 3 + i) % USERS:05d}", "type": "user_reference"}} for i in range(4)]
        hours = {"type": "weekly_restriction", "start_time_of_day": "09:00:00", "duration_seconds": 32_400}
        weekdays = [{**hours, "start_day_of_week": day} for day in range(1, 6)]
        return {
            "id": f"PL{at:05d}{number}",
            "name": f"Layer {number}",
            "start": start,
            "end": None,
            "rotation_virtual_start": start,
            "rotation_turn_length_seconds": 604_800,
            "users": crew,
            "restrictions": weekdays if number == 2 else [],
        }

    def rule(at: int, level: int) -> dict[str, Any]:
        target = {"id": f"PS{(at * 2 + level) % SCHEDULES:05d}", "type": "schedule_reference"}
        return {"id": f"PR{at:05d}{level}", "escalation_delay_in_minutes": 15, "targets": [target]}

    return {
        "users": [
            {"id": f"PU{i:05d}", "name": f"User {i}", "email": f"u{i}@example.invalid"} for i in range(USERS)
        ],
        "schedules": [
            {
                "id": f"PS{i:05d}",
                "name": f"Schedule {i:05d}",
                "time_zone": "Europe/Bucharest",
                "schedule_layers": [layer(i, 2), layer(i, 1)],
            }
            for i in range(SCHEDULES)
        ],
        "escalation_policies": [
            {
                "id": f"PE{i:05d}",
                "name": f"Policy {i:05d}",
                "num_loops": 2,
                "escalation_rules": [rule(i, level) for level in range(3)],
            }
            for i in range(POLICIES)
        ],
        "services": [
            {
                "id": f"PV{i:05d}",
                "name": f"Service {i:05d}",
                "escalation_policy": {"id": f"PE{i:05d}", "type": "escalation_policy_reference"},
            }
            for i in range(SERVICES)
        ],
    }


@contextmanager
def served(*words: str) -> Iterator[http.client.HTTPConnection]:
    program = [
        sys.executable,
        "-m",
        "watchbill",
        "sandbox",
        "serve",
        "--json",
        "--rate-limit",
        "0",
        "--clock",
        NOW,
    ]
    process = subprocess.Popen([*program, *words], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = json.loads(process.stdout.readline())["url"].removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=120)
    try:
        yield connection
    finally:
        connection.close()
        process.terminate()
        process.wait()
        process.stdout.close()


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: Any = None) -> Any:
    connection.request(method, path, None if body is None else json.dumps(body), HEADERS)
    answer = connection.getresponse()
    raw = answer.read()
    assert answer.status < 300, raw
    return json.loads(raw) if raw else None


def every_page(connection: http.client.HTTPConnection, path: str, key: str, query: str = "") -> str:
    began, pages, items, more = perf_counter(), 0, 0, True
    while more:
        body = ask(connection, "GET", f"{path}?limit=100&offset={items}{query}")
        pages, items, more = pages + 1, items + len(body[key]), body["more"]
    took = perf_counter() - began
    return f"{items:5} in {pages:2} pages, {took:5.2f} s: {pages / took * 60:6.0f} pages a minute"


def main() -> None:
    print(
        f"{os.cpu_count()} cores; {SCHEDULES} schedules, {POLICIES} policies, {USERS} users, {SERVICES} services"
    )
    with tempfile.TemporaryDirectory() as folder:
        file, state = Path(folder) / "estate.json", Path(folder) / "state.sqlite"
        file.write_text(json.dumps(estate()))
        for what, words in (
            ("started and loaded from the file", ("--load", str(file), "--state", str(state))),
            ("started again on its state", ("--state", str(state))),
        ):
            began = perf_counter()
            with served(*words) as connection:
                ask(connection, "GET", "/users?limit=1")
                print(f"{what:42} {perf_counter() - began:5.2f} s ({state.stat().st_size / 1e6:.0f} MB)")
        with served("--state", str(state)) as connection:
            figures(connection)


def figures(connection: http.client.HTTPConnection) -> None:
    week = "&since=2026-11-23T00:00:00Z&until=2026-11-30T00:00:00Z"
    whole = "&include[]=schedule_layers&include[]=final_schedule"
    for what, path, key, query in (
        ("schedules", "/schedules", "schedules", ""),
        ("schedules with layers", "/schedules", "schedules", "&include[]=schedule_layers"),
        ("schedules with layers and a week rendered", "/schedules", "schedules", whole + week),
        ("policies", "/escalation_policies", "escalation_policies", ""),
        ("services", "/services", "services", ""),
        ("users", "/users", "users", ""),
        ("on call now", "/oncalls", "oncalls", ""),
        ("on call this week", "/oncalls", "oncalls", week),
    ):
        print(f"{what:42} {every_page(connection, path, key, query)}")
    shown = timed(200, lambda i: ask(connection, "GET", f"/schedules/PS{i:05d}?{week[1:]}"))
    print(f"{'one schedule with a week rendered':42} {shown}")
    made = timed(
        200, lambda i: ask(connection, "POST", "/teams", {"team": {"type": "team", "name": f"T{i}"}})
    )
    print(f"{'a team made':42} {made}")


def timed(times: int, call: Any) -> str:
    began = perf_counter()
    for number in range(times):
        call(number)
    took = (perf_counter() - began) / times
    return f"{took * 1000:6.2f} ms, {1 / took:5.0f} a second"


if __name__ == "__main__":
    main()
