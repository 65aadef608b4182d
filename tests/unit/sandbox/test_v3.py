from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from unit.sandbox.world import NOW, Account, at, layer, ok

FORTNIGHT = ("2026-11-23T14:00:00Z", "2026-12-07T14:00:00Z")


def member(user: str | None) -> dict[str, str]:
    return {"type": "user_member", "user_id": user} if user else {"type": "empty_member"}


def event(*members: str | None, **more: Any) -> dict[str, Any]:
    """Weekly, Mondays 09:00 to Mondays 09:00 in Bucharest."""
    return {
        "name": "Weekly",
        "start_time": {"date_time": "2026-11-23T09:00:00+02:00", "time_zone": "Europe/Bucharest"},
        "end_time": {"date_time": "2026-11-30T09:00:00+02:00", "time_zone": "Europe/Bucharest"},
        "effective_since": "2026-01-01T00:00:00Z",
        "recurrence": ["RRULE:FREQ=WEEKLY"],
        "assignment_strategy": {
            "type": "rotating_member_assignment_strategy",
            "members": [member(m) for m in members],
        },
        **more,
    }


class Shifts:
    """One schedule with one rotation."""

    def __init__(self, account: Account) -> None:
        self.api = account.api
        self.ana, self.bo = account.people("Ana", "Bo")
        self.id = ok(self.api.post("/v3/schedules", {"schedule": {"name": "S", "time_zone": "UTC"}}))[
            "schedule"
        ]["id"]
        self.base = f"/v3/schedules/{self.id}"
        self.rotation = ok(self.api.post(f"{self.base}/rotations"))["rotation"]["id"]
        self.events = f"{self.base}/rotations/{self.rotation}/events"

    def add(self, *members: str | None, **more: Any) -> dict[str, Any]:
        return dict(ok(self.api.post(self.events, {"event": event(*members, **more)}))["event"])

    def refusal(self, *members: str | None, **more: Any) -> Any:
        answer = self.api.post(self.events, {"event": event(*members, **more)})
        assert answer.status == 400
        return answer.errors

    def final(self, since: str, until: str) -> list[tuple[str, str, str | None]]:
        query = {"since": since, "until": until, "time_zone": "UTC"}
        shown = ok(self.api.get(self.base, ("include[]", "final_schedule"), **query))["schedule"][
            "final_schedule"
        ]
        return [
            (a["start_time"], a["end_time"], a["member"].get("user_id"))
            for a in shown["computed_shift_assignments"]
        ]


@pytest.fixture
def shifts(account: Account) -> Shifts:
    return Shifts(account)


def test_ids_and_normal_forms(shifts: Shifts) -> None:
    made = shifts.add(shifts.ana, shifts.bo)
    assert (len(made["id"]), len(shifts.rotation)) == (26, 26)
    assert made["effective_since"] == NOW
    assert made["start_time"] == {"date_time": "2026-11-23T07:00:00Z", "time_zone": "Europe/Bucharest"}
    assert made["assignment_strategy"]["shifts_per_member"] == 1
    assert ok(shifts.api.get(shifts.base))["schedule"]["time_zone"] == "Etc/UTC"


def test_members_count_from_start_time_and_empty_ones_show(shifts: Shifts) -> None:
    shifts.add(shifts.ana, None, shifts.bo)
    assert shifts.final(*FORTNIGHT) == [
        ("2026-11-23T14:00:00Z", "2026-11-30T07:00:00Z", shifts.ana),
        ("2026-11-30T07:00:00Z", "2026-12-07T07:00:00Z", None),
        ("2026-12-07T07:00:00Z", "2026-12-07T14:00:00Z", shifts.bo),
    ]


def test_what_an_active_event_lets_be_changed(shifts: Shifts) -> None:
    made = shifts.add(shifts.ana, shifts.bo)
    path = f"{shifts.events}/{made['id']}"
    for same in ({"name": made["name"]}, {"start_time": made["start_time"], "effective_until": None}, {}):
        assert shifts.api.put(path, {"event": same}).status == 400
    refused = shifts.api.put(path, {"event": {"effective_since": made["effective_since"]}})
    assert list(refused.errors) == ["event.effective_since"]
    capped = ok(shifts.api.put(path, {"event": {"effective_until": "2026-11-25T00:00:00Z"}}))["event"]
    assert capped["effective_until"] == "2026-11-25T00:00:00Z"


