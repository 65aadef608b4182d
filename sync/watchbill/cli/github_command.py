"""watchbill github command"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from watchbill.cli.forging import (
    base_option,
    connected,
    fetch_pull,
    repo_option,
    scope_of,
    watchbill_itself,
)
from watchbill.cli.git_here import git_here
from watchbill.cli.options import Globals, global_options
from watchbill.errors import EXIT_PENDING, WatchbillError

if TYPE_CHECKING:
    from watchbill.forge.commands import Command
    from watchbill.forge.port import Comment, Forge, Reaction, Request, Thread
    from watchbill.history.git import Repository

_DRIFT = "<!-- watchbill:drift:"
_DRIFT_KEY = re.compile(rf"{_DRIFT}([a-z]+/[A-Za-z0-9-]{{1,80}}) -->")


@click.command("command")
@click.option("--number", type=int, required=True, metavar="N", help="The pull request or issue.")
@click.option("--comment", "comment_id", type=int, required=True, metavar="ID", help="The comment.")
@click.option(
    "--body",
    envvar="COMMENT_BODY",
    help="Its text when it was written (also COMMENT_BODY); an edited one is not answered.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="GITHUB_OUTPUT",
    help="File for what a later job has to do: verb, digest, by, name (also GITHUB_OUTPUT).",
)
@repo_option
@base_option
@global_options
@click.pass_context
def command(
    ctx: click.Context,
    number: int,
    comment_id: int,
    body: str | None,
    output: Path | None,
    repo: str,
    base: str,
) -> None:
    """Answers a comment like `/watchbill who database`: 👀 when seen, then one answer and 👍, or 👎 and why not.

    \b
    Example:  watchbill github command --number 7 --comment 2345
    """
    from watchbill.forge.commands import parse

    options = Globals.of(ctx)
    git = git_here(options)
    with connected(repo) as forge:
        comment = forge.comment(number, comment_id)
        found = parse(comment.body)
        if found is None or comment.author == forge.me:
            return
        desk = Desk(options, forge, git, forge.thread(number), comment, base)
        refusal = desk.refusal(body)
        if refusal or isinstance(found, str):
            desk.refuse(refusal or str(found), usage=not refusal)
            return
        forge.react(number, comment_id, "eyes")
        try:
            answer = desk.answer(found)
        except WatchbillError as error:
            desk.refuse(f"{error.message}. {error.remedy}")
            return
        desk.close(answer)
        if answer.later and output is not None:
            with output.open("a", encoding="utf-8") as file:
                file.write("".join(f"{key}={value}\n" for key, value in answer.later.items()))


@dataclass(frozen=True, slots=True)
class Answer:
    body: str = ""
    good: bool = True
    later: dict[str, str] | None = None
    """For a later job that may write; each value has been matched against what it may be."""


@dataclass(frozen=True)
class Desk:
    options: Globals
    forge: Forge
    git: Repository
    thread: Thread
    comment: Comment
    base: str

    def refusal(self, body: str | None) -> str:
        who = self.comment.author
        if self.comment.is_edited or body not in {None, self.comment.body}:
            return "an edited comment is not answered; write a new one"
        if not self.forge.may_write(who):
            return "commands are for people who may write to this repository"
        return ""

    def answer(self, asked: Command) -> Answer:
        from watchbill.forge.commands import USAGE

        if asked.verb == "help":
            return Answer(f"```text\n{USAGE}\n```")
        pull = self.forge.request(self.thread.number) if self.thread.is_request else None
        if asked.verb == "apply":
            return self._apply(asked, pull)
        if asked.verb == "adopt":
            return self._adopt(asked)
        if pull is None or pull.is_merged:
            commit, head = self.git.commit("HEAD").id, ""
        else:
            head = pull.head
            commit = fetch_pull(self.git, pull.number, head, merged_into=pull.base)
        if asked.verb == "plan":
            return self._plan(pull, commit, head)
        return self._ask(asked, commit, head)

    def _ask(self, asked: Command, commit: str, head: str) -> Answer:
        """By the policy of that commit, laid out as files for the verb to read; nothing of it is run."""
        from watchbill.forge.commands import verb_line
        from watchbill.history.policy import lay_out
        from watchbill.report.github_comment import fenced

        with TemporaryDirectory(prefix="watchbill-") as folder:
            policies = Path(folder) / "policies"
            lay_out(self.git, self.git.commit(commit), policies)
            code, said, problem = watchbill_itself(
                ["--policies", str(policies), *verb_line(asked, merged=not head)]
            )
            text = (said if code == 0 else problem or said).replace(f"{folder}{os.sep}", "")
        at = f"\n\n<sub>by commit {(head or commit)[:12]}</sub>"
        return Answer(f"{fenced(text)}{at}", good=code == 0)

    def _plan(self, pull: Request | None, commit: str, head: str) -> Answer:
        from watchbill.cli.forging import read_plan
        from watchbill.cli.github_comment import drift_notes
        from watchbill.forge.sticky import put
        from watchbill.history.policy import load_valid_at
        from watchbill.report.github_comment import cut_lines, fenced, plan_comment
        from watchbill.report.plan_markdown import LONGEST, plan_markdown

        with TemporaryDirectory(prefix="watchbill-") as folder:
            out = Path(folder) / "plan.json"
            words = ["--policies", str(self.options.policies), "plan", "--to", commit, "--out", str(out)]
            code, _, problem = watchbill_itself(words)
            if code not in {0, EXIT_PENDING}:
                return Answer(fenced(problem), good=False)
            plan = read_plan(out)
        policy = load_valid_at(self.git, self.git.commit(commit)).policy
        assert policy is not None
        if pull is None or not head:
            return Answer(cut_lines(plan_markdown(plan, policy), LONGEST))
        notes = drift_notes(self.options, self.forge, self.base)
        text = plan_comment(plan, policy, head=head, notes=notes)
        posted = put(self.forge, self.thread.number, scope_of(self.options, "plan"), text)
        return Answer(f"The plan for {head[:12]} is in [its comment]({posted.url}).")

    def _apply(self, asked: Command, pull: Request | None) -> Answer:
        if pull is not None and not pull.is_merged:
            return Answer("Only what is merged is applied: merge it first.", good=False)
        if pull is None and not self._is_about_drift:
            return Answer("This is no merged pull request and no drift issue.", good=False)
        return Answer(later=self._later("apply", digest=asked.words.get("digest", "")))

    def _adopt(self, asked: Command) -> Answer:
        if not self._drifted:
            return Answer("This is no issue about an edited object.", good=False)
        return Answer(later=self._later("adopt", name=self._drifted))

    @property
    def _is_about_drift(self) -> bool:
        return self.thread.author == self.forge.me and self.thread.body.startswith(_DRIFT)

    @property
    def _drifted(self) -> str:
        """Key of the object that this issue is about; "" where there is none to adopt."""
        found = _DRIFT_KEY.match(self.thread.body) if self._is_about_drift else None
        return found[1] if found else ""

    def _later(self, verb: str, **more: str) -> dict[str, str]:
        by = self.comment.author
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*(\[bot\])?", by), by
        return {"verb": verb, "by": by, **{key: value for key, value in more.items() if value}}

    def close(self, answer: Answer) -> None:
        """What a later job does is answered by that job."""
        if answer.body:
            self._say(answer.body)
        if answer.later is None:
            self._react("+1" if answer.good else "-1")

    def refuse(self, reason: str, *, usage: bool = False) -> None:
        from watchbill.forge.commands import USAGE
        from watchbill.report.plan_markdown import escape

        self._react("-1")
        if self.forge.may_write(self.comment.author):
            self._say(f"{escape(reason)}" + (f"\n\n```text\n{USAGE}\n```" if usage else ""))

    def _react(self, reaction: Reaction) -> None:
        self.forge.react(self.thread.number, self.comment.id, reaction)

    def _say(self, body: str) -> None:
        """One answer for each command, also when the job runs twice."""
        from watchbill.forge.sticky import put

        put(self.forge, self.thread.number, f"answer:{self.comment.id}", body)
