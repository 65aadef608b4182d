"""Rotations as layers: no half hour of a year is wrong, whichever way PagerDuty reads them."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

import pytest

from rota_policies import frame
from rota_reference import Data, on_duty
from rota_stories import local
from watchbill.account.layers import Compiled, Refused, derivation_end, for_rendering, layers_for
from watchbill.account.objects import OverrideSlot
from watchbill.model.policy import Policy
from watchbill.rota.clock import zone
from watchbill.rota.duty import Roster, override_span
from watchbill.rota.entries import Entry
from watchbill.rota.layers import render_layers
from watchbill.rota.readings import RULED, Reading

BUCHAREST = "Europe/Bucharest"
NOW = local("2026-01-05 10:00")
IDS = {p: p for p in ("ana", "ben", "cleo", "dan")}
WEEKLY: Data = {
    "turn": "1 week",
    "handoff": "mon 09:00",
    "from": "2026-01-05",
    "crew": ["ana", "ben", "cleo"],
}
X: Data = {"turn": "1 week", "handoff": "fri 18:00", "from": "2026-01-02", "crew": ["dan", "ana", "ben"]}
DAYTIME = "mon-fri 09:00-18:00"


def compiled(rotation: Data, *, now: int = NOW, **rest: Any) -> tuple[Data, Compiled | Refused]:
    others = rest.pop("rotations", {})
    data = frame(BUCHAREST, {"r": rotation, **others}, **rest)
    policy = Policy.model_validate(data)
    return data, layers_for(policy, "r", Roster(policy), IDS, now)


def accepted(rotation: Data, **rest: Any) -> tuple[Data, Compiled]:
    data, made = compiled(rotation, **rest)
    assert isinstance(made, Compiled), made
    return data, made


def refused(rotation: Data, **rest: Any) -> Refused:
    _, made = compiled(rotation, **rest)
    assert isinstance(made, Refused)
    assert made.nearest
    return made


def wrong(data: Data, made: Compiled, since: int = NOW, days: int = 365) -> list[int]:
    """How many half hours are wrong in each of the four readings: all near clock changes, each seventh else."""
    policy = Policy.model_validate(data)
    declared = [Entry(*override_span(policy, o), o.person) for o in policy.overrides if not o.cancelled]
    overrides = [*declared, *(Entry(d.start, d.end, d.user) for d in made.derived)]
    until = since + days * 86_400
    changes = zone(BUCHAREST).changes_between(since, until)
    marks = [
        at
        for i, at in enumerate(range(since, until, 1800))
        if i % 7 == 0 or any(abs(at - change) < 4 * 86_400 for change in changes)
    ]
    wanted = [on_duty(data, "r", at) for at in marks]
    counts = []
    layers = for_rendering(made.layers, since)
    for order in (layers, layers[::-1]):
        for reading in (RULED, Reading(window_end="elapsed")):
            shown = render_layers(order, overrides, BUCHAREST, since, until, reading=reading)
            got: list[str | None] = [None] * len(wanted)
            for entry in shown:
                first, end = bisect_left(marks, entry.start), bisect_left(marks, entry.end)
                got[first:end] = [entry.user] * (end - first)
            counts.append(sum(a != b for a, b in zip(got, wanted, strict=True)))
    return counts


@pytest.mark.parametrize(
    ("rotation", "layers"),
    [
        pytest.param(WEEKLY, 1, id="all the time"),
        pytest.param({**WEEKLY, "hours": DAYTIME}, 1, id="weekdays"),
        pytest.param({**WEEKLY, "hours": DAYTIME, "otherwise": "x"}, 2, id="weekdays and a fallback"),
        pytest.param({**WEEKLY, "hours": DAYTIME, "otherwise": "dan"}, 2, id="a person as fallback"),
        pytest.param({**WEEKLY, "turn": "2 weeks", "turns_each": 2}, 1, id="two weeks twice"),
        pytest.param({**WEEKLY, "crew": ["ana", "ben", "ana", "cleo"]}, 1, id="somebody twice"),
        pytest.param(
            {**WEEKLY, "turn": "1 day", "handoff": "daily 09:00", "hours": DAYTIME, "otherwise": "x"},
            2,
            id="days within weekdays",
        ),
        pytest.param(
            {"turn": "12 hours", "from": "2026-01-05 08:00", "crew": ["ana", "ben", "cleo"]},
            2,
            id="half days",
        ),
        pytest.param({"turn": "8 hours", "from": "2026-01-05 06:00", "crew": ["ana", "ben"]}, 3, id="thirds"),
        pytest.param(
            {
                "turn": "1 shift",
                "from": "2026-01-05",
                "crew": ["ana", "ben"],
                "hours": DAYTIME,
                "otherwise": "x",
            },
            6,
            id="shifts",
        ),
        pytest.param({"same_crew": {"as": "x", "turns_later": 1}}, 1, id="the same crew later"),
    ],
)
def test_no_half_hour_of_a_year_is_wrong(rotation: Data, layers: int) -> None:
    data, made = accepted(rotation, rotations={"x": X})
    assert len(made.layers) == layers
    assert wrong(data, made) == [0, 0, 0, 0]
    assert made.derived == ()


def test_turns_of_real_time_are_one_layer_that_moves_with_the_clock() -> None:
    data, made = accepted({"turn": "7 hours", "from": "2026-01-05", "crew": ["ana", "ben"]})
    assert [layer.turn_seconds for layer in made.layers] == [7 * 3600]
    assert wrong(data, made) == [0, 0, 0, 0]


def test_the_fallback_is_limited_to_the_rest_of_the_week_and_cut_clear_of_clock_changes() -> None:
    """The clock is set on Sundays at 03:00 and 04:00; no window ends there, nor an hour to either side."""
    _, made = accepted({**WEEKLY, "hours": DAYTIME, "otherwise": "dan"})
    fallback, main = made.layers
    assert [(r.weekday, r.start, r.duration) for r in main.restrictions] == [
        (day, 9 * 3600, 9 * 3600) for day in range(5)
    ]
    rest = [(r.weekday, r.start // 3600, r.duration // 3600) for r in fallback.restrictions]
    assert rest == [(0, 18, 15), (1, 18, 15), (2, 18, 15), (3, 18, 15), (4, 18, 35), (6, 4, 29)]


def test_layers_of_the_policy_are_kept_as_they_are() -> None:
    layers = [
        {
            "name": "Base",
            "turn": "1 week",
            "handoff": "mon 09:00",
            "from": "2026-01-05",
            "crew": ["ana", "ben"],
        },
        {"name": "Top", "crew": ["cleo"], "from": "2026-02-02", "hours": "sat,sun", "until": "2026-06-01"},
    ]
    data, made = accepted({"layers": layers})
    assert [layer.name for layer in made.layers] == ["Base", "Top"]
    assert made.layers[0].restrictions == ()
    assert (made.layers[0].start, made.layers[1].start) == (None, local("2026-02-02"))
    assert made.layers[1].end == local("2026-06-01")
    assert wrong(data, made)[0] == 0


def test_every_crew_from_the_running_one_on_is_written() -> None:
    crews = [
        {"from": "2025-12-01", "order": ["dan"]},
        {"from": "2026-01-05", "order": ["ana", "ben"]},
        {"from": "2026-02-02", "order": ["ben", "cleo"]},
        {"from": "2026-03-02", "order": ["cleo", "ana"]},
    ]
    data, made = accepted({"turn": "1 week", "handoff": "mon 09:00", "crews": crews})
    assert [layer.users for layer in made.layers] == [("ana", "ben"), ("ben", "cleo"), ("cleo", "ana")]
    ends = [local("2026-02-02 09:00"), local("2026-03-02 09:00"), None]
    assert [layer.end for layer in made.layers] == ends
    assert wrong(data, made, days=365) == [0, 0, 0, 0]


def test_holidays_become_derived_overrides_to_the_end_of_next_year_and_nothing_else_does() -> None:
    """Of the Romanian holidays of 2026 and 2027 those on weekdays, each for its window."""
    data, made = accepted({**WEEKLY, "hours": "business", "otherwise": "dan"})
    assert wrong(data, made, days=725) == [0, 0, 0, 0]
    assert {d.user for d in made.derived} == {"dan"}
    assert made.derived[0] == OverrideSlot(
        user="dan", start=local("2026-01-06 09:00"), end=local("2026-01-06 18:00")
    )
    assert all(d.end - d.start == 9 * 3600 for d in made.derived)
    days = [zone(BUCHAREST).at(d.start).date().isoformat() for d in made.derived]
    assert "2026-12-01" in days
    assert "2026-12-25" in days
    assert "2026-12-26" not in days, "a Saturday"
    assert max(days).startswith("2027-12")
    assert derivation_end(NOW, zone(BUCHAREST)) == local("2028-01-01")


def test_leave_and_the_fallbacks_overrides_become_derived_overrides() -> None:
    data, made = accepted(
        {**WEEKLY, "hours": DAYTIME, "otherwise": "x"},
        rotations={"x": X},
        absences=[
            {"person": "ben", "first_day": "2026-01-13", "last_day": "2026-01-13", "covered_by": "ana"}
        ],
        overrides=[
            {"rotation": "x", "person": "cleo", "from": "2026-01-06 17:00", "for": "2h"},
            {"rotation": "r", "person": "dan", "from": "2026-01-07 10:00", "for": "1h"},
        ],
    )
    assert [(d.user, d.start, d.end) for d in made.derived] == [
        ("cleo", local("2026-01-06 18:00"), local("2026-01-06 19:00")),
        ("ana", local("2026-01-13 09:00"), local("2026-01-13 18:00")),
    ]
    data["overrides"] = data["overrides"][1:] + data["overrides"][:1]
    policy = Policy.model_validate(data)
    assert isinstance(layers_for(policy, "r", Roster(policy), IDS, NOW), Compiled)


@pytest.mark.parametrize(
    ("rotation", "why"),
    [
        ({"crew": ["ana", "ben"], "together": True}, "one person at a time"),
        ({"listed": True}, "follows no turns"),
        ({**WEEKLY, "crew": ["ana", "nobody"]}, "vacant"),
        ({**WEEKLY, "hours": "business"}, "holiday"),
        ({**WEEKLY, "hours": DAYTIME, "otherwise": "abroad"}, "another time zone"),
        ({**WEEKLY, "hours": DAYTIME, "otherwise": "layered"}, "no crew of its own"),
        (
            {"turn": "48 hours", "counted": "elapsed", "from": "2026-01-05", "crew": ["ana", "ben"]},
            "real time",
        ),
        ({"turn": "1 hour", "from": "2026-01-05", "crew": ["ana", "ben"]}, "other shifts"),
        ({"same_crew": {"as": "alone", "turns_later": 1}}, "turns"),
    ],
)
def test_what_layers_cannot_say_is_refused_with_the_nearest_thing(rotation: Data, why: str) -> None:
    others: Data = {
        "abroad": {**X, "time_zone": "America/Chicago"},
        "layered": {"layers": [X, X]},
        "alone": {"crew": ["ana"]},
    }
    assert why in refused(rotation, rotations=others).reason


def test_people_without_a_user_are_named() -> None:
    data = frame(BUCHAREST, {"r": WEEKLY})
    policy = Policy.model_validate(data)
    made = layers_for(policy, "r", Roster(policy), {"ana": "PANA"}, NOW)
    assert made == Refused("no PagerDuty user for ben, cleo", "add the users to the account")


def test_a_rotation_that_is_over_has_no_layers() -> None:
    _, made = accepted({**WEEKLY, "hours": DAYTIME, "otherwise": "dan", "until": "2026-01-05 09:30"})
    assert made == Compiled(())


def test_users_are_the_accounts() -> None:
    policy = Policy.model_validate(
        frame(BUCHAREST, {"r": {**WEEKLY, "hours": "business", "otherwise": "dan"}})
    )
    made = layers_for(policy, "r", Roster(policy), {p: f"P{p.upper()}" for p in IDS}, NOW)
    assert isinstance(made, Compiled)
    assert made.layers[-1].users == ("PANA", "PBEN", "PCLEO")
    assert {d.user for d in made.derived} == {"PDAN"}
