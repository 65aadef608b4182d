from __future__ import annotations

from collections.abc import Callable

from unit.sandbox.world import Account, at, ok


def test_a_user_is_created_only_in_somebodys_name(account: Account) -> None:
    body = {"user": {"type": "user", "name": "New  Person", "email": "New@Example.invalid"}}
    nobody = account.api.request("POST", "/users", body, headers={"From": "stranger@example.invalid"})
    assert (nobody.status, nobody.code) == (400, 1008)
    del account.api.headers["From"]
    assert account.api.post("/users", body).code == 2011
    account.api.headers["From"] = account.sandbox.owner_email
    made = ok(account.api.post("/users", body))["user"]
    assert (made["name"], made["email"]) == ("New Person", "new@example.invalid")
    assert account.api.post("/users", body).errors == ["Email has already been taken"]


def test_users_of_people_yaml_are_added_once_and_can_be_rung(account: Account) -> None:
    (ana,) = account.people("Ana")
    assert account.people("Ana") == [ana]
    rules = ok(account.api.get(f"/users/{ana}/notification_rules"))["notification_rules"]
    loud = [r for r in rules if r["urgency"] == "high" and r["start_delay_in_minutes"] == 0]
    assert [r["contact_method"]["type"] for r in loud] == ["push_notification_contact_method_reference"]


def test_query_finds_by_name_and_by_mail(account: Account) -> None:
    account.people("Ana", "Bo")
    for text in ("aNa", "ana@ex"):
        assert [u["name"] for u in ok(account.api.get("/users", query=text))["users"]] == ["Ana"]


def test_contact_addresses_are_unique_per_type(account: Account) -> None:
    (ana,) = account.people("Ana")
    body = {
        "contact_method": {
            "type": "sms_contact_method",
            "label": "x",
            "address": "5551234",
            "country_code": 40,
        }
    }
    assert account.api.post(f"/users/{ana}/contact_methods", body).status == 201
    assert account.api.post(f"/users/{ana}/contact_methods", body).status == 400


def test_deleting_a_contact_method_takes_its_rules_along(account: Account) -> None:
    (ana,) = account.people("Ana")
    push = next(
        m
        for m in ok(account.api.get(f"/users/{ana}/contact_methods"))["contact_methods"]
        if "push" in m["type"]
    )
    ok(account.api.delete(f"/users/{ana}/contact_methods/{push['id']}"))
    rules = ok(account.api.get(f"/users/{ana}/notification_rules"))["notification_rules"]
    assert [r["urgency"] for r in rules] == ["low"]


def test_a_member_of_a_teams_policy_stays_on_the_team(account: Account) -> None:
    (ana,) = account.people("Ana")
    team = ok(account.api.post("/teams", {"team": {"type": "team", "name": "T"}}))["team"]["id"]
    ok(account.api.put(f"/teams/{team}/users/{ana}", {"role": "responder"}))
    policy = account.policy("Ladder", [at(ana, "user")], teams=[{"id": team, "type": "team_reference"}])["id"]
    refused = account.api.delete(f"/teams/{team}/users/{ana}")
    assert refused.errors == ["User cannot be removed as they belong to an escalation policy on this team"]
    refused = account.api.delete(f"/teams/{team}")
    assert (refused.status, refused.code) == (400, 6006)
    assert refused.errors[0].startswith(
        "Cannot delete team with existing associations; associations could be"
    )
    ok(account.api.delete(f"/teams/{team}/escalation_policies/{policy}"))
    ok(account.api.delete(f"/teams/{team}/users/{ana}"))
    assert account.api.delete(f"/teams/{team}").status == 204


def test_roles_are_eventually_consistent(start: Callable[..., Account]) -> None:
    account = start(lag_seconds=30)
    (ana,) = account.people("Ana")
    team = ok(account.api.post("/teams", {"team": {"type": "team", "name": "T"}}))["team"]["id"]

    def role() -> str:
        return str(ok(account.api.get(f"/teams/{team}/members"))["members"][0]["role"])

    ok(account.api.put(f"/teams/{team}/users/{ana}", {"role": "responder"}))
    ok(account.api.put(f"/teams/{team}/users/{ana}", {"role": "manager"}))
    assert role() == "responder"
    account.sandbox.move("2026-11-23T14:00:31Z")
    assert role() == "manager"


