"""An account that has existed for years: taken over in one command, without a change; made again elsewhere, with
the same people on call."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from contract.client import Client
from journeys.conftest import NOW, Person, clean_environment
from shared import estate_names, shared
from unit.adopt.world import USERS, daily, document, layer, policy, schedule, service, weekly
from watchbill.rota.clock import DAY, HOUR, iso, parse_instant
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

START = parse_instant(NOW)
ESTATES = [*estate_names(), "grown-over-years"]
INSTANTS = 1000
ASKED = 240
"""Of them, asked of /oncalls one by one; the rest are read from what it answers for 89 days at once."""
WINDOWS = 4
OPTIONS = SandboxOptions(rate_limit=0)

Level = tuple[str, int]
"""Policy's name and level."""


def grown() -> dict[str, Any]:
    workdays = [weekly(day, "09:00:00", 9 * HOUR) for day in range(1, 6)]
    nights = [daily("18:00:00", 15 * HOUR)]
    stack = [
        layer(1, 2, 3, name="Everybody", turn=7 * DAY),
        layer(4, 5, 4, 6, name="Days", turn=DAY, restrictions=workdays),
        layer(7, 8, name="Odd", turn=60 * HOUR, restrictions=[*nights, weekly(6, "10:00:00", 40 * HOUR)]),
        layer(9, name="Gone", end="2024-01-01T00:00:00Z"),
        layer(9, 8, name="To come", start="2027-03-01T09:00:00Z", end="2027-05-03T08:00:00Z"),
    ]
    schedules = [
        schedule(1, *stack, name="Primary / EU 🚨", zone="Europe/Bucharest", teams=[{"id": "PTEAM01"}]),
        schedule(2, layer(1, 2, 2, restrictions=workdays), name="primary", zone="America/New_York"),
        schedule(3, layer(3, 4, turn=14 * DAY, virtual="2031-05-05T07:00:00Z"), name="Secondary", zone="UTC"),
        schedule(4, layer(5, 6, turn=12 * HOUR), name="Nobody uses this"),
        schedule(5, layer(7, turn=DAY), name="x" * 255),
    ]
    policies = [
        policy(1, ["PSCHD001", "PUSER009"], ["PSCHD002"], ["PSCHD002"], name="Main", num_loops=9),
        policy(2, [f"PUSER{i:03}" for i in range(1, 9)], ["PSCHD003"], name="Everybody", delay=1),
        policy(3, ["PSCHD005"], name="  odd  name ", teams=[{"id": "PTEAM01"}]),
    ]
    low = {"type": "constant", "urgency": "low"}
    services = [
        service(1, "PESCP001", name="Shop"),
        service(2, "PESCP003", name="Quiet", incident_urgency_rule=low, auto_resolve_timeout=14_400),
    ]
    teams = [{"id": "PTEAM01", "type": "team", "name": "Platform & Tools"}]
    return document(*schedules, policies=policies, services=services, teams=teams)