def test_a_past_event_stands_for_ever_and_a_future_one_is_free(account: Account, shifts: Shifts) -> None:
    past = shifts.add(shifts.ana, effective_until="2026-11-24T00:00:00Z")
    future = shifts.add(shifts.bo, effective_since="2026-12-01T00:00:00Z")
    account.sandbox.move("2026-11-24T00:00:00Z")
    path = f"{shifts.events}/{past['id']}"
    assert shifts.api.put(path, {"event": {"effective_until": None}}).status == 400
    assert shifts.api.delete(path).status == 400
    changed = ok(shifts.api.put(f"{shifts.events}/{future['id']}", {"event": {"name": "New"}}))["event"]
    assert changed["name"] == "New"
    assert shifts.api.delete(f"{shifts.events}/{future['id']}").status == 204
    assert shifts.api.get(f"{shifts.events}/{future['id']}").status == 404


def test_deleting_an_active_event_caps_it_now_and_keeps_its_past(account: Account, shifts: Shifts) -> None:
    made = shifts.add(shifts.ana)
    account.sandbox.move("2026-11-24T00:00:00Z")
    assert shifts.api.delete(f"{shifts.events}/{made['id']}").status == 204
    kept = ok(shifts.api.get(f"{shifts.events}/{made['id']}"))["event"]
    assert kept["effective_until"] == "2026-11-24T00:00:00Z"
    assert shifts.final(*FORTNIGHT) == [(NOW, "2026-11-24T00:00:00Z", shifts.ana)]
    successor = shifts.add(shifts.ana, shifts.bo)
    assert successor["id"] != made["id"]
    assert shifts.final(*FORTNIGHT)[1][2] == shifts.ana


def test_deleting_a_rotation_keeps_its_past(account: Account, shifts: Shifts) -> None:
    shifts.add(shifts.ana)
    account.sandbox.move("2026-11-24T00:00:00Z")
    assert shifts.api.delete(f"{shifts.base}/rotations/{shifts.rotation}").status == 204
    assert ok(shifts.api.get(shifts.base))["schedule"]["rotations"] == []
    assert shifts.final(*FORTNIGHT) == [(NOW, "2026-11-24T00:00:00Z", shifts.ana)]


def test_faults_are_told_by_dotted_path(shifts: Shifts) -> None:
    assert shifts.refusal(shifts.ana, effective_since="2028-01-01T00:00:00Z") == {
        "event.effective_since": ["Date cannot be more than 12 months in the future"]
    }
    assert list(shifts.refusal(shifts.ana, recurrence=["RRULE:FREQ=SOMETIMES"])) == ["event.recurrence"]
    assert list(shifts.refusal(shifts.ana, recurrence=[])) == ["event.recurrence"]
    assert list(shifts.refusal("PNOBODY")) == ["event.assignment_strategy.members.0.user_id"]
    assert list(shifts.refusal()) == ["event.assignment_strategy.members"]
    assert list(shifts.refusal(*[None] * 21)) == ["event.assignment_strategy.members"]
    assert list(shifts.refusal(shifts.ana, name=None)) == ["event.name"]
    answer = shifts.api.put(shifts.base, {"schedule": {"name": "S"}})
    assert answer.errors == {"schedule.time_zone": ["Time zone cannot be empty."]}
    for part in ("rotations", "escalation_policies"):
        body = {"name": "T", "time_zone": "UTC", part: [{}]}
        assert list(shifts.api.post("/v3/schedules", {"schedule": body}).errors) == [f"schedule.{part}"]


def test_events_of_a_rotation_never_overlap(shifts: Shifts) -> None:
    shifts.add(shifts.ana, effective_until="2026-12-01T00:00:00Z")
    assert list(shifts.refusal(shifts.bo, effective_since="2026-11-30T00:00:00Z")) == ["event"]
    shifts.add(shifts.bo, effective_since="2026-12-01T00:00:00Z")


def test_limits(shifts: Shifts) -> None:
    for month in range(1, 6):
        bounds = {
            "effective_since": f"2027-0{month}-01T00:00:00Z",
            "effective_until": f"2027-0{month + 1}-01T00:00:00Z",
        }
        shifts.add(shifts.ana, **bounds)
    assert "at most 5" in shifts.refusal(shifts.ana, effective_since="2027-07-01T00:00:00Z")["event"][0]
    for _ in range(9):
        ok(shifts.api.post(f"{shifts.base}/rotations", {}))
    assert shifts.api.post(f"{shifts.base}/rotations", {}).status == 400
    assert shifts.api.post(f"{shifts.base}/rotations", {"rotation": {"name": "x"}}).status == 400


