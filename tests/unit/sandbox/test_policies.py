from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from contract.client import Answer
from unit.sandbox.world import Account, at, layer, ok

STRATEGIES = ("include[]", "escalation_rule_assignment_strategies")


def post(account: Account, **fields: Any) -> Answer:
    (ana,) = account.people("Ana")
    rule = {"escalation_delay_in_minutes": 15, "targets": [at(ana, "user")]}
    body = {"type": "escalation_policy", "name": "Ladder", "escalation_rules": [rule], **fields}
    return account.api.post("/escalation_policies", {"escalation_policy": body})


def test_strategies_only_with_the_include(account: Account) -> None:
    path = f"/escalation_policies/{ok(post(account))['escalation_policy']['id']}"
    plain = ok(account.api.get(path))["escalation_policy"]["escalation_rules"][0]
    assert "escalation_rule_assignment_strategy" not in plain
    asked = ok(account.api.get(path, STRATEGIES))["escalation_policy"]["escalation_rules"][0]
    assert asked["escalation_rule_assignment_strategy"] == {"type": "assign_to_everyone"}


def test_strategies_without_entitlement_are_403(start: Callable[..., Account]) -> None:
    account = start(abilities=("teams",))
    made = ok(post(account))["escalation_policy"]
    assert account.api.get(f"/escalation_policies/{made['id']}", STRATEGIES).status == 403
    assert account.api.get("/escalation_policies", STRATEGIES).status == 403
    rule = made["escalation_rules"][0] | {
        "escalation_rule_assignment_strategy": {"type": "assign_to_everyone"}
    }
    assert post(account, name="Other", escalation_rules=[rule]).status == 403


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"num_loops": 10}, "Num loops"),
        ({"num_loops": -1}, "Num loops"),
        ({"name": "A/B"}, "Name is invalid"),
        ({"name": "trailing "}, "Name is invalid"),
        ({"name": " "}, "Name can't be blank"),
        ({"escalation_rules": []}, "Escalation rules"),
        ({"on_call_handoff_notifications": "sometimes"}, "handoff"),
    ],
)
def test_what_a_policy_may_not_be(account: Account, fields: dict[str, Any], text: str) -> None:
    answer = post(account, **fields)
    assert answer.status == 400
    assert text in answer.errors[0]


@pytest.mark.parametrize(("limit", "targets", "code"), [(10, 11, 2021), (5, 6, 2021), (10, 10, None)])
def test_targets_of_a_rule_are_limited(
    start: Callable[..., Account], limit: int, targets: int, code: int | None
) -> None:
    account = start(max_targets=limit)
    people = account.people(*(f"P{i}" for i in range(targets)))
    rule = {"escalation_delay_in_minutes": 1, "targets": [at(p, "user") for p in people]}
    answer = post(account, escalation_rules=[rule])
    if code is None:
        assert answer.status == 201
    else:
        assert (answer.status, answer.code) == (400, code)
        assert answer.errors == [f"Escalation rules base May have at most {limit} escalation targets"]


@pytest.mark.parametrize("wrong", [{}, {"type": "user_reference"}, {"type": "sched"}])
def test_a_target_of_the_wrong_type_is_looked_up_as_a_user(account: Account, wrong: dict[str, str]) -> None:
    (ana,) = account.people("Ana")
    schedule = account.schedule("Backend", layer(ana))["id"]
    answer = post(
        account, escalation_rules=[{"escalation_delay_in_minutes": 5, "targets": [{"id": schedule, **wrong}]}]
    )
    assert (answer.status, answer.code) == (404, 2100)


@pytest.mark.parametrize("delay", [0, -1, None, "5", True])
def test_a_delay_is_a_minute_at_least(account: Account, delay: object) -> None:
    (ana,) = account.people("Ana")
    rule = {"escalation_delay_in_minutes": delay, "targets": [at(ana, "user")]}
    assert post(account, escalation_rules=[rule]).status == 400


def test_rule_ids_are_kept_when_sent_and_new_when_not(account: Account) -> None:
    made = ok(post(account))["escalation_policy"]
    (rule,) = made["escalation_rules"]
    path = f"/escalation_policies/{made['id']}"
    kept = ok(account.api.put(path, {"escalation_policy": {"escalation_rules": [rule]}}))["escalation_policy"]
    assert kept["escalation_rules"][0]["id"] == rule["id"]
    bare = {k: v for k, v in rule.items() if k != "id"}
    fresh = ok(account.api.put(path, {"escalation_policy": {"escalation_rules": [bare]}}))[
        "escalation_policy"
    ]
    assert fresh["escalation_rules"][0]["id"] != rule["id"]


