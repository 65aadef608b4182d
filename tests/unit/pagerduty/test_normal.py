"""Answers of the real service, with the oddities it is known for."""

from __future__ import annotations

from typing import Any

from unit.apply.plans import NOW
from watchbill.account.objects import Ref, Restriction, Urgency
from watchbill.pagerduty import normal
from watchbill.pagerduty.wire import WirePolicy, WireSchedule, WireService, WireUser
from watchbill.rota.clock import HOUR, iso, parse_instant

MARK = "watchbill/1 rotation/a 3f9c2a @2026-11-01T10:00Z"


def wire_layer(id_: str, **given: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "name": id_,
        "start": "2026-01-05T09:00:00+02:00",
        "end": None,
        "rotation_virtual_start": "2026-01-05T09:00:00+02:00",
        "rotation_turn_length_seconds": 604_800,
        "users": [{"user": {"id": "P1", "type": "user_reference", "deleted_at": "x", "self": None}}],
        "restrictions": [],
        **given,
    }


def schedule(**given: Any) -> Any:
    body = {"id": "S1", "type": "schedule", "name": "n", "time_zone": "UTC", "description": None, **given}
    return normal.schedule(WireSchedule.model_validate(body), now=NOW)


def test_layers_are_turned_round_and_times_are_instants() -> None:
    got = schedule(schedule_layers=[wire_layer("top"), wire_layer("base")], http_cal_url="https://secret")
    assert [x.id for x in got.layers] == ["base", "top"]
    assert got.layers[0].virtual_start == parse_instant("2026-01-05T07:00:00Z")
    assert got.layers[0].start is None, "the past is one value"
    assert (got.time_zone, got.description) == ("Etc/UTC", "")
    assert "secret" not in repr(got)


def test_ended_layers_are_dropped_unless_a_digest_may_still_count_them() -> None:
    ended = wire_layer("old", end=iso(NOW - HOUR))
    long_ago = wire_layer("older", end="2026-10-01T00:00:00Z")
    layers = [wire_layer("live"), ended, long_ago]
    assert [x.id for x in schedule(schedule_layers=layers).layers] == ["older", "old", "live"]
    marked = schedule(schedule_layers=layers, description=f"Words.\n{MARK}")
    assert [x.id for x in marked.layers] == ["old", "live"]
    assert (marked.key, marked.description) == ("rotation/a", "Words.")


def test_weekdays_of_windows() -> None:
    windows = [
        {
            "type": "weekly_restriction",
            "start_time_of_day": "09:00:00",
            "duration_seconds": 60,
            "start_day_of_week": day,
        }
        for day in (1, 7)
    ] + [
        {
            "type": "daily_restriction",
            "start_time_of_day": "09:00:00",
            "duration_seconds": 60,
            "start_day_of_week": day,
        }
        for day in (0, None)
    ]
    (layer,) = schedule(schedule_layers=[wire_layer("a", restrictions=windows)]).layers
    assert [r.weekday for r in layer.restrictions] == [0, 6, None, None]
    assert layer.restrictions[0] == Restriction(weekday=0, start=9 * HOUR, duration=60)


def policy(targets: list[dict[str, Any]], **given: Any) -> Any:
    rule = {"id": "R1", "escalation_delay_in_minutes": 30, "targets": targets, **given}
    return normal.policy(WirePolicy.model_validate({"id": "E1", "name": "n", "escalation_rules": [rule]}))


def test_targets_of_every_known_spelling_and_of_none() -> None:
    got = policy(
        [
            {"id": "P2", "type": "user_reference"},
            {"id": "P1", "type": "user"},
            {"id": "S3", "type": "schedule_v3_reference"},
            {"id": "S1", "type": "schedule_reference"},
            {"id": "X1", "type": "robot_reference"},
        ]
    )
    assert [(t.kind, t.id) for t in got.rules[0].targets] == [
        ("schedule", "S1"),
        ("schedule", "S3"),
        ("user", "P1"),
        ("user", "P2"),
        ("user", "robot_reference:X1"),
    ]


def test_round_robin_as_object_as_text_and_absent() -> None:
    for strategy, expected in [({"type": "round_robin"}, True), ("round_robin", True), (None, False)]:
        assert policy([], escalation_rule_assignment_strategy=strategy).rules[0].round_robin is expected


def test_services() -> None:
    body = {
        "id": "V1",
        "name": "n",
        "escalation_policy": {"id": "E1", "type": "escalation_policy_reference"},
        "auto_resolve_timeout": 0,
        "acknowledgement_timeout": None,
        "incident_urgency_rule": {
            "type": "use_support_hours",
            "during_support_hours": {"type": "constant", "urgency": "high"},
            "outside_support_hours": {"type": "constant", "urgency": "low"},
        },
        "support_hours": {
            "type": "fixed_time_per_day",
            "time_zone": "UTC",
            "days_of_week": [5, 1],
            "start_time": "09:00:00",
            "end_time": "17:30:00",
        },
        "alert_grouping": "a field nobody knows",
    }
    got = normal.service(WireService.model_validate(body))
    assert got.policy == Ref(kind="escalation_policy", id="E1")
    assert (got.resolve_timeout, got.ack_timeout) == (None, None)
    hours = {"time_zone": "Etc/UTC", "weekdays": (0, 4), "start": 9 * HOUR, "end": 17 * HOUR + 1800}
    assert got.urgency == Urgency(type="use_support_hours", urgency="high", outside="low", **hours)


def test_people() -> None:
    user = {"id": "P1", "name": " Ana  Pop ", "email": "Ana@Example.com "}
    got = normal.user(WireUser.model_validate(user))
    assert (got.name, got.email, got.loud) == ("Ana Pop", "ana@example.com", None)
    rule = {
        "type": "assignment_notification_rule",
        "urgency": "high",
        "start_delay_in_minutes": 0,
        "contact_method": {"id": "C1", "type": "sms_contact_method_reference"},
    }
    for change, loud in [
        ({}, True),
        ({"start_delay_in_minutes": 5}, False),
        ({"urgency": "low"}, False),
        ({"contact_method": {"id": "C1", "type": "email_contact_method"}}, False),
    ]:
        wire = WireUser.model_validate({**user, "notification_rules": [{**rule, **change}]})
        assert normal.user(wire).loud is loud
