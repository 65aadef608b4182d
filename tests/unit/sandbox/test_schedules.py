from __future__ import annotations

from collections.abc import Callable

import pytest

from unit.sandbox.world import Account, at, layer, ok

WEEK = ("2026-11-23T14:00:00Z", "2026-11-30T14:00:00Z")


def test_layers_come_back_in_reverse(account: Account) -> None:
    ana, bo = account.people("Ana", "Bo")
    made = account.schedule("Backend", layer(ana, name="Low"), layer(bo, name="High"))
    assert [one["name"] for one in made["schedule_layers"]] == ["High", "Low"]
    assert account.final(made["id"], *WEEK) == [(*WEEK, "Bo")]


def test_putting_back_what_was_got_turns_precedence_over(account: Account) -> None:
    ana, bo = account.people("Ana", "Bo")
    made = account.schedule("Backend", layer(ana, name="Low"), layer(bo, name="High"))
    account.put_schedule(made["id"], schedule_layers=made["schedule_layers"])
    assert account.final(made["id"], *WEEK) == [(*WEEK, "Ana")]


def test_layer_order_can_be_switched(start: Callable[..., Account]) -> None:
    account = start(reverse_layers=False)
    ana, bo = account.people("Ana", "Bo")
    made = account.schedule("Backend", layer(ana, name="Low"), layer(bo, name="High"))
    assert [one["name"] for one in made["schedule_layers"]] == ["Low", "High"]


def test_a_past_start_becomes_now_at_each_write(account: Account) -> None:
    (ana,) = account.people("Ana")
    made = account.schedule("Backend", layer(ana, start="2020-01-01T00:00:00Z"))
    assert made["schedule_layers"][0]["start"] == "2026-11-23T16:00:00+02:00"
    account.sandbox.move("2026-11-23T15:00:00Z")
    again = account.put_schedule(made["id"], schedule_layers=made["schedule_layers"])
    assert again["schedule_layers"][0]["start"] == "2026-11-23T17:00:00+02:00"
    assert again["schedule_layers"][0]["rotation_virtual_start"] == "2026-11-23T11:00:00+02:00"


def test_the_past_keeps_what_it_showed(account: Account) -> None:
    ana, bo = account.people("Ana", "Bo")
    made = account.schedule("Backend", layer(ana))
    account.sandbox.move("2026-11-24T14:00:00Z")
    (only,) = made["schedule_layers"]
    account.put_schedule(made["id"], schedule_layers=[{**only, "users": layer(bo)["users"]}])
    assert account.final(made["id"], "2026-11-23T00:00:00Z", "2026-11-26T00:00:00Z") == [
        ("2026-11-23T14:00:00Z", "2026-11-24T14:00:00Z", "Ana"),
        ("2026-11-24T14:00:00Z", "2026-11-26T00:00:00Z", "Bo"),
    ]


def test_a_layer_ended_now_stays_and_shows_nothing(account: Account) -> None:
    ana, bo = account.people("Ana", "Bo")
    made = account.schedule("Backend", layer(ana, name="Low"), layer(bo, name="High"))
    high, low = made["schedule_layers"]
    account.put_schedule(made["id"], schedule_layers=[low, {**high, "end": "2026-11-23T14:00:00Z"}])
    assert account.final(made["id"], *WEEK) == [(*WEEK, "Ana")]
    after = account.put_schedule(made["id"], schedule_layers=[low])
    ended = [one for one in after["schedule_layers"] if one["name"] == "High"]
    assert [one["end"] for one in ended] == ["2026-11-23T16:00:00+02:00"]


@pytest.mark.parametrize(
    ("rule", "status", "end"),
    [("keep", 200, None), ("end", 200, "2026-11-23T16:00:00+02:00"), ("refuse", 400, None)],
)
def test_a_live_layer_left_out(
    start: Callable[..., Account], rule: str, status: int, end: str | None
) -> None:
    account = start(omitted_layers=rule)
    ana, bo = account.people("Ana", "Bo")
    made = account.schedule("Backend", layer(ana, name="Low"), layer(bo, name="High"))
    low = made["schedule_layers"][1]
    answer = account.api.put(f"/schedules/{made['id']}", {"schedule": {"schedule_layers": [low]}})
    assert answer.status == status
    high = ok(account.api.get(f"/schedules/{made['id']}"))["schedule"]["schedule_layers"][0]
    assert (high["name"], high["end"]) == ("High", end)


