"""The rules of shift-based rendering one by one; all figures were worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from watchbill.errors import UsageError
from watchbill.rota.clock import iso, parse_instant, zone
from watchbill.rota.readings import RULED, Reading
from watchbill.rota.shifts import Assignment, assignments, render_shifts
from watchbill.rota.shifts_wire import shift_schedule_from_wire

BUCHAREST = "Europe/Bucharest"


def member(user: str) -> dict[str, str]:
    return {"type": "empty_member"} if user == "-" else {"type": "user_member", "user_id": user}


def rotating(users: str, each: int = 1) -> dict[str, Any]:
    return {
        "type": "rotating_member_assignment_strategy",
        "members": [member(u) for u in users],
        "shifts_per_member": each,
    }


def event(*recurrence: str, users: str = "ABC", each: int = 1, **changes: Any) -> dict[str, Any]:
    """09:00 to 17:00 in Bucharest, first on Monday 2026-03-02."""
    return {
        "start_time": {"date_time": "2026-03-02T09:00:00+02:00", "time_zone": BUCHAREST},
        "end_time": {"date_time": "2026-03-02T17:00:00+02:00", "time_zone": BUCHAREST},
        "effective_since": "2026-03-01T00:00:00Z",
        "effective_until": None,
        "recurrence": list(recurrence) or ["RRULE:FREQ=DAILY"],
        "assignment_strategy": rotating(users, each),
        **changes,
    }


def schedule(*events: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"time_zone": BUCHAREST, "rotations": [{"id": "R", "events": list(events)}], **changes}


def override(old: str, new: str, start: str, end: str, **target: str) -> dict[str, Any]:
    return {
        "id": f"{old}{new}",
        "start_time": start,
        "end_time": end,
        "overridden_member": member(old),
        "overriding_member": member(new),
        **(target or {"rotation_id": "R"}),
    }


def custom(user: str, start: str, end: str, id: str = "C") -> dict[str, Any]:  # noqa: A002  PagerDuty's word
    return {"id": id, "start_time": start, "end_time": end, "assignments": [{"member": member(user)}]}


def shown(
    document: dict[str, Any], since: str, until: str, *, place: str = BUCHAREST, reading: Reading = RULED
) -> list[tuple[str, str, str | None]]:
    entries = render_shifts(
        shift_schedule_from_wire(document), parse_instant(since), parse_instant(until), reading=reading
    )
    local = zone(place).at
    return [(f"{local(e.start):%d %H:%M}", f"{local(e.end):%d %H:%M}", e.user) for e in entries]


def crew(document: dict[str, Any], since: str, until: str, reading: Reading = RULED) -> list[str | None]:
    return [user for *_, user in shown(document, since, until, reading=reading)]


WEEK = ("2026-03-02T00:00:00+02:00", "2026-03-09T00:00:00+02:00")


def test_members_advance_by_occurrence_not_by_day() -> None:
    weekdays = event("RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", each=2)
    assert crew(schedule(weekdays), "2026-03-02T00:00:00Z", "2026-03-11T22:00:00Z") == list("AABBCCAA")


def test_a_shift_keeps_its_local_times_through_a_clock_change() -> None:
    night = event(
        start_time={"date_time": "2026-03-02T20:00:00Z", "time_zone": BUCHAREST},
        end_time={"date_time": "2026-03-03T06:00:00Z", "time_zone": BUCHAREST},
    )
    assert shown(schedule(night), "2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z") == [
        ("28 22:00", "29 08:00", "C"),
        ("29 22:00", "30 03:00", "A"),
    ]


def test_an_event_lives_in_its_own_zone_and_may_name_its_wall_clock_without_offset() -> None:
    chicago = event(
        start_time={"date_time": "2026-03-02T09:00:00", "time_zone": "America/Chicago"},
        end_time={"date_time": "2026-03-03T00:00:00+02:00", "time_zone": BUCHAREST},
        users="A",
    )
    assert shown(schedule(chicago), *WEEK, place="America/Chicago")[0] == ("02 09:00", "02 16:00", "A")


def test_all_members_at_once() -> None:
    everyone = event(assignment_strategy={**rotating("A-B"), "type": "every_member_assignment_strategy"})
    assert shown(schedule(everyone), "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z") == [
        ("04 09:00", "04 17:00", None),
        ("04 09:00", "04 17:00", "A"),
        ("04 09:00", "04 17:00", "B"),
    ]


def test_an_empty_member_keeps_its_turn() -> None:
    assert crew(schedule(event(users="A-C")), *WEEK) == ["A", None, "C", "A", None, "C", "A"]


def test_turns_count_from_start_time_and_a_shift_under_way_is_cut() -> None:
    document = schedule(
        event(effective_since="2026-03-04T10:00:00Z", effective_until="2026-03-06T08:00:00Z"),
    )
    assert shown(document, *WEEK) == [
        ("04 12:00", "04 17:00", "C"),
        ("05 09:00", "05 17:00", "A"),
        ("06 09:00", "06 10:00", "B"),
    ]
    assert shown(document, *WEEK, reading=Reading(under_way="whole")) == [
        ("05 09:00", "05 17:00", "A"),
        ("06 09:00", "06 17:00", "B"),
    ]


def test_cap_and_successor_leave_no_gap_and_keep_everybodys_turns() -> None:
    document = schedule(
        event(effective_until="2026-03-04T10:00:00Z"),
        event(effective_since="2026-03-04T10:00:00Z", users="AXC"),
    )
    assert shown(document, "2026-03-03T00:00:00Z", "2026-03-06T00:00:00Z") == [
        ("03 09:00", "03 17:00", "B"),
        ("04 09:00", "04 17:00", "C"),
        ("05 09:00", "05 17:00", "A"),
    ]


EXDATES = [
    "EXDATE:20260304T070000Z",
    "exdate;TZID=Europe/Bucharest:20260304T090000",
    "EXDATE;TZID=America/Chicago:20260304T010000,20260401T010000",
    "EXDATE;VALUE=DATE:20260304",
    "EXDATE:20260304T090000",
]


@pytest.mark.parametrize("exdate", EXDATES)
def test_an_excluded_shift_is_dropped_and_still_counts(exdate: str) -> None:
    document = schedule(event("RRULE:FREQ=DAILY", exdate))
    assert crew(document, *WEEK) == list("ABABCA")
    assert crew(document, *WEEK, Reading(excluded="vanishes")) == list("ABCABC")


def test_an_added_date_is_one_more_shift_in_the_order() -> None:
    document = schedule(
        event("RRULE:FREQ=WEEKLY;BYDAY=MO", "RDATE:20260305T100000Z", "RDATE:20260309T070000Z")
    )
    assert shown(document, "2026-03-02T00:00:00Z", "2026-03-20T00:00:00Z") == [
        ("02 09:00", "02 17:00", "A"),
        ("05 12:00", "05 20:00", "B"),
        ("09 09:00", "09 17:00", "C"),
        ("16 09:00", "16 17:00", "A"),
    ]


def test_an_added_date_can_be_excluded_and_then_counts_too() -> None:
    lines = ["RRULE:FREQ=WEEKLY;BYDAY=MO\nRDATE:20260305T100000Z", "EXDATE:20260305T100000Z"]
    assert crew(schedule(event(*lines)), "2026-03-02T00:00:00Z", "2026-03-20T00:00:00Z") == list("ACA")


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;COUNT=3", [2, 3, 4]),
        ("FREQ=DAILY;INTERVAL=3", [2, 5, 8]),
        ("FREQ=DAILY;UNTIL=20260304T070000Z", [2, 3, 4]),
        ("FREQ=DAILY;UNTIL=20260304T065959Z", [2, 3]),
        ("FREQ=DAILY;UNTIL=20260304", [2, 3, 4]),
        ("FREQ=DAILY;UNTIL=20260304T090000", [2, 3, 4]),
        ("FREQ=DAILY;BYDAY=TU,SU", [3, 8]),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=TU,SU", [8]),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", []),
        ("FREQ=WEEKLY", [2]),
        ("FREQ=WEEKLY;BYDAY=SU,MO;WKST=SU", [2, 8]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU", [2]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO", [2, 8]),
        ("FREQ=MONTHLY;BYDAY=1WE", [4]),
        ("FREQ=MONTHLY;BYMONTHDAY=5,-27", [5]),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=6", [6]),
        ("FREQ=DAILY;BYMONTH=4", []),
        ("FREQ=MONTHLY;BYMONTHDAY=-28", [4]),
        ("FREQ=YEARLY;BYYEARDAY=-301", [6]),
        ("FREQ=WEEKLY;BYDAY=WE;UNTIL=99991231T235959Z", [4]),
    ],
)
def test_recurrence_rules(rule: str, days: list[int]) -> None:
    found = shown(schedule(event(f"RRULE:{rule}", users="A")), *WEEK)
    assert [int(start[:2]) for start, *_ in found] == days


def test_hours_by_dateutil() -> None:
    hourly = event(
        "RRULE:FREQ=HOURLY;INTERVAL=8",
        end_time={"date_time": "2026-03-02T11:00:00+02:00", "time_zone": BUCHAREST},
    )
    assert shown(schedule(hourly), "2026-03-02T20:00:00Z", "2026-03-03T16:00:00Z") == [
        ("03 01:00", "03 03:00", "C"),
        ("03 09:00", "03 11:00", "A"),
        ("03 17:00", "03 18:00", "B"),
    ]


def test_an_override_replaces_one_member_of_one_rotation() -> None:
    start, end = "2026-03-04T08:00:00Z", "2026-03-05T08:00:00Z"
    document = {
        "time_zone": BUCHAREST,
        "rotations": [{"id": "R", "events": [event()]}, {"id": "S", "events": [event(users="CAB")]}],
        "overrides": [override("C", "X", start, end)],
    }
    found = assignments(
        shift_schedule_from_wire(document),
        parse_instant("2026-03-04T00:00:00Z"),
        parse_instant("2026-03-05T00:00:00Z"),
    )
    at = parse_instant
    assert found == [
        Assignment(at("2026-03-04T07:00:00Z"), at(start), "C", "schedule_rotation", "R"),
        Assignment(at("2026-03-04T07:00:00Z"), at("2026-03-04T15:00:00Z"), "B", "schedule_rotation", "S"),
        Assignment(
            at(start), at("2026-03-04T15:00:00Z"), "X", "schedule_rotation_override", "R", override_id="CX"
        ),
    ]


def test_an_override_of_somebody_off_duty_changes_nothing() -> None:
    day = ("2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z")
    document = schedule(event(), overrides=[override("A", "X", *day)])
    assert crew(document, *day) == ["C"]


def test_of_overlapping_overrides_the_last_created_wins() -> None:
    document = schedule(
        event(),
        overrides=[
            override("C", "X", "2026-03-04T08:00:00Z", "2026-03-04T11:00:00Z"),
            override("C", "Y", "2026-03-04T10:00:00Z", "2026-03-04T12:00:00Z"),
        ],
    )
    assert shown(document, "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z") == [
        ("04 09:00", "04 10:00", "C"),
        ("04 10:00", "04 12:00", "X"),
        ("04 12:00", "04 14:00", "Y"),
        ("04 14:00", "04 17:00", "C"),
    ]


def test_an_empty_member_can_be_overridden_and_can_override() -> None:
    day = ("2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z")
    assert crew(schedule(event(users="AB-"), overrides=[override("-", "X", *day)]), *day) == ["X"]
    assert crew(schedule(event(), overrides=[override("C", "-", *day)]), *day) == [None]


def test_custom_shifts_add_and_can_be_overridden() -> None:
    document = schedule(
        event(users="A"),
        custom_shifts=[custom("X", "2026-03-04T10:00:00Z", "2026-03-04T14:00:00Z")],
        overrides=[override("X", "Y", "2026-03-04T12:00:00Z", "2026-03-04T20:00:00Z", custom_shift_id="C")],
    )
    entries = render_shifts(
        shift_schedule_from_wire(document),
        parse_instant("2026-03-04T00:00:00Z"),
        parse_instant("2026-03-05T00:00:00Z"),
    )
    assert [(iso(e.start)[11:16], iso(e.end)[11:16], e.user, e.source, e.rotation_id) for e in entries] == [
        ("07:00", "15:00", "A", "schedule_rotation", "R"),
        ("10:00", "12:00", "X", "custom_shift", None),
        ("12:00", "14:00", "Y", "custom_shift_override", None),
    ]


def test_a_custom_shift_of_two_is_two_shifts() -> None:
    pair = {
        **custom("X", "2026-03-04T10:00:00Z", "2026-03-04T14:00:00Z"),
        "assignments": [{"member": member("X")}, {"member": member("Y")}],
    }
    stand_in = override("Y", "Z", "2026-03-04T10:00:00Z", "2026-03-04T14:00:00Z", custom_shift_id="C")
    document = {"rotations": [], "custom_shifts": [pair], "overrides": [stand_in]}
    assert crew(document, "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z") == ["X", "Z"]


def test_with_overflow_a_shift_is_returned_whole_but_not_beyond_its_event() -> None:
    document = shift_schedule_from_wire(schedule(event(effective_since="2026-03-04T08:00:00Z")))
    since = parse_instant("2026-03-04T12:00:00Z")
    [entry] = render_shifts(document, since, since + 60, overflow=True)
    assert (iso(entry.start), iso(entry.end)) == ("2026-03-04T08:00:00Z", "2026-03-04T15:00:00Z")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            {"rotations": [{"id": "R", "events": [event(start_time="2026-03-02T09:00:00Z")]}]},
            "start_time has no time_zone, and the schedule's time_zone is missing",
        ),
        ({"time_zone": "Mars/Base", "rotations": []}, "time_zone is no known time zone: 'Mars/Base'"),
        ({"time_zone": BUCHAREST}, "rotations is missing"),
        ({"time_zone": BUCHAREST, "rotations": [{}]}, r"rotations\[0\].id is missing"),
        (schedule(event(start_time=None)), r"rotations\[0\].events\[0\].start_time is missing"),
        (schedule(event(start_time={"date_time": "late"})), r"start_time.date_time is no time: 'late'"),
        (schedule(event(end_time="2026-03-02T09:00:00+02:00")), "end_time must lie after start_time"),
        (schedule(event(recurrence=[])), "recurrence has 0 RRULE lines"),
        (schedule(event("RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY")), "recurrence has 2 RRULE lines"),
        (schedule(event("EXRULE:FREQ=DAILY")), r"recurrence\[0\] is no RRULE, EXDATE or RDATE"),
        (schedule(event("RRULE:FREQ=SECONDLY")), "has FREQ=SECONDLY"),
        (schedule(event("RRULE:BYDAY=MO")), "has FREQ=nothing"),
        (schedule(event("RRULE:FREQ=DAILY;INTERVAL=0")), "has INTERVAL=0"),
        (schedule(event("RRULE:FREQ=DAILY;COUNT=1;COUNT=2")), "has COUNT twice"),
        (schedule(event("RRULE:FREQ=DAILY;SPEED=9")), "no recurrence rule: 'SPEED=9'"),
        (schedule(event("RRULE:FREQ=DAILY;BYDAY=XX")), "is no recurrence rule"),
        (schedule(event("RRULE:FREQ=DAILY;WKST=XX")), "has WKST=XX"),
        (schedule(event("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")), "a day that none of its months has"),
        (schedule(event("RRULE:FREQ=HOURLY;BYMINUTE=5,99")), "has BYMINUTE=5,99"),
        (schedule(event("RRULE:FREQ=DAILY;BYHOUR=-1")), "has BYHOUR=-1"),
        (schedule(event("RRULE:FREQ=YEARLY;BYWEEKNO=x")), "has BYWEEKNO=X"),
        (schedule(event("RRULE:FREQ=HOURLY;INTERVAL=48;BYHOUR=8")), "generates an empty set"),
        (schedule(event("RRULE:FREQ=DAILY;BYSETPOS=1")), "with a frequency below MONTHLY"),
        (schedule(event("RRULE:FREQ=DAILY;UNTIL=20261341T000000Z")), "has '20261341T000000Z'"),
        (
            schedule(event("RRULE:FREQ=DAILY", "EXDATE:never")),
            "has 'NEVER' for a date|has 'never' for a date",
        ),
        (
            schedule(event("RRULE:FREQ=DAILY", "EXDATE;TZID=Mars/Base:20260302T090000")),
            "TZID is no known time zone",
        ),
        (schedule(event("RRULE:FREQ=DAILY", "EXDATE;FMT=9:20260302T090000")), "has the parameter 'FMT=9'"),
        (
            schedule(event(assignment_strategy={"type": "user_assignment_strategy"})),
            "type is 'user_assignment_strategy'|members is missing",
        ),
        (schedule(event(users="")), "members is empty"),
        (schedule(event(each=0)), "shifts_per_member is 0; it must be at least 1"),
        (schedule(overrides=[{}]), r"overrides\[0\] must name exactly one of rotation_id"),
        (
            schedule(overrides=[override("A", "B", "2026-03-02T09:00:00Z", "x", rotation_id="R")]),
            r"overrides\[0\].end_time is no instant",
        ),
        (
            schedule(
                custom_shifts=[
                    {**custom("X", "2026-03-04T10:00:00Z", "2026-03-04T14:00:00Z"), "assignments": []}
                ]
            ),
            r"custom_shifts\[0\].assignments is empty",
        ),
        (
            schedule(event(assignment_strategy={**rotating("A"), "members": [{"type": "team_member"}]})),
            r"members\[0\].type is 'team_member'",
        ),
    ],
)
def test_faults_are_named_by_their_place(document: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        shift_schedule_from_wire(document)


def test_a_rule_on_which_dateutil_fails_late_is_refused() -> None:
    document = shift_schedule_from_wire(schedule(event("RRULE:FREQ=MONTHLY;BYDAY=9MO")))
    with pytest.raises(UsageError, match="FREQ=MONTHLY;BYDAY=9MO cannot be followed"):
        render_shifts(document, *map(parse_instant, WEEK))


def test_a_recurrence_without_measure_is_refused() -> None:
    document = shift_schedule_from_wire(
        schedule(event(f"RRULE:FREQ=HOURLY;BYMINUTE={','.join(map(str, range(60)))}"))
    )
    since = parse_instant("2199-01-01T00:00:00Z")
    with pytest.raises(UsageError, match="this recurrence would make about"):
        render_shifts(document, since, since + 60)
