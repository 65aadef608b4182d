from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from contract.client import Answer
from unit.sandbox.test_incidents import Desk
from unit.sandbox.world import Account, at, ok
from watchbill.rota.clock import parse_instant
from watchbill.sandbox.engine.pcl import Context, PclError, parse

MONDAY_NOON_NEW_YORK = parse_instant("2026-11-23T12:00:00-05:00")
EVENT = {
    "summary": "Disk full on DB-1",
    "severity": "critical",
    "custom_details": {
        "severity": "P1",
        "load": 0.9,
        "count": 3,
        "flag": True,
        "odd key": "x",
        "hosts": ["a", "b"],
    },
}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("event.severity matches 'CRITICAL'", True),
        ("event.severity matches exactly 'CRITICAL'", False),
        ("event.severity matches exactly 'critical'", True),
        ("event.severity == 'Critical'", False),
        ("event.summary matches part 'disk'", True),
        ("event.summary matches part exactly 'disk'", False),
        ("event.summary matches regex 'db-\\d+$'", True),
        ("event.summary matches regex exactly 'db-\\d+$'", False),
        ("event.custom_details.severity matches 'P1'", True),
        ("event.custom_details['odd key'] == 'x'", True),
        ("event.custom_details.hosts[1] == 'b'", True),
        ("event.custom_details.hosts[7] == 'b'", False),
        ("event.custom_details.load > 0.5", True),
        ("event.custom_details.load >= 1", False),
        ("event.custom_details.count == 3.0", True),
        ("event.custom_details.count == '3'", False),
        ("event.custom_details.count in 1, 3", True),
        ("event.severity in ['critical', 'error']", True),
        ("event.custom_details.flag == true", True),
        ("event.custom_details.count == true", False),
        ("event.summary > 3", False),
        ("event.component exists", False),
        ("not event.component exists", True),
        ("raw_event.payload.source exists", True),
        ("event.component exists or event.severity exists and event.severity == 'nope'", False),
        ("(event.component exists or event.severity exists) and event.severity == 'critical'", True),
        ("not event.severity == 'x' and event.severity == 'critical'", True),
        ("now in Mon,Tue 09:00:00 to 17:00:00 America/New_York", True),
        ("now in Mon,Tue 13:00:00 to 17:00:00 America/New_York", False),
        ("now in Sun 22:00:00 to 13:00:00 America/New_York", True),
        ("now in Mon 12:00:00 to 12:00:00 America/New_York", True),
        ("trigger_count over 5 minutes > 3", False),
    ],
)
def test_conditions(condition: str, holds: bool) -> None:
    context = Context(EVENT, {"payload": {"source": "s"}}, MONDAY_NOON_NEW_YORK)
    assert parse(condition)(context) is holds


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "event",
        "event.severity",
        "event.severity matches",
        "severity matches 'x'",
        "event.a == 'b' and",
        "event.a matches regex '('",
        "now in Mon 09:00:00 to 10:00:00 Mars/Base",
        "event.a == 'b' 'c'",
    ],
)
def test_conditions_that_can_not_be_read(condition: str) -> None:
    with pytest.raises(PclError):
        parse(condition)


class Alerts(Desk):
    """A desk with an integration, and P1 to P4 each on a policy of its own by a service orchestration."""

    def __init__(self, account: Account, **service: Any) -> None:
        super().__init__(
            account, **{"incident_urgency_rule": {"type": "constant", "urgency": "severity_based"}, **service}
        )
        body = {"integration": {"type": "events_api_v2_inbound_integration", "name": "Alerts"}}
        self.key = ok(self.api.post(f"/services/{self.service}/integrations", body))["integration"][
            "integration_key"
        ]
        self.path = f"/event_orchestrations/services/{self.service}"

    def send(
        self, action: str = "trigger", key: str = "k", severity: str = "critical", **details: Any
    ) -> Answer:
        payload = {"summary": "Disk full", "source": "db-1", "severity": severity, "custom_details": details}
        body = {"routing_key": self.key, "event_action": action, "dedup_key": key, "payload": payload}
        return self.api.request("POST", "/v2/enqueue", body, headers={"Authorization": ""})

    def orchestrate(self, *rules: dict[str, Any], catch_all: dict[str, Any] | None = None) -> dict[str, Any]:
        body = {"sets": [{"id": "start", "rules": list(rules)}], "catch_all": {"actions": catch_all or {}}}
        answer = ok(self.api.put(self.path, {"orchestration_path": body}))
        ok(self.api.put(self.path + "/active", {"active": True}))
        return dict(answer)

    def incidents(self) -> list[dict[str, Any]]:
        return list(ok(self.api.get("/incidents"))["incidents"])


@pytest.fixture
def alerts(account: Account) -> Alerts:
    return Alerts(account)


def rule(condition: str | None, **actions: Any) -> dict[str, Any]:
    conditions = [] if condition is None else [{"expression": condition}]
    return {"label": "r", "conditions": conditions, "actions": actions}


