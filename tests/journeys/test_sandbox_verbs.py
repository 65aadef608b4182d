"""`watchbill sandbox ...` as a person types it: served, over https, with faults, saved and loaded again."""

from __future__ import annotations

import json
import signal
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from contract.client import Client
from journeys.conftest import Person
from shared import shared

ESTATES = ("chicago-bratislava.json", "cloud-team-weekday-weekend.json")


@contextmanager
def served(person: Person, *words: str) -> Iterator[dict[str, str]]:
    """What `sandbox serve --json` prints; stopped as Ctrl-C stops it, and it has to end well."""
    command = [sys.executable, "-m", "watchbill", "sandbox", "serve", "--json", *words]
    process = subprocess.Popen(
        command, cwd=person.folder, env=person.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield json.loads(line)
    finally:
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
    assert process.returncode == 0, told
    assert "Traceback" not in told


def without_private(node: Any) -> Any:
    if isinstance(node, dict):
        return {k: without_private(v) for k, v in node.items() if not k.startswith("_")}
    return [without_private(item) for item in node] if isinstance(node, list) else node


def kept(whole: Any, part: Any, where: str = "") -> None:
    """Everything in `part` is in `whole`."""
    if isinstance(part, dict):
        for key, value in part.items():
            assert key in whole, f"{where}/{key}"
            kept(whole[key], value, f"{where}/{key}")
    elif isinstance(part, list):
        assert len(whole) == len(part), where
        for number, item in enumerate(part):
            kept(whole[number], item, f"{where}/{number}")
    else:
        assert whole == part, where


@pytest.mark.parametrize("name", ESTATES)
def test_an_estate_is_loaded_shown_and_saved_whole(person: Person, name: str, tmp_path: Path) -> None:
    estate = shared(f"estates/{name}")
    document = without_private(json.loads(estate.read_text("utf-8")))
    first, at_the_end = tmp_path / "first.json", tmp_path / "end.json"
    with served(person, "--load", str(estate), "--save", str(at_the_end)) as told:
        there = Person(person.folder, {**person.env, "PAGERDUTY_URL": told["url"]})
        shown = there.watchbill("sandbox", "show")
        assert shown.code == 0, shown.err
        assert f"{len(document['schedules'])} schedules" in shown.out
        for policy in document["escalation_policies"]:
            assert policy["name"] in shown.out
        assert "now: user" in shown.out
        assert there.watchbill("sandbox", "save", str(first)).code == 0
    saved = json.loads(first.read_text("utf-8"))
    saved["users"] = [u for u in saved["users"] if u["role"] != "owner"]
    kept(saved, {k: v for k, v in document.items() if v})
    with served(person, "--load", str(first), "--save", str(tmp_path / "again.json")):
        pass
    assert json.loads((tmp_path / "again.json").read_text("utf-8")) == json.loads(
        at_the_end.read_text("utf-8")
    )
    assert json.loads(first.read_text("utf-8")) == json.loads(at_the_end.read_text("utf-8"))


def test_https_beside_http(person: Person) -> None:
    with served(person, "--tls", "certificates") as told:
        trust = ssl.create_default_context(cafile=str(person.folder / told["ca_file"]))
        request = urllib.request.Request(
            told["tls_url"] + "/abilities", headers={"Authorization": f"Token token={told['token']}"}
        )
        with urllib.request.urlopen(request, context=trust, timeout=20) as answer:
            assert "teams" in json.load(answer)["abilities"]
        there = Person(
            person.folder,
            {
                **person.env,
                "PAGERDUTY_URL": told["tls_url"],
                "PAGERDUTY_TOKEN": told["token"],
                "SSL_CERT_FILE": told["ca_file"],
            },
        )
        drift = there.watchbill("drift")
        assert drift.code in {0, 10}, drift.err


def test_faults_latency_and_the_rate_limit(person: Person) -> None:
    words = ("--fault", "503:path=/users", "--fault", "drop-response:after=1", "--rate-limit", "6")
    with served(person, *words, "--latency-ms", "1") as told, Client(told["url"]) as api:
        assert api.get("/users").status == 503
        assert api.post("/teams", {"team": {"type": "team", "name": "One"}}).status == 201
        with pytest.raises(OSError, match=r"closed|reset"):
            api.post("/teams", {"team": {"type": "team", "name": "Two"}})
        assert [t["name"] for t in api.get("/teams").body["teams"]] == ["One", "Two"]
        assert [api.get("/abilities").status for _ in range(3)] == [200, 200, 429]


def test_tampering_with_a_served_one(person: Person) -> None:
    with served(person) as told, Client(told["url"]) as api:
        api.post("/teams", {"team": {"type": "team", "name": "One"}})
        there = Person(person.folder, {**person.env, "PAGERDUTY_URL": told["url"]})
        done = there.watchbill("sandbox", "tamper", "team", "One", '{"description": "by hand"}')
        assert done.code == 0, done.err
        assert api.get("/teams").body["teams"][0]["description"] == "by hand"
        wrong = there.watchbill("sandbox", "tamper", "team", "Three", "{}")
        assert (wrong.code, "Three" in wrong.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("serve", "--fault", "4711"), "429-bare"),
        (("serve", "--fault", "429:2"), "SHARE"),
        (("serve", "--load", "absent.json"), "check the path"),
        (("serve", "--load", "list.json"), "holds no account"),
        (("serve", "--load", "hollow.json"), "schedules, number 1"),
        (("serve", "--load", "flat.json"), "users, number 1"),
        (("serve", "--clock", "noon"), "2026-11-23T14:00:00Z"),
        (("serve", "--tls", "list.json"), "--tls"),
        (("save", "estate.json"), "watchbill apply"),
    ],
)
def test_what_cannot_be_done_is_told_with_a_remedy(person: Person, words: tuple[str, ...], told: str) -> None:
    for name, text in (("list", "[]"), ("hollow", '{"schedules": [{}]}'), ("flat", '{"users": [7]}')):
        (person.folder / f"{name}.json").write_text(text)
    ran = person.watchbill("sandbox", *words)
    assert ran.code == 2
    assert told in ran.err
    assert "next: " in ran.err


def test_nobody_serves_there(person: Person) -> None:
    nowhere = Person(person.folder, {**person.env, "PAGERDUTY_URL": "http://127.0.0.1:9"})
    ran = nowhere.watchbill("sandbox", "save", "x.json")
    assert ran.code == 14
    assert "watchbill sandbox serve" in ran.err
