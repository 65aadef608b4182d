"""What the account would refuse is in the plan; what only a write reveals is deferred, and goes later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from journeys.conftest import NOW
from journeys.small import SECOND, Small, done, told
from watchbill.pagerduty.transport import Transport
from watchbill.sandbox.options import ABILITIES, SandboxOptions
from watchbill.sandbox.server import Sandbox

AGREED = ("--waive", "imminent=the second rotation goes")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    with Sandbox(clock=NOW, options=SandboxOptions(rate_limit=0)) as sandbox:
        yield Small.new(tmp_path, sandbox)


def opened(small: Small, on: str) -> str:
    service = small.named("service", on)["id"]
    body = {"type": "incident", "title": "Down", "service": {"id": service, "type": "service_reference"}}
    with Transport(small.sandbox.url, SecretStr(small.sandbox.token)) as transport:
        made = transport.post("/incidents", {"incident": body}, sender="ana@example.com").body
    return str(made["incident"]["id"])


def resolve(small: Small, incident: str) -> None:
    body = {"incident": {"type": "incident_reference", "status": "resolved"}}
    with Transport(small.sandbox.url, SecretStr(small.sandbox.token)) as transport:
        transport.put(f"/incidents/{incident}", body, sender="ana@example.com")


def test_a_schedule_goes_when_no_incident_needs_it_any_more(small: Small) -> None:
    small.apply()
    incident = opened(small, "Shop")
    small.change((SECOND, ""), ("0m: first, 15m: second", "0m: first"))
    plan = small.plan()
    assert done(plan) == {("update", "ladder/api")}
    first, second = told(plan, "open-incidents")
    assert first == "schedule 'Second' is not deleted yet: open incidents page it: #1 'Down'"
    assert second == "API: open incidents go on with it as it was: #1 'Down'"
    small.apply()
    plan = small.plan()
    assert done(plan) == set()
    assert told(plan, "open-incidents") == [
        "schedule 'Second' is not deleted yet: open incidents may still page it: #1 'Down'"
    ]
    resolve(small, incident)
    assert done(small.plan()) == {("delete", "rotation/second")}
    small.apply(0, *AGREED)
    assert not small.sandbox.store.named("schedule", "Second")


def test_a_delete_that_only_the_write_shows_to_be_too_early_is_deferred(small: Small) -> None:
    small.apply()
    second, ana = small.named("schedule", "Second")["id"], small.named("user", "Ana")["id"]
    rules = [{"escalation_delay_in_minutes": 5, "targets": [{"id": second, "type": "schedule_reference"}]}]
    policy = {"type": "escalation_policy", "name": "Theirs", "escalation_rules": rules}
    theirs = small.request("post", "/escalation_policies", {"escalation_policy": policy})["escalation_policy"]
    service = {"type": "service", "name": "Their shop"}
    service |= {"escalation_policy": {"id": theirs["id"], "type": "escalation_policy_reference"}}
    small.request("post", "/services", {"service": service})
    incident = opened(small, "Their shop")
    rules[0]["targets"] = [{"id": ana, "type": "user_reference"}]
    small.request("put", f"/escalation_policies/{theirs['id']}", {"escalation_policy": policy})

    small.change((SECOND, ""), ("0m: first, 15m: second", "0m: first"))
    plan = small.plan()
    assert done(plan) == {("update", "ladder/api"), ("delete", "rotation/second")}
    (possible,) = told(plan, "possible-refusal")
    assert possible == (
        "PagerDuty may refuse to delete Second: an incident may have begun while it was on a policy: #1 'Down'"
    )
    text = small.watchbill("plan").out
    assert "Possible refusals" in text
    assert max(map(len, text.splitlines())) <= 80
    ran = small.apply(13, *AGREED)
    assert "deferred: schedule Second" in ran.out
    assert "resolve the open incidents" in ran.out
    resolve(small, incident)
    assert not told(small.plan(), "possible-refusal")
    small.apply(0, *AGREED)
    assert not small.sandbox.store.named("schedule", "Second")


def test_people_are_judged_before_the_first_write(small: Small) -> None:
    ben, cleo = small.named("user", "Ben"), small.named("user", "Cleo")
    with small.sandbox.store.transaction():
        for rule in small.sandbox.store.children("notification_rule", ben["id"]):
            small.sandbox.store.delete("notification_rule", rule["id"])
    small.put("user", {**cleo, "role": "read_only_limited_user"})
    small.change(("crew: [ben, ana]", "crew: [ben, cleo]"))
    plan = small.plan()
    assert done(plan) == {("create", "rotation/first")}
    assert told(plan, "quiet-user") == [
        "no phone, SMS or push rule at minute 0, so a page may go unheard: ben"
    ]
    assert "cleo (read_only_limited_user)" in told(plan, "stakeholder")[0]
    ran = small.apply(14)
    assert "left alone" in ran.err
    assert [s["name"] for s in small.sandbox.store.all("schedule")] == ["First"]


def test_what_the_plan_of_the_account_lacks_is_told(tmp_path: Path) -> None:
    less = tuple(a for a in ABILITIES if a not in ("teams", "round_robin_scheduling"))
    with Sandbox(clock=NOW, options=SandboxOptions(rate_limit=0, abilities=less)) as sandbox:
        small = Small.new(tmp_path, sandbox)
        round_robin = "{page: [first, second], round_robin: true}"
        small.change(
            ("0m: first, 15m: second", f"0m: {round_robin}"),
            ("people:\n", "teams: {nights: Nights}\npeople:\n"),
        )
        plan = small.plan()
        assert done(plan) == {("create", "rotation/first"), ("create", "rotation/second")}
        assert "no round robin (403)" in told(plan, "no-round-robin")[0]
        assert told(plan, "waits-for") == [
            "service/shop is left as it is: it needs ladder/api, which cannot be made"
        ]
        assert told(plan, "no-teams") == [
            "this account's plan has no teams, and the policy names some: nights"
        ]
