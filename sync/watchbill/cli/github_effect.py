"""watchbill github effect"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from watchbill.cli.forging import (
    base_option,
    connected,
    fetch_pull,
    repo_option,
    scope_of,
    tell,
    watchbill_itself,
)
from watchbill.cli.git_here import git_here
from watchbill.cli.github_comment import commented, outdated
from watchbill.cli.options import Globals, global_options

if TYPE_CHECKING:
    from watchbill.forge.port import Forge


@click.command("effect")
@click.option("--pr", "number", type=int, metavar="N", help="The pull request.")
@click.option("--head", default="", metavar="SHA", help="Its last commit.")
@click.option(
    "--from", "source", default="", metavar="OWNER:BRANCH", help="Instead of --pr: where it comes from."
)
@repo_option
@base_option
@global_options
@click.pass_context
def command(ctx: click.Context, number: int | None, head: str, source: str, repo: str, base: str) -> None:
    """For forks: the effect on people, told by the code of this checkout.  The fork's commit is read, never run.

    \b
    Example:  watchbill github effect --pr 7
    """
    from watchbill.forge.sticky import put
    from watchbill.report.github_answer import GithubAnswer
    from watchbill.report.github_comment import fenced

    options = Globals.of(ctx)
    git = git_here(options)
    with connected(repo) as forge:
        number = number if number is not None else _number(forge, source, head)
        if number is None:
            tell(options, GithubAnswer(verb="effect", said="no open pull request is at that commit"))
            return
        now = forge.request(number).head
        if head and head != now:
            tell(options, outdated("effect", number, now))
            return
        commit = fetch_pull(git, number, now)
        onto = git.commit("HEAD").id
        code, said, problem = watchbill_itself(
            ["diff", f"{onto}...{commit}", "--format", "markdown", "--policies", os.fspath(options.policies)]
        )
        told = said if code == 0 else f"### watchbill: cannot be read\n\n{fenced(problem)}\n"
        note = (
            "This comes from a fork, so it was compared from the files alone. Somebody with write access gets the "
            "plan for the account by commenting `/watchbill plan`."
        )
        posted = put(
            forge,
            number,
            scope_of(options, "plan"),
            f"{told}\n\n{note}\n\n<sub>commit {now[:12]}</sub>\n",
        )
    tell(options, commented("effect", number, posted))


def _number(forge: Forge, source: str, head: str) -> int | None:
    """The open pull request whose branch is at that very commit."""
    return next((pull.number for pull in forge.open_requests(source) if pull.head == head), None)
