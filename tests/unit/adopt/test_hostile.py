"""Accounts that grew for years: everything odd that they hold is said exactly, or told by name and left alone."""

from __future__ import annotations

import re

import pytest

from unit.adopt.world import (
    NOW,
    USERS,
    brought,
    daily,
    document,
    judged,
    layer,
    policy,
    schedule,
    service,
    user,
    weekly,
)
from watchbill.rota.clock import DAY, HOUR, iso

WORKDAYS = [weekly(day, "09:00:00", 9 * HOUR) for day in range(1, 6)]


def test_one_layer_becomes_the_usual_form() -> None:
    found = judged(document(schedule(1, layer(1, 2, 3, restrictions=WORKDAYS, name="Main"))))
    text = found.text("rotations/schedule-1.yaml")
    assert re.sub(r"read: [0-9a-f]{6}@", "read: DIGEST@", text) == (
        "# yaml-language-server: $schema=../../schema/rotations.schema.json\n"
        "rotations:\n"
        "  schedule-1:\n"
        "    title: Schedule 1\n"
        "    turn: 1 week\n"
        "    handoff: mon 09:00\n"
        "    from: 2020-01-06\n"
        "    crew: [user1, user2, user3]\n"
        "    hours: mon-fri 09:00-18:00\n"
        "    pagerduty: {id: PSCHD001, read: DIGEST@2026-11-23T14:00Z, layer_names: [Main]}\n"
    )


@pytest.mark.parametrize(
    "turn", [HOUR, 5 * HOUR, 12 * HOUR, 36 * HOUR, 60 * HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 365 * DAY]
)
@pytest.mark.parametrize("zone", ["Europe/London", "America/Chicago", "Asia/Kolkata", "UTC"])
def test_turns_of_every_length(turn: int, zone: str) -> None:
    found = judged(document(schedule(1, layer(1, 2, 3, turn=turn), zone=zone)))
    assert set(found.policy.rotations) == {"schedule-1"}, found.reasons


@pytest.mark.parametrize(
    "crew", [(1, 1), (1, 2, 1), (1, 1, 2), (1, 2, 1, 2), (1, 2, 2, 3, 1), (4,), tuple(range(1, 10)) * 5]
)
def test_crews_with_repeats(crew: tuple[int, ...]) -> None:
    found = judged(document(schedule(1, layer(*crew, turn=DAY))))
    assert found.policy.rotations["schedule-1"].crew is not None


@pytest.mark.parametrize(
    ("start", "virtual"),
    [
        ("2020-01-06T09:00:00Z", "2031-05-07T13:30:00Z"),
        ("2026-11-20T10:07:31Z", "2019-03-04T08:15:00Z"),
        ("2026-12-07T09:00:00Z", "2026-12-07T09:00:00Z"),
        ("2026-12-09T11:30:00Z", "2026-11-02T09:00:00Z"),
        ("2026-12-09T11:30:00Z", "2027-11-01T09:00:00Z"),
    ],
)
@pytest.mark.parametrize("turn", [DAY, 7 * DAY])
def test_starts_and_virtual_starts(start: str, virtual: str, turn: int) -> None:
    found = judged(document(schedule(1, layer(1, 2, 3, start=start, virtual=virtual, turn=turn))))
    assert set(found.policy.rotations) == {"schedule-1"}, found.reasons


@pytest.mark.parametrize(
    "restrictions",
    [
        [daily("21:00:00", 4 * HOUR)],
        [daily("09:00:00", 9 * HOUR), weekly(6, "08:00:00", 30 * HOUR)],
        [weekly(day, "00:00:00", DAY) for day in range(1, 6)],
        [weekly(day, "00:00:00", DAY) for day in range(1, 8)],
        [weekly(day, "09:00:00", DAY) for day in range(1, 8)],
        [weekly(7, "20:00:00", 20 * HOUR), weekly(5, "18:00:00", 62 * HOUR)],
        [weekly(1, "09:00:00", 9 * HOUR), weekly(3, "09:00:00", 9 * HOUR), weekly(3, "12:00:00", 9 * HOUR)],
        [weekly(1, "09:00:00", 604_799 - 59)],
        [weekly(6, "23:00:00", 5 * HOUR), weekly(7, "00:30:00", 3 * HOUR)],
    ],
    ids=str,
)
@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York"])
def test_windows_of_every_kind(restrictions: list[dict[str, object]], zone: str) -> None:
    parts = layer(1, 2, 3, restrictions=restrictions, turn=DAY)
    found = judged(
        document(schedule(1, parts, zone=zone), schedule(2, layer(4), {**parts, "name": "B"}, zone=zone))
    )
    assert set(found.policy.rotations) == {"schedule-1", "schedule-2"}, found.reasons


