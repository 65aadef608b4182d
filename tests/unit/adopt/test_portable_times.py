"""Times that no other account takes: a portable tree has the nearest that can be written, and says so."""

from __future__ import annotations

import pytest

from unit.adopt.world import (
    Brought,
    Data,
    brought,
    daily,
    document,
    event,
    layer,
    on_shifts,
    policy,
    schedule,
    service,
    weekly,
)
from watchbill.rota.clock import DAY, HOUR

WORKDAYS = [weekly(day, "08:00:00", 32_101) for day in range(1, 6)]


def told(found: Brought, schedule_name: str) -> list[str]:
    return [note for note in found.imported.notes if f"schedule {schedule_name!r}" in note]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (layer(1, 2, turn=DAY, restrictions=[daily("00:00:00", DAY - 1)]), "handoff: daily 09:00"),
        (layer(1, 2, restrictions=[weekly(1, "00:00:00", 7 * DAY - 1)]), "turn: 1 week"),
        (layer(1, 2, restrictions=WORKDAYS), "hours: mon-fri 08:00-16:55"),
        (layer(1, restrictions=[daily("23:59:50", HOUR - 1)]), "hours: daily 00:00-01:00"),
        (layer(1, restrictions=[weekly(7, "23:59:45", HOUR)]), "hours: mon 00:00-01:00"),
        (layer(1, 2, start="2024-02-16T09:12:13Z"), "handoff: fri 09:12"),
        (layer(1, end="2027-02-01T10:20:31Z"), "until: 2027-02-01 10:21"),
    ],
    ids=["all-day", "all-week", "workdays", "to-the-next-day", "to-monday", "anchor", "end"],
)
def test_seconds_become_the_nearest_minute(one: Data, words: str) -> None:
    data = document(schedule(1, one), policies=[policy(1, ["PSCHD001"])])
    assert "seconds" in brought(data).reasons["PSCHD001"], "a tree for this account writes nothing else"
    found = brought(data, portable=True)
    assert not found.reasons
    assert not found.errors
    assert words in found.text("rotations/schedule-1.yaml")
    assert told(found, "Schedule 1") == ["schedule 'Schedule 1': its times are written to the minute"]


def test_an_all_day_window_is_no_window() -> None:
    one = layer(1, 2, turn=DAY, restrictions=[daily("00:00:00", DAY - 1)])
    found = brought(document(schedule(1, one)), portable=True)
    assert "hours" not in found.text("rotations/schedule-1.yaml")


def test_events_with_seconds() -> None:
    shape = on_shifts(
        1,
        [
            event(
                "2026-11-02T09:00:00", "2026-11-02T16:59:59", "FREQ=DAILY", 1, 2, until="2027-03-01T08:59:59Z"
            )
        ],
    )
    found = brought(document(shape), portable=True)
    assert not found.reasons
    text = found.text("rotations/schedule-1.yaml")
    assert "09:00-17:00" in text
    assert "until: 2027-03-01 09:00" in text


@pytest.mark.parametrize(
    ("zone", "twin"),
    [
        ("US/Pacific", "America/Los_Angeles"),
        ("America/Toronto", "America/New_York"),
        ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("GMT", "Etc/UTC"),
    ],
)
def test_a_zone_off_the_list_becomes_one_with_the_same_clock(zone: str, twin: str) -> None:
    data = document(schedule(1, layer(1, 2, 3, restrictions=[daily("09:00:00", 8 * HOUR)]), zone=zone))
    here = brought(data)
    assert not here.reasons
    assert here.policy.zone_of("schedule-1") == zone
    found = brought(data, portable=True)
    assert found.policy.zone_of("schedule-1") == twin
    assert told(found, "Schedule 1") == [
        f"schedule 'Schedule 1': its time zone {zone} is not on PagerDuty's list; it becomes {twin}, the same clock"
    ]


@pytest.mark.parametrize("zone", ["Australia/Lord_Howe", "Europe/London", "Etc/UTC"])
def test_a_zone_stays_where_none_is_like_it_or_it_is_listed(zone: str) -> None:
    found = brought(document(schedule(1, layer(1, 2), zone=zone)), portable=True)
    assert found.policy.zone_of("schedule-1") == zone
    assert not told(found, "Schedule 1")


def test_a_clock_that_was_another_one_keeps_the_handoff() -> None:
    """Mexico gave up summer time in 2022, so an anchor of that summer is another hour in the zone that has none."""
    anchor = "2022-07-04T09:00:00-05:00"
    data = document(schedule(1, layer(1, 2, start=anchor), zone="Mexico/General"))
    found = brought(data, portable=True)
    assert "handoff: mon 09:00" in found.text("rotations/schedule-1.yaml")


HOURS: Data = {
    "incident_urgency_rule": {
        "type": "use_support_hours",
        "during_support_hours": {"type": "constant", "urgency": "high"},
        "outside_support_hours": {"type": "constant", "urgency": "low"},
    },
    "support_hours": {
        "type": "fixed_time_per_day",
        "time_zone": "Europe/London",
        "days_of_week": [1, 2, 3, 4, 5],
        "start_time": "09:00:00",
        "end_time": "17:00:00",
    },
}


def test_support_hours_alone_say_the_zone() -> None:
    """Nobody's own zone matters where a service has hours and there is no schedule."""
    shop = service(1, "PESCP001", **HOURS)
    found = brought(document(policies=[policy(1, ["PUSER001"])], services=[shop]))
    assert not found.reasons
    assert found.policy.settings.time_zone == "Europe/London"


def test_support_hours_in_a_zone_off_the_list() -> None:
    hours = {**HOURS, "support_hours": {**HOURS["support_hours"], "time_zone": "US/Pacific"}}
    shop = service(1, "PESCP001", **hours)
    found = brought(document(policies=[policy(1, ["PUSER001"])], services=[shop]), portable=True)
    assert not found.reasons
    assert found.policy.settings.time_zone == "America/Los_Angeles"
    (note,) = [note for note in found.imported.notes if "'Service 1'" in note]
    assert "support hours US/Pacific" in note
