"""What of a pull request an approval is judged by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from watchbill.errors import ForgeError
from watchbill.forge.port import Commit, Forge, Review

_REQUESTED = re.compile(r"^Requested-by:\s*@?([A-Za-z0-9][A-Za-z0-9-]*(?:\[bot\])?)", re.MULTILINE)
_CO_AUTHOR = re.compile(r"^Co-authored-by:[^<>\n]*<([^<>\n]+)>", re.MULTILINE | re.IGNORECASE)
_PRIVATE = re.compile(r"(?:\d+\+)?([a-z0-9][a-z0-9-]*(?:\[bot\])?)@users\.noreply\.github\.com")
"""An address that GitHub gives an account."""
_MOST_COMMITS = 250
_MOST_FILES = 3000
"""GitHub lists no more commits and files of a pull request."""


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
    pull = forge.request(number)
    if pull.files > _MOST_FILES:
        raise ForgeError(
            f"#{number} touches {pull.files} files, GitHub lists {_MOST_FILES} of them",
            remedy="split it; what cannot be listed cannot be approved",
        )
    if pull.commits > _MOST_COMMITS:
        raise ForgeError(
            f"#{number} has {pull.commits} commits, GitHub lists {_MOST_COMMITS} of them",
            remedy="squash them; whose commits cannot be listed might approve their own",
        )
    commits = forge.commits_of(number)
    writers = _writers(commits)
    texts = [pull.body, *(commit.message for commit in commits)]  # the body can be edited later
    requesters = {login for text in texts for login in _REQUESTED.findall(text)}
    unattributed = writers.unattributed
    if not requesters and pull.author.lower() in forge.bots:
        why = (
            f"{pull.author} opened #{number} and no line `Requested-by: LOGIN` names a requester: "
            "the requester's `github:` is missing in the people of the policy"
        )
        unattributed = (*unattributed, why)
    return Pull(
        number=number,
        title=pull.title,
        url=pull.url,
        head=pull.head,
        base=pull.base,
        base_commit=pull.base_commit,
        wanted_by=frozenset({login.lower() for login in (pull.author, *requesters)} | writers.logins),
        files=forge.files_of(number),
        reviews=forge.reviews_of(number),
        is_merged=pull.is_merged,
        unattributed=unattributed,
    )


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
        merged = [pull for pull in forge.requests_with(sha) if pull.is_merged and pull.base == base]
        if not merged:
            alone[sha] = _writers([forge.commit(sha)])
        for pull in merged:
            if pull.number not in found:
                found[pull.number] = read_pull(forge, pull.number)
    return list(found.values()), alone


def _writers(commits: Iterable[Commit]) -> Writers:
    """A merge of the base branch by GitHub's button wrote nothing; a merge made elsewhere may hold anything."""
    logins: set[str] = set()
    unattributed: list[str] = []
    known: dict[str, str] = {}
    co_authors: list[tuple[str, str]] = []
    for commit in commits:
        if commit.is_by_forge and commit.parents > 1:
            continue
        sides = [commit.author] if commit.is_by_forge else [commit.author, commit.committer]
        for side in dict.fromkeys(sides):
            if not side.login:
                unattributed.append(f"{commit.sha[:9]} is by {side.email}, which belongs to no account")
            else:
                logins.add(side.login.lower())
                known[side.email.lower()] = side.login.lower()
        co_authors += [(commit.sha, email.strip().lower()) for email in _CO_AUTHOR.findall(commit.message)]
    for sha, email in co_authors:
        private = _PRIVATE.fullmatch(email)
        login = private[1] if private else known.get(email)
        if login is None:
            unattributed.append(f"{sha[:9]} has the co-author {email}, which belongs to no known account")
        else:
            logins.add(login)
    return Writers(frozenset(logins), tuple(dict.fromkeys(unattributed)))
