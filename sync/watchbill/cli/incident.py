"""watchbill incident list|open|show|escalate|update|stand-down|phone|test-page|channel"""

from __future__ import annotations

import importlib
from typing import Any

import click

from watchbill.cli.commands import Commands
from watchbill.cli.incident_live import live, sandbox_option
from watchbill.cli.incident_named import incident_named
from watchbill.cli.options import Globals, global_options

_VERBS = {
    "list": "incident_list",
    "open": "incident_open",
    "escalate": "incident_escalate",
    "update": "incident_update",
    "stand-down": "incident_stand_down",
    "phone": "incident_phone",
    "test-page": "incident_test_page",
}


class _Group(Commands):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.commands, *_VERBS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _VERBS:
            found: Any = importlib.import_module(f"watchbill.cli.{_VERBS[cmd_name]}").command
            assert isinstance(found, click.Command)
            return found
        return super().get_command(ctx, cmd_name)


@click.group("incident", cls=_Group)
def command() -> None:
    """The runbook's procedures on a live incident.

    \b
    Example:  watchbill incident list
              watchbill incident escalate 1 --to-level 2 \\
                --impact "logins fail" --tried "restart - no change" \\
                --why "stuck" --ask "look at the locks"
    """


@command.command("show")
@incident_named
@sandbox_option
@global_options
@click.pass_context
def show(ctx: click.Context, incident: str, sandbox: bool) -> None:
    """Which ladder it is on, on which level, who is at work on it, and what was done.

    \b
    Example:  watchbill incident show 1
    """
    from watchbill.incident.engaged import engaged
    from watchbill.report.incident import situation_text
    from watchbill.report.incident_json import incident_answer

    options = Globals.of(ctx)
    with live(options, writes=False, sandbox=sandbox) as here:
        situation = here.situation(incident)
        at_work = engaged(situation, here.people)
        if options.as_json:
            click.echo(incident_answer(situation, at_work).model_dump_json(indent=2))
        else:
            click.echo(situation_text(situation, at_work, here.policy, color=options.color))


@command.command("channel")
@click.argument("words", nargs=-1, required=True)
@click.option("--check", is_flag=True, help="WORDS is a channel's name: is it right?")
@global_options
@click.pass_context
def channel(ctx: click.Context, words: tuple[str, ...], check: bool) -> None:
    """The name of an incident's channel; or whether a name is right (exit 2 if not).

    \b
    Example:  watchbill incident channel database latency
              watchbill incident channel --check inc-20261123-database-latency
    """
    from datetime import UTC, datetime

    from watchbill.errors import UsageError
    from watchbill.incident.channel import channel_name, channel_problem

    options = Globals.of(ctx)
    text = " ".join(words)
    if not check:
        click.echo("#" + channel_name(text, datetime.fromtimestamp(options.now, UTC).date()))
        return
    wrong = channel_problem(text)
    if wrong:
        raise UsageError(
            f"{text}: {wrong}", remedy="inc-YYYYMMDD-description, such as #inc-20261123-db-latency"
        )
    click.echo(f"#{text.removeprefix('#')} is right")
