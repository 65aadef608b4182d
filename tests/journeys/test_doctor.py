"""`watchbill doctor` on a served sandbox: few requests, no writes, honest about what it cannot see."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from contract.openapi import Contract, read_deviations
from journeys.conftest import NOW, ROOT, Person, Ran
from shared import openapi_path
from watchbill.config.load import load_valid
from watchbill.doctor.probing import PROBES
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import ABILITIES, SandboxOptions
from watchbill.sandbox.server import Sandbox


def lines(ran: Ran) -> dict[str, list[dict[str, Any]]]:
    schema = json.loads((ROOT / "schema" / "doctor.schema.json").read_text())
    jsonschema_rs.validator_for(schema).validate(ran.json)
    found: dict[str, list[dict[str, Any]]] = {}
    for line in ran.json["lines"]:
        found.setdefault(line["about"], []).append(line)
    return found


def level(ran: Ran, about: str) -> str:
    return ", ".join(line["level"] for line in lines(ran)[about])


def test_a_fit_account_in_few_requests_and_without_a_write(person: Person, populated: Sandbox) -> None:
    ran = person.at(populated).watchbill("doctor", "--json")
    assert ran.code == 0, ran.out
    assert ran.json["fit"] is True
    assert level(ran, "writing") == "ok"
    asked = [r for r in populated.requests() if not r.path.startswith("/_sandbox")]
    assert len(asked) == ran.json["requests"] <= 20
    assert {r.path for r in asked if r.method != "GET"} == {"/schedules/preview"}
    assert populated.store.count("schedule") == 0


def test_every_request_is_documented(person: Person, populated: Sandbox) -> None:
    person.at(populated).watchbill("doctor")
    contract = Contract(openapi_path(), [d for d in read_deviations() if d.about != "client"])
    for e in populated.exchanges():
        assert contract.request_problems(e.method, e.path, e.query, e.headers, e.body) == []


def test_text_tells_what_follows_and_what_to_do(person: Person, populated: Sandbox) -> None:
    ran = person.at(populated).watchbill("doctor")
    assert ran.code == 0
    assert "→ write their names" in ran.out
    assert ran.out.rstrip().splitlines()[-1].startswith("fit: 0 failures")
    assert all(len(line) <= 80 for line in ran.out.splitlines())


def test_a_read_only_token_in_an_account_without_audit_trail(person: Person) -> None:
    can = tuple(a for a in ABILITIES if a not in {"audit_trail_reporting", "incident_priorities"})
    options = SandboxOptions(read_only_tokens=("reader",), abilities=can)
    with Sandbox(clock=NOW, options=options) as sandbox:
        ran = person.at(sandbox).watchbill("doctor", "--json", PAGERDUTY_TOKEN="reader")
    assert level(ran, "writing") == "warn"
    assert level(ran, "audit trail") == "warn"
    assert level(ran, "priorities") == "warn"
    assert ran.code == 14, "the people of the policy are not there"
    assert level(ran, "people").startswith("warn, ok, fail")


def test_a_wrong_token_is_told_beside_what_the_files_say(person: Person) -> None:
    with Sandbox(clock=NOW, options=SandboxOptions(tokens=("right",))) as sandbox:
        ran = person.at(sandbox).watchbill("doctor", "--json", PAGERDUTY_TOKEN="wrong")
    assert ran.code == 14
    assert level(ran, "token") == "fail"
    assert level(ran, "policy") == "ok"
    assert "eu/" in lines(ran)["token"][0]["remedy"]


@pytest.mark.parametrize("env", [{"PAGERDUTY_URL": "http://127.0.0.1:9", "PAGERDUTY_TOKEN": "t"}, {}])
def test_without_an_account_it_says_what_the_files_allow(person: Person, env: dict[str, str]) -> None:
    settings = person.policies / "settings.yaml"
    settings.write_text(settings.read_text().replace("account: sandbox", "account: eu/acme"))
    ran = person.watchbill("doctor", "--json", **env)
    assert ran.code == 14
    assert level(ran, "objects") == "ok"
    assert ran.json["requests"] == (0 if not env else ran.json["requests"])
    assert level(ran, "address" if env else "token") == "fail"


def test_a_policy_with_errors_is_exit_3(person: Person, populated: Sandbox) -> None:
    (person.policies / "more.yaml").write_text("roles:\n  odd: {title: Odd, held_by: nobody-knows}\n")
    ran = person.at(populated).watchbill("doctor", "--json")
    assert ran.code == 3, ran.out
    assert level(ran, "policy") == "fail"


def test_before_there_is_a_policy(person: Person, populated: Sandbox) -> None:
    shutil.rmtree(person.policies)
    ran = person.at(populated).watchbill("doctor", "--json")
    assert ran.code == 0
    assert level(ran, "policy") == "warn"
    assert level(ran, "reading") == "ok"


def test_people_as_the_account_has_them_and_no_phone_number(person: Person, populated: Sandbox) -> None:
    store = populated.store
    users = {doc["email"]: doc for doc in store.all("user")}
    ana, ben = (users[e] for e in sorted(users) if "backend-1" in e or "backend-2" in e)
    store.put("user", {**ana, "role": "read_only_user"})
    for rule in store.children("notification_rule", ben["id"]):
        store.delete("notification_rule", rule["id"])
    phone = {"type": "phone_contact_method", "label": "Mobile", "address": "5559876543", "country_code": 40}
    store.put("contact_method", {"id": store.new_id("contact_method"), **phone}, parent=ben["id"])
    ensure_users(store, [{"name": "Stranger", "email": "stranger@example.com"}])
    ran = person.at(populated).watchbill("doctor", "--json")
    assert ran.code == 14
    assert "backend-1" in lines(ran)["roles"][0]["says"]
    assert "backend-2" in lines(ran)["contacts"][0]["says"]
    assert "5559876543" not in ran.out + ran.err


def test_a_clock_that_is_off_is_told_unless_now_was_given(person: Person, populated: Sandbox) -> None:
    given = person.at(populated).watchbill("doctor", "--json")
    real = person.at(populated).watchbill("doctor", "--json", WATCHBILL_NOW="")
    assert "clock" not in lines(given)
    assert level(real, "clock") == "ok"


def scratch(sandbox: Sandbox) -> list[str]:
    kinds = ("schedule", "schedule_v3", "escalation_policy")
    return [doc["name"] for kind in kinds for doc in sandbox.store.all(kind)]


def probing(person: Person, sandbox: Sandbox) -> subprocess.Popen[str]:
    """A process in the middle of its questions."""
    command = [sys.executable, "-m", "watchbill", "doctor", "--probe", "--yes", "--json"]
    env = person.at(sandbox).env
    running = subprocess.Popen(
        command, cwd=person.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    deadline = time.monotonic() + 60
    while not scratch(sandbox):
        assert running.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return running


@pytest.fixture
def slow(person: Person) -> Iterator[Sandbox]:
    with Sandbox(clock=NOW, options=SandboxOptions(latency_ms=15, rate_limit=0)) as sandbox:
        policy = load_valid(person.policies).policy
        assert policy is not None
        ensure_users(sandbox.store, [{"name": h, "email": p.email} for h, p in policy.people.items()])
        yield sandbox


def test_the_probe_settles_and_leaves_nothing(person: Person, populated: Sandbox) -> None:
    ran = person.at(populated).watchbill("doctor", "--probe", "--yes", "--json")
    assert ran.code == 0, ran.err
    lines(ran)
    assert len(ran.json["probes"]) == len(PROBES)
    assert all(probed["settled"] for probed in ran.json["probes"])
    assert scratch(populated) == []
    text = person.at(populated).watchbill("doctor", "--probe", "--yes").out
    assert all(len(line) <= 80 for line in text.splitlines())


def test_nobody_there_to_say_yes_writes_nothing(person: Person, populated: Sandbox) -> None:
    assert person.at(populated).watchbill("doctor", "--probe").code == 2
    assert person.at(populated).watchbill("doctor", "--probe", stdin="n\n").code == 0
    assert {r.path for r in populated.requests() if r.method != "GET"} == {"/schedules/preview"}


@pytest.mark.long
def test_killed_it_is_told_and_the_next_probe_removes_the_rest(person: Person, slow: Sandbox) -> None:
    running = probing(person, slow)
    running.kill()
    running.communicate()
    left = scratch(slow)
    assert left
    told = person.at(slow).watchbill("doctor", "--json")
    assert level(told, "scratch") == "warn"
    assert scratch(slow) == left, "only --probe writes"
    again = person.at(slow).watchbill("doctor", "--probe", "--yes", "--json")
    assert again.code == 0
    assert "of an earlier run" in lines(again)["scratch"][0]["says"]
    assert scratch(slow) == []


@pytest.mark.long
def test_ctrl_c_ends_with_a_report_and_nothing_left(person: Person, slow: Sandbox) -> None:
    running = probing(person, slow)
    running.send_signal(signal.SIGINT)
    out, _ = running.communicate(timeout=60)
    assert running.returncode == 130
    settled = [probed["settled"] for probed in json.loads(out)["probes"]]
    assert len(settled) == len(PROBES)
    assert not settled[-1]
    assert scratch(slow) == []
