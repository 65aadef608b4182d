"""The shipped policy on two accounts, as layers and as shifts: the same people are on call in both, whatever
happens to the accounts and is applied again."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from contract.client import Client
from contract.openapi import Contract, read_deviations
from journeys.conftest import NOW, ROOT, Person, clean_environment
from shared import openapi_path
from watchbill.config.load import load_valid
from watchbill.rota.clock import DAY, HOUR, iso, parse_instant, zone
from watchbill.rota.spans import Span, union
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

START = parse_instant(NOW)
WINDOW = 73 * DAY
WINDOWS = 5
CHANGES = zone("Europe/Bucharest").changes_between(START, START + 366 * DAY)
UTC_WATCH = """
teams: {deck: Deck, engine: Engine}
rotations:
  utc-watch:
    title: UTC watch
    time_zone: Etc/UTC
    turn: 1 day
    handoff: daily 06:00
    from: 2026-01-05
    crew: [infra-1, infra-2, infra-3]
    team: [deck, engine]
"""
Interval = tuple[int, int, str]


@dataclass
class Side:
    """One account, and the person who applies the policy to it."""

    sandbox: Sandbox
    person: Person
    handles: dict[str, str] = field(default_factory=dict)
    """User id -> handle."""

    def get(self, path: str, **query: Any) -> Any:
        with Client(self.sandbox.url, self.sandbox.token) as client:
            answer = client.get(path, **query)
            assert answer.status == 200, answer.body
            return answer.body

    def tamper(self, name: str, kind: str, **changes: Any) -> None:
        body = {"kind": kind, "name": name, "changes": changes}
        with Client(self.sandbox.url, self.sandbox.token) as client:
            assert client.post("/_sandbox/tamper", body).status < 300

    def settle(self) -> None:
        """Apply, and see that nothing is left to do."""
        self.sandbox.move(NOW)
        waived = [word for guard in ("imminent", "changed") for word in ("--waive", f"{guard}=put right")]
        ran = self.person.watchbill("apply", "--yes", *waived)
        assert ran.code == 0, ran.out + ran.err
        self.is_settled()

    def is_settled(self) -> None:
        ran = self.person.watchbill("plan", "--exit-code")
        assert ran.code == 0, ran.out + ran.err

    def on_calls(self, begin: int) -> dict[tuple[str, int], list[Interval]]:
        """Policy and level -> who is on call when, in the window, as /oncalls has it."""
        self.sandbox.move(iso(begin))
        found: dict[tuple[str, int], list[Interval]] = {}
        until, offset, more = begin + WINDOW, 0, True
        with Client(self.sandbox.url, self.sandbox.token) as client:
            while more:
                page = client.get("/oncalls", since=iso(begin), until=iso(until), limit=100, offset=offset)
                more, offset = page.body["more"], offset + len(page.body["oncalls"])
                for entry in page.body["oncalls"]:
                    start, end = (entry[k] and parse_instant(entry[k]) for k in ("start", "end"))
                    where = entry["escalation_policy"]["summary"], entry["escalation_level"]
                    span = (start or begin, end or until, self.handles[entry["user"]["id"]])
                    found.setdefault(where, []).append(span)
        return found

    def year(self) -> dict[str, dict[str, list[Span]]]:
        """Schedule -> person -> spans, rendered by the account."""
        self.sandbox.move(NOW)
        window = {"since": iso(START + DAY), "until": iso(START + 366 * DAY)}
        found = {}
        for ref in self.get("/schedules", limit=100)["schedules"]:
            shown = self.get(f"/schedules/{ref['id']}", **window)["schedule"]
            entries = shown["final_schedule"]["rendered_schedule_entries"]
            found[shown["name"]] = [(e["start"], e["end"], e["user"]["id"]) for e in entries]
        for ref in self.get("/v3/schedules")["schedules"]:
            query = {**window, "include[]": "final_schedule"}
            shown = self.get(f"/v3/schedules/{ref['id']}", **query)["schedule"]
            computed = shown["final_schedule"]["computed_shift_assignments"]
            found[shown["name"]] = [
                (a["start_time"], a["end_time"], a["member"]["user_id"])
                for a in computed
                if a["member"]["type"] == "user_member"
            ]
        return {name: self._by_person(entries) for name, entries in found.items()}

    def _by_person(self, entries: list[tuple[str, str, str]]) -> dict[str, list[Span]]:
        mine: dict[str, list[Span]] = {}
        for start, end, user in entries:
            mine.setdefault(self.handles[user], []).append((parse_instant(start), parse_instant(end)))
        return {who: union(spans) for who, spans in mine.items()}


@dataclass
class Pair:
    layers: Side
    shifts: Side

    def agree(self, instants: int) -> None:
        dice = random.Random(20261123)
        people = 0
        for number in range(WINDOWS):
            begin = (
                START + HOUR + number * WINDOW
            )  # what runs as a shift gives way a quarter of an hour later
            left, right = (side.on_calls(begin) for side in (self.layers, self.shifts))
            assert left.keys() == right.keys()
            moments = [begin + dice.randrange(WINDOW) for _ in range(instants // WINDOWS)]
            near = [
                c + d * HOUR
                for c in CHANGES
                for d in range(-30, 31)
                if begin <= c + d * HOUR < begin + WINDOW
            ]
            for at in (*moments, *near):
                for where in left:
                    here, there = (_at(found[where], at) for found in (left, right))
                    assert here == there, f"{where} at {iso(at)}"
                    people += len(here)
        assert people > instants
        years = self.layers.year(), self.shifts.year()
        assert years[0] == years[1]
        assert len(years[0]) >= 4


def _at(entries: list[Interval], at: int) -> set[str]:
    return {who for start, end, who in entries if start <= at < end}


def side(folder: Path, kind: str, stack: ExitStack, more: str = "") -> Side:
    shutil.copytree(ROOT / "policies", folder / "policies")
    settings = folder / "policies" / "settings.yaml"
    text = settings.read_text("utf-8")
    assert "new_schedules: layers" in text
    settings.write_text(text.replace("new_schedules: layers", f"new_schedules: {kind}"), "utf-8")
    if more:
        (folder / "policies" / "more.yaml").write_text(more, "utf-8")
    policy = load_valid(folder / "policies").policy
    assert policy is not None
    sandbox = stack.enter_context(Sandbox(clock=NOW, options=SandboxOptions(rate_limit=0), record=True))
    people = policy.people.items()
    ensure_users(sandbox.store, ({"name": h, "email": p.email, "time_zone": "Etc/UTC"} for h, p in people))
    made = Side(sandbox, Person(folder, clean_environment(folder / "home")).at(sandbox))
    by_email = {person.email: handle for handle, person in people}
    made.handles = {
        u["id"]: by_email[u["email"]]
        for u in made.get("/users", limit=100)["users"]
        if u["email"] in by_email
    }
    return made


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with ExitStack() as stack:
        sides = []
        for kind in ("layers", "shifts"):
            made = side(tmp_path / kind, kind, stack, UTC_WATCH)
            with Client(made.sandbox.url, made.sandbox.token) as client:
                for name in ("Deck", "Engine"):
                    assert client.post("/teams", {"team": {"type": "team", "name": name}}).status == 201
            sides.append(made)
        yield Pair(*sides)
        contract = Contract(openapi_path(), [d for d in read_deviations() if d.about != "client"])
        for made in sides:
            writes = [e for e in made.sandbox.exchanges() if e.method != "GET" and "/_sandbox" not in e.path]
            problems = [
                str(p)
                for e in writes
                for p in contract.request_problems(e.method, e.path, e.query, e.headers, e.body)
            ]
            assert writes
            assert problems == []


def test_both_kinds_agree_for_a_year(pair: Pair) -> None:
    for each in (pair.layers, pair.shifts):
        each.settle()
    assert pair.shifts.get("/schedules")["schedules"] == []
    assert len(pair.shifts.get("/v3/schedules")["schedules"]) == 5
    pair.agree(100)


@pytest.mark.long
def test_both_kinds_agree_whatever_happens_to_the_accounts(pair: Pair) -> None:
    layers, shifts = pair.layers, pair.shifts
    for each in (layers, shifts):
        each.settle()
    pair.agree(2000)

    # Somebody edits the crews in the web page.
    layer = layers.sandbox.store.named("schedule", "medicalcor-infra")[0]["layers"][0]["name"]
    crew = [shifts.sandbox.store.all("user")[i]["name"] for i in (5, 6, 7)]
    layers.tamper("medicalcor-infra", "schedule", layers={layer: {"users": crew}})
    for event in _events(shifts, "medicalcor-infra"):
        shifts.tamper("medicalcor-infra", "schedule_v3", events={event: {"members": crew}})
    for each in (layers, shifts):
        assert each.person.watchbill("plan", "--exit-code").code == 10
        each.settle()
    pair.agree(400)

    # Teams come back in another order, and UTC under another of its names.
    for each, kind in ((layers, "schedule"), (shifts, "schedule_v3")):
        store = each.sandbox.store
        for doc in store.named(kind, "UTC watch"):
            assert len(doc["teams"]) == 2
            store.put(kind, {**doc, "teams": doc["teams"][::-1], "time_zone": "UTC"})
        for event in store.all("event"):
            if event["start_time"]["time_zone"] == "Etc/UTC":
                names = {k: {**event[k], "time_zone": "UTC"} for k in ("start_time", "end_time")}
                store.put("event", {**event, **names}, parent=event["rotation"])
        each.is_settled()
        each.settle()
    pair.agree(400)

    # PagerDuty upgrades the layer account.
    for schedule in layers.get("/schedules", limit=100)["schedules"]:
        layers.tamper(schedule["id"], "schedule", upgrade=True)
    layers.settle()
    assert layers.get("/schedules")["schedules"] == []
    pair.agree(400)


def _events(side: Side, schedule: str) -> list[str]:
    (doc,) = side.sandbox.store.named("schedule_v3", schedule)
    return [e["id"] for e in side.sandbox.store.all("event") if e["schedule"] == doc["id"]]
