"""watchbill sandbox: the local PagerDuty"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from watchbill.cli.options import Globals, global_options
from watchbill.cli.render import command as render_command
from watchbill.errors import UsageError


@click.group("sandbox")
def command() -> None:
    """A PagerDuty on your machine, for trying and for tests.

    \b
    Example:  watchbill sandbox serve --port 4200 --load estate.json
    """


@command.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one (default).")
@click.option("--load", "load_file", type=click.Path(path_type=Path), help="An account file to start with.")
@click.option(
    "--clock", metavar="ISO", help="Time stands still here until it is moved; without it, real time."
)
@click.option("--state", type=click.Path(path_type=Path), help="SQLite file that keeps the account.")
@global_options
@click.pass_context
def serve_command(
    ctx: click.Context, port: int, load_file: Path | None, clock: str | None, state: Path | None
) -> None:
    """Serve until Ctrl-C.  Prints the address and a token.

    \b
    Example:  watchbill sandbox serve --port 4200
    """
    from watchbill.sandbox.server import serve

    options = Globals.of(ctx)

    def ready(url: str, token: str) -> None:
        if options.as_json:
            click.echo(json.dumps({"url": url, "token": token}))
        else:
            click.echo(f"export PAGERDUTY_URL={url} PAGERDUTY_TOKEN={token}")
            options.say("serving; Ctrl-C stops it")

    serve(port=port, state=state, clock=clock, load=_document(load_file), ready=ready)


def _document(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        document = json.loads(path.read_text("utf-8"))
    except OSError as bad:
        raise UsageError(f"{path} cannot be read: {bad.strerror}") from None
    except ValueError as bad:
        raise UsageError(f"{path} is no JSON: {bad}") from None
    if not isinstance(document, dict):
        raise UsageError(
            f"{path} holds no account", remedy='it starts with {"users": [...], "schedules": [...]}'
        )
    return document


@command.command("show")
@global_options
@click.pass_context
def show_command(ctx: click.Context) -> None:
    """Draw the embedded sandbox's account: policies, levels, who is on call.

    \b
    Example:  watchbill sandbox show
    """
    from watchbill.cli.account import open_account
    from watchbill.cli.load import valid_policy
    from watchbill.report.account import account_tree

    options = Globals.of(ctx)
    _, policy = valid_policy(options)
    with open_account(options, policy, sandbox_named=True) as opened:
        from watchbill.pagerduty.read import read_account

        account = read_account(
            opened.transport, name=opened.name, now=options.now, since=options.now, until=options.now + 1
        )
        oncalls = opened.transport.get("/oncalls", {"limit": 100}).body["oncalls"]
        click.echo(account_tree(account, oncalls, color=options.color))


@command.command("tamper")
@click.argument("kind", type=click.Choice(["schedule", "escalation_policy", "service", "team", "user"]))
@click.argument("name")
@click.argument("changes", metavar="JSON")
@click.option("--by", default="", metavar="USER", help="Name or e-mail of who edits; default: the owner.")
@global_options
@click.pass_context
def tamper_command(ctx: click.Context, kind: str, name: str, changes: str, by: str) -> None:
    """Edit an object as a human would in the browser, behind the policy's back.

    \b
    Example:  watchbill sandbox tamper escalation_policy "Database P1" '{"delays": {"1": 5}}'
              watchbill sandbox tamper schedule medicalcor-primary '{"time_zone": "Europe/London"}'
    """
    from watchbill.cli.account import state_file
    from watchbill.rota.clock import iso
    from watchbill.sandbox.clock import MovableClock
    from watchbill.sandbox.store import Store
    from watchbill.sandbox.tamper import tamper

    options = Globals.of(ctx)
    try:
        wanted = json.loads(changes)
    except ValueError as bad:
        raise UsageError(f"the changes are no JSON: {bad}", remedy="see the examples in --help") from None
    path = state_file(options.policies)
    if not path.exists():
        raise UsageError("this policy's sandbox has no account yet", remedy="run `watchbill apply` first")
    store = Store(path)
    try:
        clock = MovableClock(options.now) if options.now_is_given else None
        tamper(store, kind, name, wanted, by, clock=clock)
    finally:
        store.close()
    options.say(f"edited {kind} {name!r} in the sandbox at {iso(options.now)}")


@command.command("reset")
@global_options
@click.pass_context
def reset_command(ctx: click.Context) -> None:
    """Forget the embedded sandbox's account; the next plan starts from an empty one.

    \b
    Example:  watchbill sandbox reset
    """
    from watchbill.cli.account import state_file

    options = Globals.of(ctx)
    path = state_file(options.policies)
    for file in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        file.unlink(missing_ok=True)
    options.say("the sandbox is empty")


command.add_command(render_command, "render")
