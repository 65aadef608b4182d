"""Shift-based schedules written to a served sandbox, every exchange judged by PagerDuty's official document."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import SecretStr

from contract.client import Client
from contract.openapi import Contract, read_deviations
from shared import openapi_path
from unit.apply.plans import MONDAY, NOW, change, ladder, layer, override_change, plan, rotation_ref, schedule
from unit.apply.shift_plans import event, rotation, shift_schedule
from unit.pagerduty.scripted import VirtualClock
from watchbill.account.digest import as_written, same
from watchbill.account.objects import (
    Account,
    CustomShiftSlot,
    ManagedObject,
    ShiftOverrideSlot,
    ShiftSchedule,
    ShiftSource,
)
from watchbill.apply.execute import execute
from watchbill.apply.outcome import Outcome
from watchbill.pagerduty import shift_writes
from watchbill.pagerduty.pacing import RealClock
from watchbill.pagerduty.read import read_account
from watchbill.pagerduty.transport import Exchange, Transport
from watchbill.plan.document import Change, OverrideWrite
from watchbill.rota.clock import DAY, HOUR, WEEK, iso, parse_instant
from watchbill.sandbox.faults import parse_fault
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

PEOPLE = ("ana", "bogdan", "carmen", "dan")
HANDOFF = parse_instant("2026-11-30T07:00:00Z")  # Monday 09:00 in Bucharest


@dataclass
class Bench:
    sandbox: Sandbox
    transport: Transport
    crew: list[str]
    state: Path
    watched: list[Callable[[Exchange], None]] = field(default_factory=list)

    def read(self, *beside: str) -> Account:
        return read_account(
            self.transport, name="sandbox", now=NOW, since=NOW, until=NOW + 60 * DAY, overrides_of=beside
        )

    def schedule(self, key: str = "backend") -> ShiftSchedule:
        (found,) = [s for s in self.read().schedules if s.key == f"rotation/{key}"]
        assert isinstance(found, ShiftSchedule)
        return found

    def apply(self, *changes: Change) -> Outcome:
        return execute(plan(changes), self.transport, now=NOW, state=self.state)

    def make(self, want: ShiftSchedule) -> ShiftSchedule:
        applied(self.apply(change(want)))
        return self.schedule(want.key.removeprefix("rotation/"))

    def tamper(self, body: dict[str, Any]) -> None:
        """Edited as if in the web page."""
        with Client(self.sandbox.url, self.sandbox.token) as client:
            assert client.post("/_sandbox/tamper", body).status < 300

    def people(self, id_: str, since: int, until: int) -> list[tuple[str, str, str]]:
        """(start, end, user) as the sandbox renders it."""
        found = self.sandbox.world.on_call_entries("schedule_v3", id_, since, until)
        return [(iso(max(e.start, since)), iso(min(e.end, until)), e.user or "") for e in found]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Sandbox(clock=iso(NOW), record=True, options=SandboxOptions(rate_limit=0)) as sandbox:
        ensure_users(sandbox.store, [{"name": p.title(), "email": f"{p}@example.com"} for p in PEOPLE])
        crew = [sandbox.store.named("user", p.title())[0]["id"] for p in PEOPLE]
        watched: list[Callable[[Exchange], None]] = []

        def look(seen: Exchange) -> None:
            for each in watched:
                each(seen)

        with Transport(sandbox.url, SecretStr(sandbox.token), on_exchange=look) as transport:
            yield Bench(sandbox, transport, crew, tmp_path, watched)
        contract = Contract(openapi_path(), [d for d in read_deviations() if d.about != "client"])
        problems = []
        for e in (x for x in sandbox.exchanges() if not x.path.startswith("/_sandbox")):
            problems += contract.request_problems(e.method, e.path, e.query, e.headers, e.body)
            problems += contract.response_problems(e.method, e.path, e.status, e.answer)
        assert [str(p) for p in problems] == []


def applied(outcome: Outcome) -> None:
    assert [(s.ref, s.status, s.reason) for s in outcome.steps if s.status != "applied"] == []


def in_sync(want: ManagedObject, got: ManagedObject) -> None:
    assert same(want, got, now=NOW)
    assert as_written(got)


def lines(outcome: Outcome) -> list[str]:
    """What the journal says was asked for, in order."""
    journal = [json.loads(line) for line in Path(outcome.journal).read_text().splitlines()]
    begun = [line for line in journal if line["event"] == "writing"]
    written = [line for line in journal if line["event"] == "written"]
    assert len(begun) == len(written) == outcome.writes
    return [line["request"] for line in begun if "request" in line]


def test_one_is_made_and_nothing_points_at_it_before_its_digest_is_written(bench: Bench) -> None:
    ana, bob, _, dan = bench.crew
    nights = event(dan, label="nights", rule="FREQ=DAILY", end=NOW + HOUR, start=NOW)
    want = shift_schedule("backend", rotation(event(ana, bob)), rotation(nights, key="nights"))
    ladders = change(ladder("backend", [[rotation_ref("backend")]]), needs=["schedule:rotation/backend"])
    markers = []

    def look(seen: Exchange) -> None:
        if (seen.method, seen.path) == ("POST", "/escalation_policies"):
            markers.append(bench.schedule().marker)

    bench.watched.append(look)
    outcome = bench.apply(change(want), ladders)
    applied(outcome)
    assert lines(outcome) == [
        "create schedule",
        *("create rotation", "create event") * 2,
        "finish",
    ]
    in_sync(want, bench.schedule())
    assert [m.state for m in markers if m] == ["written"]
    assert bench.apply(change(want), ladders).steps[0].status == "already"


def crew_change(bench: Bench) -> tuple[ShiftSchedule, ShiftSchedule]:
    """What is there, and a crew that starts at the handoff."""
    ana, bob, cat, dan = bench.crew
    have = bench.make(shift_schedule("backend", rotation(event(ana, bob, cat))))
    capped, successor = event(ana, bob, cat, until=HANDOFF), event(dan, ana, cat, bob, since=HANDOFF)
    return have, shift_schedule("backend", rotation(capped, successor))


def test_a_crew_changes_in_four_steps_and_no_shift_before_it_moves(bench: Bench) -> None:
    have, want = crew_change(bench)
    before = bench.people(have.id, NOW, HANDOFF)
    at_the_time: list[tuple[str, list[str]]] = []

    def look(seen: Exchange) -> None:
        if seen.method != "GET":
            assert bench.people(have.id, NOW, HANDOFF) == before
            moment = bench.people(have.id, HANDOFF, HANDOFF + 1)
            at_the_time.append((seen.method, sorted(user for _, _, user in moment)))

    bench.watched.append(look)
    outcome = bench.apply(change(want, have))
    applied(outcome)
    assert lines(outcome) == [
        "begin",
        "make bridge",
        "end event",
        "create event",
        "remove bridge",
        "finish",
    ]
    counts = [len(set(users)) for _, users in at_the_time]
    assert counts == [1, 2, 1, 1, 1, 1], "two people only from the bridge to the end of the old event"
    in_sync(want, bench.schedule())
    (only,) = bench.schedule().rotations
    assert len(only.events) == 2
    assert bench.read(have.id).shift_overrides == {have.id: ()}


def test_whoever_stands_in_does_so_at_every_step(bench: Bench) -> None:
    have, _ = crew_change(bench)
    ana, bob, cat, dan = bench.crew
    want = shift_schedule(
        "backend",
        rotation(event(ana, bob, cat, until=HANDOFF), event(dan, ana, bob, cat, since=HANDOFF)),
    )
    span = {"start": HANDOFF + DAY, "end": HANDOFF + 2 * DAY}
    theirs = ShiftOverrideSlot(source=ShiftSource(id=have.rotations[0].id), instead_of=cat, user=dan, **span)
    shift_writes.create_override(bench.transport, have.id, theirs)
    week = [
        (iso(HANDOFF), iso(HANDOFF + DAY), cat),
        (iso(HANDOFF + DAY), iso(HANDOFF + 2 * DAY), dan),
        (iso(HANDOFF + 2 * DAY), iso(HANDOFF + WEEK), cat),
    ]

    def look(seen: Exchange) -> None:
        if seen.method != "GET":
            assert bench.people(have.id, HANDOFF, HANDOFF + WEEK) == week, seen.path

    bench.watched.append(look)
    outcome = bench.apply(change(want, have))
    applied(outcome)
    assert lines(outcome)[1] == "make bridge"
    account = bench.read(have.id)
    assert [o.match for o in account.shift_overrides[have.id]] == [theirs.match]
    in_sync(want, bench.schedule())


def test_a_running_crew_that_should_be_another_gives_way_a_quarter_of_an_hour_ahead(bench: Bench) -> None:
    ana, bob, cat, dan = bench.crew
    have = bench.make(shift_schedule("backend", rotation(event(ana, bob))))
    want = shift_schedule("backend", rotation(event(cat, dan)))
    outcome = bench.apply(change(want, have))
    applied(outcome)
    until = "whoever is on call stays so until Mon 2026-11-23 16:15, from then on as planned"
    assert outcome.steps[0].notes == (until,)
    in_sync(want, bench.schedule())
    noon = [user for _, _, user in bench.people(have.id, NOW, NOW + HOUR)]
    assert noon[0] in (ana, bob)
    assert noon[1] in (cat, dan)
    assert bench.apply(change(want, bench.schedule())).steps[0].status == "already"


def test_what_a_hand_changed_is_put_right_once(bench: Bench) -> None:
    """The edit made a successor of the same name: its place is found by content, not by that name."""
    ana, bob, *_ = bench.crew
    want = shift_schedule("backend", rotation(event(ana, bob)))
    have = bench.make(want)
    (running,) = have.rotations[0].events
    edit = {running.name: {"members": ["Carmen", "Dan"]}}
    bench.tamper({"kind": "schedule_v3", "name": have.name, "changes": {"events": edit}})
    edited = bench.schedule()
    assert not same(want, edited, now=NOW)
    applied(bench.apply(change(want, edited)))
    got = bench.schedule()
    in_sync(want, got)
    assert bench.apply(change(want, got)).steps[0].status == "already"


class Stopwatch(RealClock):
    """Jumps ahead when told to."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