def test_an_event_opens_an_incident_and_its_resolve_ends_it(alerts: Alerts) -> None:
    assert alerts.send().body == {"status": "success", "message": "Event processed", "dedup_key": "k"}
    assert alerts.send().status == 202  # the same key again: the same incident
    (incident,) = alerts.incidents()
    assert (incident["title"], incident["urgency"], incident["incident_key"]) == ("Disk full", "high", "k")
    assert alerts.log(incident["id"])[0] == "000 trigger api"
    assert incident["alert_counts"]["all"] == 1
    alerts.send("acknowledge")
    alerts.send("resolve")
    (incident,) = alerts.incidents()
    assert incident["status"] == "resolved"
    alerts.send()
    assert len(alerts.incidents()) == 2


def test_severity_decides_the_urgency(alerts: Alerts) -> None:
    for severity in ("critical", "error", "warning", "info"):
        alerts.send(key=severity, severity=severity)
    assert [i["urgency"] for i in alerts.incidents()] == ["high", "high", "low", "low"]


def test_events_that_are_refused(alerts: Alerts) -> None:
    for body in (
        {},
        {
            "routing_key": "nope",
            "event_action": "trigger",
            "payload": {"summary": "s", "source": "x", "severity": "info"},
        },
        {"routing_key": alerts.key, "event_action": "dance"},
        {"routing_key": alerts.key, "event_action": "resolve"},
        {"routing_key": alerts.key, "event_action": "trigger", "payload": {"summary": "s"}},
    ):
        answer = alerts.api.post("/v2/enqueue", body)
        assert (answer.status, answer.body["status"]) == (400, "invalid event")


def test_an_orchestration_picks_priority_severity_and_policy(account: Account, alerts: Alerts) -> None:
    priorities = {p["name"]: p["id"] for p in ok(account.api.get("/priorities"))["priorities"]}
    other = account.policy("P4", [at(alerts.people[2], "user")])["id"]
    alerts.orchestrate(
        rule("event.custom_details.severity matches 'P1'", priority=priorities["P1"], severity="critical"),
        rule(
            "event.custom_details.severity matches 'P4'",
            priority=priorities["P4"],
            escalation_policy=other,
            severity="info",
        ),
        catch_all={"priority": priorities["P3"]},
    )
    for name in ("P1", "P4", "P9"):
        payload = {"summary": name, "source": "x", "severity": "error", "custom_details": {"severity": name}}
        body = {"routing_key": alerts.key, "event_action": "trigger", "dedup_key": name, "payload": payload}
        ok(alerts.api.post("/v2/enqueue", body))
    rows = [
        (i["title"], i["priority"]["summary"], i["urgency"], i["escalation_policy"]["summary"])
        for i in alerts.incidents()
    ]
    assert rows == [("P1", "P1", "high", "P1"), ("P4", "P4", "low", "P4"), ("P9", "P3", "high", "P1")]


def test_it_is_heeded_only_while_active_and_never_for_incidents_by_hand(alerts: Alerts) -> None:
    alerts.orchestrate(rule(None, drop_event=True))
    alerts.open()
    alerts.send()
    assert len(alerts.incidents()) == 1
    ok(alerts.api.put(alerts.path + "/active", {"active": False}))
    alerts.send()
    assert len(alerts.incidents()) == 2


def test_suppressing_notes_and_rewriting(alerts: Alerts) -> None:
    keep = {"target": "event.custom_details.sender_severity", "template": "{{event.severity}}"}
    host = {"target": "event.summary", "source": "event.summary", "regex": "^(\\w+)"}
    alerts.orchestrate(
        rule("event.severity matches 'info'", suppress=True),
        rule(None, extractions=[keep, host], severity="warning", annotate="From {{event.source}}"),
    )
    alerts.send(severity="info")
    alerts.send(severity="critical")
    (incident,) = alerts.incidents()
    assert (incident["title"], incident["urgency"]) == ("Disk", "low")
    (alert,) = ok(alerts.api.get(f"/incidents/{incident['id']}/alerts"))["alerts"]
    assert (alert["severity"], alert["body"]["details"]["sender_severity"]) == ("warning", "critical")
    assert [n["content"] for n in ok(alerts.api.get(f"/incidents/{incident['id']}/notes"))["notes"]] == [
        "From db-1"
    ]


def test_a_route_goes_on_in_a_later_set(alerts: Alerts) -> None:
    sets = [
        {"id": "start", "rules": [rule("event.severity matches 'critical'", route_to="loud")]},
        {"id": "loud", "rules": [rule(None, severity="info")]},
    ]
    ok(alerts.api.put(alerts.path, {"orchestration_path": {"sets": sets, "catch_all": {"actions": {}}}}))
    ok(alerts.api.put(alerts.path + "/active", {"active": True}))
    alerts.send()
    assert alerts.incidents()[0]["urgency"] == "low"
    sets[1]["rules"] = [rule(None, route_to="start")]
    assert alerts.api.put(alerts.path, {"orchestration_path": {"sets": sets}}).status == 400


