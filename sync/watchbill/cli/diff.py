"""watchbill diff"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from watchbill.cli.git_here import git_here
from watchbill.cli.options import Globals, global_options

if TYPE_CHECKING:
    from watchbill.history.git import Commit, Repository
    from watchbill.model.policy import Policy
    from watchbill.report.diff import Difference, Version


@dataclass(frozen=True)
class Side:
    """`commit` is None for the files as they are."""

    commit: Commit | None
    policy: Policy


@click.command("diff")
@click.argument("commits", metavar="A..B", default="HEAD..")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
)
@global_options
@click.pass_context
def command(ctx: click.Context, commits: str, form: str) -> None:
    """The effect on people between two commits.  Nothing after the dots = the files as they are; A...B = since they parted.

    \b
    Example:  watchbill diff
              watchbill diff HEAD~1..HEAD --format markdown
    """
    from watchbill.report.diff import diff_json, diff_markdown, diff_text

    options = Globals.of(ctx)
    before, after = _sides(options, commits)
    difference = _difference(options, before, after)
    if options.as_json or form == "json":
        click.echo(json.dumps(diff_json(difference), indent=2, ensure_ascii=False))
    elif form == "markdown":
        click.echo(diff_markdown(difference, before.policy, after.policy), nl=False)
    else:
        click.echo(
            diff_text(difference, before.policy, after.policy, color=options.color, width=options.width)
        )


def _sides(options: Globals, commits: str) -> tuple[Side, Side]:
    found = git_here(options, remedy="run it in a clone of the policy repository, with git installed")
    dots = "..." if "..." in commits else ".."
    first, _, second = commits.partition(dots)
    first = first or "HEAD"
    if dots == "...":
        base = found.merge_base(first, second or "HEAD")
        return _at(options, found, base), _at(options, found, found.commit(second)) if second else _now(
            options
        )
    return _at(options, found, found.commit(first)), _at(
        options, found, found.commit(second)
    ) if second else _now(options)


def _at(options: Globals, found: Repository, commit: Commit) -> Side:
    from watchbill.cli.load import valid_policy_at

    return Side(commit, valid_policy_at(options, found, commit)[1])


def _now(options: Globals) -> Side:
    from watchbill.cli.load import valid_policy

    return Side(None, valid_policy(options)[1])


def _difference(options: Globals, before: Side, after: Side) -> Difference:
    from watchbill.ladder.changes import ladder_changes
    from watchbill.ladder.outlook import Outlook
    from watchbill.plan.effects import effects_between
    from watchbill.report.diff import Difference
    from watchbill.rota.duty import Roster

    now = options.now
    old, new = (
        Outlook(Roster(side.policy), now, now + after.policy.settings.outlook.seconds)
        for side in (before, after)
    )
    known = {(gap.ladder, gap.level, gap.spans) for gap in old.gaps()}
    double = {(found.ladder, found.levels, found.person, found.spans) for found in old.double_duty()}
    return Difference(
        before=_version(before),
        after=_version(after),
        effects=effects_between(before.policy, after.policy, now),
        ladders=tuple(ladder_changes(before.policy, after.policy)),
        gaps=tuple(
            gap
            for gap in new.gaps()
            if gap.declared is None and (gap.ladder, gap.level, gap.spans) not in known
        ),
        double_duty=tuple(
            found
            for found in new.double_duty()
            if (found.ladder, found.levels, found.person, found.spans) not in double
        ),
    )


def _version(side: Side) -> Version:
    from watchbill.cli.past import commit_read
    from watchbill.report.diff import Version

    return Version(commit_read(side.commit))
