from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from contract.client import Client
from shared import estate_names, shared
from unit.sandbox.world import NOW, Account, at, layer, ok
from watchbill.errors import UsageError
from watchbill.sandbox.load import ensure_schedules, ensure_teams, load_account, save_account
from watchbill.sandbox.server import Sandbox, serve
from watchbill.sandbox.store import Store
from watchbill.sandbox.tamper import tamper

ESTATES = [f"{name}.json" for name in estate_names()]


def instants(node: object) -> object:
    """Without what a file says beside the account: private keys, types of users, empty lists and forms of times."""
    if isinstance(node, dict):
        return {k: instants(v) for k, v in node.items() if not k.startswith("_")}
    return [instants(item) for item in node] if isinstance(node, list) else node


def contains(whole: object, part: object, where: str = "") -> None:
    if isinstance(part, dict):
        assert isinstance(whole, dict), where
        for key, value in part.items():
            contains(whole.get(key), value, f"{where}/{key}")
    elif isinstance(part, list):
        assert isinstance(whole, list), where
        assert len(whole) == len(part), where
        for i, (a, b) in enumerate(zip(whole, part, strict=True)):
            contains(a, b, f"{where}/{i}")
    else:
        assert whole == part, where


@pytest.mark.parametrize("name", ESTATES)
def test_an_estate_loads_lists_renders_and_saves_back_whole(name: str) -> None:
    document = json.loads(shared(f"estates/{name}").read_text(encoding="utf-8"))
    with Sandbox(clock=NOW, load=document) as sandbox, Client(sandbox.url) as api:
        listed = ok(api.get("/schedules", ("include[]", "schedule_layers")))["schedules"]
        assert len(listed) == len(document["schedules"])
        for schedule in listed:
            window = {"since": "2026-11-23T00:00:00Z", "until": "2026-12-23T00:00:00Z"}
            shown = ok(api.get(f"/schedules/{schedule['id']}", **window))["schedule"]
            assert shown["final_schedule"]["rendered_schedule_entries"]
        saved = save_account(sandbox.store)
    original = instants(document)
    assert isinstance(original, dict)
    for part in ("teams", "schedules", "escalation_policies"):
        contains(saved[part], original[part], part)
    contains(saved["users"][: len(original["users"])], original["users"], "users")
    again = Store()
    load_account(again, saved)
    assert save_account(again) == saved
    again.close()


def test_v2_layers_of_a_file_are_in_get_order(account: Account) -> None:
    ana, bo = account.people("Ana", "Bo")
    layers = [
        layer(bo, name="High", end=None, restrictions=[]),
        layer(ana, name="Low", end=None, restrictions=[]),
    ]
    document = {"schedules": [{"name": "S", "time_zone": "Etc/UTC", "schedule_layers": layers}]}
    load_account(account.sandbox.store, document)
    (doc,) = account.sandbox.store.all("schedule")
    assert account.final(doc["id"], "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z")[0][2] == "Bo"
    assert doc["layers"][0]["start"] < account.sandbox.world.now  # nothing is clamped


def test_an_unknown_part_of_a_file_is_named() -> None:
    store = Store()
    with pytest.raises(UsageError, match="'scedules'"):
        load_account(store, {"scedules": []})
    store.close()


def test_state_outlives_the_server(tmp_path: Path) -> None:
    state = tmp_path / "deep" / "state.sqlite"
    with Sandbox(state=state) as first, Client(first.url) as api:
        team = ok(api.post("/teams", {"team": {"type": "team", "name": "T"}}))["team"]
    with Sandbox(state=state, load={"teams": [{"name": "Other"}]}) as second, Client(second.url) as api:
        assert [t["id"] for t in ok(api.get("/teams"))["teams"]] == [team["id"]]
        assert [(r.method, r.path) for r in second.requests()] == [("POST", "/teams"), ("GET", "/teams")]
        assert ok(api.post("/teams", {"team": {"type": "team", "name": "U"}}))["team"]["id"] != team["id"]


def test_a_port_in_use_is_told(account: Account) -> None:
    port = int(account.sandbox.url.rsplit(":", 1)[1])
    with pytest.raises(UsageError, match=str(port)), Sandbox(port=port):
        pass
    with pytest.raises(UsageError, match=str(port)):
        serve(port=port)


def test_a_state_that_can_not_be_used_is_told(tmp_path: Path) -> None:
    junk = tmp_path / "junk.sqlite"
    junk.write_bytes(b"this is no database, " * 100)
    newer = tmp_path / "newer.sqlite"
    with sqlite3.connect(newer) as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    for path in (junk, newer, tmp_path):
        with pytest.raises(UsageError, match="state") as caught:
            Store(path)
        assert "delete" in caught.value.remedy


