from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from unit.sandbox.world import NOW, Account, at, layer, ok


class Desk:
    """A service on a ladder of one person a level: 15, 15, 30 minutes, two more times round."""

    def __init__(self, account: Account, *names: str, loops: int = 0, **service: Any) -> None:
        self.account = account
        self.api = account.api
        self.people = account.people(*(names or ("Ana", "Bo", "Cleo")))
        self.policy = account.policy("P1", *([at(p, "user")] for p in self.people), num_loops=loops)["id"]
        self.service = account.service("Shop", self.policy, **service)["id"]

    def open(self, **fields: Any) -> str:
        body = {"type": "incident", "title": "Down", "service": at(self.service, "service"), **fields}
        return str(ok(self.api.post("/incidents", {"incident": body}))["incident"]["id"])

    def put(self, id_: str, **fields: Any) -> dict[str, Any]:
        body = {"type": "incident_reference", **fields}
        return dict(ok(self.api.put(f"/incidents/{id_}", {"incident": body}))["incident"])

    def show(self, id_: str) -> dict[str, Any]:
        return dict(ok(self.api.get(f"/incidents/{id_}"))["incident"])

    def log(self, id_: str) -> list[str]:
        """Oldest first: minute, what, to whom, through what."""
        entries = ok(self.api.get(f"/incidents/{id_}/log_entries", limit="100"))["log_entries"]
        return [line(entry) for entry in reversed(entries)]


def line(entry: dict[str, Any]) -> str:
    hour, minute = int(entry["created_at"][11:13]) - 14, int(entry["created_at"][14:16])
    names = (
        [u["summary"] for u in entry.get("assignees", ())] or [entry["user"]["summary"]]
        if "user" in entry
        else []
    )
    names = names or [u["summary"] for u in entry.get("assignees", ())]
    what = entry["type"].removesuffix("_log_entry")
    return " ".join([f"{hour * 60 + minute:03d}", what, *names, entry["channel"]["type"]])


def minute(minutes: int) -> str:
    return f"2026-11-23T{14 + minutes // 60:02d}:{minutes % 60:02d}:00Z"


@pytest.fixture
def desk(account: Account) -> Desk:
    return Desk(account)


def test_the_whole_ladder_by_the_clock(account: Account) -> None:
    desk = Desk(account, loops=1)
    incident = desk.open()
    account.sandbox.move(minute(200))
    assert desk.log(incident) == [
        "000 trigger api",
        "000 assign Ana auto",
        "000 notify Ana auto",
        "015 escalate Bo timeout",
        "015 notify Bo auto",
        "030 escalate Cleo timeout",
        "030 notify Cleo auto",
        "045 repeat_escalation_path timeout",
        "045 escalate Ana timeout",
        "045 notify Ana auto",
        "060 escalate Bo timeout",
        "060 notify Bo auto",
        "075 escalate Cleo timeout",
        "075 notify Cleo auto",
        "090 exhaust_escalation_path timeout",
    ]
    assert [a["assignee"]["summary"] for a in desk.show(incident)["assignments"]] == ["Cleo"]


def test_an_acknowledgement_stops_it_and_running_out_starts_the_wait_over(account: Account) -> None:
    desk = Desk(account, acknowledgement_timeout=3600)
    incident = desk.open()
    account.sandbox.move(minute(20))
    shown = desk.put(incident, status="acknowledged")
    assert [p["type"] for p in shown["pending_actions"]] == ["unacknowledge"]
    account.sandbox.move(minute(100))
    assert desk.log(incident)[5:] == [
        "020 acknowledge api",
        "080 unacknowledge timeout",
        "080 notify Bo auto",
        "095 escalate Cleo timeout",
        "095 notify Cleo auto",
    ]