def test_what_was_read_a_while_ago_is_read_again_before_the_next_write(bench: Bench) -> None:
    have, want = crew_change(bench)
    clock = bench.transport.clock = Stopwatch()
    (running,) = have.rotations[0].events

    def dawdle(seen: Exchange) -> None:
        if (seen.method, seen.path.endswith("/custom_shifts")) == ("POST", True):
            clock.ahead += 3
            edit = {running.name: {"members": ["Carmen", "Dan"]}}
            bench.tamper({"kind": "schedule_v3", "name": have.name, "changes": {"events": edit}})

    bench.watched.append(dawdle)
    outcome = bench.apply(change(want, have))
    assert [(s.status, s.reason) for s in outcome.steps] == [
        ("failed", "somebody edited its events while they were being changed")
    ]
    left = bench.schedule()
    assert left.marker is not None
    assert left.marker.state == "writing"
    bench.watched.clear()
    applied(bench.apply(change(want, left)))
    in_sync(want, bench.schedule())
    assert bench.sandbox.store.children("custom_shift", have.id) == []


def test_a_long_description_makes_room_for_the_bridges_and_comes_back(bench: Bench) -> None:
    ana, bob, cat, dan = bench.crew
    nights = {"label": "nights", "rule": "FREQ=DAILY", "end": MONDAY + 12 * HOUR, "per_member": 100}
    long = " ".join(["Who is paged."] * 68)
    have = bench.make(shift_schedule("backend", rotation(event(ana, bob, **nights)), description=long))
    want = shift_schedule("backend", rotation(event(cat, dan, **nights)), description=long)
    lengths = []

    def look(seen: Exchange) -> None:
        if seen.method != "GET":
            lengths.append(len(bench.sandbox.store.named("schedule_v3", have.name)[0]["description"]))

    bench.watched.append(look)
    applied(bench.apply(change(want, have)))
    assert all(length <= 1024 for length in lengths)
    assert bench.schedule().description == long
    in_sync(want, bench.schedule())
    bridges = [
        e.body["custom_shifts"]
        for e in bench.sandbox.exchanges()
        if e.path.endswith("/custom_shifts") and e.body
    ]
    assert [len(made) for made in bridges] == [14]


