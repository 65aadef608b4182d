"""`watchbill doctor` on a served sandbox: few requests, no writes, honest about what it cannot see."""

from __future__ import annotations

import json
import shutil
from typing import Any

import jsonschema_rs
import pytest

from contract.openapi import Contract, read_deviations
from journeys.conftest import NOW, ROOT, Person, Ran
from shared import openapi_path
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