def test_one_team_at_most_and_an_empty_list_clears_it(account: Account) -> None:
    teams = [
        ok(account.api.post("/teams", {"team": {"type": "team", "name": n}}))["team"]["id"] for n in "AB"
    ]
    both = [{"id": t, "type": "team_reference"} for t in teams]
    assert post(account, teams=both).status == 400
    made = ok(post(account, teams=both[:1]))["escalation_policy"]
    path = f"/escalation_policies/{made['id']}"
    assert (
        account.api.put(f"/teams/{teams[1]}{path}").body["error"]["message"]
        == "Escalation Policy has already been taken"
    )
    assert account.api.delete(f"/teams/{teams[1]}{path}").status == 204
    same = ok(account.api.put(path, {"escalation_policy": {"num_loops": 1}}))["escalation_policy"]
    assert [t["id"] for t in same["teams"]] == teams[:1]
    cleared = ok(account.api.put(path, {"escalation_policy": {"teams": []}}))["escalation_policy"]
    assert cleared["teams"] == []


def test_targets_come_in_no_stable_order(start: Callable[..., Account]) -> None:
    account = start(shuffle=True)
    people = account.people(*(f"P{i}" for i in range(6)))
    made = account.policy("Ladder", [at(p, "user") for p in people])
    orders = set()
    for _ in range(12):
        shown = ok(account.api.get(f"/escalation_policies/{made['id']}"))["escalation_policy"]
        orders.add(tuple(t["id"] for t in shown["escalation_rules"][0]["targets"]))
    assert len(orders) > 1
    assert {frozenset(order) for order in orders} == {frozenset(people)}


def test_delete_is_refused_while_a_service_uses_it(account: Account) -> None:
    (ana,) = account.people("Ana")
    policy = account.policy("Ladder", [at(ana, "user")])["id"]
    service = account.service("Shop", policy)["id"]
    assert account.api.delete(f"/escalation_policies/{policy}").status == 400
    ok(account.api.delete(f"/services/{service}"))
    assert account.api.delete(f"/escalation_policies/{policy}").status == 204


def test_on_calls_tell_level_schedule_and_bounds(account: Account) -> None:
    ana, bo = account.people("Ana", "Bo")
    weekly = account.schedule("Weekly", layer(ana, bo))["id"]
    alone = account.schedule("Alone", layer(bo, rotation_turn_length_seconds=86_400))["id"]
    policy = account.policy("Ladder", [at(weekly)], [at(alone), at(ana, "user")])["id"]
    shown = ok(account.api.get("/oncalls", ("escalation_policy_ids[]", policy), time_zone="UTC"))["oncalls"]
    rows = [
        (o["escalation_level"], o["user"]["summary"], (o["schedule"] or {}).get("summary"), o["end"])
        for o in shown
    ]
    assert rows[0] == (1, "Ana", "Weekly", "2026-11-30T09:00:00Z")
    assert rows[2] == (2, "Ana", None, None)
    assert rows[1][:3] == (2, "Bo", "Alone")
    assert rows[1][3] > "2027-06-01"  # turns of one person are one on-call
    assert shown[0]["start"] == "2026-11-23T14:00:00Z"
    by_name = ok(account.api.get("/oncalls", ("schedule_ids[]", "null")))["oncalls"]
    assert [(o["user"]["summary"], o["start"]) for o in by_name] == [("Ana", None)]


def test_on_calls_reach_90_days(account: Account) -> None:
    assert account.api.get("/oncalls", until="2027-02-21T13:00:00Z").status == 200
    assert account.api.get("/oncalls", until="2027-02-22T00:00:00Z").status == 400
    assert (
        account.api.get("/oncalls", since="2026-12-02T00:00:00Z", until="2026-12-01T00:00:00Z").status == 400
    )


def test_the_earliest_on_call_per_level_and_user(account: Account) -> None:
    ana, bo = account.people("Ana", "Bo")
    weekly = account.schedule("Weekly", layer(ana, bo))["id"]
    account.policy("Ladder", [at(weekly)])
    until = "2026-12-20T00:00:00Z"
    assert len(ok(account.api.get("/oncalls", until=until))["oncalls"]) == 4
    assert len(ok(account.api.get("/oncalls", until=until, earliest="true"))["oncalls"]) == 2