def test_each_api_points_at_the_other_for_the_other_kind(account: Account, shifts: Shifts) -> None:
    layers = account.schedule("L", layer(shifts.ana))["id"]
    wrong = account.api.get(f"/v3/schedules/{layers}")
    assert (wrong.status, wrong.body["error"]["message"]) == (
        400,
        "This is a layer-based schedule. Use the v2 Schedules API to access it.",
    )
    wrong = account.api.get(f"/schedules/{shifts.id}")
    assert wrong.status == 400
    assert "/v3/schedules" in wrong.body["error"]["message"]
    assert [s["id"] for s in ok(account.api.get("/schedules"))["schedules"]] == [layers]
    (only,) = ok(account.api.get("/v3/schedules"))["schedules"]
    assert set(only) == {"id", "type", "summary", "self", "html_url"}


def test_overrides_replace_one_member_of_one_source(shifts: Shifts) -> None:
    shifts.add(shifts.ana, shifts.bo)
    span = {"start_time": "2026-11-24T00:00:00Z", "end_time": "2026-12-02T00:00:00Z"}
    body = {"type": "override_shift", "rotation_id": shifts.rotation, **span}
    body |= {"overridden_member": member(shifts.ana), "overriding_member": member(shifts.bo)}
    ok(shifts.api.post(f"{shifts.base}/overrides", {"overrides": [body]}))
    assert [(s[:10], who) for s, _, who in shifts.final(*FORTNIGHT)][:3] == [
        ("2026-11-23", shifts.ana),
        ("2026-11-24", shifts.bo),
        ("2026-11-30", shifts.bo),
    ]
    both = {**body, "custom_shift_id": "X"}
    neither = {k: v for k, v in body.items() if k != "rotation_id"}
    for wrong in (both, neither, {**body, "rotation_id": "NONE"}, {**body, "end_time": span["start_time"]}):
        assert shifts.api.post(f"{shifts.base}/overrides", {"overrides": [wrong]}).status == 400


def test_a_list_with_one_bad_item_writes_none(shifts: Shifts) -> None:
    good = {"type": "custom_shift", "start_time": "2026-12-01T00:00:00Z", "end_time": "2026-12-02T00:00:00Z"}
    good |= {"assignments": [{"type": "shift_assignment", "member": member(shifts.bo)}]}
    two = {**good, "assignments": good["assignments"] * 2}  # type: ignore[operator]
    refused = shifts.api.post(f"{shifts.base}/custom_shifts", {"custom_shifts": [good, two]})
    assert list(refused.errors) == ["custom_shifts.1.assignments"]
    window = {"since": FORTNIGHT[0], "until": FORTNIGHT[1]}
    assert ok(shifts.api.get(f"{shifts.base}/custom_shifts", **window))["custom_shifts"] == []


def test_a_custom_shift_that_has_started_only_moves_its_end(account: Account, shifts: Shifts) -> None:
    body = {"type": "custom_shift", "start_time": "2026-11-23T15:00:00Z", "end_time": "2026-11-23T20:00:00Z"}
    body |= {"assignments": [{"type": "shift_assignment", "member": member(shifts.bo)}]}
    made = ok(shifts.api.post(f"{shifts.base}/custom_shifts", {"custom_shifts": [body]}))["custom_shifts"][0]
    path = f"{shifts.base}/custom_shifts/{made['id']}"
    account.sandbox.move("2026-11-23T16:00:00Z")
    assert shifts.api.put(path, {"custom_shift": {"start_time": "2026-11-23T17:00:00Z"}}).status == 400
    ok(shifts.api.put(path, {"custom_shift": {"end_time": "2026-11-23T18:00:00Z"}}))
    assert shifts.api.delete(path).status == 204
    assert ok(shifts.api.get(path))["custom_shift"]["end_time"] == "2026-11-23T16:00:00Z"
    assert shifts.api.delete(path).status == 400


def test_put_may_be_partial_as_the_document_says(start: Callable[..., Account]) -> None:
    shifts = Shifts(start(v3_put_is_whole=False))
    changed = ok(shifts.api.put(shifts.base, {"schedule": {"description": "x"}}))["schedule"]
    assert (changed["name"], changed["description"]) == ("S", "x")


