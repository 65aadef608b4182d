"""watchbill github: what the workflows call; each usable by hand"""

from __future__ import annotations

import importlib
from typing import NamedTuple

import click

from watchbill.cli.commands import Commands


class Part(NamedTuple):
    name: str
    module: str
    help: str


PARTS: tuple[Part, ...] = (
    Part("comment", "github_comment", "the plan as one comment of a pull request"),
    Part("effect", "github_effect", "for forks: what a pull request does to people, its files only read"),
    Part("applied", "github_applied", "the commit that was applied last, whose rules judge the next apply"),
    Part("approved", "github_approved", "did the right people approve what would be applied?"),
    Part("outcome", "github_outcome", "what became of an apply, told on the merged pull requests"),
    Part("drift-issue", "github_drift", "one issue per drift: opened, updated, closed"),
    Part("adopt-pr", "github_adopt", "the edited policy files as a pull request"),
    Part("heartbeat", "github_heartbeat", "has the drift check run lately?"),
    Part("command", "github_command", "answers `/watchbill ...` in a comment"),
    Part("sarif", "github_sarif", "findings for GitHub's code scanning"),
)


class Parts(Commands):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [part.name for part in PARTS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        part = next((p for p in PARTS if p.name == cmd_name), None)
        if part is None:
            return None
        command: click.Command = importlib.import_module(f"watchbill.cli.{part.module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(part.name, part.help) for part in PARTS], col_max=14)


@click.group("github", cls=Parts, context_settings={"max_content_width": 80})
def command() -> None:
    """Pull requests and issues on GitHub.  Needs GITHUB_TOKEN and GITHUB_REPOSITORY (or --repo).

    \b
    Example:  watchbill plan --out plan.json
              watchbill github comment plan.json --pr 7
              watchbill github approved --pr 7
    """