def test_end_stays_unless_null_is_sent(account: Account) -> None:
    (ana,) = account.people("Ana")
    made = account.schedule("Backend", layer(ana, end="2026-12-01T00:00:00Z"))
    (one,) = made["schedule_layers"]
    silent = {k: v for k, v in one.items() if k != "end"}
    kept = account.put_schedule(made["id"], schedule_layers=[silent])
    assert kept["schedule_layers"][0]["end"] == "2026-12-01T02:00:00+02:00"
    cleared = account.put_schedule(made["id"], schedule_layers=[{**one, "end": None}])
    assert cleared["schedule_layers"][0]["end"] is None


def test_ids_are_kept_and_new_layers_get_new_ones(account: Account) -> None:
    ana, bo = account.people("Ana", "Bo")
    made = account.schedule("Backend", layer(ana))
    old = made["schedule_layers"][0]
    after = account.put_schedule(made["id"], schedule_layers=[old, layer(bo)])
    assert after["schedule_layers"][1]["id"] == old["id"]
    assert after["schedule_layers"][0]["id"] not in ("", old["id"])
    assert after["schedule_layers"][0]["name"] == "Layer 2"


def test_nothing_is_rendered_without_a_window(account: Account) -> None:
    (ana,) = account.people("Ana")
    made = account.schedule("Backend", layer(ana))
    shown = ok(account.api.get(f"/schedules/{made['id']}"))["schedule"]
    for part in (shown["final_schedule"], shown["overrides_subschedule"], shown["schedule_layers"][0]):
        assert part["rendered_schedule_entries"] == []
        assert part["rendered_coverage_percentage"] is None


def test_one_bound_puts_the_other_two_weeks_away(account: Account) -> None:
    (ana,) = account.people("Ana")
    made = account.schedule("Backend", layer(ana))
    shown = ok(account.api.get(f"/schedules/{made['id']}", since="2026-12-01T00:00:00Z", time_zone="UTC"))[
        "schedule"
    ]
    (entry,) = shown["final_schedule"]["rendered_schedule_entries"]
    assert (entry["start"], entry["end"]) == ("2026-12-01T00:00:00Z", "2026-12-15T00:00:00Z")


def test_overflow_shows_entries_whole_and_coverage_counts_the_window(account: Account) -> None:
    ana, bo = account.people("Ana", "Bo")
    nine_hours = {"type": "daily_restriction", "start_time_of_day": "08:00:00", "duration_seconds": 32_400}
    made = account.schedule("Backend", layer(ana, bo, restrictions=[nine_hours]), zone="Etc/UTC")
    window = ("2026-11-25T12:00:00Z", "2026-11-25T13:00:00Z")
    assert account.final(made["id"], *window) == [(*window, "Ana")]
    assert account.final(made["id"], *window, overflow="true") == [
        ("2026-11-25T08:00:00Z", "2026-11-25T17:00:00Z", "Ana")
    ]
    day = account.show(made["id"], "2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z")
    assert day["final_schedule"]["rendered_coverage_percentage"] == 37.5


def test_times_come_in_the_schedules_zone_when_shown_and_the_requesters_when_listed(account: Account) -> None:
    (ana,) = account.people("Ana")
    made = account.schedule("Backend", layer(ana))
    listed = ok(account.api.get("/schedules", ("include[]", "schedule_layers")))["schedules"][0]
    assert made["schedule_layers"][0]["start"] == "2026-11-23T16:00:00+02:00"
    assert listed["schedule_layers"][0]["start"] == "2026-11-23T14:00:00Z"


def test_lists_are_short_unless_asked(account: Account) -> None:
    (ana,) = account.people("Ana")
    account.schedule("Backend", layer(ana))
    plain = ok(account.api.get("/schedules"))["schedules"][0]
    assert not {"schedule_layers", "final_schedule", "overrides_subschedule"} & set(plain)


def test_preview_saves_nothing(account: Account) -> None:
    (ana,) = account.people("Ana")
    body = {"type": "schedule", "name": "New", "time_zone": "Etc/UTC", "schedule_layers": [layer(ana)]}
    shown = ok(account.api.post("/schedules/preview", {"schedule": body}, since=WEEK[0], until=WEEK[1]))[
        "schedule"
    ]
    assert shown["final_schedule"]["rendered_coverage_percentage"] == 100.0
    assert ok(account.api.get("/schedules"))["schedules"] == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"rotation_turn_length_seconds": 3599}, "Rotation turn length seconds"),
        ({"rotation_turn_length_seconds": 31_536_001}, "Rotation turn length seconds"),
        ({"rotation_virtual_start": "2026-11-23T09:00:30Z"}, "whole minute"),
        ({"users": []}, "users"),
        ({"users": [{"user": {"id": "PNOBODY", "type": "user_reference"}}]}, "users"),
        ({"start": "soon"}, "Start is invalid"),
        ({"restrictions": [{"type": "weekly_restriction"}]}, "start time of day"),
    ],
)
def test_what_a_layer_may_not_be(account: Account, change: dict[str, object], text: str) -> None:
    (ana,) = account.people("Ana")
    body = {
        "type": "schedule",
        "name": "Bad",
        "time_zone": "Etc/UTC",
        "schedule_layers": [layer(ana) | change],
    }
    answer = account.api.post("/schedules", {"schedule": body})
    assert (answer.status, answer.code) == (400, 2001)
    assert text in answer.errors[0]