@pytest.mark.parametrize("fault", ["503:0.25", "429:0.25", "drop-response:0.2", "truncated-body:0.2"])
def test_a_failing_account_gets_nothing_twice(fault: str, tmp_path: Path) -> None:
    options = SandboxOptions(rate_limit=0, faults=(parse_fault(fault),), seed=7)
    with Sandbox(clock=iso(NOW), options=options) as sandbox:
        ensure_users(sandbox.store, [{"name": p, "email": f"{p}@example.com"} for p in PEOPLE])
        ana, bob, cat, dan = (sandbox.store.named("user", p)[0]["id"] for p in PEOPLE)
        first = shift_schedule("backend", rotation(event(ana, bob)), rotation(event(cat), key="more"))
        then = shift_schedule("backend", rotation(event(dan, bob)), rotation(event(ana), key="more"))
        with Transport(sandbox.url, SecretStr("t"), clock=VirtualClock()) as transport:
            bench = Bench(sandbox, transport, [], tmp_path)
            made = bench.make(first)
            applied(bench.apply(change(then, made)))
            in_sync(then, bench.schedule())
        assert len(sandbox.store.all("schedule_v3")) == 1
        assert len(sandbox.store.children("rotation", made.id)) == 2
        assert len(sandbox.store.all("event")) == 4
        assert sandbox.store.children("custom_shift", made.id) == []


