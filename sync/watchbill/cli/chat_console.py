"""watchbill chat console"""

from __future__ import annotations

import os
import sys

import click

from watchbill.cli.incident_live import as_option, git_email, sandbox_option
from watchbill.cli.options import Globals, global_options
from watchbill.errors import UsageError


@click.command("console")
@as_option
@sandbox_option
@global_options
@click.pass_context
def command(ctx: click.Context, email: str | None, sandbox: bool) -> None:
    """The chat commands in this terminal, to try them without Slack.

    \b
    Example:  watchbill chat console --as primary-1@medicalcor.example
              echo "who database" | watchbill chat console
    """
    from watchbill.chat.console import Console, ConsoleChat
    from watchbill.cli.chatting import Grounds
    from watchbill.report.paint import Paint

    options = Globals.of(ctx)
    grounds = Grounds(options, sandbox)
    address = email or os.environ.get("WATCHBILL_AS") or git_email()
    person = grounds.policy().person_by_email(address) if address else None
    if person is None and email:
        raise UsageError(f"{email} is nobody in the policy's people", remedy="an e-mail of people.yaml")
    paint = Paint(options.color)
    chat = ConsoleChat(click.echo, paint)
    Console(lambda: grounds.context(chat, person, address or "you", ""), click.echo, _read, paint).run()


def _read(prompt: str) -> str:
    """What is piped in is shown too, so that a recorded session reads like a typed one."""
    if sys.stdin.isatty():
        return input(prompt)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    click.echo(f"{prompt}{line.rstrip()}")
    return line.rstrip("\n")
