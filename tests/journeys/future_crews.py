"""Random policies with dated crews on one account, and what that account itself renders."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from rota_reference import Data, clock_at
from watchbill.account.objects import Account
from watchbill.account.wanted import wanted
from watchbill.apply.execute import execute
from watchbill.model.policy import Policy
from watchbill.pagerduty.read import read_account
from watchbill.pagerduty.transport import Transport
from watchbill.plan.build import build, overrides_to_read
from watchbill.plan.document import Plan, PolicyIdentity
from watchbill.rota.clock import DAY, MINUTE, Instant, iso, parse_instant
from watchbill.rota.duty import Roster
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

PEOPLE = [f"p{n}" for n in range(6)]
ZONES = ("Europe/Bucharest", "America/New_York", "Asia/Kolkata", "Australia/Sydney")
COUNTED: list[Data] = [
    {"turn": "1 week", "handoff": "mon 09:00"},
    {"turn": "2 weeks", "handoff": "fri 18:00"},
    {"turn": "1 day", "handoff": "daily 10:00"},
    {"turn": "3 days", "handoff": "daily 00:00"},
    {"turn": "12 hours"},
]
GIVES_WAY = 16 * MINUTE
"""What runs on shifts gives way so much later."""
Entry = tuple[Instant, Instant, str]


@dataclass
class Future:
    """Rotation R may fall back to X; both may have crews that begin later."""

    kind: str
    rng: random.Random
    zone: str
    sandbox: Sandbox
    transport: Transport
    state: Path
    now: Instant
    users: dict[str, str]
    """User id -> handle."""

    def moves(self, to: Instant) -> None:
        self.now = to
        self.sandbox.move(iso(to))

    def plan(self, policy: Policy) -> Plan:
        account = self._read()
        want = wanted(policy, account, roster=Roster(policy), now=self.now)
        account = self._read(overrides_to_read(want, account, now=self.now))
        identity = PolicyIdentity(commit=None, digest="0" * 64)
        return build(want, account, policy, identity=identity, now=self.now, tool="0")

    def _read(self, overrides_of: tuple[str, ...] = ()) -> Account:
        window = {"now": self.now, "since": self.now, "until": self.now + 900 * DAY}
        return read_account(self.transport, name="acme", overrides_of=overrides_of, **window)

    def applies(self, plan: Plan) -> None:
        outcome = execute(plan, self.transport, now=self.now, state=self.state)
        assert outcome.exit_code == 0, outcome

    def entries(self, title: str, since: Instant, until: Instant) -> list[Entry]:
        """As the account renders them, asked by HTTP."""
        window = {"since": iso(since), "until": iso(until)}
        kind = "schedule" if self.kind == "layers" else "schedule_v3"
        (doc,) = self.sandbox.store.named(kind, title)
        if kind == "schedule":
            body = self.transport.get(f"/schedules/{doc['id']}", window).body["schedule"]
            found = [
                (e["start"], e["end"], e["user"]["id"])
                for e in body["final_schedule"]["rendered_schedule_entries"]
            ]
        else:
            asked = {**window, "include[]": "final_schedule"}
            body = self.transport.get(f"/v3/schedules/{doc['id']}", asked).body["schedule"]
            found = [
                (a["start_time"], a["end_time"], a["member"]["user_id"])
                for a in body["final_schedule"]["computed_shift_assignments"]
                if a["member"].get("user_id")
            ]
        cut = [(max(parse_instant(a), since), min(parse_instant(b), until), u) for a, b, u in found]
        return [(a, b, self.users[u]) for a, b, u in cut if a < b]

    def data(self, crews: Data, backup: Data) -> Data:
        settings = {
            "format": 1,
            "organization": "Future",
            "time_zone": self.zone,
            "pagerduty": {"account": "acme", "new_schedules": self.kind},
        }
        made: Data = {
            "settings": settings,
            "people": {p: {"name": p.upper(), "email": f"{p}@x.example"} for p in PEOPLE},
            "rotations": {"r": {"title": "R", **crews}, "x": {"title": "X", **backup}},
        }
        hours = self.rng.choice([None, "mon-fri 09:00-18:00", "daily 08:00-20:00"])
        if hours is not None:
            made["rotations"]["r"] |= {"hours": hours, "otherwise": "x"}
        if self.rng.random() < 0.5:
            first = clock_at(self.now, self.zone) + timedelta(days=self.rng.randint(0, 60))
            person, cover = self.rng.sample(PEOPLE, 2)
            leave = {"first_day": f"{first:%Y-%m-%d}", "last_day": f"{first + timedelta(days=5):%Y-%m-%d}"}
            made["absences"] = [{"person": person, **leave, "covered_by": cover}]
        return made

    def crews(self, most: int) -> Data:
        """One that runs, and up to so many that begin later."""
        counted = self.rng.choice(COUNTED)
        day = clock_at(self.now, self.zone) - timedelta(days=self.rng.randint(20, 60))
        made = []
        for _ in range(1 + self.rng.randint(0, most)):
            made.append({"from": _handoff(day, counted), "order": self.rng.sample(PEOPLE, 3)})
            gap = self.rng.choice([7, 20, 60, 240])
            day = max(day, clock_at(self.now, self.zone)) + timedelta(days=self.rng.randint(2, gap))
        return {**counted, "crews": made}


def _handoff(day: datetime, counted: Data) -> str:
    """The first one of that day or after it."""
    words = counted.get("handoff", "daily 00:00").split()
    while words[0] not in ("daily", f"{day:%a}".lower()):
        day += timedelta(days=1)
    return f"{day:%Y-%m-%d} {words[1]}"


def joined(entries: list[Entry]) -> list[Entry]:
    made: list[Entry] = []
    for start, end, person in sorted(entries):
        if made and made[-1][1] == start and made[-1][2] == person:
            made[-1] = (made[-1][0], end, person)
        else:
            made.append((start, end, person))
    return made


def cut(entries: list[Entry], since: Instant, until: Instant) -> list[Entry]:
    found = [(max(start, since), min(end, until), person) for start, end, person in entries]
    return joined([entry for entry in found if entry[0] < entry[1]])


@contextmanager
def future(home: Path, kind: str, seed: int) -> Iterator[Future]:
    rng = random.Random(f"{kind} {seed}")
    people = [{"id": p, "name": p.upper(), "email": f"{p}@x.example"} for p in PEOPLE]
    now = parse_instant("2026-09-01T12:00:00Z") + rng.randrange(0, 120 * DAY, 1800)
    options = SandboxOptions(rate_limit=0)
    with (
        Sandbox(clock=iso(now), load={"users": people}, options=options) as sandbox,
        Transport(sandbox.url, SecretStr(sandbox.token)) as transport,
    ):
        users = {doc["id"]: doc["email"].partition("@")[0] for doc in sandbox.store.all("user")}
        yield Future(kind, rng, rng.choice(ZONES), sandbox, transport, home, now, users)