def test_header_fields_alone_take_one_request(bench: Bench) -> None:
    ana, bob, *_ = bench.crew
    have = bench.make(shift_schedule("backend", rotation(event(ana, bob))))
    team = bench.transport.post("/teams", {"team": {"type": "team", "name": "T"}}).body["team"]["id"]
    want = shift_schedule(
        "backend",
        rotation(event(ana, bob)),
        name="renamed",
        time_zone="Etc/UTC",
        teams=(team,),
        description="",
    )
    outcome = bench.apply(change(want, have))
    applied(outcome)
    assert lines(outcome) == ["finish"]
    got = bench.schedule()
    in_sync(want, got)
    assert (got.id, got.name, got.time_zone, got.teams) == (have.id, "renamed", "Etc/UTC", (team,))


def test_it_is_forgotten_and_deleted(bench: Bench) -> None:
    ana, *_ = bench.crew
    have = bench.make(shift_schedule("backend", rotation(event(ana))))
    other = bench.make(shift_schedule("other", rotation(event(ana))))
    outcome = bench.apply(change(other, other, action="forget"), change(have, have, action="delete"))
    applied(outcome)
    (left,) = bench.read().schedules
    assert (left.id, left.marker, left.description) == (other.id, None, "Who is paged.")
    again = bench.apply(change(other, other, action="forget"), change(have, have, action="delete"))
    assert [s.status for s in again.steps] == ["already", "already"]


def test_what_others_added_stays_and_what_gets_lost_is_made_again(bench: Bench) -> None:
    have, want = crew_change(bench)
    ana, bob, cat, dan = bench.crew
    shift = CustomShiftSlot(user=dan, start=HANDOFF, end=HANDOFF + WEEK)
    like_the_bridge = CustomShiftSlot(user=bob, start=HANDOFF, end=HANDOFF + WEEK)
    made = shift_writes.create_custom_shifts(bench.transport, have.id, [shift, like_the_bridge])
    on_rotation = ShiftSource(id=have.rotations[0].id)
    span = {"start": HANDOFF + 8 * DAY, "end": HANDOFF + 9 * DAY}
    theirs = [
        ShiftOverrideSlot(source=on_rotation, instead_of=bob, user=ana, **span),
        ShiftOverrideSlot(
            source=ShiftSource(kind="custom_shift", id=made[0].id),
            instead_of=dan,
            user=cat,
            start=HANDOFF,
            end=HANDOFF + DAY,
        ),
    ]
    for one in theirs:
        shift_writes.create_override(bench.transport, have.id, one)

    def lose(seen: Exchange) -> None:
        if seen.method == "PUT" and "/events/" in seen.path:
            for kind in ("v3_override", "custom_shift"):
                for doc in bench.sandbox.store.children(kind, have.id):
                    if kind == "v3_override" or doc["id"] == made[0].id:
                        bench.sandbox.store.delete(kind, doc["id"])

    bench.watched.append(lose)
    outcome = bench.apply(change(want, have))
    applied(outcome)
    assert outcome.steps[0].notes[0].startswith("PagerDuty dropped 3 overrides")
    assert outcome.steps[0].id == have.id
    account = bench.read(have.id)
    (got,) = account.schedules
    assert isinstance(got, ShiftSchedule)
    assert sorted(s.match for s in got.custom_shifts) == sorted([shift.match, like_the_bridge.match])
    assert sorted(o.match for o in account.shift_overrides[have.id]) == sorted(o.match for o in theirs)
    in_sync(want, got)