def test_an_empty_level_is_skipped_at_once(account: Account) -> None:
    ana, bo, cleo = account.people("Ana", "Bo", "Cleo")
    never = account.schedule("Never", layer(bo, end="2026-11-23T14:00:00Z"))["id"]
    policy = account.policy("Holes", [at(ana, "user")], [at(never)], [at(cleo, "user")])["id"]
    desk = Desk(account)
    ok(
        account.api.put(
            f"/services/{desk.service}", {"service": {"escalation_policy": at(policy, "escalation_policy")}}
        )
    )
    incident = desk.open()
    account.sandbox.move(minute(16))
    assert desk.log(incident)[3:] == ["015 escalate Cleo timeout", "015 notify Cleo auto"]


def test_levels_are_filled_when_they_are_reached(account: Account) -> None:
    ana, bo = account.people("Ana", "Bo")
    hourly = layer(ana, bo, rotation_turn_length_seconds=3600, rotation_virtual_start=NOW)
    schedule = account.schedule("Hourly", hourly)["id"]
    policy = account.policy("Twice", [at(schedule)], [at(schedule)])["id"]
    rules = ok(account.api.get(f"/escalation_policies/{policy}"))["escalation_policy"]["escalation_rules"]
    rules[0]["escalation_delay_in_minutes"] = 61
    ok(account.api.put(f"/escalation_policies/{policy}", {"escalation_policy": {"escalation_rules": rules}}))
    desk = Desk(account)
    incident = desk.open(escalation_policy=at(policy, "escalation_policy"))
    account.sandbox.move(minute(70))
    assert desk.log(incident)[1:4:2] == ["000 assign Ana auto", "061 escalate Bo timeout"]


def test_editing_the_policy_does_not_reach_an_open_incident(account: Account, desk: Desk) -> None:
    incident = desk.open()
    path = f"/escalation_policies/{desk.policy}"
    rule = {"escalation_delay_in_minutes": 1, "targets": [at(desk.people[2], "user")]}
    ok(account.api.put(path, {"escalation_policy": {"escalation_rules": [rule, rule]}}))
    account.sandbox.move(minute(16))
    assert desk.log(incident)[3] == "015 escalate Bo timeout"


def test_low_urgency_rings_quietly_and_never_escalates(account: Account) -> None:
    desk = Desk(account, incident_urgency_rule={"type": "constant", "urgency": "low"})
    incident = desk.open()
    account.sandbox.move(minute(300))
    assert desk.log(incident) == ["000 trigger api", "000 assign Ana auto", "000 notify Ana auto"]
    notified = ok(account.api.get(f"/incidents/{incident}/log_entries"))["log_entries"][0]
    assert notified["channel"]["notification"]["type"] == "email"
    desk.put(incident, urgency="high")
    account.sandbox.move(minute(316))
    assert desk.log(incident)[3:] == [
        "300 urgency_change api",
        "300 notify Ana auto",
        "315 escalate Bo timeout",
        "315 notify Bo auto",
    ]


def test_support_hours_raise_what_waited_for_them(account: Account) -> None:
    hours = {"type": "fixed_time_per_day", "time_zone": "Etc/UTC", "days_of_week": [1, 2, 3, 4, 5]}
    hours |= {"start_time": "15:00:00", "end_time": "17:00:00"}
    rule = {"type": "use_support_hours"}
    rule |= {"during_support_hours": {"type": "constant", "urgency": "high"}}
    rule |= {"outside_support_hours": {"type": "constant", "urgency": "low"}}
    action = {
        "type": "urgency_change",
        "at": {"type": "named_time", "name": "support_hours_start"},
        "to_urgency": "high",
    }
    desk = Desk(account, support_hours=hours, incident_urgency_rule=rule, scheduled_actions=[action])
    incident = desk.open()
    assert desk.show(incident)["pending_actions"] == [
        {"type": "urgency_change", "at": minute(60), "to": "high"}
    ]
    account.sandbox.move(minute(80))
    assert desk.log(incident)[3:5] == ["060 urgency_change auto", "060 notify Ana auto"]
    assert desk.log(incident)[5] == "075 escalate Bo timeout"