def test_rule_ids_are_kept_when_sent_and_each_write_has_its_version(alerts: Alerts) -> None:
    first = alerts.orchestrate(rule(None, severity="info"))["orchestration_path"]
    (made,) = first["sets"][0]["rules"]
    assert len(made["id"]) == 8
    second = alerts.orchestrate(made)["orchestration_path"]
    assert second["sets"][0]["rules"][0]["id"] == made["id"]
    assert second["version"] != first["version"]
    third = alerts.orchestrate({**made, "id": "deadbeef"})["orchestration_path"]
    assert third["sets"][0]["rules"][0]["id"] not in ("deadbeef", made["id"])


@pytest.mark.parametrize(
    "bad",
    [
        rule("event.severity matches", severity="info"),
        rule(None, severity="dreadful"),
        rule(None, priority="PNONE"),
        rule(None, escalation_policy="PNONE"),
        rule(None, route_to="nowhere"),
    ],
)
def test_rule_sets_that_are_refused(alerts: Alerts, bad: dict[str, Any]) -> None:
    body = {"orchestration_path": {"sets": [{"id": "start", "rules": [bad]}], "catch_all": {"actions": {}}}}
    assert alerts.api.put(alerts.path, body).status == 400


def test_what_the_plan_lacks_is_saved_warned_about_and_not_evaluated(start: Callable[..., Account]) -> None:
    alerts = Alerts(start(unevaluated=("escalation_policy", "trigger_count")))
    answer = alerts.orchestrate(rule(None, escalation_policy=alerts.policy, severity="info"))
    (saved,) = answer["orchestration_path"]["sets"][0]["rules"]
    assert [(w["feature"], w["rule_id"]) for w in answer["warnings"]] == [("escalation_policy", saved["id"])]
    alerts.send()
    assert alerts.incidents()[0]["urgency"] == "high"


def test_a_trigger_count_needs_that_many(account: Account, alerts: Alerts) -> None:
    alerts.orchestrate(
        rule("trigger_count over 5 minutes > 2", severity="critical"), rule(None, suppress=True)
    )
    for _ in range(2):
        alerts.send()
    account.sandbox.move("2026-11-23T14:06:00Z")
    for _ in range(2):
        alerts.send()
    assert alerts.incidents() == []
    alerts.send()
    assert len(alerts.incidents()) == 1


def test_a_suspended_alert_waits_and_one_resolved_meanwhile_never_rings(
    account: Account, alerts: Alerts
) -> None:
    alerts.orchestrate(rule(None, suspend=300, severity="warning"))
    for key in ("a", "b"):
        alerts.send(key=key)
    alerts.send(key="a")
    alerts.send("resolve", key="b")
    account.sandbox.move("2026-11-23T14:04:59Z")
    assert alerts.incidents() == []
    account.sandbox.move("2026-11-23T14:10:00Z")
    (incident,) = alerts.incidents()
    assert (incident["incident_key"], incident["created_at"]) == ("a", "2026-11-23T14:05:00Z")
    assert incident["urgency"] == "low"


def test_a_service_that_waits_for_transient_alerts(account: Account) -> None:
    alerts = Alerts(account, auto_pause_notifications_parameters={"enabled": True, "timeout": 120})
    alerts.send()
    assert alerts.incidents() == []
    account.sandbox.move("2026-11-23T14:02:00Z")
    assert len(alerts.incidents()) == 1
    alerts.send()
    assert len(alerts.incidents()) == 1


def test_a_global_orchestration_routes_to_services(account: Account, alerts: Alerts) -> None:
    made = ok(account.api.post("/event_orchestrations", {"orchestration": {"name": "Global"}}))[
        "orchestration"
    ]
    base = f"/event_orchestrations/{made['id']}"
    assert len(made["id"]) == 36
    router = {
        "sets": [
            {"id": "start", "rules": [rule("event.summary matches part 'disk'", route_to=alerts.service)]}
        ]
    }
    router["catch_all"] = {"actions": {"route_to": "unrouted"}}  # type: ignore[assignment]
    ok(account.api.put(f"{base}/router", {"orchestration_path": router}))
    ok(
        account.api.put(
            f"{base}/global",
            {"orchestration_path": {"sets": [{"id": "start", "rules": [rule(None, severity="info")]}]}},
        )
    )
    assert ok(account.api.get(base))["orchestration"]["routes"] == 1
    alerts.key = made["integrations"][0]["parameters"]["routing_key"]
    alerts.send()
    assert [i["urgency"] for i in alerts.incidents()] == ["low"]
    payload = {"summary": "Fan loud", "source": "x", "severity": "info"}
    ok(
        account.api.post(
            "/v2/enqueue", {"routing_key": alerts.key, "event_action": "trigger", "payload": payload}
        )
    )
    assert len(alerts.incidents()) == 1


def test_the_rule_set_of_a_deleted_service_is_denied(alerts: Alerts) -> None:
    ok(alerts.api.delete(f"/services/{alerts.service}"))
    assert alerts.api.get(alerts.path).status == 403
    assert alerts.api.get("/event_orchestrations/services/PNEVER").status == 404
