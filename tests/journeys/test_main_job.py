"""policies -> check -> plan -> apply -> in sync, as a person would run it."""

from __future__ import annotations

import json
import subprocess

import pytest

from contract.openapi import Contract, read_deviations
from journeys.conftest import Person
from shared import openapi_path
from watchbill.sandbox.server import Sandbox

WRITES = {"POST", "PUT", "DELETE", "PATCH"}


def writes(sandbox: Sandbox) -> list[str]:
    return [f"{r.method} {r.path}" for r in sandbox.requests() if r.method in WRITES]


def test_the_embedded_sandbox_from_nothing_to_in_sync(person: Person) -> None:
    first = person.watchbill("apply", "--yes")
    assert first.code == 0, first.err
    assert "in sync" in first.out
    for name in ("medicalcor-primary", "medicalcor-backend", "Database P1", "API-Backend P4", "Security"):
        assert name in first.out
    again = person.watchbill("apply", "--yes")
    assert again.code == 0
    assert "no changes" in again.out
    assert "in sync" in again.out


def test_a_second_apply_sends_no_write(person: Person, populated: Sandbox) -> None:
    someone = person.at(populated)
    assert someone.watchbill("apply", "--yes").code == 0
    before = writes(populated)
    assert len(before) >= 4 + 21 + 6  # four schedules, twenty-one ladders, the domains' services
    again = someone.watchbill("apply", "--yes")
    assert again.code == 0, again.err
    assert writes(populated) == before


def test_the_plan_names_every_object_and_writes_nothing(person: Person, populated: Sandbox) -> None:
    plan = person.at(populated).watchbill("plan", "--json", "--exit-code")
    assert plan.code == 10
    kinds = [change["kind"] for change in plan.json["changes"] if change["action"] == "create"]
    assert kinds.count("escalation_policy") == 21
    assert kinds.count("schedule") == 4
    assert kinds.count("service") >= 6
    assert not writes(populated)


def test_every_exchange_is_as_the_official_document_says(person: Person, populated: Sandbox) -> None:
    contract = Contract(openapi_path())
    answers = Contract(openapi_path(), read_deviations())
    someone = person.at(populated)
    assert someone.watchbill("plan").code == 0
    assert someone.watchbill("apply", "--yes").code == 0
    tamper(populated, "schedule", "medicalcor-primary", '{"time_zone": "Europe/London"}')
    assert someone.watchbill("drift").code == 10
    assert someone.watchbill("apply", "--yes").code == 0
    exchanges = [e for e in populated.exchanges() if not e.path.startswith("/_sandbox")]
    assert len(exchanges) > 60
    problems = []
    for e in exchanges:
        problems += [str(p) for p in contract.request_problems(e.method, e.path, e.query, e.headers, e.body)]
        problems += [str(p) for p in answers.response_problems(e.method, e.path, e.status, e.answer)]
    assert not problems, "\n".join(sorted(set(problems))[:20])


def tamper(sandbox: Sandbox, kind: str, name: str, changes: str) -> None:
    from watchbill.sandbox.tamper import tamper as edit

    edit(sandbox.store, kind, name, json.loads(changes), clock=sandbox.world.clock)


def test_a_hand_edit_is_drift_and_apply_reverts_it(person: Person) -> None:
    assert person.watchbill("apply", "--yes").code == 0
    assert person.watchbill("drift").code == 0
    edit = person.watchbill(
        "sandbox", "tamper", "escalation_policy", "Database P1", '{"delays": {"1": 5}}', "--by", "cto-holder"
    )
    assert edit.code == 0, edit.err
    drift = person.watchbill("drift")
    assert drift.code == 10
    assert "Database P1" in drift.out
    assert "5 min" in drift.out
    assert "15 min" in drift.out
    assert "cto-holder in the browser" in drift.out
    reverted = person.watchbill("apply", "--yes")
    assert reverted.code == 0, reverted.err
    assert person.watchbill("drift").code == 0


def test_a_marker_that_a_human_erased_is_not_passed_over_in_silence(person: Person) -> None:
    assert person.watchbill("apply", "--yes").code == 0
    erase = ("sandbox", "tamper", "schedule", "medicalcor-primary", '{"description": "mine now"}')
    assert person.watchbill(*erase).code == 0
    drift = person.watchbill("drift")
    assert drift.code == 10
    assert "claim" in drift.out
    refused = person.watchbill("apply", "--yes")
    assert refused.code == 14
    assert "medicalcor-primary" in refused.err