def test_on_calls_of_a_shift_schedule(account: Account, shifts: Shifts) -> None:
    shifts.add(shifts.ana, shifts.bo)
    policy = account.policy("Ladder", [at(shifts.id)])  # schedule_reference is taken for either kind
    assert policy["escalation_rules"][0]["targets"][0]["type"] == "schedule_v3_reference"
    (on_call,) = ok(account.api.get("/oncalls", time_zone="UTC"))["oncalls"]
    assert (on_call["user"]["id"], on_call["end"]) == (shifts.ana, "2026-11-30T07:00:00Z")
    refused = account.api.delete(shifts.base)
    assert refused.errors == {"base": ["Schedule can't be deleted if it's being used by escalation policies"]}


def test_an_upgrade_keeps_the_id_the_shifts_and_the_policies(account: Account) -> None:
    ana, bo = account.people("Ana", "Bo")
    hours = [
        {
            "type": "weekly_restriction",
            "start_day_of_week": d,
            "start_time_of_day": "09:00:00",
            "duration_seconds": 32_400,
        }
        for d in range(1, 6)
    ]
    monday = {"start": "2026-11-23T07:00:00Z", "rotation_virtual_start": "2026-11-23T07:00:00Z"}
    made = account.schedule("Backend", layer(ana, bo, restrictions=hours, **monday))
    account.policy("Ladder", [at(made["id"])])
    account.override(made["id"], bo, "2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z")
    before = account.final(made["id"], *FORTNIGHT)
    body = {"kind": "schedule", "name": "Backend", "changes": {"upgrade": True}}
    ok(account.api.post("/_sandbox/tamper", body))
    assert account.api.get(f"/schedules/{made['id']}").status == 400
    query = {"since": FORTNIGHT[0], "until": FORTNIGHT[1], "time_zone": "UTC"}
    path = f"/v3/schedules/{made['id']}"
    final = ok(account.api.get(path, ("include[]", "final_schedule"), **query))["schedule"]["final_schedule"]
    names = {ana: "Ana", bo: "Bo"}
    after = [
        (a["start_time"], a["end_time"], names[a["member"]["user_id"]])
        for a in final["computed_shift_assignments"]
    ]
    inside_hours = [e for e in before if e[0][11:] != "00:00:00Z" and e[0][:10] != "2026-11-25"]
    assert [e for e in after if e[0][:10] != "2026-11-25"] == inside_hours
    assert [e[2] for e in after if e[0][:10] == "2026-11-25"] == ["Bo"]
    (on_call,) = ok(account.api.get("/oncalls"))["oncalls"]
    assert on_call["schedule"]["type"] == "schedule_v3_reference"


def human_edit(account: Account, **changes: Any) -> None:
    body = {"kind": "schedule_v3", "name": "S", "changes": changes, "by": "Ana"}
    ok(account.api.post("/_sandbox/tamper", body))


def test_a_human_changes_a_running_crew_by_cap_and_successor(account: Account, shifts: Shifts) -> None:
    made = shifts.add(shifts.ana, shifts.bo)
    account.sandbox.move("2026-11-24T00:00:00Z")
    human_edit(account, events={"Weekly": {"members": ["Bo", "Ana", None]}}, description="By hand")
    events = ok(shifts.api.get(shifts.events))["events"]
    assert [(e["id"] == made["id"], e["effective_until"]) for e in events] == [
        (True, "2026-11-24T00:00:00Z"),
        (False, None),
    ]
    assert [who for _, _, who in shifts.final(*FORTNIGHT)] == [shifts.ana, shifts.bo, shifts.ana, None]
    records = ok(account.api.get(f"{shifts.base}/audit/records"))["records"]
    assert {r["method"]["type"] for r in records[:3]} == {"browser"}


def test_a_human_overrides_and_adds_shifts(account: Account, shifts: Shifts) -> None:
    shifts.add(shifts.ana, shifts.bo)
    span = {"start": "2026-11-25T00:00:00Z", "end": "2026-11-26T00:00:00Z"}
    human_edit(account, add_override={"event": "Weekly", "instead_of": "Ana", "user": "Bo", **span})
    human_edit(account, add_custom_shift={"user": "Bo", **span})
    human_edit(account, events={"Weekly": {"effective_until": "2026-11-30T07:00:00Z"}})
    assert [(s[:10], who) for s, _, who in shifts.final(*FORTNIGHT)] == [
        ("2026-11-23", shifts.ana),
        ("2026-11-25", shifts.bo),
        ("2026-11-25", shifts.bo),
        ("2026-11-26", shifts.ana),
    ]
    body = {"kind": "schedule_v3", "name": "S", "changes": {"events": {"Daily": {}}}}
    assert account.api.post("/_sandbox/tamper", body).status == 400