def test_escalating_by_hand(account: Account, desk: Desk) -> None:
    incident = desk.open()
    desk.put(incident, status="acknowledged")
    shown = desk.put(incident, escalation_level=3)
    assert (shown["status"], shown["assignments"][0]["assignee"]["summary"]) == ("triggered", "Cleo")
    assert desk.log(incident)[-2:] == ["000 escalate Cleo api", "000 notify Cleo auto"]
    for level in (4, 0):
        body = {"incident": {"type": "incident_reference", "escalation_level": level}}
        assert account.api.put(f"/incidents/{incident}", body).code == 1006


def test_direct_assignment_stops_escalation_and_delegation_starts_another_path(
    account: Account, desk: Desk
) -> None:
    incident = desk.open()
    shown = desk.put(incident, assignments=[{"assignee": at(desk.people[1], "user")}])
    assert shown["assigned_via"] == "direct_assignment"
    account.sandbox.move(minute(60))
    assert len(desk.log(incident)) == 5
    other = account.policy("Other", [at(desk.people[2], "user")], [at(desk.people[0], "user")])["id"]
    shown = desk.put(incident, escalation_policy=at(other, "escalation_policy"))
    assert (shown["assigned_via"], shown["escalation_policy"]["summary"]) == ("escalation_policy", "Other")
    account.sandbox.move(minute(80))
    assert [x[4:] for x in desk.log(incident)[5:]] == [
        "delegate Cleo api",
        "notify Cleo auto",
        "escalate Ana timeout",
        "notify Ana auto",
    ]


def test_resolving_reopening_and_what_is_refused_between(account: Account, desk: Desk) -> None:
    incident = desk.open()
    path = f"/incidents/{incident}"
    acknowledged = {"incident": {"type": "incident_reference", "status": "acknowledged"}}
    ok(account.api.put(path, acknowledged))
    assert account.api.put(path, acknowledged).code == 1002
    resolved = desk.put(incident, status="resolved", resolution="Turned it off and on")
    assert (resolved["assignments"], resolved["pending_actions"]) == ([], [])
    for refused in ({"status": "resolved"}, {"status": "acknowledged"}, {"escalation_level": 1}):
        body = {"incident": {"type": "incident_reference", **refused}}
        assert account.api.put(path, body).code == 1001
    reopened = desk.put(incident, status="triggered")
    assert (reopened["status"], reopened["assignments"][0]["assignee"]["summary"]) == ("triggered", "Ana")


def test_it_resolves_itself_after_the_services_timeout(account: Account) -> None:
    desk = Desk(account, auto_resolve_timeout=1800)
    incident = desk.open()
    account.sandbox.move(minute(31))
    assert desk.show(incident)["status"] == "resolved"
    assert desk.log(incident)[-1] == "030 resolve timeout"


def test_snoozing(account: Account, desk: Desk) -> None:
    incident = desk.open()
    assert account.api.post(f"/incidents/{incident}/snooze", {"duration": 0}).status == 400
    snoozed = ok(account.api.post(f"/incidents/{incident}/snooze", {"duration": 600}))["incident"]
    assert snoozed["status"] == "acknowledged"
    account.sandbox.move(minute(11))
    assert desk.log(incident)[3:] == [
        "000 acknowledge api",
        "000 snooze api",
        "010 unacknowledge timeout",
        "010 notify Ana auto",
    ]


def test_merging(account: Account, desk: Desk) -> None:
    first, second = desk.open(incident_key="a"), desk.open(incident_key="b")
    body = {"source_incidents": [{"id": second, "type": "incident_reference"}]}
    ok(account.api.put(f"/incidents/{first}/merge", body))
    assert desk.show(second)["status"] == "resolved"
    assert desk.show(second)["resolve_reason"]["incident"]["id"] == first
    assert account.api.put(f"/incidents/{second}/merge", body).code == 1001


