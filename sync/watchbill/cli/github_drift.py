"""watchbill github drift-issue"""

from __future__ import annotations

from pathlib import Path

import click

from watchbill.cli.forging import (
    connected,
    folder_in_repository,
    read_document,
    repo_option,
    scope_of,
    tell,
)
from watchbill.cli.git_here import git_here
from watchbill.cli.options import Globals, global_options


@click.command("drift-issue")
@click.argument("saved", metavar="drift.json", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--commit", default="HEAD", show_default=True, help="Stamped as checked, for `heartbeat`.")
@repo_option
@global_options
@click.pass_context
def command(ctx: click.Context, saved: Path, commit: str, repo: str) -> None:
    """One issue per drift with who, when, what and two ways out; updated in place, closed when the drift is gone.

    \b
    Example:  watchbill drift --json > drift.json
              watchbill github drift-issue drift.json
    """
    from watchbill.cli.load import valid_policy
    from watchbill.forge.drift_issues import tell_drift
    from watchbill.forge.stamps import CHECKED, put_stamp
    from watchbill.plan.drift import Drift
    from watchbill.report.github_answer import Deed, GithubAnswer

    options = Globals.of(ctx)
    drift = read_document(saved, Drift, "drift report")
    policy = valid_policy(options)[1]
    git = git_here(options)
    head = git.commit(commit).id
    with connected(repo) as forge:
        told = tell_drift(forge, drift, policy, folder_in_repository(git))
        count = len(drift.changes)
        text = f"{count} object{'' if count == 1 else 's'} edited in the account" if count else "no drift"
        put_stamp(forge, head, scope_of(options, CHECKED), "success", text)
    done = tuple(Deed(what=item.what, number=item.number, url=item.url) for item in told)
    tell(options, GithubAnswer(verb="drift-issue", done=done, said="" if told else "no drift, no issue"))
