"""watchbill github heartbeat"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from watchbill.cli.forging import base_option, connected, repo_option, scope_of, tell
from watchbill.cli.options import Globals, global_options
from watchbill.errors import EXIT_PENDING

if TYPE_CHECKING:
    from watchbill.forge.port import Forge

_LATE = 36 * 3600
_LOOKED_AT = 30
_KEY = "heartbeat"


@dataclass(frozen=True, slots=True)
class Beat:
    text: str
    is_late: bool


def beat(options: Globals, forge: Forge, base: str) -> Beat:
    """A drift check that did not run must not look like no drift."""
    from watchbill.forge.stamps import CHECKED, last_stamp
    from watchbill.rota.clock import iso

    commits = forge.newest(base, _LOOKED_AT)
    found = last_stamp(forge, commits, scope_of(options, CHECKED))
    if found is None:
        return Beat(f"No drift check is known to have run on the last {len(commits)} commits.", is_late=True)
    stamp, now = found[1], options.now
    hours = max(now - stamp.at, 0) // 3600
    when = f"The drift check last ran at {iso(stamp.at)}, {hours} hours ago"
    if now - stamp.at > _LATE:
        return Beat(f"{when}: it should have run since.", is_late=True)
    return Beat(f"{when}: {stamp.text}", is_late=False)


@click.command("heartbeat")
@click.option("--issue", is_flag=True, help="Open an issue when it is late; close it when it runs again.")
@repo_option
@base_option
@global_options
@click.pass_context
def command(ctx: click.Context, issue: bool, repo: str, base: str) -> None:
    """Whether the drift check ran within 36 hours.  Exit code 10 if it did not.

    \b
    Example:  watchbill github heartbeat
    """
    from watchbill.report.github_answer import GithubAnswer

    options = Globals.of(ctx)
    with connected(repo) as forge:
        found = beat(options, forge, base)
        if issue:
            _keep_issue(forge, found, scope_of(options, _KEY))
    tell(options, GithubAnswer(verb="heartbeat", said=found.text))
    if found.is_late:
        ctx.exit(EXIT_PENDING)


def _keep_issue(forge: Forge, found: Beat, key: str) -> None:
    from watchbill.forge.drift_issues import LABEL
    from watchbill.forge.sticky import marker
    from watchbill.report.plan_markdown import escape

    mark = marker(key)
    ours = (one for one in forge.open_threads(LABEL) if one.author == forge.me and one.body.startswith(mark))
    there = next(ours, None)
    advice = "Look at the workflow `drift`: GitHub delays schedules, drops runs, and switches them off after 60 quiet days."
    body = f"{mark}\n{escape(found.text)}\n\n{advice}\n"
    if found.is_late and there is None:
        forge.start_thread("The drift check does not run", body, LABEL)
    elif found.is_late and there is not None:
        forge.edit_thread(there.number, title=there.title, body=body)
    elif there is not None:
        forge.close_thread(there.number, f"{escape(found.text)}\n")