def test_responders_are_a_matter_of_the_plan(start: Callable[..., Account]) -> None:
    for abilities, status in (((), 402), (("coordinated_responding",), 200)):
        account = start(abilities=abilities)
        desk = Desk(account)
        incident = desk.open()
        target = {"responder_request_target": at(desk.people[1], "user")}
        policy = {"responder_request_target": at(desk.policy, "escalation_policy")}
        body = {
            "requester_id": desk.people[0],
            "message": "Help",
            "responder_request_targets": [target, policy],
        }
        answer = account.api.post(f"/incidents/{incident}/responder_requests", body)
        assert answer.status == status
        if status == 200:
            states = [(r["user"]["summary"], r["state"]) for r in desk.show(incident)["incidents_responders"]]
            assert states == [("Bo", "pending"), ("Ana", "pending")]
            cancel = {
                "requester_id": desk.people[0],
                "responder_request_targets": [at(desk.people[1], "user")],
            }
            path = f"/incidents/{incident}/responder_requests/cancel"
            assert ok(account.api.put(path, cancel))["responder_request_targets"][0]["result"] == "cancelled"


def test_writes_are_in_somebodys_name(account: Account, desk: Desk) -> None:
    incident = desk.open()
    del account.api.headers["From"]
    assert account.api.put(f"/incidents/{incident}", {"incident": {"type": "incident"}}).code == 2011
    assert account.api.post(f"/incidents/{incident}/notes", {"note": {"content": "x"}}).code == 2011


def test_nobody_on_call_is_no_incident(account: Account, desk: Desk) -> None:
    never = account.schedule("Never", layer(desk.people[0], end=NOW))["id"]
    policy = account.policy("Empty", [at(never)])["id"]
    body = {"type": "incident", "title": "x", "service": at(desk.service, "service")}
    body["escalation_policy"] = at(policy, "escalation_policy")
    refused = account.api.post("/incidents", {"incident": body})
    assert (refused.status, refused.code) == (400, 1015)
    assert ok(account.api.get("/incidents"))["incidents"] == []


def test_many_at_once_all_or_none(account: Account, desk: Desk) -> None:
    first, second = desk.open(), desk.open()
    desk.put(second, status="resolved")
    both = [{"id": i, "type": "incident_reference", "status": "resolved"} for i in (first, second)]
    assert account.api.put("/incidents", {"incidents": both}).code == 1001
    assert desk.show(first)["status"] == "triggered"
    assert account.api.put("/incidents", {"incidents": both * 126}).status == 413
    assert ok(account.api.put("/incidents", {"incidents": both[:1]}))["incidents"][0]["status"] == "resolved"


def test_one_open_incident_per_key(account: Account, desk: Desk) -> None:
    incident = desk.open(incident_key="k")
    body = {"type": "incident", "title": "x", "service": at(desk.service, "service"), "incident_key": "k"}
    assert account.api.post("/incidents", {"incident": body}).status == 400
    desk.put(incident, status="resolved")
    assert account.api.post("/incidents", {"incident": body}).status == 201


def test_priorities_by_object_or_by_name(account: Account, desk: Desk) -> None:
    incident = desk.open()
    assert desk.put(incident, priority="p2")["priority"]["summary"] == "P2"
    p1 = ok(account.api.get("/priorities"))["priorities"][0]
    assert desk.put(incident, priority={"id": p1["id"], "type": "priority"})["priority"]["summary"] == "P1"
    body = {"incident": {"type": "incident_reference", "priority": "P9"}}
    assert account.api.put(f"/incidents/{incident}", body).code == 1020


def test_finding_incidents(account: Account, desk: Desk) -> None:
    first, second = desk.open(), desk.open(urgency="low")
    desk.put(first, status="acknowledged")

    def found(*query: tuple[str, str]) -> list[str]:
        return [i["id"] for i in ok(account.api.get("/incidents", *query))["incidents"]]

    assert found(("statuses[]", "triggered")) == [second]
    assert found(("urgencies[]", "high")) == [first]
    assert found(("user_ids[]", desk.people[0]), ("sort_by", "incident_number:desc")) == [second, first]
    assert found(("service_ids[]", "PNONE")) == []
    assert found(("since", "2026-10-01T00:00:00Z"), ("until", "2026-11-01T00:00:00Z")) == []
    assert account.api.get("/incidents", since="2025-01-01T00:00:00Z").status == 400


