"""The commit before a change: what was applied last, or where the branch left the main one."""

from __future__ import annotations

from typing import NamedTuple

from watchbill.errors import UsageError
from watchbill.history.git import COMPARED, Commit, GitError, Repository

RULE_PATHS = (".github", "CODEOWNERS", "docs/CODEOWNERS")
"""From the top of the repository: who approves, what runs with the keys, and what is installed for it."""


class Base(NamedTuple):
    commit: Commit | None
    reason: str


def base_of(repository: Repository, *, since: str = "", target: str = "", recorded: str = "") -> Base:
    """`since`: named on the command line; `target`: the planned commit, "" for the files as they are; `recorded`: the
    commit of the last apply, where this machine made it.

    Raises UsageError for a `since` that git does not have.
    """
    if since.strip("0"):
        return Base(repository.commit(since), "named by --applied")
    head = repository.commit("HEAD")
    if not target and (left := _left_main(repository, head)) is not None:
        return Base(left, "where this branch left main")
    if (applied := _known(repository, recorded)) is not None:
        return Base(applied, "applied last from here")
    if target or repository.is_edited:
        return Base(head, "the last commit")
    return Base(None, "the files' own rules: no earlier apply is recorded here")


def changed_files(repository: Repository, base: Commit, target: str = "") -> list[tuple[str, str]]:
    """(path, A, M, D or T) of what lies outside of the policy and decides about it."""
    words = ("diff", "--name-status", "-z", "--no-renames", *COMPARED, base.id, target or "HEAD")
    told = repository.ask(*words, "--", *RULE_PATHS).decode("utf-8", "surrogateescape").split("\0")
    return list(zip(told[1::2], told[::2], strict=False))


def _left_main(repository: Repository, head: Commit) -> Commit | None:
    """None on the main branch, and where the two have no common past."""
    try:
        base = repository.merge_base(repository.main(), "HEAD")
    except UsageError:
        return None
    return base if base.id != head.id else None


def _known(repository: Repository, ref: str) -> Commit | None:
    try:
        return repository.commit(ref) if ref else None
    except (UsageError, GitError):
        return None
