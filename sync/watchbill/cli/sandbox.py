"""watchbill sandbox: the local PagerDuty"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from watchbill.cli import sandbox_serve
from watchbill.cli.commands import Commands
from watchbill.cli.options import Globals, global_options
from watchbill.cli.render import command as render_command
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.pagerduty.transport import Transport

_PAGE = 100


@click.group("sandbox", cls=Commands)
def command() -> None:
    """A PagerDuty on your machine, for trying and for tests.

    PAGERDUTY_URL names a served one; without it, each policy folder has its own, embedded.

    \b
    Example:  watchbill sandbox save estate.json
              watchbill sandbox serve --port 4200 --load estate.json
              watchbill sandbox show
    """


@command.command("show")
@global_options
@click.pass_context
def show_command(ctx: click.Context) -> None:
    """Draw the sandbox's account: policies, levels, who is on call.

    \b
    Example:  watchbill sandbox show
              PAGERDUTY_URL=http://127.0.0.1:4200 watchbill sandbox show
    """
    from watchbill.pagerduty.read import read_account
    from watchbill.report.account import account_tree

    options = Globals.of(ctx)
    with _transport(options) as transport:
        account = read_account(
            transport, name="sandbox", now=options.now, since=options.now, until=options.now + 1
        )
        click.echo(account_tree(account, _oncalls(transport), color=options.color))


@contextmanager
def _transport(options: Globals) -> Iterator[Transport]:
    """A served sandbox needs no policy; the embedded one is filled from it."""

    from pydantic import SecretStr

    from watchbill.cli.account import open_account
    from watchbill.cli.credentials import credential
    from watchbill.cli.load import valid_policy
    from watchbill.cli.served import served_url
    from watchbill.pagerduty.transport import Transport
    from watchbill.sandbox.options import TOKEN

    url = served_url()
    if url:
        with Transport(url, credential("PAGERDUTY_TOKEN") or SecretStr(TOKEN)) as transport:
            yield transport
        return
    _, policy = valid_policy(options)
    with open_account(options, policy, sandbox_named=True) as opened:
        yield opened.transport


def _oncalls(transport: Transport) -> list[dict[str, Any]]:
    """Entries have no id, so they are paged here and not by the lists of objects."""
    entries: list[dict[str, Any]] = []
    more = True
    while more:
        answer = transport.get("/oncalls", {"limit": _PAGE, "offset": len(entries)})
        page = answer.items("oncalls")
        entries += page
        more = answer.more() and bool(page)
    return entries


@command.command("save")
@click.argument("file", type=click.Path(path_type=Path))
@global_options
@click.pass_context
def save_command(ctx: click.Context, file: Path) -> None:
    """Write the sandbox's account to FILE, for `sandbox serve --load`.

    \b
    Example:  watchbill sandbox save estate.json
              PAGERDUTY_URL=http://127.0.0.1:4200 watchbill sandbox save estate.json
    """
    from watchbill.cli.served import ask, served_url
    from watchbill.sandbox.files import write_account_file
    from watchbill.sandbox.load import save_account
    from watchbill.sandbox.store import Store

    options = Globals.of(ctx)
    if served_url():
        document = ask("state")
    else:
        store = Store(_existing_state(options))
        try:
            document = save_account(store)
        finally:
            store.close()
    write_account_file(file, document)
    options.say(f"wrote {file}: {', '.join(f'{len(v)} {k}' for k, v in document.items() if v)}")


@command.command("tamper")
@click.argument(
    "kind", type=click.Choice(["schedule", "escalation_policy", "service", "event_rules", "team", "user"])
)
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
              watchbill sandbox tamper event_rules "MedicalCor API" '{"active": false}'
    """
    from watchbill.cli.served import ask, served_url
    from watchbill.rota.clock import iso

    options = Globals.of(ctx)
    try:
        wanted = json.loads(changes)
    except ValueError as bad:
        raise UsageError(f"the changes are no JSON: {bad}", remedy="see the examples in --help") from None
    if not isinstance(wanted, dict):
        raise UsageError("the changes are no JSON object", remedy="see the examples in --help")
    if served_url():
        ask("tamper", {"kind": kind, "name": name, "changes": wanted, "by": by})
        when = ask("clock")["now"]
    else:
        _tamper_embedded(options, kind, name, wanted, by)
        when = iso(options.now)
    options.say(f"edited {kind} {name!r} in the sandbox at {when}")


def _tamper_embedded(options: Globals, kind: str, name: str, wanted: dict[str, Any], by: str) -> None:
    from watchbill.sandbox.clock import MovableClock
    from watchbill.sandbox.store import Store
    from watchbill.sandbox.tamper import tamper

    store = Store(_existing_state(options))
    try:
        clock = MovableClock(options.now) if options.now_is_given else None
        tamper(store, kind, name, wanted, by, clock=clock)
    finally:
        store.close()


def _existing_state(options: Globals) -> Path:
    from watchbill.cli.account import state_file

    path = state_file(options.policies)
    if not path.exists():
        raise UsageError("this policy's sandbox has no account yet", remedy="run `watchbill apply` first")
    return path


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


command.add_command(sandbox_serve.command, "serve")
command.add_command(render_command, "render")
