"""The command line as a person uses it: a process of its own, a home of its own, a copy of the policy."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from forked import run_watchbill
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

ROOT = Path(__file__).resolve().parents[2]
NOW = "2026-11-23T14:00:00Z"


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Person:
    """Types commands in a folder that has `policies/`."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def watchbill(self, *words: str, stdin: str = "", **env: str) -> Ran:
        done = run_watchbill(words, self.folder, {**self.env, **env}, stdin)
        ran = Ran(done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in ran.out + ran.err, ran.err
        return ran

    def at(self, sandbox: Sandbox) -> Person:
        """The same person, working on a served sandbox."""
        return Person(
            self.folder, {**self.env, "PAGERDUTY_URL": sandbox.url, "PAGERDUTY_TOKEN": sandbox.token}
        )

    @property
    def policies(self) -> Path:
        return self.folder / "policies"


def clean_environment(home: Path) -> dict[str, str]:
    keep = {
        k: v for k, v in os.environ.items() if k in {"PATH", "LANG", "LC_ALL", "SYSTEMROOT", "PYTHONPATH"}
    }
    return {
        **keep,
        "HOME": str(home),
        "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
        "WATCHBILL_NOW": NOW,
    }


@pytest.fixture
def person(tmp_path: Path) -> Person:
    folder = tmp_path / "repository"
    folder.mkdir()
    shutil.copytree(ROOT / "policies", folder / "policies")
    return Person(folder, clean_environment(tmp_path / "home"))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Served, with every exchange recorded and the clock standing still at NOW."""
    with Sandbox(clock=NOW, options=SandboxOptions(), record=True) as running:
        yield running


@pytest.fixture
def populated(sandbox: Sandbox, person: Person) -> Sandbox:
    """With the people of the shipped policy as users."""
    from watchbill.config.load import load_valid
    from watchbill.sandbox.load import ensure_users

    policy = load_valid(person.policies).policy
    assert policy is not None
    ensure_users(
        sandbox.store,
        ({"name": h, "email": p.email, "time_zone": "Europe/Bucharest"} for h, p in policy.people.items()),
    )
    return sandbox
