"""Any change to a shift-based schedule, written to the sandbox: after every request somebody is on call who was to
be, nobody is there twice but for the bridge, and a run killed at any write is finished by the next one."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from contract.client import Client
from property.test_shift_changes import as_stored, compiled, surely_compiled, two_policies
from rota_policies import PEOPLE, frame
from rota_reference import Data
from unit.apply.plans import change, plan
from unit.apply.shift_plans import shift_schedule
from watchbill.account.digest import as_written, bridges_of, same
from watchbill.account.event_changes import AHEAD, ChangePlan, change_plan
from watchbill.account.event_steps import Delete, Edit, End, State
from watchbill.account.objects import ShiftRotation, ShiftSchedule
from watchbill.account.parts import CannotExpress
from watchbill.apply.execute import execute
from watchbill.apply.outcome import Outcome
from watchbill.pagerduty.answers import NoAnswer, Response
from watchbill.pagerduty.client import OfficialClient
from watchbill.pagerduty.read import read_account
from watchbill.pagerduty.transport import Exchange, Transport
from watchbill.rota.clock import DAY, iso
from watchbill.rota.spans import Span, complement, intersect, union
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox
from watchbill.sandbox.shift_docs import phase

SURELY_BRIDGED = 100
"""So many custom shifts are made in any case; a description has room to list about 140."""
EXAMPLES = 100 if os.environ.get("WATCHBILL_FAULTS") == "full" else 6


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


class Wire:
    """Ends everything before or after the write number `at` (from 1), or loses its answer.  0: at none."""

    def __init__(self, inner: OfficialClient, at: int = 0, moment: str = "") -> None:
        self._inner, self._at, self._moment = inner, at, moment
        self.writes = 0

    def send(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any],
        body: Any | None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        self.writes += method != "GET"
        doomed = method != "GET" and self.writes == self._at
        if doomed and self._moment == "before":
            raise Killed
        answer = self._inner.send(method, path, params, body, headers)
        if doomed and self._moment == "after":
            raise Killed
        if doomed:
            raise NoAnswer("the answer got lost", sent=True, slow=False)
        return answer

    def close(self) -> None:
        """The client serves several transports."""


class Watch:
    """Looks at the sandbox's own rendering after every write.  `strict`: nothing was left by an earlier run."""

    def __init__(
        self, sandbox: Sandbox, have: ShiftSchedule, steps: ChangePlan, goal: State, now: int, *, strict: bool
    ) -> None:
        self.sandbox, self.id, self.strict = sandbox, have.id, strict
        self.now, self.until = now, max(steps.bridged_until, steps.turning)
        self.turning = steps.turning
        wanted = union([(now, max(now, steps.turning)), *goal.manned(now, self.until)])
        self.required = intersect(steps.state.manned(now, self.until), wanted)
        self.before = self.people(now, self.until)
        self.goal_twice = _twice(_entries(goal, now, self.until))
        self.shrinking = sum(
            isinstance(s, Edit | Delete)
            or (isinstance(s, End) and s.until is not None and s.until <= (s.event.until or s.until))
            for s in steps.steps
        )
        self.seen: Counter[str] = Counter()

    def people(self, since: int, until: int) -> list[tuple[int, int, str]]:
        found = self.sandbox.world.on_call_entries("schedule_v3", self.id, since, until)
        return [(max(e.start, since), min(e.end, until), e.user or "") for e in found]

    def __call__(self, seen: Exchange) -> None:
        if seen.method == "GET" or (seen.status or 200) >= 300:
            return
        if seen.status is None and seen.method != "POST":  # sent again, and seen then
            return
        part = seen.path.split("/")[-2] if seen.method in ("PUT", "DELETE") else seen.path.split("/")[-1]
        self.seen[f"{seen.method} {part}"] += 1
        now = self.people(self.now, self.until)
        manned = union((start, end) for start, end, _ in now)
        holes = intersect(complement(manned, self.now, self.until), self.required)
        assert not holes, f"nobody from {iso(holes[0][0])} after {seen.method} {seen.path}"
        if self.strict:
            self._nobody_moves(seen)
            self._nobody_twice(seen, now)

    def _nobody_moves(self, seen: Exchange) -> None:
        if self.turning > self.now:
            found = [_cut(e, self.now, self.turning) for e in self.people(self.now, self.turning)]
            before = [_cut(e, self.now, self.turning) for e in self.before if e[0] < self.turning]
            assert sorted(found) == sorted(before), f"a shift moved after {seen.method} {seen.path}"

    def _nobody_twice(self, seen: Exchange, now: list[tuple[int, int, str]]) -> None:
        done = self.seen["PUT events"] + self.seen["DELETE events"]
        if self.seen["POST custom_shifts"] and done < self.shrinking:
            return
        allowed = union([*_twice(self.before), *self.goal_twice])
        extra = intersect(_twice(now), complement(allowed, self.now, self.until))
        assert not extra, f"two people from {iso(extra[0][0])} after {seen.method} {seen.path}"


