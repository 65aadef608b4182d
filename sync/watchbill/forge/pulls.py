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
    """Author, who is named as the requester there or in a commit, who wrote its commits.  Lower case."""
    files: tuple[str, ...]
    reviews: tuple[Review, ...]
    is_merged: bool


def read_pull(forge: Forge, number: int) -> Pull:
    return _read(forge.repo.get_pull(number))


def pulls_that_brought(
    forge: Forge, commits: Iterable[str], base: str
) -> tuple[list[Pull], dict[str, frozenset[str]]]:
    """The merged pull requests into `base` behind these commits of it, and the commits without one, with their authors."""
    found: dict[int, Pull] = {}
    alone: dict[str, frozenset[str]] = {}
    for sha in commits:
        commit = forge.repo.get_commit(sha)
        merged = [pull for pull in commit.get_pulls() if pull.merged_at is not None and pull.base.ref == base]
        if not merged:
            alone[sha] = frozenset(login.lower() for login in _authors(commit))
        for pull in merged:
            if pull.number not in found:
                found[pull.number] = read_pull(forge, pull.number)
    return list(found.values()), alone


def _read(pull: PullRequest) -> Pull:
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
    return Pull(
        number=pull.number,
        title=pull.title,
        url=pull.html_url,
        head=pull.head.sha,
        base=pull.base.ref,
        base_commit=pull.base.sha,
        wanted_by=_wanted_by(pull),
        files=tuple(dict.fromkeys(files)),
        reviews=tuple(
            Review(review.user.login, review.state, review.commit_id or "")
            for review in pull.get_reviews()
            if review.user is not None
        ),
        is_merged=pull.merged_at is not None,
    )


def _wanted_by(pull: PullRequest) -> frozenset[str]:
    """Whoever brings the base branch up to date with GitHub's button does not want it by that; a merge made
    elsewhere may hold anything."""
    logins = {pull.user.login, *_REQUESTED.findall(pull.body or "")}
    for commit in pull.get_commits():
        logins |= set(_REQUESTED.findall(commit.commit.message))  # the text can be edited after an approval
        if len(commit.parents) < 2 or commit.committer is None or commit.committer.login != _GITHUB_ITSELF:
            logins |= _authors(commit)
    return frozenset(login.lower() for login in logins)


def _authors(commit: Commit) -> set[str]:
    return {person.login for person in (commit.author, commit.committer) if person is not None}
