"""The rules of layer-based rendering one by one; all figures were worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from watchbill.errors import UsageError
from watchbill.rota.clock import iso, parse_instant, zone
from watchbill.rota.entries import Entry
from watchbill.rota.layers import _Turns, layer_from_wire, override_from_wire, render_layer, render_layers
from watchbill.rota.readings import RULED, Reading

BUCHAREST = "Europe/Bucharest"


def wire(crew: str = "AB", **changes: Any) -> dict[str, Any]:
    """A daily layer from Monday 2026-03-02 09:00 in Bucharest."""
    return {
        "name": "Layer 1",
        "start": "2026-03-02T09:00:00+02:00",
        "end": None,
        "rotation_virtual_start": "2026-03-02T09:00:00+02:00",
        "rotation_turn_length_seconds": 86400,
        "users": [{"user": {"id": user}} for user in crew],
        "restrictions": [],
        **changes,
    }


def daily(start: str, hours: float) -> dict[str, Any]:
    return {"type": "daily_restriction", "start_time_of_day": start, "duration_seconds": int(hours * 3600)}


def weekly(day: int, start: str, hours: float) -> dict[str, Any]:
    return {**daily(start, hours), "type": "weekly_restriction", "start_day_of_week": day}


def shown(
    layer: dict[str, Any], since: str, until: str, *, place: str = BUCHAREST, reading: Reading = RULED
) -> list[tuple[str, str, str | None]]:
    entries = render_layer(
        layer_from_wire(layer), zone(place), parse_instant(since), parse_instant(until), reading=reading
    )
    local = zone(place).at
    return [(f"{local(e.start):%d %H:%M}", f"{local(e.end):%d %H:%M}", e.user) for e in entries]


def test_whole_day_turns_hand_off_at_the_same_local_time_through_a_clock_change() -> None:
    assert shown(wire(), "2026-03-28T12:00:00+02:00", "2026-03-30T12:00:00+03:00") == [
        ("28 12:00", "29 09:00", "A"),
        ("29 09:00", "30 09:00", "B"),
        ("30 09:00", "30 12:00", "A"),
    ]


def test_other_turns_are_elapsed_time_and_drift_on_the_clock() -> None:
    layer = wire(rotation_turn_length_seconds=12 * 3600)
    window = ("2026-03-28T21:00:00+02:00", "2026-03-29T23:00:00+03:00")
    assert shown(layer, *window) == [
        ("28 21:00", "29 10:00", "B"),
        ("29 10:00", "29 22:00", "A"),
        ("29 22:00", "29 23:00", "B"),
    ]
    assert shown(layer, *window, reading=Reading(odd_turns="clock")) == [
        ("28 21:00", "29 09:00", "B"),
        ("29 09:00", "29 21:00", "A"),
        ("29 21:00", "29 23:00", "B"),
    ]


def test_a_skipped_handoff_moves_forward_by_the_gap_and_a_repeated_one_is_the_first() -> None:
    night = wire(rotation_virtual_start="2026-03-02T03:30:00+02:00", start="2026-03-01T00:00:00Z")
    spring = render_layer(
        layer_from_wire(night),
        zone(BUCHAREST),
        parse_instant("2026-03-29T00:00:00Z"),
        parse_instant("2026-03-29T03:00:00Z"),
    )
    assert [iso(e.start) for e in spring] == ["2026-03-29T00:00:00Z", "2026-03-29T01:30:00Z"]
    autumn = render_layer(
        layer_from_wire(night),
        zone(BUCHAREST),
        parse_instant("2026-10-25T00:00:00Z"),
        parse_instant("2026-10-25T03:00:00Z"),
    )
    assert [iso(e.start) for e in autumn] == ["2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z"]


@pytest.mark.parametrize("around", ["2026-03-29T00:00:00Z", "2026-10-25T00:00:00Z"])
def test_the_turn_under_way_is_right_at_every_minute_of_a_clock_change(around: str) -> None:
    layer = layer_from_wire(wire(rotation_virtual_start="2026-03-02T03:30:00+02:00"))
    turns = _Turns(layer, zone(BUCHAREST), RULED)
    start = parse_instant(around)
    for at in range(start, start + 3 * 3600, 60):
        k = turns.index(at)
        assert turns.begin(k) <= at < turns.begin(k + 1), iso(at)


def test_the_layer_start_cuts_a_turn_and_does_not_reset_the_order() -> None:
    layer = wire("ABC", start="2026-03-04T15:00:00+02:00", end="2026-03-06T10:00:00+02:00")
    assert shown(layer, "2026-03-01T00:00:00Z", "2026-03-10T00:00:00Z") == [
        ("04 15:00", "05 09:00", "C"),
        ("05 09:00", "06 09:00", "A"),
        ("06 09:00", "06 10:00", "B"),
    ]


def test_a_removed_layer_shows_nothing() -> None:
    layer = wire(end="2026-03-02T09:00:00+02:00")
    assert shown(layer, "2026-03-01T00:00:00Z", "2026-03-10T00:00:00Z") == []


def test_before_its_virtual_start_a_rotation_runs_backwards() -> None:
    layer = wire("ABC", start="2026-03-01T00:00:00Z", rotation_virtual_start="2026-03-04T09:00:00+02:00")
    window = ("2026-03-02T07:00:00Z", "2026-03-04T10:00:00Z")
    assert shown(layer, *window) == [
        ("02 09:00", "03 09:00", "B"),
        ("03 09:00", "04 09:00", "C"),
        ("04 09:00", "04 12:00", "A"),
    ]
    nobody = Reading(before_virtual_start="nobody")
    assert shown(layer, *window, reading=nobody) == [("04 09:00", "04 12:00", "A")]


def test_a_handoff_inside_a_window_splits_it_and_windows_wrap_midnight() -> None:
    layer = wire(rotation_virtual_start="2026-03-02T00:00:00+02:00", restrictions=[daily("20:00:00", 12)])
    assert shown(layer, "2026-03-03T12:00:00+02:00", "2026-03-04T12:00:00+02:00") == [
        ("03 20:00", "04 00:00", "B"),
        ("04 00:00", "04 08:00", "A"),
    ]


@pytest.mark.parametrize("sunday", [0, 7])
def test_weekly_windows_wrap_the_week_and_zero_means_sunday(sunday: int) -> None:
    layer = wire("A", restrictions=[weekly(sunday, "22:00:00", 10), weekly(3, "00:00:00", 24)])
    assert shown(layer, "2026-03-02T00:00:00+02:00", "2026-03-09T23:00:00+02:00") == [
        ("04 00:00", "05 00:00", "A"),
        ("08 22:00", "09 08:00", "A"),
    ]


def test_overlapping_and_touching_windows_unite() -> None:
    layer = wire("A", restrictions=[daily("09:00:00", 4), daily("12:00:00", 2), daily("14:00:00", 1.5)])
    assert shown(layer, "2026-03-03T00:00:00+02:00", "2026-03-04T00:00:00+02:00") == [
        ("03 09:00", "03 15:30", "A")
    ]


@pytest.mark.parametrize(
    "restriction", [daily("10:00:00", 24), daily("10:00:00", 10**9), weekly(2, "10:00:00", 10**9)]
)
def test_a_window_as_long_as_its_period_is_always_open(restriction: dict[str, Any]) -> None:
    layer = wire("A", restrictions=[restriction])
    assert shown(layer, "2026-03-20T00:00:00Z", "2026-04-20T00:00:00Z") == [("20 02:00", "20 03:00", "A")]


@pytest.mark.parametrize("day", range(3, 24))
def test_a_window_that_began_days_ago_is_seen_from_any_day(day: int) -> None:
    layer = wire("A", restrictions=[weekly(1, "12:00:00", 165)])
    shown_on_day = shown(layer, f"2026-03-{day:02}T12:00:00+02:00", f"2026-03-{day:02}T12:00:01+02:00")
    assert len(shown_on_day) == 1


def test_a_window_over_a_clock_change_ends_by_the_clock() -> None:
    layer = wire("A", restrictions=[weekly(6, "22:00:00", 12)])
    window = ("2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z")
    assert shown(layer, *window) == [("28 22:00", "29 10:00", "A")]
    assert shown(layer, *window, reading=Reading(window_end="elapsed")) == [("28 22:00", "29 11:00", "A")]


def test_a_turn_without_on_call_time_uses_up_its_user() -> None:
    weekdays = wire("ABC", restrictions=[weekly(day, "09:00:00", 8) for day in range(1, 6)])
    window = ("2026-03-06T00:00:00Z", "2026-03-10T22:00:00Z")
    assert [user for *_, user in shown(weekdays, *window)] == ["B", "B", "C"]
    assert [user for *_, user in shown(weekdays, *window, reading=Reading(counting="active"))] == [
        "B",
        "C",
        "A",
    ]


def test_counting_only_active_turns_also_works_backwards() -> None:
    layer = wire(
        "ABC",
        start="2026-02-01T00:00:00Z",
        restrictions=[weekly(day, "09:00:00", 8) for day in range(1, 6)],
    )
    active = Reading(counting="active")
    assert [
        user for *_, user in shown(layer, "2026-02-26T00:00:00Z", "2026-03-03T00:00:00Z", reading=active)
    ] == [
        "B",
        "C",
        "A",
    ]


def test_the_first_layer_hides_the_next_only_while_it_shows() -> None:
    top = layer_from_wire(wire("T", name="Top", restrictions=[daily("10:00:00", 2)]))
    base = layer_from_wire(wire("B", name="Base"))
    since, until = parse_instant("2026-03-03T00:00:00Z"), parse_instant("2026-03-04T00:00:00Z")
    top_start, top_end = parse_instant("2026-03-03T08:00:00Z"), parse_instant("2026-03-03T10:00:00Z")
    assert render_layers([top, base], [], BUCHAREST, since, until) == [
        Entry(since, top_start, "B"),
        Entry(top_start, top_end, "T"),
        Entry(top_end, until, "B"),
    ]
    assert render_layers([base, top], [], BUCHAREST, since, until) == [Entry(since, until, "B")]


def test_overrides_beat_all_layers_also_where_none_shows_and_the_last_created_wins() -> None:
    layer = layer_from_wire(wire("A", restrictions=[daily("09:00:00", 8)]))
    hour = 3600
    since = parse_instant("2026-03-03T07:00:00Z")  # 09:00 in Bucharest
    overrides = [
        Entry(since + 7 * hour, since + 10 * hour, "X"),
        Entry(since + 9 * hour, since + 12 * hour, "Y"),
    ]
    assert render_layers([layer], overrides, BUCHAREST, since, since + 20 * hour) == [
        Entry(since, since + 7 * hour, "A"),
        Entry(since + 7 * hour, since + 9 * hour, "X"),
        Entry(since + 9 * hour, since + 12 * hour, "Y"),
    ]
    assert render_layers([layer], overrides, BUCHAREST, since, since + 20 * hour, layer="Layer 1") == [
        Entry(since, since + 8 * hour, "A")
    ]


def test_overflow_returns_what_touches_whole_after_precedence() -> None:
    base = layer_from_wire(wire("AB", name="Base"))
    top = layer_from_wire(wire("T", name="Top", restrictions=[daily("10:00:00", 2)]))
    at = parse_instant
    since, until = at("2026-03-03T12:00:00Z"), at("2026-03-03T13:00:00Z")
    assert render_layers([top, base], [], BUCHAREST, since, until, overflow=True) == [
        Entry(at("2026-03-03T10:00:00Z"), at("2026-03-04T07:00:00Z"), "B")
    ]
    assert render_layers([top, base], [], BUCHAREST, since, until, overflow=True, layer="Base") == [
        Entry(at("2026-03-03T07:00:00Z"), at("2026-03-04T07:00:00Z"), "B")
    ]


def test_a_layer_is_found_by_name_or_id_and_never_guessed() -> None:
    twins = [layer_from_wire(wire("A", id="P1")), layer_from_wire(wire("B", id="P2"))]
    assert {e.user for e in render_layers(twins, [], BUCHAREST, 1772600000, 1772700000, layer="P2")} == {"B"}
    with pytest.raises(UsageError, match="2 layers are named 'Layer 1'"):
        render_layers(twins, [], BUCHAREST, 0, 1, layer="Layer 1")
    with pytest.raises(UsageError, match="no layer 'Night'") as caught:
        render_layers(twins, [], BUCHAREST, 0, 1, layer="Night")
    assert "'Layer 1'" in caught.value.remedy


def test_a_layer_without_users_hides_nothing() -> None:
    layers = [layer_from_wire(wire("")), layer_from_wire(wire("B"))]
    since = parse_instant("2026-03-03T00:00:00Z")
    assert render_layers(layers, [], BUCHAREST, since, since + 60) == [Entry(since, since + 60, "B")]


def test_a_day_that_a_zone_skipped_gives_no_empty_entry() -> None:
    layer = wire("ABC", start="2011-12-01T00:00:00Z", rotation_virtual_start="2011-12-27T10:00:00-10:00")
    assert shown(layer, "2011-12-28T20:00:00Z", "2012-01-01T20:00:00Z", place="Pacific/Apia") == [
        ("28 10:00", "29 10:00", "B"),
        ("29 10:00", "31 10:00", "C"),
        ("31 10:00", "01 10:00", "B"),
        ("01 10:00", "02 10:00", "C"),
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start": None}, "L.start is missing"),
        ({"start": "soon"}, "L.start is no instant: 'soon'"),
        ({"start": "2026-03-02T09:00:00"}, "L.start is no instant"),
        ({"start": "0001-01-01T00:00:00Z"}, "L.start is outside the years"),
        ({"rotation_virtual_start": 5}, "L.rotation_virtual_start is a number, not a text"),
        (
            {"rotation_turn_length_seconds": 0},
            "L.rotation_turn_length_seconds is 0; it must be between 1 and",
        ),
        (
            {"rotation_turn_length_seconds": "1"},
            "L.rotation_turn_length_seconds is a text, not a whole number",
        ),
        ({"users": None}, "L.users is missing"),
        ({"users": {"id": "A"}}, "L.users is an object, not a list"),
        ({"users": [{"user": {}}]}, r"L.users\[0\].user.id is missing"),
        ({"users": ["A"]}, r"L.users\[0\] is a text, not an object"),
        ({"restrictions": [{}]}, r"L.restrictions\[0\].type is missing"),
        ({"restrictions": [weekly(8, "09:00:00", 1)]}, r"start_day_of_week is 8; it must be between 0 and 7"),
        (
            {"restrictions": [{**weekly(1, "09:00:00", 1), "start_day_of_week": None}]},
            "start_day_of_week is missing",
        ),
        ({"restrictions": [daily("24:00:00", 1)]}, "no time of day: '24:00:00'"),
        ({"restrictions": [daily("9 am", 1)]}, "no time of day: '9 am'"),
        ({"restrictions": [daily("09:00:00", 0)]}, "duration_seconds is 0"),
        (
            {"restrictions": [{**daily("09:00:00", 1), "type": "monthly"}]},
            "type is 'monthly'; it must be daily_restriction",
        ),
    ],
)
def test_faults_are_named_by_their_place(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        layer_from_wire(wire(**changes), "L")


def test_an_override_needs_its_bounds_and_its_user() -> None:
    with pytest.raises(UsageError, match=r"overrides\[2\].user is missing"):
        override_from_wire({"start": "2026-03-02T09:00:00Z", "end": "2026-03-03T09:00:00Z"}, "overrides[2]")


def test_absurd_sizes_are_refused() -> None:
    since, until = parse_instant("2000-01-01T00:00:00Z"), parse_instant("2100-01-01T00:00:00Z")
    seconds = layer_from_wire(wire("AB", rotation_turn_length_seconds=1, start="1999-01-01T00:00:00Z"))
    with pytest.raises(UsageError, match="turns of 1 seconds would make about"):
        render_layer(seconds, zone(BUCHAREST), since, until)
    many = layer_from_wire(
        wire("AB", restrictions=[daily(f"{h:02}:{m:02}:00", 0.01) for h in range(24) for m in range(60)])
    )
    with pytest.raises(UsageError, match="these restrictions would make about"):
        render_layer(many, zone(BUCHAREST), since, until)