def _cut(entry: tuple[int, int, str], since: int, until: int) -> tuple[int, int, str]:
    return max(entry[0], since), min(entry[1], until), entry[2]


def _entries(state: State, since: int, until: int) -> list[tuple[int, int, str]]:
    marks = sorted({*state.boundaries(since, until), until}) if since < until else []
    people = state.people_at(marks)
    return [(a, b, who) for a, b, found in zip(marks, marks[1:], people, strict=False) for who in found]


def _twice(entries: list[tuple[int, int, str]]) -> list[Span]:
    """When two different people are there."""
    mine: dict[str, list[Span]] = {}
    for start, end, who in entries:
        mine.setdefault(who, []).append((start, end))
    spans = [union(found) for found in mine.values()]
    return union(
        span for i, left in enumerate(spans) for right in spans[i + 1 :] for span in intersect(left, right)
    )


class Bench:
    def __init__(self, sandbox: Sandbox, state: Path, zone: str) -> None:
        self.sandbox, self.state, self.zone = sandbox, state, zone
        self.client = OfficialClient(sandbox.url, SecretStr("t"), timeout=10)

    def want(self, rotations: tuple[ShiftRotation, ...]) -> ShiftSchedule:
        return shift_schedule("r", *rotations, time_zone=self.zone)

    def read(self, now: int) -> ShiftSchedule:
        with Transport(self.sandbox.url, SecretStr("t"), wire=Wire(self.client)) as transport:
            account = read_account(transport, name="sandbox", now=now, since=now, until=now + DAY)
            ids = [s.id for s in account.schedules]
            whole = read_account(
                transport, name="sandbox", now=now, since=now, until=now + 400 * DAY, overrides_of=ids
            )
        (found,) = whole.schedules
        assert isinstance(found, ShiftSchedule)
        return found

    def edit_by_hand(self) -> None:
        """The members of its first living event the other way round, as the web page does it; if there is one."""
        events = self.sandbox.store.all("event")
        event = next((e for e in events if phase(e, self.sandbox.world.now) != "past"), None)
        if event is None:
            return
        members = [m.get("user_id") for m in event["assignment_strategy"]["members"][::-1]]
        changes = {"events": {event["id"]: {"members": members}}}
        with Client(self.sandbox.url) as client:
            body = {"kind": "schedule_v3", "name": "medicalcor-r", "changes": changes}
            assert client.post("/_sandbox/tamper", body).status < 300

    def apply(
        self,
        want: ShiftSchedule,
        have: ShiftSchedule | None,
        now: int,
        watch: Callable[[Exchange], None] | None = None,
        wire: Wire | None = None,
    ) -> Outcome:
        wanted = plan([change(want, have)], at=now)
        wire = wire or Wire(self.client)
        with Transport(self.sandbox.url, SecretStr("t"), on_exchange=watch, wire=wire) as transport:
            return execute(wanted, transport, now=now, state=self.state)


@contextmanager
def benched(zone: str, begun: int) -> Iterator[Bench]:
    users = [{"id": p, "name": p, "email": f"{p}@example.com", "time_zone": "Etc/UTC"} for p in PEOPLE]
    options = SandboxOptions(rate_limit=0, strict_zones=False)
    with (
        tempfile.TemporaryDirectory() as state,
        Sandbox(clock=iso(begun), load={"users": users}, options=options) as sandbox,
    ):
        bench = Bench(sandbox, Path(state), zone)
        try:
            yield bench
        finally:
            bench.client.close()


