"""Rule sets that others write in too: what is ours is told, reverted and taken out, what is not stays as it is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.client import Client
from journeys.conftest import NOW, ROOT, Person, clean_environment
from watchbill.config.load import load_valid
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

THEIRS: dict[str, Any] = {
    "label": "Quiet on staging",
    "conditions": [
        {
            "expression": "event.source matches part 'staging' and not (now in Sat,Sun 00:00:00 to 23:59:00 Europe/Bucharest)"
        }
    ],
    "actions": {"suppress": True, "variables": [], "annotate": None},
    "disabled": False,
}
API = "MedicalCor API"


def rule_set(sandbox: Sandbox, service: str = API) -> dict[str, Any]:
    found = sandbox.store.get("orchestration_path", f"service/{service_id(sandbox, service)}")
    assert found is not None
    return found


def service_id(sandbox: Sandbox, service: str = API) -> str:
    return str(sandbox.store.named("service", service)[0]["id"])


def labels(sandbox: Sandbox) -> list[str]:
    """Without what tells when they were written."""
    return [rule["label"].split(" 2")[0].split(" @")[0] for rule in rule_set(sandbox)["sets"][0]["rules"]]


def ours(sandbox: Sandbox) -> list[str]:
    return [label for label in labels(sandbox) if label.startswith("watchbill:")]


def foreign(sandbox: Sandbox) -> list[dict[str, Any]]:
    rules = [rule for one in rule_set(sandbox)["sets"] for rule in one["rules"]]
    return [rule for rule in rules if not rule["label"].startswith("watchbill:")]


def put(sandbox: Sandbox, service: str, path: dict[str, Any]) -> None:
    with Client(sandbox.url) as client:
        answer = client.put(
            f"/event_orchestrations/services/{service_id(sandbox, service)}", {"orchestration_path": path}
        )
        assert answer.status == 200, answer.body


def tamper(person: Person, changes: dict[str, Any], by: str = "cto-holder") -> None:
    ran = person.watchbill("sandbox", "tamper", "event_rules", API, json.dumps(changes), "--by", by)
    assert ran.code == 0, ran.err


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An account to which the shipped policy was applied."""
    folder = tmp_path_factory.mktemp("applied")
    shutil.copytree(ROOT / "policies", folder / "policies")
    with Sandbox(folder / "state.sqlite", NOW) as sandbox:
        with_people(sandbox, folder / "policies")
        ran = (
            Person(folder, clean_environment(folder / "home"))
            .at(sandbox)
            .watchbill("apply", "--yes", "--quiet")
        )
        assert ran.code == 0, ran.out + ran.err
    return folder / "state.sqlite"


@pytest.fixture
def served(state: Path, tmp_path: Path) -> Iterator[Sandbox]:
    shutil.copy(state, tmp_path / "state.sqlite")
    with Sandbox(tmp_path / "state.sqlite", NOW) as sandbox:
        yield sandbox


@pytest.fixture
def someone(person: Person, served: Sandbox) -> Person:
    return person.at(served)


def with_people(sandbox: Sandbox, policies: Path) -> None:
    policy = load_valid(policies).policy
    assert policy is not None
    ensure_users(sandbox.store, [{"name": h, "email": p.email} for h, p in policy.people.items()])


def test_ours_are_one_run_of_labels_in_the_order_of_the_rules(someone: Person, served: Sandbox) -> None:
    names = [*(f"security-P{n}" for n in (1, 2, 3, 4)), "security", "P1", "P2", "P3", "P4"]
    assert [label.split()[0] for label in labels(served)] == [
        f"watchbill:medicalcor-api/{name}" for name in names
    ]
    service = served.store.get("service", service_id(served))
    assert service is not None
    assert service["orchestration_active"] is True
    assert rule_set(served)["catch_all"]["actions"]["escalation_policy"] == service["escalation_policy"]


def test_a_hand_edit_is_told_by_what_becomes_of_events_and_reverted(someone: Person, served: Sandbox) -> None:
    before = rule_set(served)["sets"]
    tamper(
        someone,
        {
            "edit_rules": {
                "watchbill:medicalcor-api/P3": {
                    "conditions": [{"expression": "event.severity matches 'fatal'"}]
                }
            }
        },
    )
    drift = someone.watchbill("drift")
    assert drift.code == 10
    assert "an event with severity warning" in drift.out
    assert "API-Backend P2" in drift.out
    assert "API-Backend P3" in drift.out
    assert "by cto-holder" in drift.out
    assert someone.watchbill("apply", "--yes").code == 0
    assert [rule["conditions"] for rule in rule_set(served)["sets"][0]["rules"]] == [
        rule["conditions"] for rule in before[0]["rules"]
    ]
    assert someone.watchbill("drift").code == 0


