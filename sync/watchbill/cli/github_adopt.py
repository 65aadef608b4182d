"""watchbill github adopt-pr"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchbill.cli.forging import base_option, connected, read_document, read_log, repo_option, tell
from watchbill.cli.git_here import git_here
from watchbill.cli.options import Globals, global_options
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.forge.port import Forge, Proposed
    from watchbill.history.git import Repository
    from watchbill.plan.drift import Attribution

_NO_CHECKS = (
    "Opened with a workflow's own token, a pull request starts no workflows by itself: close and reopen it, "
    "or push to it."
)


@click.command("adopt-pr")
@click.option(
    "--drift",
    "told",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What `watchbill drift --json` said before: who made the edits.",
)
@click.option("--issue", type=int, metavar="N", help="The drift issue it answers.")
@click.option("--comment", "comment_id", type=int, metavar="ID", help="The comment that asked.")
@click.option("--log", type=click.Path(path_type=Path, dir_okay=False), help="What `adopt` said.")
@click.option("--requested-by", "by", default="", metavar="LOGIN", help="May then not approve it.")
@click.option("--name", default="drift", show_default=True, help="For the branch: watchbill/adopt-NAME.")
@repo_option
@base_option
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    told: Path | None,
    issue: int | None,
    comment_id: int | None,
    log: Path | None,
    by: str,
    name: str,
    repo: str,
    base: str,
) -> None:
    """The policy files as `watchbill adopt` left them, as a pull request.  Nothing edited: nothing happens.

    \b
    Example:  watchbill adopt
              watchbill github adopt-pr --issue 12 --requested-by ana
    """
    from watchbill.forge.port import Proposal
    from watchbill.plan.drift import Drift
    from watchbill.report.github_answer import Deed, GithubAnswer

    options = Globals.of(ctx)
    git = git_here(options)
    files = edited_files(git)
    edits = read_document(told, Drift, "drift report").attributions if told is not None else ()
    if by and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*(\[bot\])?", by):
        raise UsageError(f"--requested-by {by!r} is no login")
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "drift"
    with connected(repo) as forge:
        made = None
        if files:
            title = f"Adopt what was edited in the account: {slug}"
            wish = Proposal(
                branch=f"watchbill/adopt-{slug}",
                title=title,
                body=_body(edits, issue, by),
                files=files,
                base=base,
                on=git.commit("HEAD").id,
                message=f"{title}\n\nRequested-by: {by}\n" if by else "",
            )
            made = forge.propose(wish)
        if issue is not None:
            _answer(forge, issue, comment_id, made, read_log(log))
    if made is None:
        tell(options, GithubAnswer(verb="adopt-pr", said="no policy file was edited; nothing to propose"))
    else:
        deed = Deed(what="opened" if made.is_new else "updated", number=made.number, url=made.url)
        tell(options, GithubAnswer(verb="adopt-pr", done=(deed,)))


def _answer(forge: Forge, issue: int, comment_id: int | None, made: Proposed | None, log: str) -> None:
    from watchbill.forge.sticky import put
    from watchbill.report.github_comment import fenced

    said = (
        f"#{made.number} writes it into the YAML." if made is not None else "Nothing of it could be adopted."
    )
    text = f"{said}\n\n{fenced(log)}\n" if log.strip() else f"{said}\n"
    put(forge, issue, f"answer:{comment_id or 'adopt'}", text)
    if comment_id is not None:
        forge.react(issue, comment_id, "+1" if made is not None else "-1")


def edited_files(git: Repository) -> dict[str, str | None]:
    """Path from the top of the repository -> text; None = deleted."""
    told = git.ask("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", git.where)
    found: dict[str, str | None] = {}
    for entry in told.decode("utf-8").split("\0"):
        if entry:
            path = git.top / entry[3:]
            found[entry[3:]] = path.read_text("utf-8") if path.exists() else None
    return found


def _body(edits: tuple[Attribution, ...], issue: int | None, by: str) -> str:
    from watchbill.report.plan_markdown import escape

    lines = [
        "Writes into the YAML what was edited in the account, so that merging it leaves nothing to do.",
        "",
    ]
    lines += [
        f"- {escape(e.key)}: by **{escape(e.who)}**"
        + (f" at {e.when}" if e.when else "")
        + f", {escape(e.how)}"
        for e in edits
    ]
    lines += [
        "",
        f"For #{issue}, which closes when the next drift check finds nothing." if issue is not None else "",
    ]
    if by:
        lines += ["", f"Requested-by: {by}"]
    lines += [
        "",
        f"<sub>{_NO_CHECKS}</sub>",
    ]
    return "\n".join(lines).strip() + "\n"