def test_layers_keep_names_order_and_precedence() -> None:
    stack = [
        layer(1, name="Zulu"),
        layer(2, 3, name="Alpha", restrictions=WORKDAYS),
        layer(4, name="Mike", end="2025-01-01T00:00:00Z"),
        layer(5, name="Bravo 🚨", restrictions=[weekly(3, "10:00:00", HOUR)], end="2027-03-01T09:30:00Z"),
    ]
    found = judged(document(schedule(1, *stack)))
    layers = found.policy.rotations["schedule-1"].layers
    assert layers is not None
    assert [part.name for part in layers] == ["Zulu", "Alpha", "Bravo 🚨"]
    assert str(layers[2].until) == "2027-03-01 09:30"


def test_what_cannot_be_said_is_left_by_name_and_referred_to() -> None:
    odd = [
        schedule(1, layer(1, 2, turn=5400)),
        schedule(2),
        schedule(3, layer(1, end="2020-06-01T00:00:00Z")),
        schedule(4, layer(1, 77)),
        schedule(5, layer(1, 2, virtual="2020-01-06T09:00:30Z")),
        schedule(6, layer(1, end="2027-01-01T00:00:01Z")),
        schedule(7, layer(1), zone="Mars/Olympus"),
        schedule(8, layer(1), type="schedule_v3"),
        schedule(9, layer(1), description="x" * 1000),
        schedule(10, layer(1, restrictions=[daily("09:00:10", HOUR)])),
    ]
    levels = [[f"PSCHD{i:03}"] for i in range(1, 11)]
    found = judged(document(*odd, policies=[policy(1, *levels, ["PUSER001"])]))
    assert set(found.reasons) == {f"PSCHD{i:03}" for i in range(1, 11)}
    assert not found.policy.rotations
    assert {e.id for e in found.policy.external.values()} == set(found.reasons)
    assert "deleted" in found.reasons["PSCHD004"]
    assert "no event" in found.reasons["PSCHD008"]


def test_levels_of_every_kind() -> None:
    eight = [f"PUSER{i:03}" for i in range(1, 9)]
    policies = [
        policy(1, ["PSCHD001"], ["PSCHD001"], ["PUSER001"], ["PUSER001"], num_loops=9),
        policy(2, eight, ["PSCHD001", "PUSER002"], delay=1, on_call_handoff_notifications="always"),
        policy(3, ["PUSER001"], delay=1440),
        policy(4, ["PUSER077"]),
        policy(5, ["PSCHD077"]),
        policy(6, ["PUSER001"], num_loops=10),
        policy(7),
    ]
    policies[2]["escalation_rules"][0]["escalation_rule_assignment_strategy"] = {"type": "round_robin"}
    services = [service(i, f"PESCP{i:03}") for i in range(1, 8)]
    found = judged(document(schedule(1, layer(1, 2)), policies=policies, services=services))
    assert set(found.policy.ladders) == {"policy-1", "policy-2", "policy-3"}
    assert found.policy.ladders["policy-1"].repeat == 9
    assert str(found.policy.ladders["policy-2"].last_wait) == "2m"
    assert {e.ladder for e in found.policy.external.values()} == {f"Policy {i}" for i in range(4, 8)}
    assert set(found.policy.services) == {f"service-{i}" for i in range(1, 8)}


