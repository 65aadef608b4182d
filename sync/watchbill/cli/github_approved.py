"""watchbill github approved"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchbill.cli.forging import (
    Work,
    base_option,
    connected,
    judge_of,
    read_plan,
    repo_option,
    scope_of,
    tell,
    work_since,
)
from watchbill.cli.git_here import git_here
from watchbill.cli.judging import judged_by_base
from watchbill.cli.options import Globals, global_options
from watchbill.errors import GuardRefused, UsageError

if TYPE_CHECKING:
    from watchbill.forge.approval import Approval
    from watchbill.forge.port import Forge
    from watchbill.plan.document import Change, Plan
    from watchbill.plan.reviewed import Reviewed

_DIGITS = 12


@click.command("approved")
@click.argument(
    "saved", required=False, metavar="[plan.json]", type=click.Path(path_type=Path, dir_okay=False)
)
@click.option("--pr", "number", type=int, metavar="N", help="Judge only this pull request.")
@click.option("--commit", default="HEAD", show_default=True, help="What is to be applied.")
@click.option(
    "--since", default="", metavar="SHA", help="Applied last, where no stamp on the commits says so."
)
@click.option("--accept", default="", metavar="DIGEST", help="Somebody says yes to exactly this plan.")
@click.option(
    "--by",
    multiple=True,
    metavar="LOGIN",
    help="Who; a code owner who wrote no part of it.  Several: each must be one.",
)
@repo_option
@base_option
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    saved: Path | None,
    number: int | None,
    commit: str,
    since: str,
    accept: str,
    by: tuple[str, ...],
    repo: str,
    base: str,
) -> None:
    """Whether a code owner of every touched file approved the head commit, and the plan does what was shown to them.

    Exit code 11 if not.  With a plan: every pull request merged since the last apply must be approved, and every
    change of the plan must have been in a plan that was shown on one of them.

    \b
    Example:  watchbill github approved --pr 7
              watchbill github approved plan.json --commit HEAD
    """
    from watchbill.forge.owner_history import files_below
    from watchbill.report.github_answer import GithubAnswer

    options = Globals.of(ctx)
    if (saved is None) == (number is None):
        raise UsageError("nothing to judge, or too much", remedy="name a plan, or --pr N")
    git = git_here(options)
    with connected(repo) as forge:
        if number is not None:
            from watchbill.forge.pulls import read_pull

            pull = read_pull(forge, number)
            judge = judge_of(forge, pull.base_commit if pull.is_merged else base, git, base)
            _show_or_refuse(options, [judge.of(pull)], [])
            return
        assert saved is not None
        plan = read_plan(saved)
        work = work_since(forge, git, git.commit(commit).id, since, base)
        judged_by_base(options.policies, plan, work.judge.base)
        if accept:
            files = files_below(git, work.commit, work.judge.folder)
            people = tuple(dict.fromkeys(login for login in by if login)) or ("",)
            for login in people:
                _accepted(plan, work, files, accept, login)
            said = f"{' and '.join(people)} accept exactly the plan {plan.digest[:_DIGITS]}"
            tell(options, GithubAnswer(verb="approved", said=said))
            return
        _covered(options, forge, plan, work)


def _accepted(plan: Plan, work: Work, files: list[str], accept: str, by: str) -> None:
    if len(accept) < _DIGITS or not plan.digest.startswith(accept):
        raise GuardRefused(
            f"the plan is now {plan.digest[:_DIGITS]}, {by or 'somebody'} accepted {accept[:64]}",
            remedy=_yes(plan),
        )
    if work.judge.counted.unowned:
        raise GuardRefused("nobody can accept a plan yet", remedy=work.judge.counted.unowned)
    unknown = [
        *(why for pull in work.pulls for why in pull.unattributed),
        *(why for writers in work.alone.values() for why in writers.unattributed),
    ]
    if unknown:
        raise GuardRefused(
            f"nobody can accept this plan: {'; '.join(unknown[:3])}",
            remedy="add the address to its account on GitHub, or write the commit again under an account's address",
        )
    wrote = {
        *(f"#{pull.number}" for pull in work.pulls if by.lower() in pull.wanted_by),
        *(sha[:9] for sha, writers in work.alone.items() if by.lower() in writers.logins),
    }
    if wrote:
        raise GuardRefused(
            f"{by} wants or wrote a part of the change: {', '.join(sorted(wrote))}",
            remedy="a code owner who wrote no part of it accepts the plan",
        )
    if not work.judge.may_write(by) or not work.judge.owns_some(by, files):
        raise GuardRefused(
            f"{by or 'nobody'} is no code owner of the policy with write access",
            remedy="a code owner comments the same",
        )
    unapproved = [approval for approval in map(work.judge.of, work.pulls) if not approval.is_given]
    others = work.judge.not_owned(by, [file for approval in unapproved for file in approval.missing])
    if others:
        raise GuardRefused(
            f"{by} is no code owner of {', '.join(others[:3])}, which nobody approved",
            remedy="a code owner of these files comments the same",
        )


def _covered(options: Globals, forge: Forge, plan: Plan, work: Work) -> None:
    from watchbill.plan.reviewed import uncovered

    approvals = [work.judge.of(pull) for pull in work.pulls]
    problems = [f"{sha[:9]} changed the policy without a pull request" for sha in work.alone]
    records: list[Reviewed] = []
    for approval in approvals:
        record = _record(forge, approval, scope_of(options, "plan"))
        if record is not None:
            records.append(record)
    left = uncovered(plan, records)
    if left:
        problems.append(_differs(left, approvals))
    _show_or_refuse(options, approvals, problems, plan)


def _record(forge: Forge, approval: Approval, key: str) -> Reviewed | None:
    """Of the plan that stood there for the very commit that was approved."""
    from watchbill.forge.sticky import find
    from watchbill.report.github_comment import record_in

    comment = find(forge.comments(approval.pull.number), key, forge.me)
    record = record_in(comment.body) if comment is not None else None
    return record if record is not None and record.head == approval.pull.head else None


def _differs(left: tuple[Change, ...], approvals: list[Approval]) -> str:
    from watchbill.report.safe import count, plain

    names = ", ".join(plain(change.name) for change in left[:5])
    more = f" and {len(left) - 5} more" if len(left) > 5 else ""
    numbers = ", ".join(f"#{a.pull.number}" for a in approvals) or "any pull request"
    return f"{count(len(left), 'change')} not as shown on {numbers}: {names}{more}"


def _show_or_refuse(
    options: Globals, approvals: list[Approval], problems: list[str], plan: Plan | None = None
) -> None:
    """Raises GuardRefused after telling what there is to tell."""
    from watchbill.report.github_answer import GithubAnswer, Judged

    judged = tuple(Judged(number=a.pull.number, head=a.pull.head, by=a.by, lacks=a.lacks) for a in approvals)
    lacks = [f"#{a.number}: {reason}" for a in judged for reason in a.lacks]
    good = "the plan does what was shown" if plan is not None and plan.changes else ""
    if plan is not None and not plan.changes:
        good = "the plan is empty"
    said = "" if lacks or problems else good
    tell(options, GithubAnswer(verb="approved", judged=judged, problems=tuple(problems), said=said))
    if lacks or problems:
        raise GuardRefused(
            "; ".join([*lacks, *problems]),
            remedy=_yes(plan) if plan is not None else "a code owner approves the head commit",
        )


def _yes(plan: Plan) -> str:
    return f"look at the plan; a code owner who says yes to it comments `/watchbill apply {plan.digest[:_DIGITS]}`"
