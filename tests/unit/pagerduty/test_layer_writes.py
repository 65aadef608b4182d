"""Which layers are sent: every one that lives, in write order, under ids that no reading can turn round."""

from __future__ import annotations

from typing import Any

import pytest

from unit.apply.plans import NOW, layer
from watchbill.account.objects import Layer, Restriction
from watchbill.pagerduty.layer_writes import layer_writes
from watchbill.pagerduty.wire import WireLayer
from watchbill.rota.clock import DAY, HOUR, WEEK, iso, parse_instant


def stored(want: Layer, id_: str, **given: Any) -> WireLayer:
    start = NOW - DAY if want.start is None else want.start
    fields = {
        "id": id_,
        "name": want.name,
        "start": iso(start),
        "end": None if want.end is None else iso(want.end),
        "rotation_virtual_start": iso(want.virtual_start),
        "rotation_turn_length_seconds": want.turn_seconds,
        "users": [{"user": {"id": u, "type": "user_reference"}} for u in want.users],
        "restrictions": [],
    }
    return WireLayer.model_validate({**fields, **given})


BASE, TOP = layer("A", "B", name="base"), layer("C", name="top")


def sent(want: list[Layer], have: list[WireLayer]) -> list[tuple[str | None, str | None, str | None]]:
    """Name, id and end of each layer sent; `have` in GET order."""
    return [(b.get("name"), b.get("id"), b.get("end")) for b in layer_writes(want, have, NOW).bodies]


def test_new_ones_go_base_first_without_ids() -> None:
    assert sent([BASE, TOP], []) == [("base", None, None), ("top", None, None)]


def test_unchanged_ones_keep_their_ids_and_get_order_is_turned_round() -> None:
    have = [stored(TOP, "L2"), stored(BASE, "L1")]
    writes = layer_writes([BASE, TOP], have, NOW)
    assert [(b["name"], b["id"]) for b in writes.bodies] == [("base", "L1"), ("top", "L2")]
    assert not writes.adds
    assert writes.ended == frozenset()
    assert all("end" not in b for b in writes.bodies), "null is no documented value"
    assert writes.bodies[0]["start"] == iso(NOW - DAY), "the stored start, so that nothing seems to move"


def test_one_more_on_top_leaves_the_others_alone() -> None:
    assert sent([BASE, TOP], [stored(BASE, "L1")]) == [("base", "L1", None), ("top", None, None)]


def test_one_more_below_makes_those_above_anew() -> None:
    middle = layer("D", name="middle")
    got = sent([BASE, middle, TOP], [stored(TOP, "L2"), stored(BASE, "L1")])
    assert got == [("base", "L1", None), ("middle", None, None), ("top", None, None), ("top", "L2", iso(NOW))]


def test_one_that_goes_is_ended_after_all_others() -> None:
    writes = layer_writes([TOP], [stored(TOP, "L2"), stored(BASE, "L1")], NOW)
    assert [(b["name"], b["id"], b.get("end")) for b in writes.bodies] == [
        ("top", "L2", None),
        ("base", "L1", iso(NOW)),
    ]
    assert writes.ended == {"L1"}
    assert not writes.adds


def test_swapped_layers_are_made_anew_from_the_first_that_moved() -> None:
    got = sent([TOP, BASE], [stored(TOP, "L2"), stored(BASE, "L1")])
    assert got == [("top", "L2", None), ("base", None, None), ("base", "L1", iso(NOW))]


def test_an_end_is_set_in_place_and_its_removal_makes_a_new_layer() -> None:
    until = NOW + WEEK
    ending = layer("A", "B", name="base", end=until)
    assert sent([ending], [stored(BASE, "L1")]) == [("base", "L1", iso(until))]
    assert sent([BASE], [stored(ending, "L1")]) == [("base", None, None), ("base", "L1", iso(NOW))]


def test_a_planned_layer_that_is_withdrawn_ends_before_it_starts() -> None:
    planned = layer("D", name="next", start=NOW + WEEK)
    writes = layer_writes([BASE], [stored(planned, "L2"), stored(BASE, "L1")], NOW)
    assert (writes.bodies[1]["start"], writes.bodies[1]["end"]) == (iso(NOW), iso(NOW))


def test_a_running_layer_is_never_moved_into_the_future() -> None:
    planned = layer("A", "B", name="base", start=NOW + WEEK)
    got = layer_writes([planned], [stored(BASE, "L1")], NOW)
    assert [(b.get("id"), b["start"]) for b in got.bodies] == [
        (None, iso(NOW + WEEK)),
        ("L1", iso(NOW - DAY)),
    ]


def test_ended_layers_are_left_out() -> None:
    past = stored(layer("X", end=NOW - HOUR), "L0")
    assert sent([BASE], [stored(BASE, "L1"), past]) == [("base", "L1", None)]


def test_somebody_else_in_a_layer_of_the_same_name_is_an_edit() -> None:
    assert sent([layer("Z", name="base")], [stored(BASE, "L1")]) == [("base", "L1", None)]


@pytest.mark.parametrize("ahead", [-HOUR, 0])
def test_a_new_layer_starts_before_any_clock_says_now(ahead: int) -> None:
    body = layer_writes([layer("A", start=NOW + ahead)], [], NOW).bodies[0]
    assert body["start"] == iso(NOW - HOUR)


def test_windows_in_their_documented_shape() -> None:
    windows = (
        Restriction(weekday=None, start=18 * HOUR, duration=15 * HOUR),
        Restriction(weekday=6, start=9 * HOUR + 90, duration=HOUR),
    )
    body = layer_writes([layer("A", restrictions=windows)], [], NOW).bodies[0]
    assert body["restrictions"] == [
        {"type": "daily_restriction", "start_time_of_day": "18:00:00", "duration_seconds": 54_000},
        {
            "type": "weekly_restriction",
            "start_time_of_day": "09:01:30",
            "duration_seconds": 3600,
            "start_day_of_week": 7,
        },
    ]
    whole_week = layer("A", restrictions=(Restriction(weekday=None, start=0, duration=DAY),))
    assert layer_writes([whole_week], [], NOW).bodies[0]["restrictions"] == []


@pytest.mark.parametrize("ahead", [HOUR // 2, DAY, 300 * DAY])
def test_a_crew_of_today_does_not_begin_as_late_as_the_later_crew_it_resembles(ahead: int) -> None:
    running = layer("X", "Y", name="Main").model_copy(update={"end": NOW + ahead})
    later = layer("A", "B", name="Main").model_copy(update={"start": NOW + ahead})
    one_crew = layer("A", "B", name="Main")
    writes = layer_writes([one_crew], [stored(later, "L2"), stored(running, "L1")], NOW)
    mine = next(body for body in writes.bodies if "end" not in body)
    assert parse_instant(mine["start"]) <= NOW