def test_overrides_and_custom_shifts_of_ours_come_and_go(bench: Bench) -> None:
    ana, bob, cat, dan = bench.crew
    want = shift_schedule("backend", rotation(event(ana)))
    day = {"start": NOW + DAY, "end": NOW + 2 * DAY}
    slots = [
        CustomShiftSlot(user=bob, **day),
        ShiftOverrideSlot(source=ShiftSource(key="turns"), instead_of=ana, user=cat, **day),
        ShiftOverrideSlot(source=ShiftSource(kind="custom_shift"), instead_of=bob, user=dan, **day),
    ]

    def writes(action: Literal["create", "delete"], ids: dict[str, str]) -> list[Change]:
        bare = override_change("backend", ana, NOW, NOW + DAY, schedule_id=ids.get("rotation/backend", ""))
        assert isinstance(bare.want, OverrideWrite)
        return [
            bare.model_copy(
                update={
                    "key": f"rotation/backend/{i}",
                    "action": action,
                    "want": bare.want.model_copy(update={"slot": s}),
                }
            )
            for i, s in enumerate(slots)
        ]

    applied(bench.apply(change(want), *writes("create", {})))
    have = bench.schedule()
    ids = {have.key: have.id}
    on_call = {(iso(day["start"]), iso(day["end"]), user) for user in (cat, dan)}
    assert set(bench.people(have.id, since=day["start"], until=day["end"])) == on_call
    again = bench.apply(*writes("create", ids))
    assert [s.status for s in again.steps] == ["already"] * 3
    applied(bench.apply(*reversed(writes("delete", ids))))
    account = bench.read(have.id)
    assert account.shift_overrides == {have.id: ()}
    assert [s.user for s in bench.sandbox.store.children("custom_shift", have.id)] == []
    again = bench.apply(*writes("delete", ids))
    assert [s.status for s in again.steps] == ["already"] * 3


def test_of_two_custom_shifts_alike_only_ours_is_taken_back(bench: Bench) -> None:
    ana, bob, *_ = bench.crew
    have = bench.make(shift_schedule("backend", rotation(event(ana))))
    twin = CustomShiftSlot(user=bob, start=NOW + DAY, end=NOW + 2 * DAY)
    theirs, ours = shift_writes.create_custom_shifts(bench.transport, have.id, [twin, twin])
    gone = override_change("backend", bob, twin.start, twin.end, action="delete", schedule_id=have.id)
    assert isinstance(gone.want, OverrideWrite)
    slot = twin.model_copy(update={"id": ours.id})
    gone = gone.model_copy(update={"want": gone.want.model_copy(update={"slot": slot})})
    applied(bench.apply(gone))
    assert [s["id"] for s in bench.sandbox.store.children("custom_shift", have.id)] == [theirs.id]
    assert bench.apply(gone).steps[0].status == "already"


def test_a_plan_that_no_longer_fits_is_refused_before_anything_is_written(bench: Bench) -> None:
    have, want = crew_change(bench)
    bench.sandbox.store.put(
        "event", {**bench.sandbox.store.all("event")[0], "name": "by hand"}, parent=have.rotations[0].id
    )
    edited = bench.schedule()
    assert edited != have
    bench.tamper({"kind": "schedule_v3", "name": have.name, "changes": {"name": "renamed by hand"}})
    outcome = bench.apply(change(want, have))
    assert [(s.status, s.wrote) for s in outcome.steps] == [("stale", False)]
    assert outcome.exit_code == 12


def test_one_that_was_upgraded_meanwhile_is_stale(bench: Bench) -> None:
    want = schedule("backend", [layer(bench.crew[0])])
    applied(bench.apply(change(want)))
    (have,) = bench.read().schedules
    bench.tamper({"kind": "schedule", "name": have.name, "changes": {"upgrade": True}})
    later = schedule("backend", [layer(bench.crew[1])])
    outcome = bench.apply(change(later, have))
    assert [(s.status, s.reason) for s in outcome.steps] == [
        ("stale", "it became a schedule of the other kind")
    ]
    got = bench.schedule()
    now_shifts = shift_schedule("backend", rotation(event(bench.crew[1])))
    applied(bench.apply(change(now_shifts, got)))
    in_sync(now_shifts, bench.schedule())
