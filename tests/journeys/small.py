"""A small policy in a git repository, and a served account that is no sandbox by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from journeys.conftest import NOW, Person, Ran, clean_environment
from repositories import Repo
from watchbill.pagerduty.transport import Transport
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

POLICY = """\
settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  pagerduty: {account: acme, new_schedules: layers}
people:
  ana: {name: Ana, email: ana@example.com}
  ben: {name: Ben, email: ben@example.com}
  cleo: {name: Cleo, email: cleo@example.com}
rotations:
  first: {title: First, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]}
  second: {title: Second, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ben, ana]}
ladders:
  api: {title: API, steps: {0m: first, 15m: second}, repeat: 1}
services:
  shop: {title: Shop, ladder: api}
"""
SECOND = next(line for line in POLICY.splitlines(keepends=True) if line.startswith("  second:"))


def outside_git(folder: Path, home: Path) -> Person:
    """With the policy, for the embedded sandbox."""
    (folder / "policies").mkdir(parents=True)
    (folder / "policies" / "all.yaml").write_text(POLICY.replace("account: acme", "account: sandbox"))
    return Person(folder, clean_environment(home))


@contextmanager
def applied(folder: Path) -> Iterator[Small]:
    """Its account is as the policy wants it."""
    with Sandbox(clock=NOW, options=SandboxOptions(rate_limit=0)) as sandbox:
        made = Small.new(folder, sandbox)
        made.apply()
        yield made


@dataclass
class Small:
    person: Person
    repo: Repo
    sandbox: Sandbox
    text: str = POLICY

    @classmethod
    def new(cls, folder: Path, sandbox: Sandbox) -> Small:
        ensure_users(
            sandbox.store,
            ({"name": h.title(), "email": f"{h}@example.com"} for h in ("ana", "ben", "cleo")),
        )
        repo = Repo.new(folder / "repository")
        made = cls(Person(repo.folder, clean_environment(folder / "home")).at(sandbox), repo, sandbox)
        made.say(POLICY)
        return made

    def say(self, text: str) -> None:
        """Committed."""
        self.text = text
        self.repo.write("policies/all.yaml", text)
        self.repo.commit(NOW)

    def change(self, *pairs: tuple[str, str]) -> None:
        text = self.text
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        self.say(text)

    def watchbill(self, *words: str, code: int = 0) -> Ran:
        ran = self.person.watchbill(*words)
        assert ran.code == code, f"{ran.code}\n{ran.out}\n{ran.err}"
        return ran

    def apply(self, code: int = 0, *words: str) -> Ran:
        return self.watchbill("apply", "--yes", *words, code=code)

    def plan(self) -> dict[str, Any]:
        found: dict[str, Any] = self.watchbill("plan", "--json").json
        return found

    def request(self, method: str, path: str, body: object = None) -> Any:
        with Transport(self.sandbox.url, SecretStr(self.sandbox.token)) as transport:
            return getattr(transport, method)(path, *([body] if body is not None else [])).body

    def named(self, kind: str, name: str) -> dict[str, Any]:
        (found,) = self.sandbox.store.named(kind, name)
        return dict(found)

    def put(self, kind: str, doc: dict[str, Any]) -> None:
        with self.sandbox.store.transaction():
            self.sandbox.store.put(kind, doc)


def told(plan: dict[str, Any], rule: str) -> list[str]:
    return [n["message"] for n in plan["notices"] if n["rule"] == rule]


def done(plan: dict[str, Any]) -> set[tuple[str, str]]:
    return {(c["action"], c["key"]) for c in plan["changes"]}