def test_a_saved_plan_is_applied_as_it_is_or_not_at_all(person: Person) -> None:
    assert person.watchbill("plan", "--out", "plan.json").code == 0
    assert person.watchbill("apply", "plan.json", "--yes").code == 0
    stale = person.watchbill("apply", "plan.json", "--yes")
    assert stale.code in {0, 12}, stale.err


def test_an_edited_plan_is_refused(person: Person) -> None:
    assert person.watchbill("plan", "--out", "plan.json").code == 0
    path = person.folder / "plan.json"
    path.write_text(path.read_text().replace("Database P1", "Database P9"))
    assert person.watchbill("apply", "plan.json", "--yes").code == 12


@pytest.mark.parametrize(("answer", "code"), [("n\n", 10), ("", 2)])
def test_nothing_is_written_without_a_yes(person: Person, populated: Sandbox, answer: str, code: int) -> None:
    ran = person.at(populated).watchbill("apply", stdin=answer)
    assert ran.code == code, ran.err
    assert not writes(populated)


def test_a_real_account_without_a_token_is_never_the_sandbox(person: Person) -> None:
    settings = person.policies / "settings.yaml"
    settings.write_text(settings.read_text().replace("account: sandbox", "account: acme"))
    for path in ("people.yaml", "roles.yaml"):
        file = person.policies / path
        file.write_text(file.read_text().replace("name: placeholder", "name: Somebody"))
    ran = person.watchbill("plan")
    assert ran.code == 14, ran.out + ran.err
    assert "PAGERDUTY_TOKEN" in ran.err


def test_placeholders_are_refused_for_a_real_account(person: Person) -> None:
    settings = person.policies / "settings.yaml"
    settings.write_text(settings.read_text().replace("account: sandbox", "account: acme"))
    ran = person.watchbill("plan", PAGERDUTY_TOKEN="x" * 20)
    assert ran.code == 3
    assert "placeholder" in ran.err


def test_in_ci_the_embedded_sandbox_has_to_be_spelled_out(person: Person) -> None:
    refused = person.watchbill("apply", "--yes", CI="true")
    assert refused.code == 2
    assert "--sandbox" in refused.err
    assert person.watchbill("apply", "--yes", "--sandbox", CI="true").code == 0


def git(person: Person, *words: str) -> None:
    identity = ["-c", "user.name=Pat", "-c", "user.email=pat@x.example", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", "-C", str(person.folder), *identity, *words], check=True, capture_output=True)


def test_what_leaves_the_policy_is_deleted_only_when_history_knows_it(
    person: Person, populated: Sandbox
) -> None:
    someone = person.at(populated)
    extra = person.policies / "ladders.yaml"
    extra.write_text(
        "ladders:\n  extra: {title: Extra ladder, steps: {0m: primary}, repeat: 1}\n"
        "services:\n  extra: {title: Extra service, ladder: extra}\n"
    )
    git(person, "init", "-q")
    git(person, "add", "-A")
    git(person, "commit", "-qm", "with an extra ladder")
    assert someone.watchbill("apply", "--yes").code == 0
    names = {p["name"] for p in populated.store.all("escalation_policy")}
    assert "Extra ladder" in names
    extra.unlink()
    git(person, "commit", "-qam", "without it")
    gone = someone.watchbill("apply", "--yes")
    assert gone.code == 0, gone.err
    assert "Extra ladder" not in {p["name"] for p in populated.store.all("escalation_policy")}
    assert "Extra service" not in {p["name"] for p in populated.store.all("service")}


def test_without_history_nothing_is_deleted(person: Person, populated: Sandbox) -> None:
    someone = person.at(populated)
    extra = person.policies / "ladders.yaml"
    extra.write_text("ladders:\n  extra: {title: Extra ladder, steps: {0m: primary}, repeat: 1}\n")
    assert someone.watchbill("apply", "--yes").code == 0
    extra.unlink()
    assert someone.watchbill("apply", "--yes").code == 0
    assert "Extra ladder" in {p["name"] for p in populated.store.all("escalation_policy")}
