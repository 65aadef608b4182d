"""What every `incident` verb needs: the account, who acts, and the incident in the policy's words."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from watchbill.cli.options import Globals
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.incident.people import Actor, People
    from watchbill.incident.situation import Situation
    from watchbill.model.policy import Policy
    from watchbill.pagerduty.transport import Transport
    from watchbill.rota.duty import Roster

F = TypeVar("F", bound=Callable[..., Any])

as_option = click.option(
    "--as", "email", metavar="EMAIL", help="Who acts (default: WATCHBILL_AS, then git's user.email)."
)
sandbox_option = click.option("--sandbox", is_flag=True, help="Use the embedded sandbox, whatever is set.")


@dataclass(frozen=True)
class Live:
    policy: Policy
    roster: Roster
    """By the files alone."""
    people: People
    transport: Transport
    now: int
    name: str = ""
    """Of the account, as the settings write it, or `sandbox`."""
    what: str = ""
    """The account, for people."""
    is_shared: bool = True
    """False for the embedded sandbox: what happens there concerns nobody in chat."""

    @property
    def is_sandbox(self) -> bool:
        from watchbill.model.settings import SANDBOX

        return self.name == SANDBOX

    @cached_property
    def duty(self) -> Roster:
        """With what the account has beside the files, at this moment."""
        from watchbill.incident.on_duty import live_roster

        return live_roster(self.policy, self.transport, self.now)

    def situation(self, incident: str) -> Situation:
        """With a fresh look at the incident, its log and its tags."""
        from watchbill.incident.reading import read_situation

        return read_situation(self.duty, self.people, incident, self.now)

    def actor(self, email: str | None) -> Actor:
        given = email or os.environ.get("WATCHBILL_AS", "")
        if given:
            return self.people.actor(given, how="--as" if email else "WATCHBILL_AS")
        found = git_email()
        if not found:
            raise UsageError(
                "who acts is not known", remedy="say it with --as EMAIL: PagerDuty writes down who did it"
            )
        return self.people.actor(found, how="git config user.email")


@contextmanager
def live(
    options: Globals, *, writes: bool, sandbox: bool = False, policy: Policy | None = None
) -> Iterator[Live]:
    """`policy`: in place of the files'."""
    from watchbill.cli.account import open_account
    from watchbill.cli.load import valid_policy
    from watchbill.incident.people import People
    from watchbill.rota.duty import Roster

    if policy is None:
        _, policy = valid_policy(options)
    with open_account(options, policy, writes=writes, sandbox_named=sandbox) as opened:
        transport = opened.transport
        yield Live(
            policy,
            Roster(policy),
            People(policy, transport),
            transport,
            options.now,
            opened.name,
            opened.what,
            opened.is_shared,
        )


def git_email(folder: Path | None = None) -> str:
    """As git has it in that folder; "" where it has none."""
    from watchbill.history.git import inert_environment

    where = ("-C", str(folder)) if folder is not None and folder.is_dir() else ()
    try:
        done = subprocess.run(  # noqa: S603  words of our own
            ["git", *where, "config", "user.email"],  # noqa: S607  whichever git the person uses
            env=inert_environment({}),
            capture_output=True,
            encoding="utf-8",
            timeout=10,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout.strip()