EDITS: list[dict[str, Any]] = [
    {"delete_rules": ["watchbill:medicalcor-api/security-P1"]},
    {"add_rule": {**THEIRS, "place": 3}},
    {"delete_rules": ["watchbill:medicalcor-api/P1"]},
    {"edit_rules": {"watchbill:medicalcor-api/P2": {"disabled": True}}},
    {"edit_rules": {"watchbill:medicalcor-api/P2": {"label": "mine"}}},
    {"edit_rules": {"watchbill:medicalcor-api/P2": {"actions": {"suppress": True}}}},
    {"catch_all": {}},
    {"catch_all": {"suppress": True}},
    {
        "edit_rules": {
            "watchbill:medicalcor-api/P4": {
                "conditions": [{"expression": "trigger_count over 5 minutes > 3"}]
            }
        }
    },
]


@pytest.mark.parametrize(
    "edit",
    [
        {"active": False},
        *(pytest.param(edit, marks=pytest.mark.long) for edit in EDITS),
    ],
    ids=lambda edit: str(edit)[:60],
)
def test_whatever_was_edited_is_drift_and_goes_back(
    someone: Person, served: Sandbox, edit: dict[str, Any]
) -> None:
    before = ours(served)
    tamper(someone, edit)
    theirs = foreign(served)
    drift = someone.watchbill("drift", "--json")
    assert drift.code == 10, drift.out
    assert [(c["kind"], c["class"]) for c in drift.json["changes"]] == [("routing", "drift")]
    assert drift.json["changes"][0]["fields"]
    who = "unknown" if "active" in edit else "cto-holder"
    assert [a["who"] for a in drift.json["attributions"]] == [who]
    ran = someone.watchbill("apply", "--yes")
    assert ran.code == 0, ran.out + ran.err
    assert [x.split()[0] for x in ours(served)] == [x.split()[0] for x in before]
    assert foreign(served) == theirs
    assert someone.watchbill("plan", "--exit-code").code == 0


def test_a_rule_set_that_somebody_emptied_is_drift(someone: Person, served: Sandbox) -> None:
    put(served, API, {"sets": [{"id": "start", "rules": []}], "catch_all": {"actions": {}}})
    drift = someone.watchbill("drift", "--json")
    assert drift.code == 10
    assert [(c["kind"], c["action"], c["class"]) for c in drift.json["changes"]] == [
        ("routing", "create", "drift")
    ]
    adopted = someone.watchbill("adopt")
    assert "event rules follow from severities, domains and tags" in " ".join(adopted.out.split())
    assert someone.watchbill("apply", "--yes").code == 0
    assert len(ours(served)) == 9


def test_rules_of_others_stay_in_place_and_order(someone: Person, served: Sandbox) -> None:
    other = {**THEIRS, "label": "More of theirs", "actions": {"route_to": "late"}}
    late = {"id": "late", "rules": [{"label": "Late", "conditions": [], "actions": {"suspend": 300}}]}
    stored = rule_set(served)
    start = {"id": "start", "rules": [THEIRS, *stored["sets"][0]["rules"], other]}
    put(served, API, {"sets": [start, late], "catch_all": stored["catch_all"]})
    theirs = foreign(served)
    plan = someone.watchbill("plan")
    assert "foreign-rule-above" in plan.out
    assert "'Quiet on staging' is asked before the rules of watchbill" in plan.out
    severities = someone.policies / "severities.yaml"
    severities.write_text(severities.read_text().replace("from_alerts: [warning]", "from_alerts: []"))
    assert someone.watchbill("apply", "--yes", "--waive", "changed=a test").code == 0
    assert foreign(served) == theirs
    assert labels(served)[0] == "Quiet on staging"
    assert labels(served)[-1] == "More of theirs"
    assert [x.split("/")[0] for x in labels(served)[1:-1]] == ["watchbill:medicalcor-api"] * 9


def test_without_event_rules_ours_go_and_others_stay(someone: Person, served: Sandbox) -> None:
    tamper(someone, {"add_rule": {**THEIRS, "place": 0}})
    theirs = foreign(served)
    settings = someone.policies / "settings.yaml"
    settings.write_text(settings.read_text().replace("routing:", "event_rules: false\n    routing:"))
    ran = someone.watchbill("apply", "--yes")
    assert ran.code == 0, ran.out + ran.err
    assert "7 routings to delete" in ran.out
    assert (ours(served), foreign(served)) == ([], theirs)
    assert rule_set(served)["catch_all"] == {"actions": {}}
    assert someone.watchbill("plan", "--exit-code").code == 0


