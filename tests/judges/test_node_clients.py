"""The `pd` command and PagerDuty's own JavaScript client, unmodified, over https and under PagerDuty's own name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from judges.conftest import Node

SERVICE = {
    "type": "service",
    "name": "Cloud",
    "escalation_policy": {"id": "PESCP001", "type": "escalation_policy_reference"},
}


@pytest.fixture(scope="module")
def pd(node: Node) -> Node:
    told = node.run("pd", "auth", "add", "-t", node.sandbox.token)
    assert "You are logged in to sandbox" in told.stdout
    made = javascript(node, "post", "/services", {"service": SERVICE})
    assert made["status"] == 201
    return node


def javascript(node: Node, method: str, endpoint: str, data: Any = None) -> Any:
    """One call of pdjs: `{status, data}`."""
    script = """
    const {api} = require('@pagerduty/pdjs');
    const [token, method, endpoint, data] = process.argv.slice(1);
    const headers = {From: 'owner@sandbox.invalid'};
    api({token, headers})[method](endpoint, data ? {data: JSON.parse(data)} : {})
      .then((answer) => console.log(JSON.stringify({status: answer.status, data: answer.data})),
            (failure) => { console.error(failure); process.exit(1); });
    """
    sent = [] if data is None else [json.dumps(data)]
    return node.json("node", "-e", script, node.sandbox.token, method, endpoint, *sent)


def rota_entries(node: Node, schedule: str, since: str, until: str) -> list[tuple[str, str, str]]:
    path = f"/schedules/{schedule}?since={since}&until={until}"
    final = javascript(node, "get", path)["data"]["schedule"]["final_schedule"]
    return [(e["start"], e["end"], e["user"]["id"]) for e in final["rendered_schedule_entries"]]


def test_pd_lists_schedules(pd: Node) -> None:
    shown = pd.run("pd", "schedule", "list").stdout
    assert "Cloud Team - Primary On Call" in shown
    assert "Cloud Team Escalation Policy" in shown
    assert {s["id"] for s in pd.json("pd", "schedule", "list", "--json")} == {"PSCHD001", "PSCHD002"}


def test_pd_renders_a_schedule_as_the_sandbox_does(pd: Node) -> None:
    shown = pd.run("pd", "schedule", "show", "-i", "PSCHD001").stdout
    assert "Europe/London" in shown
    since, until = "2026-11-23T14:00:00Z", "2026-12-23T14:00:00Z"
    window = ("--since", since, "--until", until)
    rows = pd.json("pd", "schedule", "render", "-i", "PSCHD001", "--json", *window)
    entries = rota_entries(pd, "PSCHD001", since, until)
    assert [(row["start"], row["end"], row["user"]["id"]) for row in rows] == entries
    assert len({user for _, _, user in entries}) > 1


def test_pd_says_who_is_on_call(pd: Node) -> None:
    now = javascript(pd, "get", "/oncalls?limit=100")["data"]["oncalls"]
    first = next(o for o in now if o["schedule"] and o["schedule"]["id"] == "PSCHD001")
    assert first["user"]["summary"] in pd.run("pd", "schedule", "oncall", "-i", "PSCHD001").stdout
    assert first["user"]["summary"] in pd.run("pd", "ep", "oncall", "-i", "PESCP001").stdout


def test_pd_lists_the_rest(pd: Node) -> None:
    assert "Security Escalation Policy" in pd.run("pd", "ep", "list").stdout
    assert "user6@example.invalid" in pd.run("pd", "user", "list").stdout
    assert "cloud" in pd.run("pd", "team", "list").stdout
    assert "Cloud" in pd.run("pd", "service", "list").stdout


def test_pd_works_an_incident(pd: Node) -> None:
    pd.run("pd", "incident", "create", "-S", "Cloud", "-t", "Disk full", "-F", "owner@sandbox.invalid")
    (incident,) = pd.json("pd", "incident", "list", "--json")
    assert incident["title"] == "Disk full"
    pd.run("pd", "incident", "ack", "-i", incident["id"], "-F", "owner@sandbox.invalid")
    pd.run("pd", "incident", "notes", "-i", incident["id"], "-n", "Looking", "-F", "owner@sandbox.invalid")
    assert "Looking" in pd.run("pd", "incident", "notes", "-i", incident["id"]).stdout
    pd.run("pd", "incident", "resolve", "-i", incident["id"], "-F", "owner@sandbox.invalid")
    closed = javascript(pd, "get", f"/incidents/{incident['id']}")["data"]["incident"]
    assert closed["status"] == "resolved"
    log = pd.run("pd", "incident", "log", "-i", incident["id"]).stdout
    assert "trigger" in log.lower()


def test_pd_copies_schedules_and_policies(pd: Node) -> None:
    pd.run("pd", "schedule", "copy", "-i", "PSCHD001", "-d", "Copy of the first")
    pd.run("pd", "ep", "copy", "-i", "PESCP001", "-d", "Copy of the policy")
    schedules = javascript(pd, "get", "/schedules?query=Copy%20of%20the%20first")["data"]["schedules"]
    assert [s["name"] for s in schedules] == ["Copy of the first"]
    copied = javascript(pd, "get", f"/schedules/{schedules[0]['id']}")["data"]["schedule"]
    original = javascript(pd, "get", "/schedules/PSCHD001")["data"]["schedule"]
    assert len(copied["schedule_layers"]) == len(original["schedule_layers"])


def test_pdjs_makes_changes_and_deletes(node: Node) -> None:
    made = javascript(node, "post", "/teams", {"team": {"type": "team", "name": "By script"}})
    assert made["status"] == 201
    path = f"/teams/{made['data']['team']['id']}"
    renamed = javascript(node, "put", path, {"team": {"type": "team", "name": "By a script"}})
    assert renamed["data"]["team"]["name"] == "By a script"
    assert javascript(node, "delete", path)["status"] == 204
    assert node.sandbox.store.named("team", "By a script") == []


def test_pdjs_turns_every_page(node: Node) -> None:
    script = """
    const {api} = require('@pagerduty/pdjs');
    api({token: process.argv[1]}).all('/users', {data: {limit: 2}})
      .then((r) => console.log(JSON.stringify(r.resource.map((u) => u.id))));
    """
    ids = node.json("node", "-e", script, node.sandbox.token)
    assert sorted(ids) == sorted(doc["id"] for doc in node.sandbox.store.all("user"))