def test_services_of_every_kind() -> None:
    hours = {
        "type": "fixed_time_per_day",
        "time_zone": "Europe/London",
        "days_of_week": [1, 2, 3, 4, 5],
        "start_time": "09:00:00",
        "end_time": "17:00:00",
    }
    rule = {
        "type": "use_support_hours",
        "during_support_hours": {"type": "constant", "urgency": "high"},
        "outside_support_hours": {"type": "constant", "urgency": "low"},
    }
    reverse = {**rule, "during_support_hours": {"type": "constant", "urgency": "severity_based"}}
    by_severity = {"type": "constant", "urgency": "severity_based"}
    low = {"type": "constant", "urgency": "low"}
    services = [
        service(1, "PESCP001", incident_urgency_rule=rule, support_hours=hours),
        service(2, "PESCP001", incident_urgency_rule=reverse, support_hours=hours),
        service(
            3, "PESCP001", incident_urgency_rule=rule, support_hours={**hours, "time_zone": "Asia/Tokyo"}
        ),
        service(4, "PESCP001", incident_urgency_rule=by_severity, acknowledgement_timeout=None),
        service(5, "PESCP001", incident_urgency_rule=low),
        service(6, "PESCP002", incident_urgency_rule=low, auto_resolve_timeout=14_400),
        service(7, "PESCP001", acknowledgement_timeout=90),
        service(8, "PESCP001", acknowledgement_timeout=3600, auto_resolve_timeout=345_600),
        service(9, "PESCP077"),
    ]
    policies = [policy(1, ["PSCHD001"], ["PUSER001"]), policy(2, ["PSCHD001"])]
    found = judged(document(schedule(1, layer(1, 2)), policies=policies, services=services))
    managed = {handle: spec.manage for handle, spec in found.policy.services.items()}
    assert managed == {
        "service-1": True,
        "service-2": False,
        "service-3": False,
        "service-4": True,
        "service-5": False,
        "service-6": True,
        "service-7": False,
        "service-8": True,
    }
    assert found.policy.settings.hours.keys() == {"support-hours"}
    assert set(found.reasons) == {"PSERV002", "PSERV003", "PSERV005", "PSERV007", "PSERV009"}


NAMES = [
    "Primary / Secondary",
    "🚨🔥",
    "  spaced  out  ",
    "x" * 255,
    "primary",
    "PRIMARY",
    "Primary",
    "yes",
    "12:00",
    "- dash: #hash @at 'q' \"dq\" \\ & < > % {x} [y]",
    "naïve Ω кириллица",
    "null",
    "ana",
    "zero\u200bwidth",
    "tab\tinside",
]


def test_odd_names_stay_as_they_are() -> None:
    """A policy's, a service's and a schedule's."""
    count = len(NAMES)
    people = [user(1, "Ana"), user(2, "ana"), user(3, "Анна"), user(4, "placeholder"), *USERS[4:]]
    found = judged(
        document(
            *(schedule(i, layer(1, 2, 3, 4), name=name) for i, name in enumerate(NAMES)),
            policies=[policy(i, [f"PSCHD{i:03}"], name=name) for i, name in enumerate(NAMES)],
            services=[service(i, f"PESCP{i:03}", name=name) for i, name in enumerate(NAMES)],
            users=people,
        )
    )
    assert not found.reasons
    assert len(found.policy.rotations) == len(found.policy.ladders) == len(found.policy.services) == count
    assert {r.vendor_name for r in found.policy.rotations.values()} == set(NAMES)
    assert {p.pagerduty.name or p.title for p in found.policy.ladders.values()} == set(NAMES)
    assert {s.title for s in found.policy.services.values()} == set(NAMES)


def test_two_of_one_name_are_left_alone_and_told_apart_by_id() -> None:
    found = judged(
        document(
            schedule(1, layer(1), name="Same"),
            schedule(2, layer(2), name="Same"),
            policies=[policy(1, ["PSCHD001"], ["PSCHD002"])],
        )
    )
    assert set(found.reasons) == {"PSCHD001", "PSCHD002"}
    assert "PSCHD001, PSCHD002" in found.reasons["PSCHD001"]
    assert {e.id for e in found.policy.external.values()} == {"PSCHD001", "PSCHD002"}


def test_levels_that_are_empty_at_times_say_so() -> None:
    data = document(
        schedule(1, layer(1, 2, restrictions=WORKDAYS)),
        schedule(2, layer(1, end="2027-11-01T00:00:00Z")),
        schedule(3, layer(1, end="2026-12-01T00:00:00Z")),
        policies=[policy(1, ["PSCHD001"], ["PSCHD002"], ["PSCHD003"], ["PSCHD001", "PUSER001"])],
    )
    steps = [*judged(data).policy.ladders["policy-1"].steps.values()]
    assert [getattr(step, "may_be_empty", None) is not None for step in steps] == [True, False, True, False]


def test_what_watchbill_owns_keeps_its_handle() -> None:
    marked = schedule(
        1, layer(1, 2), name="Backend", description="hello\nwatchbill/1 rotation/be 3f9c2a @2026-11-20T10:00Z"
    )
    other = schedule(2, layer(1), name="Other", description="watchbill/1 ladder/be 3f9c2a @2026-11-20T10:00Z")
    half = schedule(3, layer(1), name="Half", description="watchbill/1 rotation/half writing")
    found = judged(document(marked, other, half))
    assert set(found.policy.rotations) == {"be"}
    assert found.policy.rotations["be"].description == "hello"
    assert set(found.reasons) == {"PSCHD002", "PSCHD003"}


