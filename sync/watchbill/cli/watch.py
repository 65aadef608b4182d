"""watchbill watch"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchbill.cli.bell import Bell
from watchbill.cli.incident_live import live, sandbox_option
from watchbill.cli.listening import listening
from watchbill.cli.options import Globals, global_options
from watchbill.errors import AccountError, AccountUnauthorised, PolicyInvalid, UsageError, WatchbillError

if TYPE_CHECKING:
    from watchbill.model.policy import Policy
    from watchbill.watch.round import Memory, Seen

_LONGEST_PAUSE = 300


@click.command("watch")
@click.option("--once", is_flag=True, help="One round, for cron.")
@click.option("--dry-run", is_flag=True, help="Explain what would be done and why; touches nothing.")
@click.option(
    "--every", default=30, show_default=True, type=click.IntRange(5, 3600), help="Seconds between rounds."
)
@click.option("--as", "email", metavar="EMAIL", help="The PagerDuty user it acts as (default: WATCHBILL_AS).")
@click.option(
    "--listen",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Webhooks too; needs PAGERDUTY_WEBHOOK_SECRET.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where it listens.")
@click.option(
    "--heartbeat",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File with the time of the last round.",
)
@sandbox_option
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    once: bool,
    dry_run: bool,
    every: int,
    email: str | None,
    listen: int | None,
    host: str,
    heartbeat: Path | None,
    sandbox: bool,
) -> None:
    """The runbook's automatic triggers, also after an acknowledgement.

    \b
    Example:  watchbill watch --as primary-1@medicalcor.example
              watchbill watch --once --dry-run

    It remembers what it did in the incidents' notes, so it may be stopped and started at any time.
    """
    options = Globals.of(ctx)
    who = email or os.environ.get("WATCHBILL_AS", "")
    if not dry_run and not who:
        raise UsageError(
            "the watchdog acts, so PagerDuty must know as whom",
            remedy="--as EMAIL or WATCHBILL_AS: a user of the account made for it; or --dry-run",
        )
    bell = Bell()
    bell.end_on_signals()
    with _hooks(options, listen, host, bell):
        _run(
            options,
            who,
            dry=dry_run,
            once=once,
            every=every,
            heartbeat=heartbeat,
            sandbox=sandbox,
            bell=bell,
        )


def _run(
    options: Globals,
    who: str,
    *,
    dry: bool,
    once: bool,
    every: int,
    heartbeat: Path | None,
    sandbox: bool,
    bell: Bell,
) -> None:
    from watchbill.rota.clock import iso
    from watchbill.watch.lines import explained, log_lines
    from watchbill.watch.round import Memory

    memory, pause, away, files = Memory(), every, False, _Files(options)
    while not bell.ended:
        now = options.later()
        try:
            policy = files.policy()
            seen = _round(options, who, memory, policy, now, dry=dry, sandbox=sandbox)
        except (AccountUnauthorised, PolicyInvalid, UsageError):
            raise
        except Exception as gone:  # a watch of weeks outlives one answer that nobody thought of
            if once:
                raise
            if not away:
                click.echo(f"{iso(now)} {_trouble(gone)}; it is asked again and again")
            away, pause = True, min(pause * 2, _LONGEST_PAUSE)
        else:
            if away:
                click.echo(f"{iso(now)} PagerDuty is back")
            away, pause = False, every
            for line in explained(seen) if dry else log_lines(seen, now):
                click.echo(line)
            if heartbeat is not None:
                _beat(heartbeat, iso(now))
        if once:
            return
        bell.wait(pause)


def _trouble(gone: Exception) -> str:
    if isinstance(gone, AccountError):
        return f"PagerDuty is away: {gone.message}"
    return f"this went wrong inside of watchbill: {type(gone).__name__}: {' '.join(str(gone).split())[:200]}"


def _beat(file: Path, now: str) -> None:
    """What cannot be written ends no watch: an old time in the file says enough."""
    from watchbill.config.edit_write import write_text

    try:
        write_text(file, f"{now}\n")
    except (OSError, WatchbillError) as failed:
        click.echo(f"{now} the heartbeat could not be written: {failed}")


class _Files:
    """The policy as it is now: a merge takes effect without a restart, and a broken one does not end the watch."""

    def __init__(self, options: Globals) -> None:
        self._options = options
        self._last: Policy | None = None
        self._told = ""

    def policy(self) -> Policy:
        from watchbill.cli.load import valid_policy

        try:
            self._last, self._told = valid_policy(self._options)[1], ""
        except (PolicyInvalid, UsageError) as broken:
            if self._last is None:
                raise
            if broken.message != self._told:
                click.echo(
                    f"the policy can't be used now ({broken.message}); the watch goes on by the last good one"
                )
            self._told = broken.message
        return self._last


def _round(
    options: Globals, who: str, memory: Memory, policy: Policy, now: int, *, dry: bool, sandbox: bool
) -> list[Seen]:
    from watchbill.cli.chat_port import connected_chat
    from watchbill.pagerduty.incidents import Acting
    from watchbill.pagerduty.users import user_by_email
    from watchbill.watch.act import Hands
    from watchbill.watch.round import look

    with live(options, writes=not dry, sandbox=sandbox, policy=policy) as here:
        user = user_by_email(here.transport, who) if who else None
        if user is None and not dry:
            raise UsageError(
                f"the account has no user {who}", remedy="make one for the watchdog, or say --as EMAIL"
            )
        acting = Acting(user.id, user.email) if user else Acting("", "")
        robots = here.people.robots() | ({user.id} if user else set())
        hands = Hands(here.transport, here.people, acting, connected_chat(here))
        return look(here.roster, hands, memory, now, robots=robots, dry=dry)


@contextmanager
def _hooks(options: Globals, port: int | None, host: str, bell: Bell) -> Iterator[None]:
    if port is None:
        yield
        return
    from watchbill.cli.credentials import credential
    from watchbill.watch.hooks import Inbox, serve

    secret = credential("PAGERDUTY_WEBHOOK_SECRET")
    if secret is None:
        raise UsageError(
            "webhooks are only taken with a signature",
            remedy="set PAGERDUTY_WEBHOOK_SECRET, or leave --listen out",
        )
    inbox = Inbox(secret, options.later, bell.ring)
    with listening(partial(serve, inbox), host, port, option="--listen") as taken:
        options.say(f"listening for webhooks on http://{host}:{taken}/")
        yield
