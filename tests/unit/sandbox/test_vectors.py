"""The rendering vectors, asked over HTTP: what the sandbox answers, not what a function returns."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contract.client import Client
from shared import shared
from unit.sandbox.world import ok
from watchbill.rota.clock import parse_instant
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

Joined = list[tuple[int, int, str | None]]


def joined(entries: list[tuple[int, int, str | None]]) -> Joined:
    done: Joined = []
    for start, end, user in sorted(entries, key=lambda e: (e[2] or "", e[0], e[1])):
        if done and done[-1][2] == user and done[-1][1] >= start:
            done[-1] = (done[-1][0], max(end, done[-1][1]), user)
        else:
            done.append((start, end, user))
    return sorted(done, key=lambda e: (e[0], e[1], e[2] or ""))


def users_in(node: Any) -> set[str]:
    """Ids of users wherever they stand."""
    if isinstance(node, list):
        return set().union(*map(users_in, node)) if node else set()
    if not isinstance(node, dict):
        return set()
    found = users_in(list(node.values()))
    if isinstance(node.get("user"), dict):
        found.add(node["user"]["id"])
    if isinstance(node.get("user_id"), str):
        found.add(node["user_id"])
    return found


def answered(case: dict[str, Any], api: Client) -> list[tuple[int, int, str | None]]:
    query = {
        "since": case["since"],
        "until": case["until"],
        "overflow": str(bool(case.get("overflow"))).lower(),
    }
    if case["kind"] == "v3":
        body = ok(api.get("/v3/schedules/S", ("include[]", "final_schedule"), **query))["schedule"]
        shown = body["final_schedule"]["computed_shift_assignments"]
        return [
            (parse_instant(a["start_time"]), parse_instant(a["end_time"]), a["member"].get("user_id"))
            for a in shown
        ]
    body = ok(api.get("/schedules/S", **query))["schedule"]
    part = body["final_schedule"]
    if case["target"].startswith("layer:"):
        (part,) = (
            one for one in body["schedule_layers"] if one["name"] == case["target"].removeprefix("layer:")
        )
    return [
        (parse_instant(e["start"]), parse_instant(e["end"]), e["user"]["id"])
        for e in part["rendered_schedule_entries"]
    ]


def test_the_sandbox_answers_every_vector() -> None:
    cases = json.loads(shared("vectors/vectors.json").read_text(encoding="utf-8"))["cases"]
    wrong, tried = [], 0
    for case in cases:
        if case.get("trust", "").startswith("disputed") or "disputed" in case.get("tags", ()):
            continue
        key = "schedules_v3" if case["kind"] == "v3" else "schedules"
        users = [
            {"id": u, "name": u, "email": f"u{i}@example.invalid"}
            for i, u in enumerate(users_in(case["input"]))
        ]
        load = {"users": users, key: [{"name": case["name"], **case["input"], "id": "S"}]}
        with Sandbox(load=load, options=SandboxOptions(rate_limit=0)) as sandbox, Client(sandbox.url) as api:
            got = joined(answered(case, api))
        expected = joined(
            [(parse_instant(e["start"]), parse_instant(e["end"]), e["user"]) for e in case["expected"]]
        )
        tried += 1
        if got != expected:
            wrong.append(case["name"])
    assert wrong == []
    assert tried >= 30


@pytest.mark.parametrize("kind", ["v2", "v3"])
def test_both_kinds_are_among_the_vectors(kind: str) -> None:
    cases = json.loads(shared("vectors/vectors.json").read_text(encoding="utf-8"))["cases"]
    assert any(case["kind"] == kind for case in cases)