def test_two_processes_on_one_state_see_each_other(tmp_path: Path) -> None:
    first, second = Store(tmp_path / "s.sqlite"), Store(tmp_path / "s.sqlite")
    first.put("team", {"id": "A", "name": "Old"})
    with second.transaction():
        assert second.name_of("team", "A") == ("Old", None)
    first.put("team", {"id": "A", "name": "New"})
    before = second.generation
    with second.transaction():
        assert second.name_of("team", "A") == ("New", None)
    assert second.generation > before
    first.close()
    second.close()


def test_a_clock_that_is_no_time_is_told() -> None:
    with pytest.raises(UsageError, match="clock"):
        Sandbox(clock="noon")


def test_things_made_for_embedded_use(account: Account) -> None:
    for _ in range(2):
        ensure_teams(account.sandbox.store, ["T"])
        ensure_schedules(account.sandbox.store, ["Elsewhere"])
    assert [t["name"] for t in ok(account.api.get("/teams"))["teams"]] == ["T"]
    (one,) = ok(account.api.get("/schedules"))["schedules"]
    assert account.final(one["id"], NOW, "2026-11-24T00:00:00Z")[0][2] == "Account Owner"


def test_nothing_of_a_transaction_that_fails_stays() -> None:
    store = Store()

    def fails() -> None:
        with store.transaction():
            store.put("team", {"id": "A", "name": "x"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert store.get("team", "A") is None
    assert store.name_of("team", "A") is None
    store.close()


def human_edit(account: Account, kind: str, which: str, /, **changes: object) -> None:
    tamper(account.sandbox.store, kind, which, changes, by="Ana", clock=account.sandbox.world.clock)


def test_a_humans_edit_stands_in_the_audit_trail(account: Account) -> None:
    ana, bo = account.people("Ana", "Bo")
    schedule = account.schedule("Backend", layer(ana, bo, name="Weekly"))["id"]
    human_edit(
        account, "schedule", "Backend", description="By hand", layers={"Weekly": {"users": ["Bo", "Ana"]}}
    )
    newest = ok(account.api.get(f"/schedules/{schedule}/audit/records"))["records"][0]
    assert newest["method"] == {"type": "browser", "truncated_token": None, "description": None}
    assert [a["summary"] for a in newest["actors"]] == ["Ana"]
    changed = {f["name"]: f["value"] for f in newest["details"]["fields"]}
    assert changed["description"] == "By hand"
    assert changed["schedule_layers.Weekly.users"] == json.dumps([bo, ana])
    assert account.final(schedule, NOW, "2026-11-24T00:00:00Z")[0][2] == "Bo"


def test_a_humans_overrides_leave_no_trace_in_the_audit_trail(account: Account) -> None:
    ana, _ = account.people("Ana", "Bo")
    schedule = account.schedule("Backend", layer(ana))["id"]
    span = {"start": "2026-11-24T00:00:00Z", "end": "2026-11-25T00:00:00Z"}
    human_edit(account, "schedule", "Backend", add_override={"user": "bo@example.invalid", **span})
    assert account.final(schedule, span["start"], span["end"])[0][2] == "Bo"
    human_edit(account, "schedule", "Backend", delete_override={"user": "Bo", "start": span["start"]})
    assert account.final(schedule, span["start"], span["end"])[0][2] == "Ana"
    assert len(ok(account.api.get(f"/schedules/{schedule}/audit/records"))["records"]) == 1


def test_a_human_edits_policies_and_services(account: Account) -> None:
    ana, bo = account.people("Ana", "Bo")
    first = account.policy("First", [at(ana, "user")], [at(bo, "user")])
    account.policy("Second", [at(bo, "user")])
    service = account.service("Shop", first["id"])["id"]
    human_edit(account, "escalation_policy", "First", delays={"2": 40}, num_loops=3)
    human_edit(account, "escalation_policy", "First", add_target={"level": 1, "user": "Bo"})
    human_edit(account, "escalation_policy", "First", remove_target={"level": 1, "user": "Ana"})
    human_edit(account, "service", "Shop", escalation_policy="Second")
    shown = ok(account.api.get(f"/escalation_policies/{first['id']}"))["escalation_policy"]
    assert [r["escalation_delay_in_minutes"] for r in shown["escalation_rules"]] == [15, 40]
    assert [t["summary"] for t in shown["escalation_rules"][0]["targets"]] == ["Bo"]
    assert [r["id"] for r in shown["escalation_rules"]] == [r["id"] for r in first["escalation_rules"]]
    assert ok(account.api.get(f"/services/{service}"))["service"]["escalation_policy"]["summary"] == "Second"
    human_edit(account, "escalation_policy", "First", delete=True)
    assert account.api.get(f"/escalation_policies/{first['id']}").status == 404


@pytest.mark.parametrize(
    ("kind", "name", "changes", "said"),
    [
        ("schedule", "Frontend", {"name": "x"}, "'Frontend'"),
        ("schedule", "Backend", {"colour": "red"}, "'colour'"),
        ("schedule", "Backend", {"layers": {"Nightly": {}}}, "'Nightly'"),
        ("schedule", "Backend", {"time_zone": "Mars/Base"}, "Time zone is invalid"),
        ("escalation_policy", "Ladder", {"delays": {"7": 5}}, "no level 7"),
        ("moon", "x", {}, "'moon'"),
    ],
)
def test_tampering_that_can_not_be(
    account: Account, kind: str, name: str, changes: dict[str, object], said: str
) -> None:
    (ana,) = account.people("Ana")
    account.schedule("Backend", layer(ana, name="Weekly"))
    account.policy("Ladder", [at(ana, "user")])
    with pytest.raises(UsageError, match=said.strip("'")):
        human_edit(account, kind, name, **changes)


def test_tampering_over_http(account: Account) -> None:
    (ana,) = account.people("Ana")
    account.schedule("Backend", layer(ana))
    body = {"kind": "schedule", "name": "Backend", "changes": {"description": "x"}, "by": "Ana"}
    assert account.api.post("/_sandbox/tamper", body).status == 204
    assert account.api.post("/_sandbox/tamper", {**body, "name": "None"}).status == 400
    assert ok(account.api.get("/_sandbox/state"))["schedules"][0]["description"] == "x"


def test_audit_records_are_paged_by_cursor_and_bounded(account: Account) -> None:
    for name in "ABCDE":
        ok(account.api.post("/teams", {"team": {"type": "team", "name": name}}))
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = ok(account.api.get("/audit/records", limit="2", **cursor))
        seen += [r["root_resource"]["summary"] for r in page["records"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == list("EDCBA")
    account.sandbox.move("2026-11-26T14:00:00Z")
    assert ok(account.api.get("/audit/records"))["records"] == []
    assert len(ok(account.api.get("/audit/records", since="2026-11-01T00:00:00Z"))["records"]) == 5
    assert account.api.get("/audit/records", since="2026-10-01T00:00:00Z").status == 400
    assert account.api.get("/audit/records", actor_id="x").status == 400
    other = account.api.get("/audit/records", since="2026-11-01T00:00:00Z", method_type="browser")
    assert ok(other)["records"] == []


def test_the_account_wide_trail_is_part_of_a_plan(account: Account) -> None:
    with (
        Sandbox(options=account.sandbox.world.options.__class__(abilities=())) as poor,
        Client(poor.url) as api,
    ):
        assert api.get("/audit/records").status == 402


def rule(label: str, **actions: object) -> dict[str, object]:
    condition = {"expression": "event.severity matches 'critical'"}
    return {"label": label, "conditions": [condition], "actions": actions, "disabled": False}


def test_event_rules_and_orchestrations_are_saved_whole(account: Account) -> None:
    (ana,) = account.people("Ana")
    policy = account.policy("API", [at(ana, "user")])["id"]
    shop, other = (account.service(name, policy)["id"] for name in ("Shop", "Other"))
    sets = [
        {"id": "start", "rules": [rule("first", escalation_policy=policy, severity="critical")]},
        {"id": "late", "rules": [{**rule("off", suppress=True), "disabled": True}]},
    ]
    path = {"sets": sets, "catch_all": {"actions": {"severity": "info"}}}
    base = "/event_orchestrations"
    ok(account.api.put(f"{base}/services/{shop}", {"orchestration_path": path}))
    ok(account.api.put(f"{base}/services/{shop}/active", {"active": True}))
    ok(
        account.api.put(
            f"{base}/services/{other}", {"orchestration_path": {"sets": [sets[1] | {"id": "start"}]}}
        )
    )
    made = ok(account.api.post(base, {"orchestration": {"name": "All", "description": "of it"}}))[
        "orchestration"
    ]
    router = {"sets": [{"id": "start", "rules": [rule("to shop", route_to=shop)]}]}
    ok(account.api.put(f"{base}/{made['id']}/router", {"orchestration_path": router}))

    saved = json.loads(json.dumps(save_account(account.sandbox.store)))
    asked = [f"services/{shop}", f"services/{shop}/active", f"services/{other}", f"services/{other}/active"]
    asked += ["", f"/{made['id']}", f"/{made['id']}/router", f"/{made['id']}/global"]
    paths = [f"{base}/{one}".replace("//", "/").rstrip("/") for one in asked]
    before = [ok(account.api.get(one)) for one in paths]
    with Sandbox(clock=NOW, load=saved) as sandbox, Client(sandbox.url) as api:
        assert [ok(api.get(one)) for one in paths] == before
        assert save_account(sandbox.store) == saved
    assert before[1] == {"active": True}
    assert before[3] == {"active": False}
    assert before[0]["orchestration_path"]["sets"][0]["rules"][0]["actions"]["escalation_policy"] == policy


@pytest.mark.parametrize(
    "item", [{"sets": []}, {"parent": {"id": "PNONE"}, "sets": []}, {"parent": {"id": 1}}]
)
def test_event_rules_that_lead_nowhere_are_named(item: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="event_rules, number 1"):
        load_account(Store(), {"event_rules": [item]})
