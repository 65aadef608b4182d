"""Judges that nobody here wrote.  `nox -s judges` installs them; without them these tests skip, loudly."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shared import shared
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

NOW = "2026-11-23T14:00:00Z"
HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def npm() -> Path:
    """The folder that `tests/judges/package.json` was installed into."""
    folder = Path(os.environ.get("WATCHBILL_JUDGES", "/nonexistent"))
    if not (folder / "node_modules").is_dir():
        pytest.skip("NOT CHECKED: $WATCHBILL_JUDGES has no packages from npm; `nox -s judges` installs them")
    return folder


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def sandbox(certificates: Path) -> Iterator[Sandbox]:
    """With 130 users, so that every client has pages to turn."""
    with Sandbox(clock=NOW, options=SandboxOptions(rate_limit=0), tls=certificates, record=True) as running:
        ensure_users(
            running.store, [{"name": f"User {i:03d}", "email": f"u{i}@example.invalid"} for i in range(130)]
        )
        yield running


@pytest.fixture(scope="module")
def estate(certificates: Path) -> Iterator[Sandbox]:
    """A team's real account: two schedules, two policies."""
    document = json.loads(shared("estates/cloud-team-weekday-weekend.json").read_text("utf-8"))
    with Sandbox(
        clock=NOW, load=document, options=SandboxOptions(rate_limit=0), tls=certificates, record=True
    ) as running:
        yield running


@dataclass(frozen=True)
class Node:
    """Runs Node programs that believe they talk to https://api.pagerduty.com."""

    folder: Path
    home: Path
    sandbox: Sandbox

    def run(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            words,
            cwd=self.home,
            env={
                "PATH": f"{self.folder / 'node_modules/.bin'}:{os.environ['PATH']}",
                "HOME": str(self.home),
                "NODE_PATH": str(self.folder / "node_modules"),
                "NODE_OPTIONS": f"--require {HERE / 'loopback.cjs'}",
                "NODE_EXTRA_CA_CERTS": str(self.sandbox.ca_file),
                "SANDBOX_TLS_PORT": self.sandbox.tls_url.rsplit(":", 1)[1],
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert not check or done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
        return done

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words).stdout)


@pytest.fixture(scope="module")
def node(npm: Path, estate: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Node:
    return Node(npm, tmp_path_factory.mktemp("home"), estate)