def test_tags_are_seen_late_and_stick_to_three_kinds_only(start: Callable[..., Account]) -> None:
    account = start(lag_seconds=60)
    (ana,) = account.people("Ana")
    add = {"add": [{"type": "tag", "label": "Batch"}]}

    def tags() -> list[str]:
        return [t["label"] for t in ok(account.api.get(f"/users/{ana}/tags"))["tags"]]

    ok(account.api.post(f"/users/{ana}/change_tags", add))
    (tag,) = ok(account.api.get("/tags"))["tags"]
    assert tags() == []
    account.sandbox.move("2026-11-23T14:01:00Z")
    assert tags() == ["Batch"]
    ok(
        account.api.post(
            f"/users/{ana}/change_tags", {"remove": [{"type": "tag_reference", "id": tag["id"]}]}
        )
    )
    assert tags() == ["Batch"]
    account.sandbox.move("2026-11-23T14:02:00Z")
    assert tags() == []
    assert account.api.post(f"/services/{ana}/change_tags", add).status == 404


def test_abilities_and_priorities_follow_the_plan(start: Callable[..., Account]) -> None:
    account = start(abilities=("teams",))
    assert account.api.get("/abilities").body == {"abilities": ["teams"]}
    assert account.api.get("/abilities/teams").status == 204
    assert account.api.get("/abilities/urgencies").status == 402
    assert account.api.get("/abilities/flying").status == 404
    assert (account.api.get("/priorities").status, account.api.get("/priorities").code) == (402, 2014)


def test_priorities_run_from_p1_to_p5(account: Account) -> None:
    assert [p["name"] for p in ok(account.api.get("/priorities"))["priorities"]] == [
        "P1",
        "P2",
        "P3",
        "P4",
        "P5",
    ]


def test_services_belong_to_their_policys_team(account: Account) -> None:
    (ana,) = account.people("Ana")
    team = ok(account.api.post("/teams", {"team": {"type": "team", "name": "T"}}))["team"]["id"]
    policy = account.policy("Ladder", [at(ana, "user")], teams=[{"id": team, "type": "team_reference"}])["id"]
    service = account.service("Shop", policy)
    assert [t["id"] for t in service["teams"]] == [team]
    assert [s["id"] for s in ok(account.api.get("/services", ("team_ids[]", team)))["services"]] == [
        service["id"]
    ]


def test_timeouts_not_sent_are_off(account: Account) -> None:
    (ana,) = account.people("Ana")
    policy = account.policy("Ladder", [at(ana, "user")])["id"]
    service = account.service("Shop", policy, acknowledgement_timeout=3600, auto_resolve_timeout=0)
    assert (service["acknowledgement_timeout"], service["auto_resolve_timeout"]) == (3600, None)
    assert account.service("Bare", policy)["acknowledgement_timeout"] is None


def test_support_hours_must_come_with_their_rule(account: Account) -> None:
    (ana,) = account.people("Ana")
    policy = account.policy("Ladder", [at(ana, "user")])["id"]
    constant = {"type": "constant", "urgency": "high"}
    rule = {"type": "use_support_hours", "during_support_hours": constant, "outside_support_hours": constant}
    body = {
        "type": "service",
        "name": "S",
        "escalation_policy": {"id": policy, "type": "escalation_policy_reference"},
    }
    for change in (
        {"incident_urgency_rule": rule},
        {"incident_urgency_rule": {**rule, "urgency": "high"}, "support_hours": {}},
        {"incident_urgency_rule": {"type": "constant", "urgency": "shrill"}},
    ):
        assert account.api.post("/services", {"service": {**body, **change}}).status == 400


def test_a_user_needs_no_incident_to_leave_but_the_audit_trail_remembers_them(account: Account) -> None:
    (ana,) = account.people("Ana")
    ok(account.api.delete(f"/users/{ana}"))
    (record,) = ok(account.api.get(f"/users/{ana}/audit/records"))["records"]
    assert (record["action"], record["root_resource"]["summary"]) == ("delete", "Ana")
