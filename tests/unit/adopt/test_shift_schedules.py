"""Shift-based schedules as people make them in the web page or with a script: in what words they come back, and which
are left as they are, and why."""

from __future__ import annotations

from typing import Any

import pytest

from pretend import plan_for
from unit.adopt.world import (
    NOW,
    Data,
    account_of,
    document,
    event,
    judged,
    layer,
    on_shifts,
    policy,
    schedule,
)
from watchbill.model.rotations import Rotation
from watchbill.rota.clock import DAY

WEEK = ("2026-11-02T09:00:00", "2026-11-09T09:00:00")
DAYTIME = ("2026-11-02T09:00:00", "2026-11-02T17:00:00")
NIGHT = ("2026-11-02T17:00:00", "2026-11-03T09:00:00")
WORKDAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
MONDAYS = "FREQ=WEEKLY;BYDAY=MO"


def said(*rotations: list[Data], **more: Any) -> Rotation:
    found = judged(document(on_shifts(1, *rotations, **more)))
    assert found.policy.rotations, found.reasons
    (rotation,) = found.policy.rotations.values()
    assert rotation.pagerduty.kind == "shifts"
    assert rotation.pagerduty.id == "PSCHD001"
    return rotation


def left(*rotations: list[Data], **more: Any) -> str:
    found = judged(document(on_shifts(1, *rotations, **more)))
    assert not found.policy.rotations
    return found.reasons["PSCHD001"]


def words(rotation: Rotation) -> tuple[str, ...]:
    return str(rotation.turn), str(rotation.handoff), str(rotation.from_), " ".join(rotation.crew or ())


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([event(*WEEK, MONDAYS, 1, 2, 3)], "1 week, mon 09:00, 2026-11-02, user1 user2 user3"),
        (
            [event("2026-11-02T09:00:00", "2026-11-03T09:00:00", "FREQ=DAILY", 1, 2, 3, each=7)],
            "1 week, mon 09:00, 2026-11-02, user1 user2 user3",
        ),
        (
            [event("2026-11-02T09:00:00", "2026-11-16T09:00:00", "FREQ=WEEKLY;INTERVAL=2", 1, 2)],
            "2 weeks, mon 09:00, 2026-11-02, user1 user2",
        ),
        ([event(*DAYTIME, WORKDAYS, 1, 2, 3, each=5)], "1 week, mon 09:00, 2026-11-02, user1 user2 user3"),
        ([event(*DAYTIME, WORKDAYS, 1, 2, 3, each=2)], "2 shifts, None, 2026-11-02 09:00, user1 user2 user3"),
        ([event(*NIGHT, "FREQ=DAILY", 1, 2)], "1 day, daily 17:00, 2026-11-02, user1 user2"),
        (
            [event("2026-11-02T09:00:00", "2026-11-02T21:00:00", "FREQ=HOURLY;INTERVAL=12", 1, 2, 3)],
            "12 hours, None, 2026-11-02 09:00, user1 user2 user3",
        ),
        ([event(*WEEK, MONDAYS, 1, 0, 1, 2)], "1 week, mon 09:00, 2026-11-02, user1 nobody user1 user2"),
        ([event(*WEEK, MONDAYS, 4)], "None, None, None, user4"),
        (
            [
                event(
                    "2027-01-04T09:00:00", "2027-01-11T09:00:00", MONDAYS, 1, 2, since="2027-01-04T09:00:00Z"
                )
            ],
            "1 week, mon 09:00, 2027-01-04, user1 user2",
        ),
    ],
)
def test_one_event_is_the_usual_rotation(events: list[Data], expected: str) -> None:
    assert ", ".join(words(said(events))) == expected


def test_everybody_at_once() -> None:
    rotation = said([event(*DAYTIME, WORKDAYS, 1, 2, 3, each=None)])
    assert rotation.together
    assert rotation.crew == ("user1", "user2", "user3")
    both = said([event(*DAYTIME, WORKDAYS, 1, 2, each=None, name="Days")], [event(*NIGHT, "FREQ=DAILY", 3)])
    assert both.together
    assert [(part.name, part.crew) for part in both.layers or ()] == [
        ("Days", ("user1", "user2")),
        ("Rotation 1", ("user3",)),
    ]


def test_days_and_nights_are_layers_with_their_names() -> None:
    rotation = said(
        [event(*DAYTIME, "FREQ=DAILY", 1, 2, each=7, name="Days")],
        [event(*NIGHT, "FREQ=DAILY", 3, 4, 5, each=7, name="Nights")],
    )
    assert [(part.name, part.crew) for part in rotation.layers or ()] == [
        ("Days", ("user1", "user2")),
        ("Nights", ("user3", "user4", "user5")),
    ]


def test_alternate_weeks_are_one_crew() -> None:
    odd, even = "2026-11-02", "2026-11-09"
    every = "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"
    rotation = said(
        [event(f"{odd}T09:00:00", f"{even}T09:00:00", every, 1, 2)],
        [event(f"{even}T09:00:00", "2026-11-16T09:00:00", every, 3, 4)],
    )
    assert rotation.crew == ("user1", "user3", "user2", "user4")


def test_a_crew_to_come_and_one_that_is_over() -> None:
    change = "2026-12-07T09:00:00Z"
    rotation = said(
        [
            event(*WEEK, MONDAYS, 7, 8, until="2026-11-16T09:00:00Z", name="over"),
            event(*WEEK, MONDAYS, 1, 2, 3, until=change),
            event(*WEEK, MONDAYS, 1, 2, 3, 4, since=change),
        ]
    )
    assert [(str(crew.from_), crew.order) for crew in rotation.crews or ()] == [
        ("2026-11-02", ("user1", "user2", "user3")),
        ("2026-12-07", ("user2", "user3", "user4", "user1")),
    ]
    middle = "2026-12-09T12:00:00Z"
    cut = said([event(*WEEK, MONDAYS, 1, 2, until=middle), event(*WEEK, MONDAYS, 3, 4, since=middle)])
    assert [str(crew.from_) for crew in cut.crews or ()] == ["2026-11-02", "2026-12-09 12:00"]


