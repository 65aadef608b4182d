"""Accounts with shift-based schedules, taken over without a change, and made again elsewhere with the same people on
call: the shipped policy as watchbill wrote it, and what PagerDuty's upgrade made of old estates."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from contract.client import Client
from journeys.conftest import NOW, Person, clean_environment
from journeys.test_import import ESTATES, OPTIONS, estate, everything, grown, same_on_calls
from journeys.test_two_kinds import UTC_WATCH, Side, side
from unit.adopt.world import event, on_shifts
from watchbill.sandbox.server import Sandbox


@pytest.fixture
def newcomer(tmp_path: Path) -> Person:
    folder = tmp_path / "repository"
    folder.mkdir()
    return Person(folder, clean_environment(tmp_path / "home"))


@pytest.fixture
def shipped(tmp_path: Path) -> Iterator[Side]:
    with ExitStack() as stack:
        made = side(tmp_path / "shipped", "shifts", stack, UTC_WATCH)
        with Client(made.sandbox.url, made.sandbox.token) as client:
            for name in ("Deck", "Engine"):
                assert client.post("/teams", {"team": {"type": "team", "name": name}}).status == 201
        made.settle()
        yield made


def is_taken_over(person: Person, folder: str = "policies") -> dict[str, Any]:
    """What the import says; afterwards nothing is left to do."""
    ran = person.watchbill("import", "--out", folder, "--json")
    assert ran.code == 0, ran.err
    found: dict[str, Any] = ran.json
    assert found["errors"] == []
    assert person.watchbill("check", "--policies", folder).code == 0
    planned = person.watchbill("plan", "--exit-code", "--json", "--policies", folder)
    assert planned.code == 0, planned.out
    assert planned.json["changes"] == []
    assert not [n for n in planned.json["notices"] if n["severity"] == "error"], planned.json["notices"]
    assert person.watchbill("drift", "--policies", folder).code == 0
    return found


def is_made_again(person: Person, old: Sandbox, dice: str) -> None:
    """A portable tree in an account with the same people and teams."""
    told = ("id", "name", "email", "time_zone", "role", "job_title")
    with Client(old.url, old.token) as api:
        users = [{k: u[k] for k in told} for u in everything(api, "/users", "users")]
        teams = [{"id": t["id"], "name": t["name"]} for t in everything(api, "/teams", "teams")]
    document = {"users": users, "teams": teams}
    with Sandbox(clock=NOW, load=document, options=OPTIONS) as new:
        ran = person.at(old).watchbill("import", "--out", "portable", "--portable")
        assert ran.code == 0, ran.err
        applied = person.at(new).watchbill("apply", "--yes", "--policies", "portable")
        assert applied.code == 0, applied.out + applied.err
        assert person.at(new).watchbill("plan", "--exit-code", "--policies", "portable").code == 0
        same_on_calls(old, new, random.Random(dice))


def test_the_shipped_policy_comes_back(shipped: Side, newcomer: Person) -> None:
    person = newcomer.at(shipped.sandbox)
    found = is_taken_over(person)
    assert [x for x in found["left"] if x["kind"] == "schedule"] == []
    text = (person.policies / "rotations" / "backend.yaml").read_text("utf-8")
    for line in ("hours: hours-ro", "otherwise: primary", "kind: shifts", "handoff: mon 09:00"):
        assert line in text
    settings = (person.policies / "settings.yaml").read_text("utf-8")
    assert "hours-ro: {windows: mon-fri 09:00-18:00, except_holidays: RO}" in settings
    assert "new_schedules: shifts" in settings


@pytest.mark.long
def test_the_shipped_policy_is_made_again(shipped: Side, newcomer: Person) -> None:
    is_made_again(newcomer, shipped.sandbox, "shipped")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long) for name in ESTATES[:-1]] + ESTATES[-1:]
)
def test_an_upgraded_estate_is_taken_over(name: str, newcomer: Person) -> None:
    with Sandbox(clock=NOW, load=estate(name), options=OPTIONS) as sandbox:
        changed = upgraded(sandbox)
        person = newcomer.at(sandbox)
        found = is_taken_over(person)
        kinds = [file.read_text("utf-8").count("kind: shifts") for file in rotations(person)]
        left = {x["id"]: x["reason"] for x in found["left"] if x["kind"] == "schedule"}
        assert sum(kinds) + len(left) == len(changed)
        for reason in left.values():
            assert "twelve months" in reason


@pytest.mark.long
@pytest.mark.parametrize("name", ESTATES)
def test_an_upgraded_estate_is_made_again(name: str, newcomer: Person) -> None:
    document = estate(name)
    for schedule in document["schedules"]:
        for layer in schedule["schedule_layers"]:
            if layer["rotation_virtual_start"] > NOW:
                layer["rotation_virtual_start"] = layer["start"]  # an event has no shift before its first
    with Sandbox(clock=NOW, load=document, options=OPTIONS) as sandbox:
        upgraded(sandbox)
        is_made_again(newcomer, sandbox, name)


def test_what_others_add_stays_theirs(newcomer: Person) -> None:
    """Custom shifts and overrides are no part of an import, and survive the first real change."""
    document = {**grown(), "schedules": [], "escalation_policies": [], "services": []}
    shape = on_shifts(1, [event("2026-11-02T09:00:00", "2026-11-09T09:00:00", "FREQ=WEEKLY", 1, 2)])
    document["schedules_v3"] = [shape]
    with (
        Sandbox(clock=NOW, load=document, options=OPTIONS) as sandbox,
        Client(sandbox.url, sandbox.token) as api,
    ):
        path = "/v3/schedules/PSCHD001"
        (rotation,) = api.get(path).body["schedule"]["rotations"]
        one, two, three = ({"type": "user_member", "user_id": f"PUSER00{i}"} for i in (1, 2, 3))
        span = {"start_time": "2026-12-01T09:00:00Z", "end_time": "2026-12-01T12:00:00Z"}
        shift = {
            **span,
            "type": "custom_shift",
            "assignments": [{"type": "shift_assignment", "member": three}],
        }
        assert api.post(f"{path}/custom_shifts", {"custom_shifts": [shift]}).status == 201
        swap = {
            **span,
            "type": "override_shift",
            "rotation_id": rotation["id"],
            "overridden_member": one,
            "overriding_member": two,
        }
        assert api.post(f"{path}/overrides", {"overrides": [swap]}).status == 201
        window = {"since": "2026-11-24T00:00:00Z", "until": "2026-12-24T00:00:00Z"}
        before = [api.get(f"{path}/{kind}", **window).body for kind in ("custom_shifts", "overrides")]
        assert all(body[kind] for body, kind in zip(before, ("custom_shifts", "overrides"), strict=True))
        person = newcomer.at(sandbox)
        is_taken_over(person)
        (file,) = rotations(person)
        file.write_text(file.read_text("utf-8").replace("title: Schedule 1", "title: Renamed"), "utf-8")
        planned = person.watchbill("plan", "--json").json
        (change,) = planned["changes"]
        assert [field["path"] for field in change["fields"]] == ["name", "owned by watchbill"]
        assert person.watchbill("apply", "--yes").code == 0
        assert person.watchbill("plan", "--exit-code").code == 0
        after = [api.get(f"{path}/{kind}", **window).body for kind in ("custom_shifts", "overrides")]
        assert after == before
        (kept,) = api.get(path).body["schedule"]["rotations"]
        assert kept["events"] == rotation["events"], "the same duty in other words is no reason to write"


def upgraded(sandbox: Sandbox) -> list[str]:
    """Ids of those that PagerDuty can upgrade."""
    found = []
    with Client(sandbox.url, sandbox.token) as client:
        for ref in everything(client, "/schedules", "schedules"):
            body = {"kind": "schedule", "name": ref["id"], "changes": {"upgrade": True}}
            if client.post("/_sandbox/tamper", body).status < 300:
                found.append(ref["id"])
    return found


def rotations(person: Person) -> list[Path]:
    return sorted((person.policies / "rotations").glob("*.yaml"))