def test_a_service_shows_its_worst_incident(account: Account, desk: Desk) -> None:
    def status() -> str:
        return str(ok(account.api.get(f"/services/{desk.service}"))["service"]["status"])

    incident = desk.open()
    seen = [status()]
    for state in ("acknowledged", "resolved"):
        desk.put(incident, status=state)
        seen.append(status())
    assert seen == ["critical", "warning", "active"]


def test_a_snapshot_with_an_open_incident_guards_its_schedules(account: Account) -> None:
    (ana,) = account.people("Ana")
    schedule = account.schedule("Backend", layer(ana))["id"]
    policy = account.policy("Guarded", [at(schedule)])["id"]
    desk = Desk(account)
    incident = desk.open(escalation_policy=at(policy, "escalation_policy"))
    rule = {"escalation_delay_in_minutes": 5, "targets": [at(ana, "user")]}
    ok(account.api.put(f"/escalation_policies/{policy}", {"escalation_policy": {"escalation_rules": [rule]}}))
    refused = account.api.delete(f"/schedules/{schedule}")
    assert refused.errors == [
        "Schedule can't be deleted if it's being used by an escalation policy snapshot with open incidents"
    ]
    assert account.api.delete(f"/users/{ana}").status == 400
    desk.put(incident, status="resolved")
    assert account.api.delete(f"/schedules/{schedule}").status == 204


def test_round_robin_gives_one_target_after_the_other(account: Account) -> None:
    people = account.people("Ana", "Bo", "Cleo")
    rule: dict[str, Any] = {"escalation_delay_in_minutes": 5, "targets": [at(p, "user") for p in people]}
    rule["escalation_rule_assignment_strategy"] = {"type": "round_robin"}
    body = {"type": "escalation_policy", "name": "Round", "escalation_rules": [rule]}
    policy = ok(account.api.post("/escalation_policies", {"escalation_policy": body}))["escalation_policy"][
        "id"
    ]
    service = account.service("Shop", policy)["id"]
    seen = []
    for _ in range(4):
        sent = {"type": "incident", "title": "x", "service": at(service, "service")}
        made = ok(account.api.post("/incidents", {"incident": sent}))["incident"]
        seen.append([a["assignee"]["summary"] for a in made["assignments"]])
    assert seen == [["Ana"], ["Bo"], ["Cleo"], ["Ana"]]


def test_later_rules_of_a_person_ring_later_and_not_after_an_acknowledgement(
    account: Account, desk: Desk
) -> None:
    ana = desk.people[0]
    phone = {"type": "phone_contact_method", "label": "M", "address": "5551234", "country_code": 40}
    method = ok(account.api.post(f"/users/{ana}/contact_methods", {"contact_method": phone}))[
        "contact_method"
    ]["id"]
    for delay in (5, 10):
        rule = {"type": "assignment_notification_rule", "start_delay_in_minutes": delay, "urgency": "high"}
        rule["contact_method"] = {"id": method, "type": "phone_contact_method_reference"}
        ok(account.api.post(f"/users/{ana}/notification_rules", {"notification_rule": rule}))
    incident = desk.open()
    account.sandbox.move(minute(7))
    desk.put(incident, status="acknowledged")
    account.sandbox.move(minute(60))
    assert desk.log(incident)[2:] == ["000 notify Ana auto", "005 notify Ana auto", "007 acknowledge api"]


def test_the_log_of_the_account_is_newest_first_and_hides_addresses(account: Account, desk: Desk) -> None:
    desk.open()
    entries = ok(account.api.get("/log_entries"))["log_entries"]
    assert [e["type"] for e in entries] == ["notify_log_entry", "assign_log_entry", "trigger_log_entry"]
    assert "push-" not in str(entries)
    shown = ok(account.api.get(f"/log_entries/{entries[0]['id']}"))["log_entry"]
    assert shown["user"]["summary"] == "Ana"
    overview = ok(account.api.get("/log_entries", is_overview="true"))["log_entries"]
    assert [e["type"] for e in overview] == ["assign_log_entry", "trigger_log_entry"]
