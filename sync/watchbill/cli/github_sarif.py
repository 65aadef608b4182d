"""watchbill github sarif"""

from __future__ import annotations

from pathlib import Path

import click

from watchbill.cli.forging import connected, repo_option, tell
from watchbill.cli.options import Globals, global_options
from watchbill.errors import UsageError


@click.command("sarif")
@click.argument("saved", metavar="findings.sarif", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--commit", required=True, metavar="SHA", help="The commit that was checked.")
@click.option("--ref", required=True, metavar="REF", help="refs/heads/main, refs/pull/7/merge")
@repo_option
@global_options
@click.pass_context
def command(ctx: click.Context, saved: Path, commit: str, ref: str, repo: str) -> None:
    """Hands findings to GitHub's code scanning.  Where the repository has none, says so and goes on.

    \b
    Example:  watchbill check --sarif findings.sarif
              watchbill github sarif findings.sarif --commit "$GITHUB_SHA" --ref "$GITHUB_REF"
    """
    from watchbill.local_files import read_bounded
    from watchbill.report.github_answer import GithubAnswer

    options = Globals.of(ctx)
    try:
        data = read_bounded(saved)
    except OSError as bad:
        raise UsageError(f"{saved} cannot be read: {bad.strerror}") from None
    with connected(repo) as forge:
        refused = forge.upload_findings(data, commit, ref)
    said = f"code scanning did not take it: {refused}" if refused else "handed to code scanning"
    tell(options, GithubAnswer(verb="sarif", said=said))
