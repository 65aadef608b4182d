"""The root command.  Verbs are imported when they are called, so that help is instant.

Nothing here may import an HTTP client or pydantic.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
import traceback
from typing import NamedTuple

import click

from watchbill import __version__
from watchbill.cli.commands import Commands
from watchbill.cli.options import Globals, global_options, live_options
from watchbill.cli.redaction import redact_streams
from watchbill.errors import WatchbillError


class Verb(NamedTuple):
    name: str
    module: str
    group: str
    help: str


VERBS: tuple[Verb, ...] = (
    Verb("who", "who", "Ask", "who is on duty, why, and who is next"),
    Verb("mine", "mine", "Ask", "your own shifts of the next four weeks"),
    Verb("why", "why", "Ask", "the turn, crew, override and commit that decide it"),
    Verb("simulate", "simulate", "Ask", "the ladder as it would really run"),
    Verb("expert", "expert", "Ask", "who knows a subject"),
    Verb("vendor", "vendor", "Ask", "how an outside supplier is reached"),
    Verb("show", "show", "Ask", "one object: where it stands, who uses it, whom it reaches"),
    Verb("crew", "crew", "Change", "who joins a crew, leaves it or changes places"),
    Verb("override", "override", "Change", "one person stands in for another for a while"),
    Verb("swap", "swap", "Change", "two people exchange their duty for a while"),
    Verb("leave", "leave", "Change", "days on which somebody is away"),
    Verb("person", "person", "Change", "somebody joins, or leaves: taken out everywhere at once"),
    Verb("gaps", "gaps", "Ask", "levels that reach nobody, double duty, people who never serve"),
    Verb("load", "load_report", "Ask", "hours, nights, weekends and holidays per person"),
    Verb("tidy", "tidy", "Change", "overrides and absences that are over, taken out"),
    Verb("check", "check", "Change", "all findings of the policy, in one run"),
    Verb("explain", "explain", "Change", "what a rule means, with a good and a bad example"),
    Verb("fmt", "fmt", "Change", "one layout for all policy files; comments and meaning stay"),
    Verb("diff", "diff", "Change", "the effect on people between two commits"),
    Verb("plan", "plan", "Operate", "what would change, and for whom"),
    Verb("apply", "apply", "Operate", "make the account match the policy"),
    Verb("drift", "drift", "Operate", "what was edited in the account behind the policy's back"),
    Verb("adopt", "adopt", "Operate", "write what was edited in the account into the YAML"),
    Verb("claim", "claim", "Operate", "own an object that is there under a wanted name"),
    Verb("forget", "forget", "Operate", "release an object; it stays as it is"),
    Verb("import", "import_account", "Operate", "an existing account into a new policy tree"),
    Verb(
        "upgrade-preview",
        "upgrade_preview",
        "Operate",
        "whose shifts move when a schedule becomes shift-based",
    ),
    Verb("init", "init", "Operate", "a new policy repository, ready for GitHub"),
    Verb("doctor", "doctor", "Operate", "what this account and token can and cannot do"),
    Verb("incident", "incident", "Incident", "escalate, update, stand down, phone: the runbook's procedures"),
    Verb("publish", "publish", "Publish", "the runbook, the site and the calendars that people read"),
    Verb("metrics", "metrics", "Incident", "the runbook's metrics against their targets"),
    Verb("watch", "watch", "Incident", "the automatic triggers, also after an acknowledgement"),
    Verb("github", "github", "Publish", "pull requests and issues: what the workflows call"),
    Verb("route", "route", "Operate", "which rule and ladder an event gets, and who is paged"),
    Verb("chat", "chat", "Chat", "the commands people type into chat: in Slack, or here"),
    Verb("sandbox", "sandbox", "Sandbox", "the local PagerDuty: serve, show, tamper, reset, render"),
    Verb("render", "render", "Sandbox", "a PagerDuty schedule object as shifts"),
    Verb("schema", "schema", "Files", "the schema files, for editors and CI"),
)

LIVE_VERBS = frozenset({"who", "why", "simulate", "gaps"})
"""They take the same options about PagerDuty as `watchbill` without a verb."""

_GROUPS = ("Ask", "Change", "Operate", "Incident", "Chat", "Publish", "Sandbox", "Files")


class Root(Commands):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [verb.name for verb in VERBS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        verb = next((v for v in VERBS if v.name == {"me": "mine"}.get(cmd_name, cmd_name)), None)
        if verb is None:
            return None
        module = importlib.import_module(f"watchbill.cli.{verb.module}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for group in _GROUPS:
            rows = [(verb.name, verb.help) for verb in VERBS if verb.group == group]
            if rows:
                with formatter.section(group):
                    formatter.write_dl(rows, col_max=14)


@click.group(
    cls=Root,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog="Exit codes: 0 ok, 2 usage, 3 invalid policy, 10 changes or drift pending, 11 a guard refused, "
    "12 stale plan, 13 applied in part, 14 account unreachable or unfit, 1 internal error.",
)
@click.version_option(__version__, prog_name="watchbill")
@live_options
@global_options
@click.pass_context
def root(ctx: click.Context) -> None:
    """The escalation runbook, executable.

    \b
    Example:  watchbill simulate P1 database --at "2026-11-29 03:00"
    """
    options = Globals.of(ctx)
    if ctx.invoked_subcommand is None:
        from watchbill.cli.overview import overview

        overview(options)
    elif options.source_options and ctx.invoked_subcommand not in LIVE_VERBS:
        first = options.source_options[0]
        raise click.UsageError(
            f"{first} before {ctx.invoked_subcommand} has no effect; write it after the verb"
        )


def run() -> None:
    """Entry point: every way out, with its exit code."""
    gc.set_threshold(100_000, 50, 50)  # a policy is many small objects that live as long as the command
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for some takes 30 ms at each start
    redact_streams()
    try:
        code = root.main(standalone_mode=False)
    except WatchbillError as error:
        from watchbill.cli.failure import show_error

        show_error(error)
        code = error.exit_code
    except click.exceptions.Exit as leave:
        code = leave.exit_code
    except click.Abort:
        click.echo("stopped; nothing was written", err=True)
        code = 130
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except KeyboardInterrupt:
        click.echo("\nstopped", err=True)
        code = 130
    except Exception as error:  # noqa: BLE001  the one place that catches everything
        from watchbill.cli.failure import write_report

        if os.environ.get("WATCHBILL_DEBUG"):
            traceback.print_exc()
        write_report(error)
        code = 1
    sys.exit(code if isinstance(code, int) else 0)