def test_one_part_changes_and_the_other_goes_on() -> None:
    change = "2026-12-07T09:00:00Z"
    rotation = said(
        [
            event(*DAYTIME, WORKDAYS, 1, 2, each=5, name="Days", until=change),
            event(*DAYTIME, WORKDAYS, 1, 2, 3, each=5, name="Days", since=change),
        ],
        [event(*NIGHT, "FREQ=DAILY", 4, 5, each=7, name="Nights")],
    )
    assert [str(part.from_) for part in rotation.layers or ()] == ["2026-11-02", "2026-12-07", "2026-11-02"]


@pytest.mark.parametrize(
    ("rotations", "reason"),
    [
        ([], "no event"),
        ([[event(*WEEK, MONDAYS, 1, until="2026-11-16T09:00:00Z")]], "no event"),
        ([[event(*WEEK, MONDAYS, 1, 2)], [event(*WEEK, MONDAYS, 3, 4)]], "one schedule for each"),
        ([[event(*WEEK, MONDAYS, 1, 2)], [event(*DAYTIME, WORKDAYS, 3, 4, each=None)]], "two schedules"),
        ([[event(*DAYTIME, "FREQ=MONTHLY;BYDAY=1MO", 1, 2)]], "FREQ=MONTHLY"),
        ([[event(*DAYTIME, "FREQ=DAILY;COUNT=10", 1, 2)]], "COUNT=10"),
        ([[event(*DAYTIME, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", 1, 2)]], "not the same every week"),
        ([[event(*WEEK, MONDAYS, 1, 2, dates=["EXDATE:20261221T090000Z"])]], "single dates"),
        ([[event(*WEEK, MONDAYS, 1, 2, zone="Europe/Paris")]], "Europe/Paris"),
        ([[event(*WEEK, MONDAYS, 1, 88)]], "PUSER088 was deleted"),
        ([[event(*WEEK, "FREQ=DAILY", 1, 2)]], "overlap each other"),
        ([[event(*WEEK, MONDAYS, 0)]], "vacant"),
        ([[event(*WEEK, MONDAYS, 1)], [event(*DAYTIME, WORKDAYS, 1)]], "user1 is on call twice"),
        ([[event("2028-01-03T09:00:00", "2028-01-10T09:00:00", MONDAYS, 1, 2)]], "twelve months"),
        ([[event("2026-11-02T09:00:30", "2026-11-09T09:00:30", MONDAYS, 1, 2)]], "seconds"),
    ],
)
def test_what_no_words_say_is_left_with_the_reason(rotations: list[list[Data]], reason: str) -> None:
    assert reason in left(*rotations)


CHANGE, SECOND = "2026-12-07T09:00:00Z", "2027-01-04T09:00:00Z"
TIMED = {
    "change": [[event(*WEEK, MONDAYS, 1, until=CHANGE), event(*WEEK, MONDAYS, 1, 2, 3, since=CHANGE)]],
    "gap": [[event(*WEEK, MONDAYS, 1, 2, until=CHANGE), event(*WEEK, MONDAYS, 4, 5, since=SECOND)]],
    "three": [
        [
            event(*WEEK, MONDAYS, 1, 2, until=CHANGE),
            event(*WEEK, MONDAYS, 1, 2, 3, since=CHANGE, until=SECOND),
            event(*WEEK, MONDAYS, 4, 5, since=SECOND),
        ]
    ],
    "parts": [
        [
            event(*DAYTIME, WORKDAYS, 1, 2, each=5, until=CHANGE),
            event(*DAYTIME, WORKDAYS, 1, 2, 3, each=5, since=CHANGE),
        ],
        [event(*NIGHT, "FREQ=DAILY", 4, 5, each=7)],
    ],
    "begins": [[event(*WEEK, MONDAYS, 1, 2, 3, since="2026-12-02T12:00:00Z")]],
    "ends": [[event(*WEEK, MONDAYS, 1, 2, 3, until="2026-12-02T12:00:00Z")]],
}


@pytest.mark.parametrize("name", TIMED)
def test_time_alone_makes_no_work(name: str) -> None:
    data = document(on_shifts(1, *TIMED[name]))
    found = judged(data)
    assert found.policy.rotations
    for days in (0, 1, 8, 9, 13, 14, 30, 42, 120, 200):
        now = NOW + days * DAY
        plan = plan_for(found.policy, account_of(data, now=now), now)
        assert plan.changes == (), days
        assert not [n for n in plan.notices if n.severity == "error"], days


def test_both_kinds_on_one_policy() -> None:
    found = judged(
        document(
            schedule(1, layer(1, 2), name="Old"),
            on_shifts(2, [event(*WEEK, MONDAYS, 3, 4)], name="New"),
            on_shifts(3, [event(*WEEK, MONDAYS, 1)], [event(*WEEK, MONDAYS, 2, 3)], name="Beside"),
            policies=[policy(1, ["PSCHD001", "PSCHD002"], ["PSCHD003"])],
        )
    )
    kinds = {handle: spec.pagerduty.kind for handle, spec in found.policy.rotations.items()}
    assert kinds == {"old": None, "new": "shifts"}
    assert found.policy.settings.pagerduty.new_schedules == "layers"
    assert {e.id for e in found.policy.external.values()} == {"PSCHD003"}
    (ladder,) = found.policy.ladders.values()
    assert len(ladder.steps) == 2
