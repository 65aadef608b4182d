"""The command line in this process, on a repository of its own and a served sandbox: much quicker than a process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from repositories import Repo
from watchbill.cli.main import root
from watchbill.errors import WatchbillError
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

START = "2026-11-23T14:00:00Z"
GUARDS = ("deletions", "changed", "imminent", "empty-level", "no-human", "coverage-gap")
WAIVED = [word for guard in GUARDS for word in ("--waive", f"{guard}=as meant")]
"""For applies whose subject is not the guards."""


@dataclass
class Ran:
    code: int
    out: str
    """What it printed, and the message of the error it ended with."""


@dataclass
class Desk:
    """A policy repository in `home`, and an account."""

    home: Path
    sandbox: Sandbox
    now: str = START
    below: str = ""
    """Folder of the repository that holds `policies/`."""
    repo: Repo = field(init=False)

    def __post_init__(self) -> None:
        self.repo = Repo.new(self.home / "repository")

    @property
    def policies(self) -> Path:
        return self.repo.folder / self.below / "policies"

    def says(self, text: str, subject: str = "change") -> None:
        """The whole policy, committed."""
        self.policies.mkdir(parents=True, exist_ok=True)
        (self.policies / "policy.yaml").write_text(text, "utf-8")
        self.repo.commit(self.now, subject)

    def watchbill(self, *words: str, **env: str) -> Ran:
        folders = {f"XDG_{what.upper()}_HOME": str(self.home / what) for what in ("state", "cache", "data")}
        account = {"PAGERDUTY_URL": self.sandbox.url, "PAGERDUTY_TOKEN": self.sandbox.token}
        known = {"HOME": str(self.home), "WATCHBILL_NOW": self.now, **folders, **account, **env}
        done = CliRunner(env=known).invoke(
            root, ["--policies", str(self.policies), *words], standalone_mode=False
        )
        if isinstance(done.exception, WatchbillError):
            error = done.exception
            return Ran(error.exit_code, f"{done.output}{error.message}; {error.remedy}")
        if done.exception is not None:
            raise done.exception
        return Ran(done.return_value or 0, done.output)

    def applies(self, *words: str) -> Ran:
        return self.watchbill("apply", "--yes", *WAIVED, *words)

    @property
    def in_sync(self) -> bool:
        return self.watchbill("plan", "--exit-code", "-q").code == 0

    def names(self, kind: str) -> list[str]:
        return sorted(doc["name"] for doc in self.sandbox.store.all(kind))

    def doc(self, kind: str, name: str) -> dict[str, Any]:
        (found,) = self.sandbox.store.named(kind, name)
        return found


@contextmanager
def desk(home: Path, *people: str, options: SandboxOptions | None = None, **more: Any) -> Iterator[Desk]:
    """`people`: who has a user in the account, by first name."""
    with Sandbox(clock=START, options=options or SandboxOptions(rate_limit=0)) as sandbox:
        ensure_users(sandbox.store, [{"name": p.title(), "email": f"{p}@x.example"} for p in people])
        yield Desk(home, sandbox, **more)