def test_zones_are_those_of_the_published_list(account: Account) -> None:
    (ana,) = account.people("Ana")
    assert account.schedule("Utc", layer(ana), zone="UTC")["time_zone"] == "Etc/UTC"
    for zone in ("America/Toronto", "Mars/Base", 7):
        body = {"type": "schedule", "name": "X", "time_zone": zone, "schedule_layers": [layer(ana)]}
        assert account.api.post("/schedules", {"schedule": body}).status == 400


def test_names_are_unique(account: Account) -> None:
    (ana,) = account.people("Ana")
    account.schedule("Backend", layer(ana))
    body = {"type": "schedule", "name": "backend", "time_zone": "UTC", "schedule_layers": [layer(ana)]}
    assert account.api.post("/schedules", {"schedule": body}).errors == ["Name has already been taken"]


def test_delete_is_refused_while_a_policy_targets_it(account: Account) -> None:
    (ana,) = account.people("Ana")
    made = account.schedule("Backend", layer(ana))
    policy = account.policy("Ladder", [at(made["id"])])
    assert (
        ok(account.api.get(f"/schedules/{made['id']}"))["schedule"]["escalation_policies"][0]["id"]
        == policy["id"]
    )
    refused = account.api.delete(f"/schedules/{made['id']}")
    assert (refused.status, refused.code) == (400, 2001)
    assert refused.errors == ["Schedule can't be deleted if it's being used by escalation policies"]
    ok(account.api.delete(f"/escalation_policies/{policy['id']}"))
    assert account.api.delete(f"/schedules/{made['id']}").status == 204
    assert account.api.get(f"/schedules/{made['id']}").code == 3004


def test_a_deleted_user_lingers_in_layers(account: Account) -> None:
    ana, bo = account.people("Ana", "Bo")
    made = account.schedule("Backend", layer(ana, bo))
    ok(account.api.delete(f"/users/{bo}"))
    users = ok(account.api.get(f"/schedules/{made['id']}"))["schedule"]["schedule_layers"][0]["users"]
    assert users[1]["user"]["self"] is None
    assert users[1]["user"]["deleted_at"] == "2026-11-23T14:00:00Z"
    assert users[1]["user"]["summary"] == "Bo"
    assert account.api.get(f"/users/{bo}").status == 404
    kept = ok(account.api.get(f"/schedules/{made['id']}"))["schedule"]["schedule_layers"]
    account.put_schedule(made["id"], schedule_layers=kept)


def test_the_status_of_a_create_can_be_that_of_the_wild(start: Callable[..., Account]) -> None:
    account = start(create_schedule_status=200)
    (ana,) = account.people("Ana")
    body = {"type": "schedule", "name": "B", "time_zone": "UTC", "schedule_layers": [layer(ana)]}
    assert account.api.post("/schedules", {"schedule": body}).status == 200


def test_next_on_call_for_a_user(account: Account) -> None:
    ana, bo = account.people("Ana", "Bo")
    made = account.schedule("Backend", layer(ana, bo))
    path = f"/schedules/{made['id']}"
    shown = ok(account.api.get(path, include_next_oncall_for_user=bo, time_zone="UTC"))["schedule"]
    following = shown["next_oncall_for_user"]
    assert (following["start"], following["user"]["summary"]) == ("2026-11-30T09:00:00Z", "Bo")


def test_users_on_call_in_a_range(account: Account) -> None:
    ana, bo = account.people("Ana", "Bo")
    made = account.schedule("Backend", layer(ana, bo))
    path = f"/schedules/{made['id']}/users"
    assert [u["name"] for u in ok(account.api.get(path))["users"]] == ["Ana"]
    both = ok(account.api.get(path, since=WEEK[0], until=WEEK[1]))["users"]
    assert [u["name"] for u in both] == ["Ana", "Bo"]
