"""watchbill publish"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchbill.cli.commands import Commands
from watchbill.cli.options import Globals, global_options, live_options
from watchbill.errors import EXIT_PENDING

if TYPE_CHECKING:
    from watchbill.model.policy import Policy

_WEEKS = 8
"""For which the site takes overrides from PagerDuty."""


@click.group("publish", cls=Commands)
@global_options
def command() -> None:
    """What people read, made from the policy: the runbook, the site, the calendars.

    \b
    Example:  watchbill publish runbook --out RUNBOOK.md
              watchbill publish runbook --out RUNBOOK.md --check
              watchbill publish calendars --out calendars
              watchbill publish site --out site
    """


def _policy(options: Globals) -> Policy:
    """Raises PolicyInvalid where duty cannot be rendered, a name leads nowhere or a message has a hole."""
    from watchbill.cli.load import valid_policy

    return valid_policy(options, messages=True)[1]


@command.command("runbook")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it here; without, it is printed."
)
@click.option("--check", is_flag=True, help="Write nothing; exit 10 if --out is missing or stale.")
@global_options
@click.pass_context
def runbook(ctx: click.Context, out: Path | None, check: bool) -> None:
    """The whole runbook as Markdown, with the names that are known.

    \b
    Example:  watchbill publish runbook --out RUNBOOK.md
    """
    from watchbill.config.edit_write import write_text
    from watchbill.publish.runbook import runbook_markdown

    options = Globals.of(ctx)
    if check and out is None:
        raise click.UsageError("--check compares with a file: name it with --out")
    policy = _policy(options)
    text = runbook_markdown(policy)
    if out is None:
        click.echo(text, nl=False)
    elif not check:
        written = write_text(out, text)
        options.say(f"{out} {'written' if written else 'was up to date'}")
    elif out.is_file() and out.read_bytes() == text.encode():
        options.say(f"{out} is up to date")
    else:
        stale = "is stale" if out.exists() else "is missing"
        click.echo(f"{out} {stale}: `watchbill publish runbook --out {out}` writes it")
        ctx.exit(EXIT_PENDING)


@command.command("calendars")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write."
)
@click.option("--check", is_flag=True, help="Write nothing; exit 10 if a file is missing or stale.")
@global_options
@click.pass_context
def calendars(ctx: click.Context, out: Path, check: bool) -> None:
    """One .ics per rotation and per person, to subscribe to.

    Duty that was published in --out before and is no longer wanted stays in its file as cancelled, so that
    calendars take it out; so write to the folder that was published last.

    \b
    Example:  watchbill publish calendars --out calendars
    """
    from watchbill.publish.folder import calendars as made_of
    from watchbill.publish.folder import calendars_in, stale

    options = Globals.of(ctx)
    policy = _policy(options)
    files = made_of(policy, out, options.now)
    names = stale(files, calendars_in(out))
    if check:
        _tell_stale(ctx, options, out, names, f"watchbill publish calendars --out {out}")
        return
    _write_changed(out, files, names)
    options.say(f"{len(names)} of {len(files)} calendars written to {out}")


def _tell_stale(ctx: click.Context, options: Globals, out: Path, names: list[str], remedy: str) -> None:
    if not names:
        options.say(f"{out} is up to date")
        return
    for name in names:
        click.echo(f"{out / name} is missing or stale")
    click.echo(f"`{remedy}` writes them")
    ctx.exit(EXIT_PENDING)


def _write_changed(out: Path, files: Mapping[str, bytes], names: Sequence[str]) -> None:
    """Each file at once or not at all; none where one cannot be."""
    from watchbill.config.edit_write import write_bytes
    from watchbill.errors import UsageError

    for path in (out / name for name in names):
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is not a file", remedy="choose another folder, or move it")
    for name in names:
        if name in files:
            write_bytes(out / name, files[name])
        else:
            (out / name).unlink()


@command.command("site")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write."
)
@live_options
@global_options
@click.pass_context
def site(ctx: click.Context, out: Path) -> None:
    """A static site: who is on call, the calendar, what if, the runbook's chapters, load, history.

    Where an account can be asked, overrides in PagerDuty are in it.
    It needs nothing from elsewhere and works from disk.  The folder is replaced as a whole; the calendars in it
    are kept in step with those that were there.

    \b
    Example:  watchbill publish site --out site
    """
    from watchbill.cli.live import FORCED_SECONDS, answered
    from watchbill.cli.published import last_changes
    from watchbill.publish.folder import calendars as calendars_of
    from watchbill.publish.site import site as site_of
    from watchbill.publish.swap import replace_folder
    from watchbill.report.source import source_text
    from watchbill.rota.clock import WEEK
    from watchbill.rota.duty import Roster

    options = Globals.of(ctx)
    policy = _policy(options)
    duty = answered(options, policy, options.now, until=options.now + _WEEKS * WEEK, seconds=FORCED_SECONDS)
    past, why_none = last_changes(options)
    files = site_of(policy, duty.roster, options.now, past, why_none, duty.source)
    feeds = calendars_of(policy, out / "calendars", options.now, Roster(policy))
    options.say(source_text(duty.source))
    replace_folder(out, files | {f"calendars/{name}": data for name, data in feeds.items()})
    options.say(f"{len(files)} files and {len(feeds)} calendars written to {out}; open {out / 'index.html'}")
