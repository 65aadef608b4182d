"""After an override in PagerDuty every surface names the person that `/oncalls` names, and where it has that from."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from journeys.conftest import Person
from stage import Stage, stage
from watchbill.rota.clock import iso


@pytest.fixture
def taken(person: Person) -> Iterator[tuple[Stage, Person]]:
    """`primary-3` took the pager in chat for two hours; the files have somebody else."""
    with stage() as live:
        me = person.at(live.sandbox)
        env = {**me.env, "WATCHBILL_NOW": iso(live.now), "WATCHBILL_AS": live.email("primary-3")}
        me = Person(me.folder, env)
        ran = me.watchbill("chat", "console", stdin="take primary 2h\nquit\n")
        assert ran.code == 0, ran.err
        yield live, me


def on_call(live: Stage) -> str:
    """The handle of the person on call for Primary, by `/oncalls` alone."""
    body = live.transport.get("/oncalls", {"include[]": ["users"], "limit": 100}).body
    (email,) = {
        one["user"]["email"]
        for one in body["oncalls"]
        if one["schedule"] is not None and one["schedule"]["summary"] == "medicalcor-primary"
    }
    return str(email).partition("@")[0]


def site_data(folder: Path) -> dict[str, Any]:
    text = (folder / "data.js").read_text("utf-8")
    data: dict[str, Any] = json.loads(text.partition("=")[2].strip().rstrip(";"))
    return data


def holder(data: dict[str, Any], rotation: str, at: int) -> str | None:
    duty, minute = data["rotations"][rotation], data["since"]
    numbers = duty["shifts"]
    for gap, length, place in zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True):
        start, minute = minute + gap, minute + gap + length
        if start <= at // 60 < minute:
            person: str | None = duty["holders"][place][0]
            return person
    return None


def test_every_surface_names_who_has_the_pager(taken: tuple[Stage, Person], tmp_path: Path) -> None:
    live, me = taken
    person = on_call(live)
    assert person == "primary-3"
    assert me.watchbill("who", "primary", "--offline", "--json").json["answers"][0]["person"] != person

    who = me.watchbill("who", "primary", "--json").json
    assert who["answers"][0]["person"] == person
    assert who["source"]["kind"] == "pagerduty"
    assert who["answers"][0]["foreign_override"]["person"] == person
    for words in (("who", "database"), (), ("simulate", "P1", "database"), ("why", "primary")):
        ran = me.watchbill(*words)
        assert ran.code == 0, ran.err
        assert "source: PagerDuty (sandbox), laid over the policy" in ran.out, words
        assert f"override in PagerDuty: {person} until" in " ".join(ran.out.split()), ran.out

    said = me.watchbill("chat", "console", stdin="who primary\nquit\n").out
    assert person in said
    assert "PagerDuty" in said

    plan = me.watchbill("plan", "--exit-code")
    assert plan.code == 0, "a manual override is neither a change nor drift"
    assert "In sync: no changes; 2 manual overrides are active" in plan.out
    assert f"Primary On-Call: override in PagerDuty: {person} on call" in " ".join(plan.out.split())
    noted = [n for n in me.watchbill("plan", "--json").json["notices"] if n["rule"] == "override-active"]
    assert {(n["key"], n["severity"]) for n in noted} == {
        ("rotation/primary", "note"),
        ("rotation/backend", "note"),  # at night it falls back to Primary
    }

    drift = me.watchbill("drift")
    assert drift.code == 0
    assert "2 manual overrides are active." in drift.out
    assert f"override in PagerDuty: {person} on call" in " ".join(drift.out.split())

    assert me.watchbill("publish", "site", "--out", str(tmp_path / "site")).code == 0
    data = site_data(tmp_path / "site")
    assert holder(data, "primary", live.now) == person
    assert holder(data, "primary", live.now + 3 * 3600) != person
    assert data["source"] == "PagerDuty (sandbox), laid over the policy"
    page = (tmp_path / "site" / "index.html").read_text("utf-8")
    assert "Source: PagerDuty (sandbox), laid over the policy." in page
    assert f"Primary On-Call: override in PagerDuty: {person} until" in page


def test_an_override_to_come_is_noted_apart(taken: tuple[Stage, Person]) -> None:
    live, me = taken
    (schedule,) = live.sandbox.store.named("schedule", "medicalcor-infra")
    users = {doc["email"]: doc["id"] for doc in live.sandbox.store.all("user")}
    body = {
        "overrides": [
            {
                "start": iso(live.now + 86_400),
                "end": iso(live.now + 90_000),
                "user": {"id": users[live.email("ciso-holder")], "type": "user_reference"},
            }
        ]
    }
    live.transport.post(f"/schedules/{schedule['id']}/overrides", body)
    notices = me.watchbill("plan", "--json").json["notices"]
    rules = {n["key"]: n["rule"] for n in notices if n["rule"].startswith("override-a")}
    active = {"rotation/primary": "override-active", "rotation/backend": "override-active"}
    assert rules == {**active, "rotation/infra": "override-ahead"}
    assert "2 manual overrides are active" in me.watchbill("plan").out
    assert me.watchbill("drift").code == 0


def test_a_stopped_server_is_stated_and_the_files_answer(taken: tuple[Stage, Person], tmp_path: Path) -> None:
    _, me = taken
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        for words in (("who", "primary"), (), ("simulate", "P1", "database")):
            ran = me.watchbill(*words, PAGERDUTY_URL=address)
            assert ran.code == 0, ran.err
            assert "source: the policy files; PagerDuty did not answer within 2 s" in ran.out, words
    gone = me.watchbill("publish", "site", "--out", str(tmp_path / "site"), PAGERDUTY_URL=address)
    assert gone.code == 0, gone.err
    assert site_data(tmp_path / "site")["source"].startswith("the policy files; PagerDuty did not answer")
    assert me.watchbill("drift", PAGERDUTY_URL=address).code == 14
