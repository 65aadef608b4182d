"""The audit trail as it comes over the wire: windows, cursors, and accounts that have none."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from unit.pagerduty.scripted import Outcome, ScriptedWire, answer, transport
from watchbill.pagerduty.audit import KEPT, LONGEST_WINDOW, AskedTrail, read_trails
from watchbill.plan.attribution import Trail
from watchbill.rota.clock import DAY, parse_instant

NOW = parse_instant("2026-11-23T14:00:00Z")


def record(id_: str, when: str = "2026-11-20T10:00:00.123Z", **other: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "execution_time": when,
        "execution_context": {"request_id": f"request-{id_}", "remote_address": "127.0.0.1"},
        "actors": [{"id": "PANA", "type": "user_reference", "summary": "Ana"}],
        "method": {"type": "browser", "truncated_token": None, "description": None},
        "action": "update",
        "details": {"fields": [{"name": "name", "value": "b", "before_value": "a"}], "references": None},
        **other,
    }


def asked(since: int | None = NOW - DAY, *, shifts: bool = False) -> AskedTrail:
    return AskedTrail("schedule:rotation/backend", "schedule", "PBACKEND", since, shifts)


def trail(wire: ScriptedWire, one: AskedTrail) -> Trail:
    return read_trails(transport(wire), [one], NOW)["schedule:rotation/backend"]


def test_a_record_becomes_who_how_when_and_which_fields() -> None:
    (found,) = trail(ScriptedWire(last=answer(200, {"records": [record("1")]})), asked()).records
    assert (found.who, found.method, found.request_id) == ("Ana", "browser", "request-1")
    assert found.at == parse_instant("2026-11-20T10:00:00Z")
    assert [(f.path, f.before, f.after) for f in found.fields] == [("name", "a", "b")]


def test_the_cursor_is_followed_with_the_same_window() -> None:
    def pages(_method: str, _path: str, params: Mapping[str, Any]) -> Outcome:
        if "cursor" not in params:
            return answer(200, {"records": [record("1")], "next_cursor": "abc"})
        return answer(200, {"records": [record("2"), record("1")], "next_cursor": None})

    wire = ScriptedWire(last=pages)
    assert len(trail(wire, asked()).records) == 2, "one that comes twice counts once"
    first, second = (params for _, _, params, _ in wire.seen)
    assert second == {**first, "cursor": "abc"}


def test_records_of_one_second_keep_their_order_oldest_first() -> None:
    wire = ScriptedWire(last=answer(200, {"records": [record("3"), record("2"), record("1")]}))
    assert [r.request_id for r in trail(wire, asked()).records] == ["request-1", "request-2", "request-3"]


@pytest.mark.parametrize(("days", "windows"), [(1, 1), (31, 2), (100, 4), (1000, 12)])
def test_no_window_is_longer_than_31_days_and_none_older_than_a_year(days: int, windows: int) -> None:
    wire = ScriptedWire(last=answer(200, {"records": []}))
    trail(wire, asked(NOW - days * DAY))
    spans = [
        (parse_instant(params["since"]), parse_instant(params["until"])) for _, _, params, _ in wire.seen
    ]
    assert len(spans) == windows
    assert all(0 < end - start <= LONGEST_WINDOW for start, end in spans)
    assert min(start for start, _ in spans) >= NOW - KEPT
    assert all(later[0] == earlier[1] for later, earlier in itertools.pairwise(spans))


def test_a_shift_based_schedule_has_its_trail_elsewhere() -> None:
    wire = ScriptedWire(last=answer(200, {"records": []}))
    trail(wire, asked(None, shifts=True))
    assert [path for _, path, _, _ in wire.seen] == ["/v3/schedules/PBACKEND/audit/records"]


@pytest.mark.parametrize(
    ("status", "told"), [(402, "this plan has no audit trail"), (403, "may not read"), (404, "does not say")]
)
def test_without_a_trail_the_reason_is_told(status: int, told: str) -> None:
    found = trail(ScriptedWire(last=answer(status, {"error": {"message": "no", "code": 2012}})), asked())
    assert not found.records
    assert told in found.unknown


def test_records_with_nothing_in_them_are_read_all_the_same() -> None:
    bare = {"id": "1", "execution_time": "", "actors": None, "method": None, "details": None}
    (found,) = trail(ScriptedWire(last=answer(200, {"records": [bare]})), asked()).records
    assert (found.who, found.method, found.fields) == ("", "other", ())