def test_no_secret_comes_along() -> None:
    people = [
        {
            **user(1, "Ana"),
            "http_cal_url": "https://acme.pagerduty.com/private/SECRET1",
            "contact_methods": [{"type": "phone_contact_method", "address": "+40700000001"}],
        },
        *USERS[1:],
    ]
    shown = schedule(1, layer(1), http_cal_url="https://acme.pagerduty.com/private/SECRET2")
    found = brought(document(shown, users=people))
    text = "".join(found.texts.values())
    assert "SECRET" not in text
    assert "+407" not in text


@pytest.mark.parametrize("portable", [False, True])
@pytest.mark.parametrize(
    "secret",
    [
        "+40 722 123 456",
        "(212) 555-0100",
        "webcal://acme.pagerduty.com/private/abc123/feed",
        "https://acme.pagerduty.com/private/abc123/feed/PX",
        "0123456789abcdef0123456789abcdef",
    ],
)
def test_numbers_links_and_keys_that_people_wrote_into_texts(secret: str, portable: bool) -> None:
    data = document(
        schedule(1, layer(1), name=f"Hotline {secret}"),
        schedule(2, layer(1), description=f"call {secret} now"),
        schedule(3, layer(1, name=secret)),
        schedule(4, layer(1), description="released 2026-11-23, version 1.2.3, room 12-34"),
        policies=[policy(1, ["PSCHD001"], ["PSCHD002"], ["PSCHD003"])],
        users=[user(1, f"Ana {secret}"), *USERS[1:]],
    )
    found = brought(data, portable=portable)
    shown = "".join(found.texts.values()) + repr(found.imported.left) + repr(found.imported.notes)
    assert secret not in shown
    assert "schedule-4" in found.policy.rotations
    if not portable:
        judged(data)
        assert set(found.reasons) == {"PSCHD001", "PSCHD002", "PSCHD003"}


def test_time_alone_changes_nothing() -> None:
    """The plan stays empty while layers end and begin."""
    data = document(
        schedule(1, layer(1, 2, end=iso(NOW + 5 * DAY)), layer(3, name="Later", start=iso(NOW + 5 * DAY))),
        schedule(2, layer(1, 2, turn=36 * HOUR, end=iso(NOW + 9 * DAY), name="Odd")),
    )
    found = judged(data)
    from unit.adopt.world import account_of
    from watchbill.account.wanted import wanted
    from watchbill.plan.build import build
    from watchbill.rota.duty import Roster

    for days in (4, 6, 20, 200):
        now = NOW + days * DAY
        account = account_of(data, now=now)
        want = wanted(found.policy, account, roster=Roster(found.policy), now=now)
        plan = build(want, account, found.policy, identity=found.plan.policy, now=now, tool="test")
        assert not plan.changes, (days, plan.changes)


def test_a_ladder_and_a_schedule_of_one_name() -> None:
    """Where the schedule cannot be ours, its handle is an external's and a ladder's."""
    odd = schedule(1, layer(1, 2, turn=5400), name="Web")
    found = judged(
        document(
            odd, policies=[policy(1, ["PSCHD001"], name="Web")], services=[service(1, "PESCP001", name="Web")]
        )
    )
    assert found.policy.services["web"].ladder == "web"
    assert found.policy.external["web"].schedule == "Web"


def test_layers_that_end_before_they_begin_are_nothing() -> None:
    never = layer(3, start="2027-05-01T00:00:00Z", end="2027-02-01T00:00:00Z", name="Never")
    found = judged(document(schedule(1, layer(1, 2), never)))
    assert found.policy.rotations["schedule-1"].crew == ("user1", "user2")


def test_a_job_title_that_one_person_has_is_a_role() -> None:
    data = document(
        schedule(1, layer(4, 5)),
        policies=[policy(1, ["PSCHD001"], ["PUSER001"], ["PUSER002"], ["PUSER003"])],
        users=[
            user(1, job_title="Engineering Manager"),
            user(2, job_title="SRE"),
            user(3, job_title="sre "),
            user(4, job_title="Nobody pages this one"),
            user(5),
        ],
    )
    found = judged(data)
    assert {h: (r.title, r.held_by) for h, r in found.policy.roles.items()} == {
        "engineering-manager": ("Engineering Manager", "user1")
    }
    steps = next(iter(found.policy.ladders.values())).steps
    assert list(steps.values()) == ["schedule-1", "engineering-manager", "user2", "user3"]
    portable = brought(data, portable=True)
    assert list(portable.policy.roles) == ["engineering-manager"]
