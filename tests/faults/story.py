"""A variant, played once undisturbed: what every disturbed run has to end in."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pydantic import SecretStr

from faults.judges import (
    AHEAD,
    Ends,
    Holes,
    Row,
    bridged_until,
    holes,
    new_holes,
    read,
    rows,
    told,
    twice,
)
from faults.variants import Variant
from repositories import Repo
from unit.pagerduty.scripted import VirtualClock
from watchbill.apply.execute import execute
from watchbill.apply.outcome import Outcome
from watchbill.cli.account import Opened
from watchbill.cli.options import Globals
from watchbill.cli.planning import Reading
from watchbill.config.load import load_valid
from watchbill.pagerduty.transport import Exchange, Transport, Wire
from watchbill.plan.document import Plan
from watchbill.rota.clock import iso, parse_instant
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.server import Sandbox

START = "2026-11-23T14:00:00Z"
NOW = parse_instant(START)


class Watch:
    """Looks after every write whether a service reaches nobody that it reached before and will reach after, and
    whether a shift-based schedule has two people at once, which only its bridge may bring for a moment."""

    def __init__(self, sandbox: Sandbox, before: Seen, after: Seen, ends: Ends, every: int = 1) -> None:
        self._sandbox, self._before, self._after, self._ends = sandbox, before, after, ends
        self._every, self._writes = every, 0
        self.looks = 0

    def __call__(self, seen: Exchange) -> None:
        self._writes += seen.method != "GET"
        if seen.method != "GET" and self._writes % self._every == 0:
            self.look(f"{seen.method} {seen.path}")
            successor_is_there = seen.path.endswith("/events") or (
                seen.method == "DELETE" and "/custom_shifts/" in seen.path
            )
            allowed = (self._before.twice, self._after.twice)
            for name in new_holes(twice(self._sandbox, NOW), *allowed, NOW):
                (schedule,) = self._sandbox.store.named("schedule_v3", name)
                bridged = schedule["description"].endswith(" writing") and not (
                    successor_is_there and schedule["id"] in seen.path
                )
                assert bridged, f"after {seen.method} {seen.path} two people are on call in {name}"

    def look(self, when: str) -> None:
        self.looks += 1
        found = holes(self._sandbox, NOW, self._ends)
        bad = new_holes(found, self._before.holes, self._after.holes, NOW)
        assert not bad, f"after {when} nobody is paged for {', '.join(bad)}"


@dataclass(frozen=True)
class Seen:
    """Of an account at rest."""

    holes: Holes = field(default_factory=dict)
    twice: Holes = field(default_factory=dict)

    @classmethod
    def of(cls, sandbox: Sandbox) -> Seen:
        all_of_it = {s["id"]: NOW + AHEAD for s in sandbox.store.all("schedule_v3")}
        return cls(holes(sandbox, NOW, all_of_it), twice(sandbox, NOW))


@dataclass
class Story:
    """An account that was applied once, and what the policy wants of it now."""

    variant: Variant
    _home: tempfile.TemporaryDirectory[str] = field(repr=False)
    end: list[str] = field(default_factory=list)
    foreign: dict[Row, str] = field(default_factory=dict)
    before: Seen = field(default_factory=Seen)
    after: Seen = field(default_factory=Seen)
    ends: Ends = field(default_factory=dict)
    requests: int = 0
    """Of an undisturbed run, as are the writes."""
    writes: int = 0
    writing: frozenset[int] = frozenset()
    """Which of the requests are writes, from 1."""
    planned: Plan | None = field(default=None, repr=False)
    """For the account as it is after the first apply: every run begins there."""

    @property
    def kinds(self) -> Counter[str]:
        return Counter(f"{c.kind} {c.action}" for c in self.first_plan.changes)

    @property
    def first_plan(self) -> Plan:
        assert self.planned is not None
        return self.planned

    @property
    def folder(self) -> Path:
        return Path(self._home.name)

    @contextmanager
    def sandbox(self) -> Iterator[Sandbox]:
        """The account after the first apply, again and again."""
        with tempfile.TemporaryDirectory() as folder:
            state = Path(folder) / "state.sqlite"
            if (self.folder / "account.sqlite").exists():
                shutil.copy(self.folder / "account.sqlite", state)
            with Sandbox(state, START, options=self.variant.options) as sandbox:
                yield sandbox

    def plan(self, sandbox: Sandbox) -> Plan:
        """As `watchbill plan` makes it."""
        options = Globals(policies=self.folder / "repository" / "policies", now_text=START)
        loaded = load_valid(options.policies)
        assert loaded.policy is not None
        with Transport(sandbox.url, SecretStr(sandbox.token)) as transport:
            opened = Opened(transport, "sandbox", "the sandbox")
            plan = Reading.of(options, loaded.policy, opened, NOW).plan(loaded, loaded.policy)
        assert not [n for n in plan.notices if n.severity == "error"], plan.notices
        return plan

    def apply(
        self, sandbox: Sandbox, plan: Plan, state: Path, watch: Watch | None = None, wire: Wire | None = None
    ) -> Outcome:
        clock = VirtualClock()  # so that every run sends the same requests, however busy the machine is
        token = SecretStr(sandbox.token)
        with Transport(sandbox.url, token, on_exchange=watch, wire=wire, clock=clock) as transport:
            return execute(plan, transport, now=NOW, state=state)

    def watch(self, sandbox: Sandbox, every: int = 1) -> Watch:
        return Watch(sandbox, self.before, self.after, self.ends, every)

    def places(self) -> list[int]:
        """The requests to disturb, from 1: every write, and of the reads as many as the variant can afford."""
        places = range(1, self.requests + 1)
        return [at for at in places if at in self.writing or at % self.variant.reads_every == 0]

    def check(self, sandbox: Sandbox) -> None:
        now = rows(sandbox)
        touched = [row for row, doc in self.foreign.items() if now.get(row) != doc]
        assert not touched, f"not ours, and changed: {touched}"
        assert told(read(sandbox, NOW), NOW) == self.end
        assert self.plan(sandbox).is_empty

    def told(self) -> str:
        kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(self.kinds.items()))
        return f"{self.variant}: {kinds}; {self.writes} writes among {self.requests} requests"


@cache
def tell(variant: Variant) -> Story:
    story = Story(variant, tempfile.TemporaryDirectory(prefix="watchbill-story-"))
    repo = Repo.new(story.folder / "repository")
    repo.write("policies/policy.yaml", variant.first)
    repo.commit("2026-11-01T09:00:00Z")
    policy = load_valid(repo.folder / "policies").policy
    assert policy is not None
    state = story.folder / "account.sqlite"
    with Sandbox(state, START, options=variant.options) as sandbox:
        ensure_users(sandbox.store, [{"name": p.name, "email": p.email} for p in policy.people.values()])
        variant.prepare(sandbox)
        story.foreign = rows(sandbox)
        outcome = story.apply(sandbox, story.plan(sandbox), story.folder / "first")
        assert outcome.complete, outcome
        ours = rows(sandbox)
        variant.by_hand(sandbox)
        story.foreign |= {row: doc for row, doc in rows(sandbox).items() if row not in ours}
        sandbox.store.clear_log()
    repo.write("policies/policy.yaml", variant.then)
    repo.commit(iso(NOW))
    _undisturbed(story)
    return story


def _undisturbed(story: Story) -> None:
    with story.sandbox() as sandbox:
        begin = told(read(sandbox, NOW), NOW)
        story.before = Seen.of(sandbox)
        events = {e["id"]: e for e in sandbox.store.all("event")}
        plan = story.planned = story.plan(sandbox)
        outcome = story.apply(sandbox, plan, story.folder / "then")
        assert outcome.complete, outcome
        sent = sandbox.requests()[-outcome.requests :]
        story.writing = frozenset(i for i, r in enumerate(sent, start=1) if r.method != "GET")
        story.end, story.after = told(read(sandbox, NOW), NOW), Seen.of(sandbox)
        story.ends = bridged_until(sandbox, events, NOW)
        story.requests, story.writes = outcome.requests, outcome.writes
        assert begin != story.end
        story.check(sandbox)
    with story.sandbox() as sandbox:
        watch = story.watch(sandbox)
        again = story.apply(sandbox, plan, story.folder / "watched", watch)
        assert (again.complete, again.requests, watch.looks) == (True, outcome.requests, outcome.writes)
