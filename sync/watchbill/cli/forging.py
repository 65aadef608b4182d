"""What the GitHub verbs share: the connection, the pull requests behind an apply, files they are handed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from watchbill.cli.git_here import git_here
from watchbill.cli.options import Globals
from watchbill.errors import ForgeError, UsageError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from watchbill.forge.approval import Judge
    from watchbill.forge.github import GithubForge
    from watchbill.forge.port import Forge
    from watchbill.forge.pulls import Pull, Writers
    from watchbill.history.git import Repository
    from watchbill.plan.document import Plan
    from watchbill.report.github_answer import GithubAnswer

    M = TypeVar("M", bound=BaseModel)

_MOST_LOG = 200_000
_LOOKED_AT = 30
"""Newest commits of the main branch in which a stamp is looked for."""
_TOUCHING = 250
"""Commits that touch the policy or its rules, in which a stamp is looked for, and which are judged without one."""
_SECRETS = ("GITHUB_TOKEN", "GH_TOKEN")
_SECONDS = 600

repo_option = click.option(
    "--repo",
    default="",
    metavar="OWNER/NAME",
    help="Instead of GITHUB_REPOSITORY.",
    envvar="GITHUB_REPOSITORY",
)
base_option = click.option(
    "--branch",
    "base",
    default="main",
    show_default=True,
    envvar="WATCHBILL_BRANCH",
    help="The branch that is applied.",
)


@contextmanager
def connected(repo: str) -> Iterator[GithubForge]:
    """Raises ForgeError without a token."""
    from watchbill.cli.credentials import credential
    from watchbill.forge.github import DEFAULT_URL, open_forge

    token = credential("GITHUB_TOKEN")
    if token is None:
        raise ForgeError(
            "no token for GitHub", remedy="set GITHUB_TOKEN; a workflow passes ${{ github.token }}"
        )
    url = os.environ.get("GITHUB_API_URL") or DEFAULT_URL
    bot = os.environ.get("WATCHBILL_BOT", "")
    with open_forge(repo, token, api_url=url, bot=bot) as forge:
        yield forge


def tell(options: Globals, answer: GithubAnswer) -> None:
    from watchbill.report.github_answer import github_text

    if options.as_json:
        click.echo(answer.model_dump_json(indent=2))
    elif text := github_text(answer):
        click.echo(text)


def read_document(path: Path, kind: type[M], what: str) -> M:
    """Raises UsageError for a file that is none."""
    from pydantic import ValidationError

    from watchbill.local_files import read_bounded

    try:
        return kind.model_validate_json(read_bounded(path))
    except OSError as bad:
        raise UsageError(f"{path} cannot be read: {bad.strerror}") from None
    except ValidationError:
        raise UsageError(f"{path} is no {what} of this format") from None


def read_plan(path: Path) -> Plan:
    """Raises UsageError for a file that is no plan, StalePlan for one that was edited."""
    from watchbill.cli.saved import read_saved

    return read_saved(path)


def read_log(path: Path | None) -> str:
    """Its end, where it is long; "" where there is none."""
    if path is None or not path.is_file():
        return ""
    return path.read_bytes()[-_MOST_LOG:].decode("utf-8", "replace")


def folder_in_repository(repo: Repository) -> str:
    """policies"""
    return repo.prefix.rstrip("/") or "."


def judge_of(forge: Forge, at: str, git: Repository, branch: str, now: str = "") -> Judge:
    """`at`: a branch, or the commit whose owners count; `now`: the commit that is applied."""
    from watchbill.forge.approval import Judge

    commit = git.commit(forge.commit(at).sha).id
    return Judge(forge, commit, folder_in_repository(git), git, branch, now)


def scope_of(options: Globals, key: str) -> str:
    """A key that no other policy folder of the same repository uses."""
    from watchbill.forge.sticky import scoped

    return scoped(key, folder_in_repository(git_here(options)))


@dataclass(frozen=True)
class Work:
    """What led from the last apply to this commit."""

    commit: str
    judge: Judge
    """By the owners that were named before this work: a pull request cannot name its own approvers."""
    pulls: list[Pull]
    alone: dict[str, Writers]
    """Commits that touch the policy or its rules and came without a pull request, with their writers."""


def work_since(forge: Forge, git: Repository, commit: str, since: str, base: str) -> Work:
    """`since`: the commit applied last where no stamp of ours names it; without either, everything counts."""
    from watchbill.forge.pulls import pulls_that_brought

    start = _applied_last(forge, git, commit, since)
    touched = _touching(git, f"{start}..{commit}" if start else commit)[::-1]
    pulls, alone = pulls_that_brought(forge, touched, base)
    before = start or _commit_before(git, commit)
    return Work(commit, judge_of(forge, before, git, base, now=commit), pulls, alone)


def judging_commit(forge: Forge, git: Repository, commit: str, since: str) -> str:
    """The commit whose rules and owners judge `commit`."""
    return _applied_last(forge, git, commit, since) or _commit_before(git, commit)


def _commit_before(git: Repository, commit: str) -> str:
    """`commit` itself where it is the first one."""
    return _known(git, f"{commit}^1") or commit


def _applied_last(forge: Forge, git: Repository, commit: str, since: str) -> str:
    """By our stamp, else `since`; "" where neither is known."""
    from watchbill.cli.credentials import credential
    from watchbill.forge.stamps import APPLIED, last_stamp
    from watchbill.forge.sticky import scoped

    key = credential("PAGERDUTY_TOKEN")
    context = scoped(APPLIED, folder_in_repository(git))
    newest = git.ask("rev-list", "--first-parent", f"-{_LOOKED_AT}", commit, "--").decode().split()
    stamped = dict.fromkeys([*newest, *_touching(git, commit)])
    stamp = last_stamp(forge, stamped, context, key=key, state="success") if key is not None else None
    return stamp[0] if stamp is not None else _known(git, since)


def _touching(git: Repository, reach: str) -> list[str]:
    """Commits that touch the policy or its rules, newest first."""
    from watchbill.history.base import RULE_PATHS

    words = ("rev-list", "--first-parent", f"-{_TOUCHING}", reach, "--", git.where, *RULE_PATHS)
    return git.ask(*words).decode().split()


def _known(git: Repository, since: str) -> str:
    """ "" for what git does not have: the zeros of a new branch, a commit that was pushed away."""
    if not since.strip("0"):
        return ""
    try:
        return git.commit(since).id
    except UsageError:
        return ""


def watchbill_itself(words: Iterable[str]) -> tuple[int, str, str]:
    """Exit code, what it said, what it complained of.  No shell, no GitHub token, and no code of the folder we are in."""
    from watchbill.chat.verbs import STRANGER

    env = {name: text for name, text in os.environ.items() if name not in _SECRETS}
    done = subprocess.run(  # noqa: S603  no shell; the words are checked by whoever calls
        [sys.executable, "-P", "-m", "watchbill", *words],
        env={**env, "NO_COLOR": "1", "WATCHBILL_AS": STRANGER},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=_SECONDS,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def fetch_pull(git: Repository, number: int, head: str, *, merged_into: str = "") -> str:
    """The commit as data, never checked out: of the pull request, or of its merge into `merged_into` if it has one.

    Raises UsageError where it is not the one that GitHub named.
    """
    from watchbill.history.git import GitError

    for kind in ("merge", "head") if merged_into else ("head",):
        ref = f"refs/watchbill/pull/{number}/{kind}"
        try:
            _fetch(git, f"+refs/pull/{number}/{kind}:{ref}")
            told = git.ask("rev-list", "--parents", "-1", ref, "--").decode().split()
        except GitError:
            continue
        if kind == "head" and told[0] == head:
            return told[0]
        if kind == "merge" and told[2:] == [head]:
            return told[0]
    raise UsageError(
        f"#{number} is not at {head[:9]} any more", remedy="somebody pushed meanwhile; ask again"
    )


def _fetch(git: Repository, refspec: str) -> None:
    """With the workflow's token, for private repositories; it goes by the environment, to GitHub's host only."""
    import base64

    from watchbill.cli.credentials import credential
    from watchbill.history.git import GitError, inert_environment

    token = credential("GITHUB_TOKEN")
    server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
    secret = base64.b64encode(f"x-access-token:{token.get_secret_value() if token else ''}".encode()).decode()
    settings = {
        f"http.{server}/.extraHeader": f"AUTHORIZATION: basic {secret}",
        "core.sshCommand": "ssh",
    }
    env = {**inert_environment(settings), "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh"}
    words = ["git", "-C", str(git.top), "fetch", "--quiet", "--no-tags", "--no-recurse-submodules"]
    # the option, not a setting: of several `remote.origin.uploadpack` git takes the first
    words += ["--upload-pack=git-upload-pack", "origin", refspec]
    try:
        subprocess.run(  # noqa: S603  no shell; the refspec is built from a number
            words, env=env, capture_output=True, check=True, timeout=_SECONDS
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise GitError(f"git fetch: {type(error).__name__}") from None
