"""The command line's own verbs, for chat: words in, text out, in a process of its own and without a shell.

Only options that read are let through, and nothing that names a file.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from watchbill.rota.clock import iso

SECONDS = 120

SOURCES = frozenset({"--live", "--offline"})
READS: Mapping[str, frozenset[str]] = {
    "who": frozenset({"--at", "--severity", *SOURCES}),
    "mine": SOURCES,
    "why": frozenset({"--at", *SOURCES}),
    "simulate": frozenset({"--at", "--tag", "--ack-after", "--tree", *SOURCES}),
    "explain": frozenset(),
    "gaps": frozenset({"--from", "--since", "--until", *SOURCES}),
    "load": frozenset({"--from", "--since", "--until"}),
    "expert": frozenset(),
    "vendor": frozenset({"--severity"}),
    "drift": frozenset(),
    "plan": frozenset(),
    "metrics": frozenset({"--from", "--since", "--until"}),
}
"""Verb -> the options chat may use."""

_SECRETS = ("GITHUB_TOKEN", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")
_OPTION = re.compile(r"^--?[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """What the verb says went wrong, in one or two lines."""
        lines = [line for line in self.err.splitlines() if line.startswith(("error:", "  next:", "Error:"))]
        return "\n".join(lines) or self.err.strip() or "it failed without a word"


def unfit_option(verb: str, words: Iterable[str]) -> str:
    """The first option that chat does not let through; "" when all are fine."""
    allowed = READS[verb]
    for word in words:
        name = word.partition("=")[0]
        if _OPTION.match(word) and name not in allowed:
            return name
    return ""


STRANGER = "nobody"
"""Stands for the e-mail of who asks where the policy does not have the person: never the server's own identity."""


def run_verb(
    words: Sequence[str],
    policies: Path,
    now: int | None = None,
    *,
    email: str = "",
    account: Mapping[str, str] | None = None,
) -> Ran:
    """`email`: of the person who asks.  `account`: variables of the environment that name the account to ask."""
    env = {name: text for name, text in os.environ.items() if name not in _SECRETS} | dict(account or {})
    told = ["--policies", str(policies), "--no-color"]
    if now is not None:
        told += ["--now", iso(now)]
    done = subprocess.run(  # noqa: S603  no shell; the verb is one of ours
        [sys.executable, "-P", "-m", "watchbill", *told, *words],
        env={**env, "NO_COLOR": "1", "COLUMNS": "80", "WATCHBILL_AS": email or STRANGER},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)
