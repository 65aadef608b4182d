from __future__ import annotations

from collections.abc import Callable

from unit.sandbox.test_incidents import Desk, minute
from unit.sandbox.world import Account, ok

METRICS = "/analytics/metrics/incidents"


def test_the_figures_are_those_of_the_log(account: Account) -> None:
    desk = Desk(account)
    quick, slow = desk.open(), desk.open(priority=None)
    account.sandbox.move(minute(2))
    desk.put(quick, status="acknowledged")
    account.sandbox.move(minute(10))
    desk.put(quick, status="resolved")
    account.sandbox.move(minute(40))
    desk.put(slow, status="acknowledged")
    desk.put(slow, escalation_level=1)
    (figures,) = ok(account.api.post(f"{METRICS}/all", {}))["data"]
    assert figures["total_incident_count"] == 2
    assert figures["mean_seconds_to_first_ack"] == (120 + 2400) // 2
    assert figures["mean_seconds_to_resolve"] == 600
    assert figures["total_escalation_count"] == 3
    assert figures["total_incidents_timeout_escalated"] == 1
    assert figures["total_incidents_manual_escalated"] == 1
    assert figures["total_incidents_acknowledged"] == 2
    rows = ok(account.api.post("/analytics/raw/incidents", {"order": "asc"}))["data"]
    assert [(r["id"], r["timeout_escalation_count"], r.get("seconds_to_resolve")) for r in rows] == [
        (quick, 0, 600),
        (slow, 2, None),
    ]


def test_grouping_filtering_and_ranges(account: Account) -> None:
    desk = Desk(account)
    desk.open()
    desk.open(urgency="low")
    other = account.service("Other", desk.policy)["id"]
    desk.service = other
    desk.open()
    by_service = ok(account.api.post(f"{METRICS}/services", {}))["data"]
    assert {(d["service_name"], d["total_incident_count"]) for d in by_service} == {("Shop", 2), ("Other", 1)}
    (low,) = ok(account.api.post(f"{METRICS}/all", {"filters": {"urgency": "low"}}))["data"]
    assert low["total_incident_count"] == 1
    assert ok(account.api.post(f"{METRICS}/teams", {}))["data"] == []
    (week,) = ok(
        account.api.post(f"{METRICS}/all", {"aggregate_unit": "month", "time_zone": "America/Lima"})
    )["data"]
    assert week["range_start"] == "2026-11-01T00:00:00-05:00"
    too_long = {"filters": {"created_at_start": "2024-01-01T00:00:00Z"}}
    assert account.api.post(f"{METRICS}/all", too_long).status == 400


def test_nights_are_nights_where_the_person_lives(account: Account) -> None:
    desk = Desk(account)
    ok(account.api.put(f"/users/{desk.people[0]}", {"user": {"type": "user", "time_zone": "Asia/Tokyo"}}))
    desk.open()  # 23:00 in Tokyo
    (row,) = ok(account.api.post("/analytics/raw/incidents", {}))["data"]
    assert (row["sleep_hour_interruptions"], row["total_interruptions"]) == (1, 1)


def test_figures_may_lag(start: Callable[..., Account]) -> None:
    account = start(analytics_lag_seconds=3600)
    Desk(account).open()
    assert ok(account.api.post(f"{METRICS}/all", {}))["data"] == []
    account.sandbox.move(minute(61))
    assert len(ok(account.api.post(f"{METRICS}/all", {}))["data"]) == 1
