"""What of a pull request an approval is judged by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from github.Commit import Commit
from github.PullRequest import PullRequest

from watchbill.errors import ForgeError
from watchbill.forge.client import Forge

_REQUESTED = re.compile(r"^Requested-by:\s*@?([A-Za-z0-9][A-Za-z0-9-]*(?:\[bot\])?)", re.MULTILINE)
_CO_AUTHOR = re.compile(r"^Co-authored-by:[^<>\n]*<([^<>\n]+)>", re.MULTILINE | re.IGNORECASE)
_PRIVATE = re.compile(r"(?:\d+\+)?([a-z0-9][a-z0-9-]*(?:\[bot\])?)@users\.noreply\.github\.com")
"""An address that GitHub gives an account."""
_GITHUB_ITSELF = "web-flow"
"""Committer of what is done on its pages, the button "Update branch" included."""
_MOST_COMMITS = 250
_MOST_FILES = 3000
"""GitHub lists no more commits and files of a pull request."""


@dataclass(frozen=True, slots=True)
class Review:
    by: str
    state: str
    """APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED."""
    commit: str


@dataclass(frozen=True, slots=True)
class Pull:
    number: int
    title: str
    url: str
    head: str
    """The last commit: of the branch, or as it was merged."""
    base: str
    """Branch it goes to."""
    base_commit: str
    """What that branch was when it was merged, or is known to be."""
    wanted_by: frozenset[str]
    """Author, requesters named there or in a commit, authors, co-authors and committers of its commits.  Lower case."""
    files: tuple[str, ...]
    reviews: tuple[Review, ...]
    is_merged: bool
    unattributed: tuple[str, ...] = ()
    """Commits of unknown authors, and a bot's request without a requester, in words.  Anybody may be behind them."""


def read_pull(forge: Forge, number: int) -> Pull:
    return _read(forge, forge.repo.get_pull(number))


@dataclass(frozen=True, slots=True)
class Writers:
    """Of commits.  Logins in lower case."""

    logins: frozenset[str] = frozenset()
    unattributed: tuple[str, ...] = ()


def pulls_that_brought(
    forge: Forge, commits: Iterable[str], base: str
) -> tuple[list[Pull], dict[str, Writers]]:
    """The merged pull requests into `base` behind these commits of it, and the commits without one, with their writers."""
    found: dict[int, Pull] = {}
    alone: dict[str, Writers] = {}
    for sha in commits:
        commit = forge.repo.get_commit(sha)
        merged = [pull for pull in commit.get_pulls() if pull.merged_at is not None and pull.base.ref == base]
        if not merged:
            alone[sha] = _writers([commit])
        for pull in merged:
            if pull.number not in found:
                found[pull.number] = read_pull(forge, pull.number)
    return list(found.values()), alone


def _read(forge: Forge, pull: PullRequest) -> Pull:
    if pull.changed_files > _MOST_FILES:
        raise ForgeError(
            f"#{pull.number} touches {pull.changed_files} files, GitHub lists {_MOST_FILES} of them",
            remedy="split it; what cannot be listed cannot be approved",
        )
    if pull.commits > _MOST_COMMITS:
        raise ForgeError(
            f"#{pull.number} has {pull.commits} commits, GitHub lists {_MOST_COMMITS} of them",
            remedy="squash them; whose commits cannot be listed might approve their own",
        )
    files = [name for file in pull.get_files() for name in (file.filename, file.previous_filename) if name]
    commits = list(pull.get_commits())
    writers = _writers(commits)
    texts = [pull.body or "", *(commit.commit.message for commit in commits)]  # the body can be edited later
    requesters = {login for text in texts for login in _REQUESTED.findall(text)}
    wanted_by = {login.lower() for login in (pull.user.login, *requesters)} | writers.logins
    unattributed = writers.unattributed
    if not requesters and pull.user.login.lower() in forge.bots:
        why = (
            f"{pull.user.login} opened #{pull.number} and no line `Requested-by: LOGIN` names a requester: "
            "the requester's `github:` is missing in the people of the policy"
        )
        unattributed = (*unattributed, why)
    return Pull(
        number=pull.number,
        title=pull.title,
        url=pull.html_url,
        head=pull.head.sha,
        base=pull.base.ref,
        base_commit=pull.base.sha,
        wanted_by=frozenset(wanted_by),
        files=tuple(dict.fromkeys(files)),
        reviews=tuple(
            Review(review.user.login, review.state, review.commit_id or "")
            for review in pull.get_reviews()
            if review.user is not None
        ),
        is_merged=pull.merged_at is not None,
        unattributed=unattributed,
    )


def _writers(commits: Iterable[Commit]) -> Writers:
    """A merge of the base branch by GitHub's button wrote nothing; a merge made elsewhere may hold anything."""
    logins: set[str] = set()
    unattributed: list[str] = []
    known: dict[str, str] = {}
    co_authors: list[tuple[str, str]] = []
    for commit in commits:
        if _is_by_github(commit) and len(commit.parents) > 1:
            continue
        sides = [(commit.author, commit.commit.author.email)]
        if not _is_by_github(commit):
            sides.append((commit.committer, commit.commit.committer.email))
        for person, email in dict.fromkeys(sides):
            if person is None or person.login == _GITHUB_ITSELF:
                unattributed.append(f"{commit.sha[:9]} is by {email}, which belongs to no account")
            else:
                logins.add(person.login.lower())
                known[email.lower()] = person.login.lower()
        co_authors += [
            (commit.sha, email.strip().lower()) for email in _CO_AUTHOR.findall(commit.commit.message)
        ]
    for sha, email in co_authors:
        private = _PRIVATE.fullmatch(email)
        login = private[1] if private else known.get(email)
        if login is None:
            unattributed.append(f"{sha[:9]} has the co-author {email}, which belongs to no known account")
        else:
            logins.add(login)
    return Writers(frozenset(logins), tuple(dict.fromkeys(unattributed)))


def _is_by_github(commit: Commit) -> bool:
    """Committed on GitHub's pages.  Anybody can write its name; only GitHub signs with its key."""
    verification = commit.commit.verification
    return (
        commit.committer is not None
        and commit.committer.login == _GITHUB_ITSELF
        and verification is not None
        and verification.verified
    )