@given(
    two_policies(),
    st.integers(0, 3 * DAY),
    st.integers(1, 14),
    st.sampled_from(["before", "after", "drop"]),
    st.integers(0, 40),
    st.booleans(),
)
@settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_any_change_killed_anywhere(
    drawn: tuple[Data, Data, int], later: int, at: int, moment: str, minutes: int, by_hand: bool
) -> None:
    old, new, begun = drawn
    now = begun + later
    before, after = compiled(old, begun), compiled(new, now)
    assume(_changes(before, after, begun, now))
    with benched(old["settings"]["time_zone"], begun) as bench:
        assert bench.apply(bench.want(before), None, begun).complete
        bench.sandbox.move(iso(now))
        if by_hand:
            bench.edit_by_hand()
        have = bench.read(now)
        try:
            steps = change_plan(have.rotations, after, now, most_new=SURELY_BRIDGED)
        except CannotExpress:
            return
        watch = Watch(bench.sandbox, have, steps, _goal(after), now, strict=True)
        wire = Wire(bench.client, at, moment)
        try:
            outcome = bench.apply(bench.want(after), have, now, watch, wire)
        except Killed:
            now += 60 * minutes
            bench.sandbox.move(iso(now))
            after = compiled(new, now)
            have = bench.read(now)
            steps = change_plan(have.rotations, after, now, bridges_of(have), most_new=SURELY_BRIDGED)
            watch = Watch(bench.sandbox, have, steps, _goal(after), now, strict=False)
            outcome = bench.apply(bench.want(after), have, now, watch)
        assert outcome.complete, outcome
        _settled(bench, bench.want(after), now)


NOON = 1_793_620_800
"""2026-11-02T12:00Z, a Monday."""


def _two(old: Data, new: Data, later: int) -> tuple[tuple[ShiftRotation, ...], tuple[ShiftRotation, ...]]:
    before, after = (frame("Etc/UTC", {"r": {"crew": ["ana", "ben"], **spec}}) for spec in (old, new))
    return surely_compiled(before, NOON), surely_compiled(after, NOON + later)


@pytest.mark.parametrize("at", range(1, 8))
def test_a_crew_that_is_called_in_at_once_and_an_answer_is_lost(at: int) -> None:
    """Its event was to begin later; written, it runs, and PagerDuty refuses the same edit a second time."""
    before, after = _two(
        {"turn": "1 week", "from": "2026-11-09"}, {"turn": "1 week", "from": "2026-11-02"}, 60
    )
    with benched("Etc/UTC", NOON) as bench:
        assert bench.apply(bench.want(before), None, NOON).complete
        bench.sandbox.move(iso(NOON + 60))
        have, wire = bench.read(NOON + 60), Wire(bench.client, at, "drop")
        outcome = bench.apply(bench.want(after), have, NOON + 60, None, wire)
        assert outcome.complete, outcome
        assert wire.writes > at or at > 3
        _settled(bench, bench.want(after), NOON + 60)


def test_more_bridges_than_can_be_listed() -> None:
    """A description has room for about 140; those that come first are made, and nobody is unpaged so far."""
    before, after = _two(
        {"turn": "2 days", "from": "2026-10-30"}, {"turn": "1 hour", "from": "2026-10-30"}, 60
    )
    with benched("Etc/UTC", NOON) as bench:
        assert bench.apply(bench.want(before), None, NOON).complete
        bench.sandbox.move(iso(NOON + 60))
        have = bench.read(NOON + 60)
        whole, some = (change_plan(have.rotations, after, NOON + 60, most_new=n) for n in (None, 100))
        assert some.turning + 4 * DAY < some.bridged_until < whole.bridged_until
        watch = Watch(bench.sandbox, have, some, _goal(after), NOON + 60, strict=True)
        outcome = bench.apply(bench.want(after), have, NOON + 60, watch)
        assert outcome.complete, outcome
        assert watch.seen["DELETE custom_shifts"] < 150
        _settled(bench, bench.want(after), NOON + 60)


def _changes(
    before: tuple[ShiftRotation, ...], after: tuple[ShiftRotation, ...], begun: int, now: int
) -> bool:
    """Not where it takes more rotations than a schedule holds."""
    try:
        return bool(change_plan(as_stored(before, begun), after, now).steps)
    except CannotExpress:
        return False


def _goal(rotations: tuple[ShiftRotation, ...]) -> State:
    return State({r.key: r.events for r in rotations})


def _settled(bench: Bench, want: ShiftSchedule, now: int) -> None:
    got = bench.read(now)
    assert same(want, got, now=now)
    assert as_written(got)
    assert all(slot.end <= now + AHEAD + 60 for slot in got.custom_shifts)
    assert set(bridges_of(got)) == set(got.custom_shifts)
    for rotation in bench.sandbox.store.children("rotation", got.id):
        spans = [
            State({"": (e,)}).manned(now, now + 60 * DAY)
            for r in got.rotations
            if r.id == rotation["id"]
            for e in r.events
        ]
        assert all(not intersect(a, b) for i, a in enumerate(spans) for b in spans[i + 1 :])
    again = bench.apply(want, got, now)
    assert [(s.status, s.wrote) for s in again.steps] == [("already", False)]
