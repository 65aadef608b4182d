"""Rotations as events: the forms, the refusals, what is dated, and that no half hour of a year is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from rota_policies import PEOPLE, frame
from rota_reference import Data, on_duty
from rota_stories import local
from watchbill.account.events import for_rendering
from watchbill.account.shifts import CompiledShifts, Refused, shifts_for
from watchbill.model.policy import Policy
from watchbill.rota.clock import zone
from watchbill.rota.duty import Roster
from watchbill.rota.shifts import render_shifts

BUCHAREST = "Europe/Bucharest"
NOW = local("2026-01-05 10:00")
MANY = [f"p{i}" for i in range(60)]
IDS = {p: p for p in (*PEOPLE, *MANY)}
WEEKLY: Data = {
    "turn": "1 week",
    "handoff": "mon 09:00",
    "from": "2026-01-05",
    "crew": ["ana", "ben", "cleo"],
}
DAILY: Data = {
    "turn": "1 day",
    "handoff": "daily 09:00",
    "from": "2026-01-05",
    "crew": ["ana", "ben", "cleo"],
}
X: Data = {"turn": "1 week", "handoff": "fri 18:00", "from": "2026-01-02", "crew": ["dan", "ana", "ben"]}
DAYTIME = "mon-fri 09:00-18:00"


def compiled(rotation: Data, *, now: int = NOW, **rest: Any) -> tuple[Data, CompiledShifts | Refused]:
    others = rest.pop("rotations", {"x": X})
    zone_name = rest.pop("zone", BUCHAREST)
    data = frame(zone_name, {"r": rotation, **others}, **rest)
    data["people"] |= {p: {"name": p, "email": f"{p}@x.example"} for p in MANY}
    policy = Policy.model_validate(data)
    return data, shifts_for(policy, "r", Roster(policy), IDS, now)


def accepted(rotation: Data, **rest: Any) -> tuple[Data, CompiledShifts]:
    data, made = compiled(rotation, **rest)
    assert isinstance(made, CompiledShifts), made
    return data, made


def refused(rotation: Data, **rest: Any) -> Refused:
    _, made = compiled(rotation, **rest)
    assert isinstance(made, Refused)
    assert made.nearest
    return made


def rules(made: CompiledShifts) -> list[tuple[str, int | None, int]]:
    return [(e.rule, e.per_member, len(e.members)) for r in made.rotations for e in r.events]


def wrong(data: Data, made: CompiledShifts, since: int = NOW, days: int = 365) -> int:
    """How many half hours differ from the reference: all near clock changes, each seventh else."""
    both = (made.declared, made.derived)
    custom = [*made.custom_shifts, *(c for d in both for c in d.custom_shifts)]
    whole = for_rendering(made.rotations, custom, [o for d in both for o in d.overrides])
    until = since + days * 86_400
    entries = [e for e in render_shifts(whole, since, until) if e.user]
    changes = zone(BUCHAREST).changes_between(since, until)
    marks = [
        at
        for i, at in enumerate(range(since, until, 1800))
        if i % 7 == 0 or any(abs(at - change) < 4 * 86_400 for change in changes)
    ]
    shown = {at: {e.user for e in entries if e.start <= at < e.end} for at in marks}
    return sum(shown[at] != ({who} if (who := on_duty(data, "r", at)) else set()) for at in marks)


MO_FR = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"


@pytest.mark.parametrize(
    ("rotation", "events"),
    [
        pytest.param(WEEKLY, [("FREQ=WEEKLY;BYDAY=MO", 1, 3)], id="weekly"),
        pytest.param({**WEEKLY, "turn": "2 weeks"}, [("FREQ=WEEKLY;BYDAY=MO", 2, 3)], id="two weeks"),
        pytest.param(
            {**WEEKLY, "turn": "2 weeks", "hours": DAYTIME}, [(MO_FR, 10, 3)], id="two weeks of weekdays"
        ),
        pytest.param({**WEEKLY, "crew": ["ana", "ana", "ben"]}, [("FREQ=WEEKLY;BYDAY=MO", 1, 3)], id="twice"),
        pytest.param(
            {**WEEKLY, "hours": DAYTIME, "otherwise": "x"},
            [(MO_FR, 5, 3), ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH", 4, 3), ("FREQ=WEEKLY;BYDAY=FR", 1, 3)],
            id="business hours and a fallback",
        ),
        pytest.param(
            {"turn": "12 hours", "from": "2026-01-05 08:00", "crew": ["ana", "ben", "cleo"]},
            [("FREQ=DAILY", 1, 3)] * 2,
            id="half days",
        ),
        pytest.param(DAILY, [("FREQ=DAILY", 1, 3)], id="daily"),
        pytest.param(
            {**DAILY, "hours": DAYTIME, "crew": MANY[:12]},
            [(f"FREQ=WEEKLY;BYDAY={d}", 1, 12) for d in ("MO", "TU", "WE", "TH", "FR")],
            id="daily within weekdays",
        ),
        pytest.param(
            {**DAILY, "hours": DAYTIME},
            [
                ("FREQ=WEEKLY;BYDAY=MO,TH", 2, 3),
                ("FREQ=WEEKLY;BYDAY=TU,FR", 2, 3),
                ("FREQ=WEEKLY;BYDAY=WE", 1, 3),
            ],
            id="weekdays of equal phase",
        ),
        pytest.param({**WEEKLY, "from": "2026-01-07 15:00"}, [("FREQ=WEEKLY;BYDAY=MO", 1, 3)], id="mid-turn"),
        pytest.param(
            {**WEEKLY, "handoff": "wed 12:00", "from": "2025-12-31", "hours": DAYTIME},
            [
                ("FREQ=WEEKLY;BYDAY=MO,TU,TH,FR", 4, 3),
                ("FREQ=WEEKLY;BYDAY=WE", 1, 3),
                ("FREQ=WEEKLY;BYDAY=WE", 1, 3),
            ],
            id="a handoff within hours",
        ),
    ],
)
def test_each_form_is_so_many_events_and_never_wrong(rotation: Data, events: list[Any]) -> None:
    data, made = accepted(rotation)
    assert rules(made) == events
    assert wrong(data, made) == 0
    assert made.findings == ()
    assert made.derived.overrides == ()


def test_a_crew_change_is_a_cap_and_a_successor_and_leaves_the_fallback_alone() -> None:
    crews = [
        {"from": "2025-12-01", "order": ["ana", "ben"]},
        {"from": "2026-01-12", "order": ["ana", "cleo"]},
    ]
    dated = {"turn": "1 week", "handoff": "mon 09:00", "crews": crews, "hours": DAYTIME, "otherwise": "x"}
    data, made = accepted(dated)
    (old, new), fallback = made.rotations[0].events, made.rotations[1].events
    change = local("2026-01-12 09:00")
    assert (old.since, old.until, new.since, new.until) == (None, change, change, None)
    assert [(e.since, e.until) for e in fallback] == [(None, None)] * 2
    assert wrong(data, made) == 0


def test_a_crew_more_than_a_year_ahead_waits() -> None:
    crews = [{"from": "2025-12-01", "order": ["ana", "ben"]}, {"from": "2027-01-11", "order": ["cleo"]}]
    _, made = accepted({"turn": "1 week", "handoff": "mon 09:00", "crews": crews})
    assert [(e.since, e.until) for r in made.rotations for e in r.events] == [(None, None)]


@pytest.mark.parametrize(
    ("rotation", "count", "per_rotation"),
    [
        ({**WEEKLY, "crew": MANY[:21]}, 3, 2),
        ({**WEEKLY, "crew": MANY[:40]}, 2, 2),
        ({**DAILY, "crew": MANY[:23]}, 23, 3),
    ],
)
def test_large_crews_are_split(rotation: Data, count: int, per_rotation: int) -> None:
    data, made = accepted(rotation)
    assert len(rules(made)) == count
    assert max(len(r.events) for r in made.rotations) == per_rotation
    assert bool(made.findings) == (per_rotation > 2)
    assert wrong(data, made, days=120) == 0


def test_the_web_editor_is_left_behind_only_where_events_do_not_suffice() -> None:
    data, made = accepted({**DAILY, "hours": DAYTIME, "crew": MANY[:23]})
    assert {f.rule for f in made.findings} == {"web-editor-cannot-edit", "crowded-rotations"}
    assert wrong(data, made, days=120) == 0


@pytest.mark.parametrize(
    ("rotation", "why", "nearest"),
    [
        ({**DAILY, "crew": MANY[:53]}, "crew of 53", "52 or 54"),
        ({**WEEKLY, "hours": DAYTIME, "otherwise": "far"}, "another time zone", "same zone"),
        ({"turn": "5 hours", "from": "2026-01-05", "crew": ["ana", "ben"]}, "real time", "12, 8 or 6"),
        ({**WEEKLY, "hours": DAYTIME, "otherwise": "chain"}, "all the time", "one crew"),
        ({"listed": True, "otherwise": "x"}, "listed", "shifts"),
    ],
)
def test_refusals_say_why_and_what_is_possible(rotation: Data, why: str, nearest: str) -> None:
    others = {
        "x": X,
        "far": {**X, "time_zone": "Asia/Tokyo"},
        "chain": {**X, "hours": DAYTIME, "otherwise": "dan"},
    }
    refusal = refused(rotation, rotations=others)
    assert why in refusal.reason
    assert nearest in refusal.nearest


def test_real_time_where_the_clock_is_never_set() -> None:
    data, made = accepted(
        {"turn": "5 hours", "from": "2026-01-05", "crew": ["ana", "ben", "cleo"]}, zone="Asia/Kolkata"
    )
    assert rules(made) == [("FREQ=HOURLY;INTERVAL=5", 1, 3)]
    assert wrong(data, made, days=60) == 0


def test_vacant_turns_are_empty_members() -> None:
    data, made = accepted({**WEEKLY, "crew": ["ana", "nobody"]})
    assert made.rotations[0].events[0].members == ("ana", "")
    assert wrong(data, made) == 0


def test_everybody_at_once() -> None:
    _, made = accepted({"crew": ["ana", "ben"], "together": True, "hours": DAYTIME})
    assert rules(made) == [(MO_FR, None, 2)]
    _, made = accepted({"crew": MANY[:23], "together": True})
    assert [len(r.events) for r in made.rotations] == [1, 1]


def test_listed_duty_is_custom_shifts() -> None:
    entry = {"rotation": "r", "person": "ana", "from": "2026-01-06 09:00", "until": "2026-01-07 09:00"}
    swap = {"rotation": "r", "person": "ben", "from": "2026-01-06 12:00", "until": "2026-01-07 12:00"}
    _, made = accepted({"listed": True}, shifts=[entry], overrides=[swap])
    (shift,) = made.custom_shifts
    (override,) = made.declared.overrides
    assert (override.source.kind, override.source.key) == ("custom_shift", shift.key)
    assert (override.start, override.end) == (local("2026-01-06 12:00"), shift.end)
    assert [(c.user, c.start) for c in made.declared.custom_shifts] == [("ben", shift.end)]


def test_layers_are_parts_that_never_meet() -> None:
    weekend = {**WEEKLY, "handoff": "fri 22:00", "from": "2026-01-02", "hours": "fri 22:00 - sun 22:00"}
    data, made = accepted(
        {"layers": [{**WEEKLY, "name": "Base"}, {**weekend, "name": "Weekend", "crew": ["dan"]}]}
    )
    assert [r.key for r in made.rotations] == ["Base", "Weekend"]
    assert wrong(data, made) == 0


def test_holidays_give_the_hours_to_the_fallback_and_without_one_leave_them_vacant() -> None:
    data, made = accepted({**WEEKLY, "hours": "business", "otherwise": "x"})
    assert {o.source.key for o in made.derived.overrides} == {"turns"}
    assert all(o.user in X["crew"] for o in made.derived.overrides)
    assert wrong(data, made) == 0
    data, made = accepted({**WEEKLY, "hours": "business"})
    assert {o.user for o in made.derived.overrides} == {""}
    assert wrong(data, made) == 0


def test_a_declared_override_is_one_for_each_member_it_touches_and_a_custom_shift_in_a_hole() -> None:
    swap = {"rotation": "r", "person": "dan", "from": "2026-01-09 12:00", "until": "2026-01-12 12:00"}
    data, made = accepted({**WEEKLY, "hours": DAYTIME}, overrides=[swap])
    assert [(o.instead_of, o.user) for o in made.declared.overrides] == [("ana", "dan"), ("ben", "dan")]
    assert [c.user for c in made.declared.custom_shifts] == ["dan"]
    assert wrong(data, made, days=14) == 0


def test_leave_is_derived() -> None:
    leave = {"person": "ben", "first_day": "2026-01-13", "last_day": "2026-01-14", "covered_by": "dan"}
    data, made = accepted({**WEEKLY, "hours": DAYTIME}, absences=[leave])
    assert [(o.instead_of, o.user) for o in made.derived.overrides] == [("ben", "dan")] * 2
    assert made.declared.overrides == ()
    assert wrong(data, made, days=14) == 0


def test_everybody_has_a_user() -> None:
    policy = Policy.model_validate(frame(BUCHAREST, {"r": WEEKLY}))
    made = shifts_for(policy, "r", Roster(policy), {"ana": "A"}, NOW)
    assert isinstance(made, Refused)
    assert "ben, cleo" in made.reason


@pytest.mark.parametrize(
    "rotation", [WEEKLY, {**DAILY, "hours": DAYTIME, "otherwise": "x"}, {"crew": ["ana"]}]
)
def test_time_alone_changes_no_event(rotation: Data) -> None:
    _, today = accepted(rotation)
    _, later = accepted(rotation, now=NOW + 100 * 86_400)
    assert today.rotations == later.rotations