def estate(name: str) -> dict[str, Any]:
    if name == "grown-over-years":
        return grown()
    found: dict[str, Any] = json.loads(shared(f"estates/{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def newcomer(tmp_path: Path) -> Person:
    folder = tmp_path / "repository"
    folder.mkdir()
    return Person(folder, clean_environment(tmp_path / "home"))


@pytest.mark.parametrize("name", ESTATES)
def test_the_plan_after_an_import_is_empty(name: str, newcomer: Person) -> None:
    with Sandbox(clock=NOW, load=estate(name), options=OPTIONS, record=True) as sandbox:
        person = newcomer.at(sandbox)
        ran = person.watchbill("import", "--out", "policies")
        assert ran.code == 0, ran.err
        files = sorted(person.policies.rglob("*.yaml"))
        assert files
        for file in files:
            first, second = file.read_text(encoding="utf-8").splitlines()[:2]
            assert first.startswith("# yaml-language-server: $schema=")
            assert first.endswith(f"/schema/{second.rstrip(':')}.schema.json")
        checked = person.watchbill("check")
        assert checked.code == 0, checked.out
        planned = person.watchbill("plan", "--exit-code", "--json")
        assert planned.code == 0, planned.out
        assert planned.json["changes"] == []
        assert not [n for n in planned.json["notices"] if n["severity"] == "error"], planned.json["notices"]
        assert person.watchbill("drift").code == 0
        assert all(x.method == "GET" for x in sandbox.exchanges()), "import and plan only read"


@pytest.mark.parametrize("name", ESTATES)
def test_a_portable_tree_makes_the_same_on_calls_elsewhere(name: str, newcomer: Person) -> None:
    document = estate(name)
    empty = {part: document[part] for part in ("users", "teams")}
    with (
        Sandbox(clock=NOW, load=document, options=OPTIONS) as old,
        Sandbox(clock=NOW, load=empty, options=OPTIONS) as new,
    ):
        ran = newcomer.at(old).watchbill("import", "--out", "policies", "--portable")
        assert ran.code == 0, ran.err
        text = "".join(f.read_text(encoding="utf-8") for f in newcomer.policies.rglob("*.yaml"))
        assert "PSCHD" not in text
        assert "PESCP" not in text
        applied = newcomer.at(new).watchbill("apply", "--yes")
        assert applied.code == 0, applied.out + applied.err
        assert newcomer.at(new).watchbill("plan", "--exit-code").code == 0
        same_on_calls(old, new, random.Random(name))


def test_a_portable_tree_where_there_are_no_teams(newcomer: Person) -> None:
    """A sandbox that was given the users alone: the same on-calls, and a note for each team."""
    document = grown()
    with (
        Sandbox(clock=NOW, load=document, options=OPTIONS) as old,
        Sandbox(clock=NOW, load={"users": document["users"]}, options=OPTIONS) as new,
    ):
        assert newcomer.at(old).watchbill("import", "--out", "policies", "--portable").code == 0
        applied = newcomer.at(new).watchbill("apply", "--yes")
        assert applied.code == 0, applied.err
        assert "Platform & Tools" in applied.out
        assert newcomer.at(new).watchbill("plan", "--exit-code").code == 0


def test_a_portable_tree_of_times_that_are_not_taken_again(newcomer: Person) -> None:
    """An all-day window as PagerDuty's Terraform provider wants it, and a zone that is not on PagerDuty's list."""
    all_day = layer(1, 2, turn=DAY, restrictions=[daily("00:00:00", DAY - 1)])
    schedules = [
        schedule(1, all_day, zone="Asia/Kolkata"),
        schedule(2, layer(3, 4, 5), zone="America/Toronto"),
    ]
    policies = [policy(i, [f"PSCHD00{i}"]) for i in (1, 2)]
    account = document(*schedules, policies=policies)
    with (
        Sandbox(clock=NOW, load=account, options=OPTIONS) as old,
        Sandbox(clock=NOW, load={"users": USERS}, options=OPTIONS) as new,
    ):
        ran = newcomer.at(old).watchbill("import", "--out", "policies", "--portable", "--json")
        assert ran.code == 0, ran.err
        assert not ran.json["left"]
        applied = newcomer.at(new).watchbill("apply", "--yes")
        assert applied.code == 0, applied.out + applied.err
        assert newcomer.at(new).watchbill("plan", "--exit-code").code == 0
        until = START + 60 * DAY
        with Client(old.url, old.token) as left, Client(new.url, new.token) as right:
            here, there = (by_level(api, START, until) for api in (left, right))
        for at in range(START, until, 4 * HOUR):
            assert _on_duty(here, at) == _on_duty(there, at) != {}, iso(at)


def same_on_calls(old: Sandbox, new: Sandbox, dice: random.Random) -> None:
    """At 1,000 instants of a year, in four windows, since /oncalls reaches 90 days."""
    compared = reached = 0
    with Client(old.url, old.token) as left, Client(new.url, new.token) as right:
        for window in range(WINDOWS):
            begin = START + window * 91 * DAY + (HOUR if window == 0 else 0)
            for sandbox in (old, new):
                sandbox.move(iso(begin))
            stretches = [by_level(api, begin, begin + 89 * DAY) for api in (left, right)]
            for number in range(INSTANTS // WINDOWS):
                at = begin + dice.randrange(89 * DAY)
                here = [_on_duty(found, at) for found in stretches]
                assert here[0] == here[1], iso(at)
                if number < ASKED // WINDOWS:
                    asked = [oncalls(api, at) for api in (left, right)]
                    assert asked[0] == asked[1] == here[0], iso(at)
                compared += 1
                reached += bool(here[0])
    assert compared == INSTANTS
    assert reached, "somebody is on call at some time"


def oncalls(api: Client, at: int) -> dict[Level, set[str]]:
    """What GET /oncalls says of one instant."""
    found: dict[Level, set[str]] = {}
    for entry in everything(api, "/oncalls", "oncalls", since=iso(at), until=iso(at)):
        found.setdefault(_level(entry), set()).add(entry["user"]["id"])
    return found


def by_level(api: Client, since: int, until: int) -> dict[Level, list[tuple[int, int, str]]]:
    """Who is on call from when to when at each level, of schedules of either kind and of users by name."""
    found: dict[Level, list[tuple[int, int, str]]] = {}
    for entry in everything(api, "/oncalls", "oncalls", since=iso(since), until=iso(until)):
        start, end = (
            parse_instant(entry[end]) if entry[end] else other
            for end, other in (("start", since), ("end", until))
        )
        found.setdefault(_level(entry), []).append((start, end, entry["user"]["id"]))
    return found


def _level(entry: Mapping[str, Any]) -> Level:
    return _plain(entry["escalation_policy"]["summary"]), entry["escalation_level"]


def _plain(name: str) -> str:
    """A policy's name as watchbill may write it: made elsewhere, it has no blanks at its ends or in a row."""
    return " ".join(name.split())


def _on_duty(found: Mapping[Level, list[tuple[int, int, str]]], at: int) -> dict[Level, set[str]]:
    duty = {level: {who for start, end, who in spans if start <= at < end} for level, spans in found.items()}
    return {level: people for level, people in duty.items() if people}


def everything(api: Client, path: str, wrapper: str, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    while True:
        body = api.get(path, limit=100, offset=len(items), **query).body
        items += body[wrapper]
        if not body["more"]:
            return items


def test_part_of_an_account(newcomer: Person) -> None:
    with Sandbox(clock=NOW, load=grown(), options=OPTIONS) as sandbox:
        person = newcomer.at(sandbox)
        ran = person.watchbill("import", "--out", "team", "--team", "Platform & Tools", "--json")
        assert ran.code == 0, ran.err
        assert ran.json["counts"]["rotations"] == 1
        assert ran.json["counts"]["ladders"] == 1
        assert {x["external"] for x in ran.json["left"]} == {"x" * 63}
        assert person.watchbill("plan", "--exit-code", "--policies", "team").code == 0
        named = person.watchbill("import", "--out", "named", "--name", "MAIN", "--json")
        assert named.json["counts"]["ladders"] == 1
        assert named.json["counts"]["external"] == 2
        assert person.watchbill("check", "--policies", "named").code == 0
        assert person.watchbill("plan", "--exit-code", "--policies", "named").code == 0
        nothing = person.watchbill("import", "--out", "other", "--team", "Plattform")
        assert nothing.code == 2
        assert "Platform & Tools" in nothing.err
        again = person.watchbill("import", "--out", "team")
        assert again.code == 2
        assert "files already" in again.err


def test_a_portable_tree_says_which_overrides_stay_behind(newcomer: Person) -> None:
    document = estate("cloud-team-weekday-weekend")
    swap = {"start": iso(START + DAY), "end": iso(START + 2 * DAY), "user": {"id": "PUSER004"}}
    document["schedules"][0]["overrides"] = [swap]
    with Sandbox(clock=NOW, load=document, options=OPTIONS) as sandbox:
        person = newcomer.at(sandbox)
        ran = person.watchbill("import", "--out", "policies", "--portable", "--json")
        assert ran.code == 0, ran.err
        (note,) = ran.json["notes"][-1:]
        assert note.startswith(
            f"schedule {document['schedules'][0]['name']!r}: 1 override to come not taken along"
        )
        here = person.watchbill("import", "--out", "here", "--json")
        assert not [one for one in here.json["notes"] if "override" in one]


def test_everyone_and_no_account(newcomer: Person) -> None:
    assert newcomer.watchbill("import", "--out", "policies").code == 2
    assert newcomer.watchbill("import", "--out", "policies", "--account", "acme").code == 14
    with Sandbox(clock=NOW, load=document(users=USERS), options=OPTIONS) as sandbox:
        ran = newcomer.at(sandbox).watchbill("import", "--out", "policies", "--everyone", "--json")
        assert ran.code == 0, ran.err
        assert ran.json["counts"]["people"] == len(USERS) + 1
        assert newcomer.at(sandbox).watchbill("check").code == 0
        assert newcomer.at(sandbox).watchbill("plan", "--exit-code").code == 0


def test_the_first_real_change_after_an_import_is_one_change(newcomer: Person) -> None:
    """It brings the marker; nothing else of the account moves."""
    document = estate("cloud-team-weekday-weekend")
    swap = {"start": iso(START + DAY), "end": iso(START + 2 * DAY), "user": {"id": "PUSER004"}}
    document["schedules"][0]["overrides"] = [swap]
    with Sandbox(clock=NOW, load=document, options=OPTIONS) as sandbox:
        person = newcomer.at(sandbox)
        assert person.watchbill("import", "--out", "policies").code == 0
        file = person.policies / "ladders.yaml"
        file.write_text(file.read_text("utf-8").replace("1h: user4", "2h: user4"), encoding="utf-8")
        planned = person.watchbill("plan", "--json").json
        assert [(c["action"], c["name"]) for c in planned["changes"]] == [
            ("update", "Cloud Team Escalation Policy")
        ]
        assert person.watchbill("apply", "--yes").code == 0
        assert person.watchbill("plan", "--exit-code").code == 0
        with Client(sandbox.url, sandbox.token) as api:
            found = everything(api, "/escalation_policies", "escalation_policies")
            kept = api.get(
                "/schedules/PSCHD001/overrides", since=iso(START), until=iso(START + 9 * DAY)
            ).body["overrides"]
        marked = [p["name"] for p in found if "watchbill/1 ladder/" in (p["description"] or "")]
        assert marked == ["Cloud Team Escalation Policy"]
        assert [o["user"]["id"] for o in kept] == ["PUSER004"], "somebody's own override stays theirs"


def test_the_first_crew_change_after_an_import_is_one_change(newcomer: Person) -> None:
    """In one of several layers: until the handoff everybody serves as before."""
    handoff = parse_instant("2026-12-01T09:00:00Z")
    with Sandbox(clock=NOW, load=grown(), options=OPTIONS) as sandbox:
        person = newcomer.at(sandbox)
        assert person.watchbill("import", "--out", "policies").code == 0
        with Client(sandbox.url, sandbox.token) as api:
            before = by_level(api, START, START + 60 * DAY)
            words = ("primary-eu", "user1", "--layer", "Days", "--from", "2026-12-01")
            ran = person.watchbill("crew", "add", *words)
            assert ran.code == 0, ran.err
            (change,) = person.watchbill("plan", "--json").json["changes"]
            assert (change["kind"], change["action"]) == ("schedule", "update")
            applied = person.watchbill("apply", "--yes")
            assert applied.code == 0, applied.out + applied.err
            assert person.watchbill("plan", "--exit-code").code == 0
            assert person.watchbill("drift").code == 0
            after = by_level(api, START, START + 60 * DAY)
        for at in range(START, handoff, HOUR):
            assert _on_duty(before, at) == _on_duty(after, at), iso(at)
        later = range(handoff, START + 60 * DAY, HOUR)
        assert any(_on_duty(before, at) != _on_duty(after, at) for at in later)
