"""watchbill github outcome"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchbill.cli.forging import (
    base_option,
    connected,
    read_document,
    read_log,
    read_plan,
    repo_option,
    scope_of,
    tell,
    work_since,
)
from watchbill.cli.git_here import git_here
from watchbill.cli.options import Globals, global_options
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.apply.outcome import Outcome
    from watchbill.forge.port import State
    from watchbill.plan.document import Plan

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("outcome")
@click.argument("saved", required=False, metavar="[outcome.json]", type=_FILE)
@click.option("--commit", default="HEAD", show_default=True, help="What was applied.")
@click.option(
    "--since", default="", metavar="SHA", help="Applied before, where no stamp on the commits says so."
)
@click.option("--exit-code", "code", type=int, default=0, show_default=True, help="How the apply ended.")
@click.option("--log", type=_FILE, help="What it said on the way.")
@click.option("--plan", "planned", type=_FILE, help="Shown where it was not applied.")
@click.option("--number", type=int, metavar="N", help="Also tell it on this issue or pull request.")
@click.option(
    "--comment", "comment_id", type=int, metavar="ID", help="The comment that asked; gets 👍 or 👎."
)
@repo_option
@base_option
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    saved: Path | None,
    commit: str,
    since: str,
    code: int,
    log: Path | None,
    planned: Path | None,
    number: int | None,
    comment_id: int | None,
    repo: str,
    base: str,
) -> None:
    """Tells what became of an apply on every pull request it carried out, and stamps the commit.

    Also for an apply by hand while GitHub was away.

    \b
    Example:  watchbill apply --yes --json > outcome.json
              watchbill github outcome outcome.json --commit HEAD
    """
    from watchbill.cli.credentials import credential
    from watchbill.forge.stamps import APPLIED, put_stamp
    from watchbill.forge.sticky import put
    from watchbill.report.github_answer import Deed, GithubAnswer

    options = Globals.of(ctx)
    git = git_here(options)
    outcome = _outcome(saved)
    if outcome is None and not code:
        raise UsageError(
            "there is no outcome to tell", remedy="name what `watchbill apply --json` said, or --exit-code N"
        )
    done: list[Deed] = []
    with connected(repo) as forge:
        work = work_since(forge, git, git.commit(commit).id, since, base)
        numbers = [pull.number for pull in work.pulls]
        plan = read_plan(planned) if planned is not None and planned.is_file() else None
        _belongs(outcome, plan)
        body = _body(options, outcome, plan, read_log(log), work.commit, code, numbers)
        for told in dict.fromkeys([*numbers, *([number] if number is not None else [])]):
            posted = put(forge, told, scope_of(options, "outcome"), body)
            done.append(Deed(what="commented" if posted.is_new else "updated", number=told, url=posted.url))
        good = not code and outcome is not None and outcome.complete
        text = (
            "the account is as the policy says"
            if good
            else f"not applied, or not all of it (exit code {code})"
        )
        if number is not None and comment_id is not None:
            forge.react(number, comment_id, "+1" if good else "-1")
        state: State = "success" if good else "failure"
        key = credential("PAGERDUTY_TOKEN")
        put_stamp(forge, work.commit, scope_of(options, APPLIED), state, text, key=key)
    tell(options, GithubAnswer(verb="outcome", done=tuple(done), said=text))


def _belongs(outcome: Outcome | None, plan: Plan | None) -> None:
    """Raises UsageError for the outcome of another plan."""
    if outcome is not None and plan is not None and outcome.plan_digest != plan.digest:
        raise UsageError(
            f"the outcome is of the plan {outcome.plan_digest[:12]}, not of {plan.digest[:12]}",
            remedy="name the outcome that this run wrote",
        )


def _outcome(saved: Path | None) -> Outcome | None:
    """None where the apply left none: it was refused before it began."""
    from watchbill.apply.outcome import Outcome

    if saved is None or not saved.is_file() or not saved.read_bytes().strip():
        return None
    return read_document(saved, Outcome, "outcome")


def _body(
    options: Globals,
    outcome: Outcome | None,
    plan: Plan | None,
    log: str,
    commit: str,
    code: int,
    numbers: list[int],
) -> str:
    from watchbill.cli.load import valid_policy
    from watchbill.report.github_comment import cut_lines, outcome_comment
    from watchbill.report.notices import applied_notices, notices_markdown
    from watchbill.report.plan_markdown import plan_markdown

    body = outcome_comment(outcome, commit=commit, log=log, exit_code=code, pulls=numbers)
    if plan is None or not plan.changes:
        return body
    policy = valid_policy(options)[1]
    if outcome is not None:
        messages = notices_markdown(applied_notices(plan, policy, outcome))
        return f"{body}\n{cut_lines(messages, 40_000)}\n" if messages else body
    yes = (
        "What would be written now is below. A code owner who says yes to exactly this comments "
        f"`/watchbill apply {plan.digest[:12]}`."
    )
    return f"{body}\n{yes}\n\n{cut_lines(plan_markdown(plan, policy, limit=30_000), 40_000)}"
