"""What bare `watchbill` shows of the incidents that are open.

Never slow and never an error: at most two seconds in all, and only where an account is at hand.
"""

from __future__ import annotations

import os
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import click

from watchbill.cli.account import account_name, named_by_environment, open_account, state_path
from watchbill.cli.options import Globals
from watchbill.errors import AccountUnreachable, WatchbillError
from watchbill.model.settings import SANDBOX

if TYPE_CHECKING:
    from watchbill.incident.listing import Open
    from watchbill.model.policy import Policy
    from watchbill.pagerduty.transport import Transport

SECONDS = 2.0
NO_ANSWER = "the account did not answer"
MOST = 25
"""Incidents that are asked for: one request."""


def show_open_incidents(options: Globals, policy: Policy, *, seconds: float = SECONDS) -> None:
    """Prints them, and a line where the account did not answer; nothing where none is open or no account is at hand.

    `seconds`: what is left of the time that the account has.
    """
    if seconds <= 0:
        return
    look = _Look(options, policy, seconds)
    if _is_remote(policy):
        look.start()
        look.join(seconds)
    elif _is_open_in_sandbox(options):
        look.run()
    else:
        return
    found = look.found
    if found is None:
        click.echo(f"open incidents: {look.trouble}; `watchbill incident list` asks again\n")
    elif found:
        _show(options, policy, found)


def _is_remote(policy: Policy) -> bool:
    """An account that is set and has a token; a served sandbox is one too."""
    if all(named_by_environment(sandbox_named=False)):
        return True
    is_real = account_name(policy.settings.pagerduty.account, sandbox_named=False) != SANDBOX
    return is_real and bool(os.environ.get("PAGERDUTY_TOKEN"))


def _is_open_in_sandbox(options: Globals) -> bool:
    """Read from a copy of its file: to start it takes longer and leaves a trace, and nothing opens by itself."""
    from watchbill.sandbox.store import Store

    try:
        file = state_path(options.policies)
        if not file.exists():
            return False
        with closing(Store()) as store:
            store.fill_from(file)
            return any(one["status"] != "resolved" for one in store.all("incident"))
    except (OSError, WatchbillError):
        return False


class _Look(threading.Thread):
    """A daemon: what still waits for an answer when the time is over ends with the command."""

    def __init__(self, options: Globals, policy: Policy, seconds: float) -> None:
        super().__init__(daemon=True)
        self._options, self._policy, self._seconds = options, policy, seconds
        self.found: list[Open] | None = None
        """None until the account has answered; then at first sight, and better as more comes in."""
        self.trouble = NO_ANSWER

    def run(self) -> None:
        try:
            with open_account(self._options, self._policy, deadline=self._seconds) as opened:
                self._read(opened.transport)
        except AccountUnreachable:
            return
        except WatchbillError as failed:
            self.trouble = failed.message
        except Exception as fault:  # noqa: BLE001  an answer of a shape nobody thought of
            self.trouble = f"the account's answer could not be read ({type(fault).__name__})"

    def _read(self, transport: Transport) -> None:
        from watchbill.incident.listing import at_first_sight, look_at, of_policy, worst_first
        from watchbill.incident.people import People
        from watchbill.pagerduty.incidents import first_open
        from watchbill.rota.duty import Roster

        roster, people, now = Roster(self._policy), People(self._policy, transport), self._options.now
        ours, _ = of_policy(self._policy, first_open(transport, MOST))
        found = worst_first(self._policy, [at_first_sight(roster, people, one, now) for one in ours])
        self.found = found
        for place, one in enumerate(found):
            better = look_at(roster, people, one.situation.incident, now)
            self.found = [*self.found[:place], better, *self.found[place + 1 :]]


def _show(options: Globals, policy: Policy, found: list[Open]) -> None:
    from watchbill.report.incident_list import list_text

    def name(user: str, known: str) -> str:
        return known or user

    click.echo(list_text(found, policy, name, color=options.color, width=options.width))
    click.echo(f"next: `watchbill incident show {found[0].situation.incident.number}`\n")
