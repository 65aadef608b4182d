"""After an apply: events sent to the services open incidents on the ladder, with the priority and for the people
that `route` and `simulate` say, minute by minute of the account's own clock."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

import pytest

from journeys.conftest import NOW, Person
from watchbill.config.load import load_valid
from watchbill.ladder.simulate import simulate
from watchbill.model.policy import Policy
from watchbill.rota.clock import HOUR, iso, parse_instant
from watchbill.rota.duty import Roster
from watchbill.sandbox.server import Sandbox

SEVERITIES = {"critical": "P1", "error": "P2", "warning": "P3", "info": "P4"}
LONG_ENOUGH = 4 * HOUR


@dataclass
class Alerts:
    """The world outside: sends to a service by the key of its integration."""

    sandbox: Sandbox

    def send(self, service: str, key: str, alert: str, /, **details: Any) -> None:
        payload = {"summary": key, "source": "test", "severity": alert, "custom_details": details}
        body = {
            "routing_key": self._key(service),
            "event_action": "trigger",
            "dedup_key": key,
            "payload": payload,
        }
        request = urllib.request.Request(
            f"{self.sandbox.url}/v2/enqueue",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 202

    def incident(self, key: str) -> dict[str, Any]:
        found = [i for i in self.sandbox.store.all("incident") if i["incident_key"] == key]
        assert len(found) == 1, key
        return found[0]

    def pages(self, key: str) -> dict[int, set[str]]:
        """Minute since it opened -> names of the people then assigned."""
        store, incident = self.sandbox.store, self.incident(key)
        names = {user["id"]: user["name"] for user in store.all("user")}
        pages: dict[int, set[str]] = {}
        for entry in store.children("log_entry", incident["id"]):
            if entry.get("assignees"):
                minute = (entry["at"] - incident["created_at"]) // 60
                pages.setdefault(minute, set()).update(names[user] for user in entry["assignees"])
        return pages

    def _key(self, service: str) -> str:
        store = self.sandbox.store
        (found,) = store.children("integration", store.named("service", service)[0]["id"])
        return str(found["integration_key"])


@pytest.fixture
def applied(person: Person, populated: Sandbox) -> tuple[Person, Alerts]:
    someone = person.at(populated)
    ran = someone.watchbill("apply", "--yes")
    assert ran.code == 0, ran.out + ran.err
    return someone, Alerts(populated)


def loaded(person: Person) -> Policy:
    policy = load_valid(person.policies).policy
    assert policy is not None
    return policy


def test_events_of_each_severity_domain_and_tag_page_as_simulate_says(applied: tuple[Person, Alerts]) -> None:
    person, alerts = applied
    policy, store = loaded(person), alerts.sandbox.store
    opened = parse_instant("2026-11-25T17:30:00Z")  # business hours end within the first ladder
    alerts.sandbox.move(iso(opened))
    sent = [
        (domain, service, alert, tags)
        for domain, spec in policy.domains.items()
        for service in spec.services
        for alert in SEVERITIES
        for tags in ((), ("security",))
    ]
    for _, service, alert, tags in sent:
        details = {"tags": list(tags)} if tags else {}
        alerts.send(policy.services[service].title, f"{service} {alert} {tags}", alert, **details)
    alerts.sandbox.move(iso(opened + LONG_ENOUGH))
    ladders = {doc["id"]: doc["name"] for doc in store.all("escalation_policy")}
    priorities = {doc["id"]: doc["name"] for doc in store.all("priority")}
    roster = Roster(policy)
    for domain, service, alert, tags in sent:
        key = f"{service} {alert} {tags}"
        incident, simulated = (
            alerts.incident(key),
            simulate(roster, SEVERITIES[alert], domain, opened, tags=tags),
        )
        assert ladders[incident["snapshot"]["id"]] == simulated.ladder.vendor_name, key
        assert priorities[incident["priority"]] == SEVERITIES[alert], key
        assert incident["urgency"] == simulated.ladder.urgency, key
        expected = {
            step.after_minutes: {target.person for target in step.targets}
            for step in simulated.steps
            if step.targets
        }
        over = simulated.over_at
        first_run = {m: who for m, who in alerts.pages(key).items() if over is None or m < over}
        assert first_run == expected, key
        if over is not None:
            assert alerts.pages(key)[over] == expected[0], key
        (alert_doc,) = store.children("alert", incident["id"])
        assert alert_doc["details"]["sender_severity"] == alert


def test_an_event_without_a_known_severity_gets_the_default(applied: tuple[Person, Alerts]) -> None:
    person, alerts = applied
    edit = person.policies / "severities.yaml"
    edit.write_text(edit.read_text().replace("from_alerts: [warning]", "from_alerts: []"))
    ran = person.watchbill("apply", "--yes", "--waive", "changed=this is a test")
    assert ran.code == 0, ran.out + ran.err
    assert "an event with severity warning" in ran.out
    alerts.send("MedicalCor API", "now by default", "warning")
    alerts.send("MedicalCor API", "by the sender's word", "warning", severity="p3")
    names = {doc["id"]: doc["name"] for doc in alerts.sandbox.store.all("escalation_policy")}
    assert names[alerts.incident("now by default")["snapshot"]["id"]] == "API-Backend P2"
    assert names[alerts.incident("by the sender's word")["snapshot"]["id"]] == "API-Backend P3"


@pytest.mark.parametrize(("profile", "policies"), [("severity", 4), ("domain", 6), ("domain-severity", 21)])
def test_every_profile_routes(person: Person, populated: Sandbox, profile: str, policies: int) -> None:
    settings = person.policies / "settings.yaml"
    settings.write_text(settings.read_text().replace("routing: domain-severity", f"routing: {profile}"))
    someone = person.at(populated)
    assert someone.watchbill("apply", "--yes").code == 0
    assert len(populated.store.all("escalation_policy")) == policies
    alerts = Alerts(populated)
    alerts.send("MedicalCor Database", "one", "critical")
    alerts.send("MedicalCor Database", "two", "info", tags="security")
    names = {doc["id"]: doc["name"] for doc in populated.store.all("escalation_policy")}
    ladders = [names[alerts.incident(key)["snapshot"]["id"]] for key in ("one", "two")]
    assert (
        ladders
        == {
            "severity": ["P1", "P4"],
            "domain": ["Database", "Security"],
            "domain-severity": ["Database P1", "Security"],
        }[profile]
    )
    again = someone.watchbill("plan", "--exit-code", "--now", NOW)
    assert again.code == 0, again.out
