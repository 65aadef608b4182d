"""An account on which the shipped policy is applied, and incidents that play out on its movable clock."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from journeys.conftest import ROOT, Person, clean_environment
from watchbill.config.load import load_valid
from watchbill.incident.escalate import Escalated, Prepared, carry_out, prepare
from watchbill.incident.people import Actor, People
from watchbill.incident.ports import Silent
from watchbill.incident.reading import read_situation
from watchbill.incident.request import Request
from watchbill.incident.situation import Situation
from watchbill.model.policy import Policy
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import MINUTE, iso, parse_instant
from watchbill.rota.duty import Roster
from watchbill.sandbox.load import ensure_users, save_account
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

START = "2026-11-23T01:00:00Z"
"""A Monday, 03:00 in Bucharest: after hours."""


@cache
def shipped() -> Policy:
    policy = load_valid(ROOT / "policies").policy
    assert policy is not None
    return policy


@cache
def applied_account() -> Mapping[str, Any]:
    """As `sandbox save` writes it; made once per process, by the command itself."""
    with (
        tempfile.TemporaryDirectory() as home,
        Sandbox(clock=START, options=SandboxOptions(rate_limit=0)) as sandbox,
    ):
        people = shipped().people.items()
        ensure_users(
            sandbox.store, ({"name": h, "email": p.email, "time_zone": "Etc/UTC"} for h, p in people)
        )
        env = {**clean_environment(Path(home)), "WATCHBILL_NOW": START}
        ran = Person(ROOT, env).at(sandbox).watchbill("apply", "--yes")
        assert ran.code == 0, ran.err
        return save_account(sandbox.store)


@dataclass
class Stage:
    sandbox: Sandbox
    transport: Transport
    policy: Policy = field(default_factory=shipped)

    def __post_init__(self) -> None:
        self.roster = Roster(self.policy)
        self.people = People(self.policy, self.transport)
        self.chat = Silent()
        self.start = self.now

    @property
    def now(self) -> int:
        return parse_instant(self.sandbox.now)

    def minute(self, minutes: float) -> None:
        """Time goes on to so many minutes after the start."""
        self.sandbox.move(iso(self.start + int(minutes * MINUTE)))

    def open(
        self,
        severity: str = "P1",
        service: str = "medicalcor-database",
        title: str = "It is down",
        **more: Any,
    ) -> str:
        """By hand, on the ladder of that severity; the id."""
        store = self.sandbox.store
        name = self.policy.services[service].title
        domain = next(d for d in self.policy.domains.values() if service in d.services)
        own = domain.steps is not None
        ladder = domain.title if own else f"{domain.title} {severity}"
        ids = {
            "service": next(d["id"] for d in store.all("service") if d["name"] == name),
            "escalation_policy": next(
                d["id"] for d in store.all("escalation_policy") if d["name"] == ladder.replace("/", "-")
            ),
            "priority": next(d["id"] for d in store.all("priority") if d["name"] == severity),
        }
        references = {kind: {"id": id_, "type": f"{kind}_reference"} for kind, id_ in ids.items()}
        body = {"incident": {"type": "incident", "title": title, **references, **more}}
        made: dict[str, Any] = self.transport.post("/incidents", body, sender=self.email("primary-1")).body
        return str(made["incident"]["id"])

    def email(self, handle: str) -> str:
        return self.policy.people[handle].email

    def actor(self, handle: str = "primary-1") -> Actor:
        return self.people.actor(self.email(handle))

    def put(self, incident: str, by: str, **fields: Any) -> None:
        """What a human does in PagerDuty."""
        body = {"incident": {"type": "incident_reference", **fields}}
        self.transport.put(f"/incidents/{incident}", body, sender=self.email(by))

    def join(self, incident: str, who: str) -> None:
        """Somebody who was asked says yes, in the app: the API has no request for it."""
        user = self.people.user(who)
        assert user is not None
        for doc in self.sandbox.store.children("responder", incident):
            if doc["user"] == user.id:
                self.sandbox.store.put(
                    "responder", {**doc, "state": "joined", "at": self.now}, parent=incident
                )

    def note(self, incident: str, text: str, by: str) -> None:
        self.transport.post(
            f"/incidents/{incident}/notes", {"note": {"content": text}}, sender=self.email(by)
        )

    def situation(self, incident: str) -> Situation:
        return read_situation(self.roster, self.people, incident, self.now)

    def prepare(self, incident: str, **request: Any) -> Prepared:
        return prepare(self.roster, self.people, self.situation(incident), Request(**request))

    def escalate(self, incident: str, *, by: str = "primary-1", **request: Any) -> Escalated:
        prepared = self.prepare(incident, **request)
        return carry_out(self.transport, self.people, self.actor(by), self.chat, prepared)

    def doc(self, incident: str) -> dict[str, Any]:
        """As the sandbox itself has it: the level that the API does not tell."""
        found = self.sandbox.store.get("incident", incident)
        assert found is not None
        return found

    def rung(self, incident: str) -> list[tuple[int, str]]:
        """(minute, handle) of every notification and responder request, in order."""
        entries = self.sandbox.store.children("log_entry", incident)
        calls = [(e["at"], e["user"]) for e in entries if e["type"] == "notify_log_entry"]
        calls += [(r["at"], r["user"]) for r in self.sandbox.store.children("responder", incident)]
        told = dict.fromkeys(sorted(calls))
        return [((at - self.start) // MINUTE, self.people.handle(user) or user) for at, user in told]

    def notes(self, incident: str) -> Sequence[str]:
        return [note["content"] for note in self.sandbox.store.children("note", incident)]


@contextmanager
def stage(start: str = START, **options: Any) -> Iterator[Stage]:
    settings = SandboxOptions(rate_limit=0, **options)
    with (
        Sandbox(clock=start, load=applied_account(), options=settings, record=True) as sandbox,
        Transport(sandbox.url, SecretStr(sandbox.token)) as transport,
    ):
        yield Stage(sandbox, transport)