def test_a_policy_that_never_had_them_leaves_the_rules_of_another_one(
    someone: Person, served: Sandbox, tmp_path: Path
) -> None:
    """An import of an account whose ladders and rules another policy owns: the plan right after is empty."""
    before = labels(served)
    fresh = tmp_path / "fresh"
    ran = someone.watchbill("import", "--out", str(fresh / "policies"))
    assert ran.code == 0, ran.err
    told = " ".join(ran.out.split())
    assert told.count(" event rules that watchbill wrote for another policy") == 7
    assert "9 event rules that watchbill wrote for another policy" in told
    other = Person(fresh, someone.env)
    plan = other.watchbill("plan", "--exit-code")
    assert plan.code == 0, plan.out
    assert "to delete" not in plan.out
    assert other.watchbill("apply", "--yes").code == 0
    assert labels(served) == before


def test_the_rule_set_of_a_service_that_was_there_before(person: Person, populated: Sandbox) -> None:
    someone = person.at(populated)
    with Client(populated.url) as client:
        user = {"id": populated.store.all("user")[0]["id"], "type": "user_reference"}
        rule = {"escalation_delay_in_minutes": 5, "targets": [user]}
        policy = client.post(
            "/escalation_policies",
            {"escalation_policy": {"type": "escalation_policy", "name": "Old", "escalation_rules": [rule]}},
        )
        old = policy.body["escalation_policy"]["id"]
        service = {
            "type": "service",
            "name": API,
            "escalation_policy": {"id": old, "type": "escalation_policy_reference"},
        }
        made = client.post("/services", {"service": service}).body["service"]["id"]
    catch_all = {"actions": {"escalation_policy": old, "suppress": False}}
    put(populated, API, {"sets": [{"id": "start", "rules": [THEIRS]}], "catch_all": catch_all})
    services = someone.policies / "services.yaml"
    services.write_text(
        services.read_text().replace(
            "medicalcor-api: {title: MedicalCor API,",
            f"medicalcor-api: {{title: MedicalCor API, pagerduty: {{id: {made}}},",
        )
    )
    plan = someone.watchbill("plan")
    assert "foreign-catch-all" in plan.out
    assert "foreign-rules-wake" in plan.out
    ran = someone.watchbill("apply", "--yes")
    assert ran.code == 0, ran.out + ran.err
    assert labels(populated)[0] == "Quiet on staging"
    assert rule_set(populated)["catch_all"] == catch_all
    assert not populated.store.children("integration", made), "whoever made it has ways in of their own"
    again = someone.watchbill("plan", "--exit-code")
    assert again.code == 0, again.out
    tamper(someone, {"catch_all": {}})
    taken = someone.watchbill("apply", "--yes")
    assert taken.code == 0, taken.out + taken.err
    assert "escalation_policy" in rule_set(populated)["catch_all"]["actions"]


def test_a_released_service_keeps_its_rules_under_nobodys_name(someone: Person, served: Sandbox) -> None:
    ran = someone.watchbill("forget", "medicalcor-api", "--yes")
    assert not ours(served), ran.out + ran.err
    assert labels(served)[-1] == "medicalcor-api/P4"


def test_rules_that_the_plan_does_not_evaluate_are_named(person: Person) -> None:
    options = SandboxOptions(unevaluated=("escalation_policy",))
    with Sandbox(clock="2026-11-23T14:00:00Z", options=options) as sandbox:
        with_people(sandbox, person.policies)
        ran = person.at(sandbox).watchbill("apply", "--yes")
    assert ran.code == 0, ran.err
    assert "will not be evaluated" in ran.out
    assert "watchbill:medicalcor-api/P1" in ran.out


def test_a_priority_that_the_account_lacks_is_told_and_the_ladder_still_right(
    person: Person, populated: Sandbox
) -> None:
    for doc in populated.store.all("priority"):
        if doc["name"] == "P2":
            populated.store.delete("priority", doc["id"])
    ran = person.at(populated).watchbill("apply", "--yes")
    assert ran.code == 0, ran.out + ran.err
    assert "priority-missing" in ran.out
    (rule,) = (
        r
        for r in rule_set(populated)["sets"][0]["rules"]
        if r["label"].startswith("watchbill:medicalcor-api/P2")
    )
    assert "priority" not in rule["actions"]
    assert "escalation_policy" in rule["actions"]
