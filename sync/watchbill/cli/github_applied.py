"""watchbill github applied"""

from __future__ import annotations

import click

from watchbill.cli.forging import connected, judging_commit, repo_option
from watchbill.cli.git_here import git_here
from watchbill.cli.options import Globals, global_options


@click.command("applied")
@click.option("--commit", default="HEAD", show_default=True, help="What is to be applied.")
@click.option(
    "--since", default="", metavar="SHA", help="Applied last, where no stamp on the commits names one."
)
@repo_option
@global_options
@click.pass_context
def command(ctx: click.Context, commit: str, since: str, repo: str) -> None:
    """Print the commit that was applied last.  Its rules and owners judge the next apply.

    \b
    Example:  watchbill plan --applied "$(watchbill github applied)" --out plan.json
    """
    git = git_here(Globals.of(ctx))
    with connected(repo) as forge:
        found = judging_commit(forge, git, git.commit(commit).id, since)
    click.echo(found)
