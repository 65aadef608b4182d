"""PagerDuty's own Python client, as its users have it: over https, trusting the sandbox's throw-away CA."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pagerduty
import pytest
from pydantic import SecretStr

from unit.apply.plans import NOW, change, ladder, override_change, plan, service, user_ref
from unit.apply.shift_plans import event, rotation, shift_schedule
from watchbill.account.objects import (
    CustomShiftSlot,
    Marker,
    Ref,
    ServiceRouting,
    ShiftOverrideSlot,
    ShiftSource,
)
from watchbill.account.rule_sets import RoutingRule, RuleActions
from watchbill.apply.execute import execute
from watchbill.apply.keys import KeysInFile
from watchbill.pagerduty.transport import Transport
from watchbill.plan.document import Change, IntegrationWrite, OverrideWrite
from watchbill.rota.clock import DAY, iso
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("tls")
    with Sandbox(clock="2026-11-23T14:00:00Z", options=SandboxOptions(rate_limit=0), tls=folder) as running:
        ensure_users(
            running.store, [{"name": f"User {i:03d}", "email": f"u{i}@example.invalid"} for i in range(130)]
        )
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[pagerduty.RestApiV2Client]:
    trust = ssl.create_default_context(cafile=str(sandbox.ca_file))
    made = pagerduty.RestApiV2Client(
        sandbox.token, default_from=sandbox.owner_email, base_url=sandbox.tls_url, verify=trust
    )
    yield made
    made.close()


def layer(user: str) -> dict[str, Any]:
    return {
        "start": "2026-11-23T09:00:00Z",
        "rotation_virtual_start": "2026-11-23T09:00:00Z",
        "rotation_turn_length_seconds": 86_400,
        "users": [{"user": {"id": user, "type": "user_reference"}}],
    }


def test_it_walks_through_pages(client: pagerduty.RestApiV2Client) -> None:
    assert len(client.list_all("users")) == 131
    assert client.find("users", "User 077")["email"] == "u77@example.invalid"
    assert {p["name"] for p in client.iter_all("priorities")} == {"P1", "P2", "P3", "P4", "P5"}


def test_it_makes_changes_and_deletes_every_kind(client: pagerduty.RestApiV2Client) -> None:
    user = client.rpost("users", json={"type": "user", "name": "New", "email": "new@example.invalid"})
    team = client.rpost("teams", json={"type": "team", "name": "Team"})
    client.put(f"/teams/{team['id']}/users/{user['id']}", json={"role": "manager"}).raise_for_status()
    body = {"type": "schedule", "name": "S", "time_zone": "UTC", "schedule_layers": [layer(user["id"])]}
    schedule = client.rpost("schedules", json=body)
    override = {"start": "2026-11-25T00:00:00Z", "end": "2026-11-26T00:00:00Z"}
    override |= {"user": {"id": user["id"], "type": "user_reference"}}
    made = client.rpost(f"/schedules/{schedule['id']}/overrides", json=[override])
    assert [item["status"] for item in made] == [201]
    shifts = client.rpost("/v3/schedules", json={"name": "V3", "time_zone": "UTC"})
    rotation = client.rpost(f"/v3/schedules/{shifts['id']}/rotations", json={})
    assert len(rotation["id"]) == 26
    target = {"id": schedule["id"], "type": "schedule_reference"}
    rule = {"escalation_delay_in_minutes": 5, "targets": [target]}
    policy = client.rpost(
        "escalation_policies", json={"type": "escalation_policy", "name": "P", "escalation_rules": [rule]}
    )
    renamed = client.rput(
        policy["self"].removeprefix("https://api.pagerduty.com"), json={**policy, "name": "Q"}
    )
    assert renamed["name"] == "Q"
    reference = {"id": policy["id"], "type": "escalation_policy_reference"}
    service = client.rpost(
        "services", json={"type": "service", "name": "Svc", "escalation_policy": reference}
    )
    incident = client.rpost(
        "incidents",
        json={
            "type": "incident",
            "title": "x",
            "service": {"id": service["id"], "type": "service_reference"},
        },
    )
    closed = client.rput(f"/incidents/{incident['id']}", json={"type": "incident", "status": "resolved"})
    assert closed["status"] == "resolved"
    assert len(client.list_all("oncalls")) == 1
    for path in (
        f"/services/{service['id']}",
        f"/escalation_policies/{policy['id']}",
        f"/v3/schedules/{shifts['id']}",
        f"/schedules/{schedule['id']}",
        f"/teams/{team['id']}",
        f"/users/{user['id']}",
    ):
        client.rdelete(path)
    assert client.find("services", "Svc") is None


def test_it_reads_the_shift_based_schedules_we_write(
    sandbox: Sandbox, client: pagerduty.RestApiV2Client, tmp_path: Path
) -> None:
    users = {u["name"]: u["id"] for u in client.iter_all("users")}
    ana, bob, cat = (users[f"User {i:03d}"] for i in (10, 11, 12))
    span = {"start": NOW + DAY, "end": NOW + 2 * DAY}
    slots = [
        CustomShiftSlot(user=bob, **span),
        ShiftOverrideSlot(source=ShiftSource(), instead_of=ana, user=cat, **span),
    ]
    changes = [change(shift_schedule("r", rotation(event(ana))))]
    for number, slot in enumerate(slots):
        write = OverrideWrite(schedule_key="rotation/r", slot=slot)
        bare = override_change("r", ana, span["start"], span["end"])
        changes.append(bare.model_copy(update={"key": f"rotation/r/{number}", "want": write}))
    with Transport(sandbox.url, SecretStr("t")) as transport:
        assert execute(plan(changes), transport, now=NOW, state=tmp_path).complete
    (listed,) = client.list_all("/v3/schedules", params={"query": "medicalcor-r"})
    path = f"/v3/schedules/{listed['id']}"
    window = {"since": iso(NOW), "until": iso(NOW + 3 * DAY), "include[]": ["final_schedule"]}
    shown = client.rget(path, params=window)
    assert (shown["type"], shown["name"], shown["time_zone"]) == (
        "schedule_v3",
        "medicalcor-r",
        "Europe/Bucharest",
    )
    computed = shown["final_schedule"]["computed_shift_assignments"]
    assert sorted(a["member"]["user_id"] for a in computed) == sorted([ana, bob, cat, ana])
    (turns,) = client.list_all(f"{path}/rotations")
    (found,) = client.list_all(f"{path}/rotations/{turns['id']}/events")
    assert found["assignment_strategy"]["members"] == [{"type": "user_member", "user_id": ana}]
    bounds = {"since": iso(NOW), "until": iso(NOW + 3 * DAY)}
    assert len(client.list_all(f"{path}/overrides", params=bounds)) == 1
    assert len(client.list_all(f"{path}/custom_shifts", params=bounds)) == 1
    assert list(client.iter_cursor(f"{path}/audit/records"))
    client.rdelete(path)


def test_its_events_client_triggers_acknowledges_and_resolves(
    sandbox: Sandbox, client: pagerduty.RestApiV2Client
) -> None:
    user = client.find("users", "User 001")
    assert user is not None
    target = {"id": user["id"], "type": "user_reference"}
    rule = {"escalation_delay_in_minutes": 5, "targets": [target]}
    policy = client.rpost(
        "escalation_policies", json={"type": "escalation_policy", "name": "Ev", "escalation_rules": [rule]}
    )
    reference = {"id": policy["id"], "type": "escalation_policy_reference"}
    service = client.rpost("services", json={"type": "service", "name": "Ev", "escalation_policy": reference})
    integration = client.rpost(
        f"/services/{service['id']}/integrations",
        json={"type": "events_api_v2_inbound_integration", "name": "Events"},
    )
    trust = ssl.create_default_context(cafile=str(sandbox.ca_file))
    events = pagerduty.EventsApiV2Client(
        integration["integration_key"], base_url=sandbox.tls_url, verify=trust
    )
    key = events.trigger("Disk full", "db-1", severity="critical")
    events.acknowledge(key)
    events.resolve(key)
    events.close()
    (incident,) = client.list_all(
        "incidents", params={"service_ids[]": [service["id"]], "statuses[]": ["resolved"]}
    )
    assert incident["incident_key"] == key


def test_it_reads_the_event_rules_and_sends_by_the_key_that_an_apply_made(
    sandbox: Sandbox, client: pagerduty.RestApiV2Client, tmp_path: Path
) -> None:
    user = client.find("users", "User 003")
    assert user is not None
    policy = ladder("shop", [[user_ref(user["id"])]])
    pages = RuleActions(
        severity="error", policy=Ref(kind="escalation_policy", key=policy.key), keeps_word=True
    )
    rules = ServiceRouting(
        key="routing/shop",
        name="shop",
        service=Ref(kind="service", key="service/shop"),
        marker=Marker(key="routing/shop", digest="", at=0),
        rules=(RoutingRule(name="P1", conditions=("event.severity matches 'critical'",), actions=pages),),
        catch_all=pages,
    )
    write = IntegrationWrite(service=rules.service, hands_over=True)
    way_in = Change(
        action="create", class_="pending", kind="integration", key="integration/shop", name="shop", want=write
    )
    keys = KeysInFile(tmp_path / "keys.json")
    with Transport(sandbox.url, SecretStr(sandbox.token)) as transport:
        made = plan([change(policy), change(service("shop", "shop")), change(rules), way_in])
        outcome = execute(made, transport, now=NOW, state=tmp_path, keys=keys)
    assert outcome.complete, outcome
    shop = client.find("services", "shop")
    assert shop is not None
    # `rget` of 7.2.0 looks for "service" in the answer, which the document wraps in "orchestration_path".
    path = client.get(f"/event_orchestrations/services/{shop['id']}").json()["orchestration_path"]
    (rule,) = path["sets"][0]["rules"]
    assert rule["label"].startswith("watchbill:shop/P1 ")
    assert rule["actions"]["escalation_policy"] == shop["escalation_policy"]["id"]
    key = json.loads((tmp_path / "keys.json").read_text())["shop"]
    trust = ssl.create_default_context(cafile=str(sandbox.ca_file))
    events = pagerduty.EventsApiV2Client(key, base_url=sandbox.tls_url, verify=trust)
    events.trigger("Disk full", "db-1", severity="critical")
    events.close()
    (incident,) = client.list_all("incidents", params={"service_ids[]": [shop["id"]]})
    assert incident["escalation_policy"]["id"] == shop["escalation_policy"]["id"]


def test_it_follows_cursors(client: pagerduty.RestApiV2Client) -> None:
    for number in range(30):
        client.rpost("teams", json={"type": "team", "name": f"Team {number}"})
    assert len(list(client.iter_cursor("/audit/records"))) >= 30


def test_it_sees_the_errors_it_knows(sandbox: Sandbox, client: pagerduty.RestApiV2Client) -> None:
    with pytest.raises(pagerduty.HttpError) as missing:
        client.rget("/schedules/PNONE00")
    assert missing.value.response.status_code == 404
    assert missing.value.response.json()["error"]["code"] == 3004


def test_the_authority_is_reused_and_its_key_is_nowhere(sandbox: Sandbox) -> None:
    assert sandbox.ca_file is not None
    folder = sandbox.ca_file.parent
    assert sorted(path.name for path in folder.iterdir()) == ["ca.pem", "server.key", "server.pem"]
    before = sandbox.ca_file.read_bytes()
    with Sandbox(tls=folder) as again:
        assert Path(str(again.ca_file)).read_bytes() == before
    assert (folder / "server.key").stat().st_mode & 0o077 == 0
