"""watchbill incident phone"""

from __future__ import annotations

import os
from typing import Literal

import click

from watchbill.cli.incident_live import as_option, live, sandbox_option
from watchbill.cli.incident_named import incident_named
from watchbill.cli.options import Globals, global_options


@click.command("phone")
@incident_named
@click.option("--called", metavar="PERSON", help="Log an attempt: whom you called.")
@click.option(
    "--answer",
    type=click.Choice(["answered", "no-answer", "voicemail", "declined"]),
    default="no-answer",
    help="How it went (default: no-answer).",
)
@click.option("--numbers", is_flag=True, help="Show numbers, from the secrets in the environment.")
@click.option("--anyway", is_flag=True, help="Although the runbook keeps it for P1 after hours.")
@as_option
@sandbox_option
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    incident: str,
    called: str | None,
    answer: Literal["answered", "no-answer", "voicemail", "declined"],
    numbers: bool,
    anyway: bool,
    email: str | None,
    sandbox: bool,
) -> None:
    """Whom to call, in order, five minutes each; and a line in the incident per attempt.

    \b
    Example:  watchbill incident phone 1 --anyway
              watchbill incident phone 1 --called eng-manager-holder --answer no-answer
    """
    from watchbill.incident.phone import log_attempt, phone_list
    from watchbill.report.incident import phone_text

    options = Globals.of(ctx)
    with live(options, writes=called is not None, sandbox=sandbox) as here:
        situation = here.situation(incident)
        calls = phone_list(here.duty, situation, anyway=anyway)
        if called is not None:
            actor = here.actor(email)
            click.echo(log_attempt(here.transport, actor, situation, called, answer, here.policy))
            situation = here.situation(incident)
            calls = phone_list(here.duty, situation, anyway=True)
        secret = os.environ.get if numbers else None
        click.echo(phone_text(calls, situation, here.policy, secret=secret, color=options.color))
