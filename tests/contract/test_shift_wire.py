"""Shift-based schedules over the wire: what is written reads back the same, in documented requests only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from contract.openapi import Contract, read_deviations
from shared import openapi_path
from watchbill.account.events import named, same_event
from watchbill.account.marker import Marker
from watchbill.account.objects import (
    CustomShiftSlot,
    ShiftEvent,
    ShiftOverrideSlot,
    ShiftSchedule,
    ShiftSource,
)
from watchbill.pagerduty import shift_read, shift_writes
from watchbill.pagerduty.problems import NotFound, OtherKind, Refused
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import DAY, HOUR, WEEK, iso, parse_instant
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.server import Sandbox

NOW = parse_instant("2026-11-23T14:00:00Z")
FIRST = parse_instant("2026-10-05T06:00:00Z")  # 09:00 in Bucharest, before the clock change
MONDAY = parse_instant("2026-11-30T07:00:00Z")


@dataclass
class Bench:
    sandbox: Sandbox
    transport: Transport
    crew: list[str]

    def schedule(self, id_: str) -> ShiftSchedule:
        return shift_read.shift_schedule(shift_read.read_shift_wire(self.transport, id_), now=NOW)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Sandbox(clock=iso(NOW), record=True) as sandbox:
        ensure_users(sandbox.store, [{"name": n, "email": f"{n}@example.com"} for n in ("ana", "bob", "cat")])
        crew = [u["id"] for u in sandbox.store.all("user") if u["role"] != "owner"]
        with Transport(sandbox.url, SecretStr(sandbox.token)) as transport:
            yield Bench(sandbox, transport, crew)
        contract = Contract(openapi_path(), [d for d in read_deviations() if d.about != "client"])
        problems = []
        for e in sandbox.exchanges():
            problems += contract.request_problems(e.method, e.path, e.query, e.headers, e.body)
            problems += contract.response_problems(e.method, e.path, e.status, e.answer)
        assert [str(p) for p in problems] == []


def event(*members: str, **given: object) -> ShiftEvent:
    fields = {
        "name": "",
        "start": FIRST,
        "end": FIRST + WEEK,
        "time_zone": "Europe/Bucharest",
        "rule": "FREQ=WEEKLY;BYDAY=MO",
        "members": members,
        "per_member": 1,
    }
    return named(ShiftEvent.model_validate({**fields, **given}), "turns")


def empty(bench: Bench, **given: object) -> tuple[ShiftSchedule, str]:
    marker = Marker(key="rotation/r", digest="", at=0, state="writing", derived=("0a1b2c",))
    fields = {"key": "rotation/r", "name": "r", "time_zone": "Europe/Bucharest", "marker": marker}
    want = ShiftSchedule.model_validate({**fields, "description": "Who is paged.", **given})
    return want, shift_writes.create_schedule(bench.transport, want).id


def test_a_schedule_is_made_found_changed_and_deleted(bench: Bench) -> None:
    want, id_ = empty(bench)
    assert bench.schedule(id_) == want.model_copy(update={"id": id_})
    (found,) = shift_read.find_shift_schedules(bench.transport, name="r", key="", now=NOW)
    assert found.id == id_
    changed = want.model_copy(
        update={"name": "s", "time_zone": "Etc/UTC", "description": "", "teams": (), "marker": None}
    )
    shift_writes.update_schedule(bench.transport, id_, changed, teams_too=True)
    got = bench.schedule(id_)
    assert (got.name, got.time_zone, got.description, got.marker) == ("s", "Etc/UTC", "", None)
    shift_writes.delete_schedule(bench.transport, id_)
    with pytest.raises(NotFound):
        bench.schedule(id_)


def test_events_read_back_as_written(bench: Bench) -> None:
    ana, bob, cat = bench.crew
    _, id_ = empty(bench)
    nights = {"rule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "end": FIRST + 15 * HOUR, "per_member": 5}
    wanted = [
        event(ana, bob, ana),
        event(ana, "", cat, per_member=2),
        event(cat, bob, per_member=None, since=MONDAY, until=MONDAY + 4 * WEEK),
        event(bob, **nights),
        event(ana, excluded=(MONDAY,)),
        event(bob, rule="FREQ=DAILY;INTERVAL=2", end=FIRST + DAY, until=MONDAY),
        event(ana, rule="FREQ=HOURLY;INTERVAL=36", end=FIRST + 36 * HOUR, time_zone="Etc/UTC"),
    ]
    for one in wanted:
        rotation = shift_writes.create_rotation(bench.transport, id_).id
        assert shift_writes.create_event(bench.transport, id_, rotation, one, now=NOW).id
    read = [e for r in bench.schedule(id_).rotations for e in r.events]
    assert [e.model_copy(update={"id": ""}) for e in read] == wanted
    assert all(same_event(a, b, NOW) for a, b in zip(read, wanted, strict=True))


def test_a_running_event_ends_a_future_one_is_edited_or_deleted(bench: Bench) -> None:
    ana, bob, cat = bench.crew
    _, id_ = empty(bench)
    rotation = shift_writes.create_rotation(bench.transport, id_).id
    place = (bench.transport, id_, rotation)
    running = shift_writes.create_event(*place, event(ana, bob), now=NOW).id
    shift_writes.end_event(*place, running, MONDAY)
    coming = shift_writes.create_event(*place, event(cat, since=MONDAY), now=NOW).id
    into = event(cat, bob, since=MONDAY, until=MONDAY + 9 * WEEK)
    shift_writes.edit_event(*place, coming, into, now=NOW)
    (found,) = bench.schedule(id_).rotations
    assert [e.until for e in found.events] == [MONDAY, MONDAY + 9 * WEEK]
    assert found.events[1] == into.model_copy(update={"id": coming})
    shift_writes.edit_event(*place, coming, into.model_copy(update={"until": None}), now=NOW)
    assert bench.schedule(id_).rotations[0].events[1].until is None
    with pytest.raises(Refused):
        shift_writes.edit_event(*place, running, event(ana, bob, until=MONDAY), now=NOW)
    shift_writes.delete_event(*place, coming)
    shift_writes.delete_event(*place, coming)
    shift_writes.end_event(*place, running, None)
    assert [e.until for e in bench.schedule(id_).rotations[0].events] == [None]


def test_custom_shifts_and_overrides(bench: Bench) -> None:
    ana, bob, cat = bench.crew
    _, id_ = empty(bench)
    rotation = shift_writes.create_rotation(bench.transport, id_).id
    shift_writes.create_event(bench.transport, id_, rotation, event(ana, bob), now=NOW)
    slots = [
        CustomShiftSlot(user=cat, start=NOW + DAY, end=NOW + 2 * DAY),
        CustomShiftSlot(user=bob, start=NOW - DAY, end=NOW + DAY),
    ]
    first, second = shift_writes.create_custom_shifts(bench.transport, id_, slots)
    sources = ShiftSource(id=rotation), ShiftSource(kind="custom_shift", id=first.id)
    overrides = [
        ShiftOverrideSlot(
            source=sources[0], instead_of=ana, user=cat, start=NOW + 3 * DAY, end=NOW + 4 * DAY
        ),
        ShiftOverrideSlot(source=sources[1], instead_of=cat, user="", start=NOW + DAY, end=NOW + 2 * DAY),
    ]
    ids = [shift_writes.create_override(bench.transport, id_, one).id for one in overrides]

    span = (NOW, NOW + 400 * DAY)
    shifts = shift_read.read_custom_shifts(bench.transport, id_, *span)
    assert {s.id: s.match for s in shifts} == {first.id: slots[0].match, second.id: slots[1].match}
    read = shift_read.read_shift_overrides(bench.transport, id_, *span)
    assert sorted(read, key=lambda o: o.start) == [
        overrides[1].model_copy(update={"id": ids[1]}),
        overrides[0].model_copy(update={"id": ids[0]}),
    ]
    shift_writes.end_custom_shift(bench.transport, id_, second.id, NOW + HOUR)
    shift_writes.delete_custom_shift(bench.transport, id_, first.id)
    shift_writes.delete_override(bench.transport, id_, ids[0])
    shift_writes.delete_override(bench.transport, id_, ids[0])
    assert [s.end for s in shift_read.read_custom_shifts(bench.transport, id_, *span)] == [NOW + HOUR]
    assert [o.id for o in shift_read.read_shift_overrides(bench.transport, id_, *span)] != [ids[0]]


def test_long_lists_are_read_to_their_end(bench: Bench) -> None:
    ana, *_ = bench.crew
    _, id_ = empty(bench)
    slots = [CustomShiftSlot(user=ana, start=NOW + i * HOUR, end=NOW + (i + 1) * HOUR) for i in range(230)]
    shift_writes.create_custom_shifts(bench.transport, id_, slots)
    read = shift_read.read_custom_shifts(bench.transport, id_, NOW, NOW + 30 * DAY)
    assert sorted(s.match for s in read) == sorted(s.match for s in slots)


def test_a_layer_based_one_says_so(bench: Bench) -> None:
    layers = [
        {
            "start": iso(NOW),
            "rotation_virtual_start": iso(NOW),
            "rotation_turn_length_seconds": DAY,
            "users": [{"user": {"id": bench.crew[0], "type": "user_reference"}}],
        }
    ]
    body = {"schedule": {"type": "schedule", "name": "v2", "time_zone": "Etc/UTC", "schedule_layers": layers}}
    id_ = bench.transport.post("/schedules", body).body["schedule"]["id"]
    with pytest.raises(OtherKind):
        bench.schedule(id_)
