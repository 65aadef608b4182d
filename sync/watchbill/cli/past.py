"""The policy that was on main at a past instant, for the verbs that answer about one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from watchbill.cli.options import Globals
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.config.load import Loaded
    from watchbill.history.git import Commit, Repository
    from watchbill.model.policy import Policy
    from watchbill.report.written import CommitRead

no_history_option = click.option(
    "--as-written",
    "--no-history",
    "as_written",
    is_flag=True,
    help="Answer about the past by today's files, not by the policy of that day.",
)


@dataclass(frozen=True)
class AnsweredBy:
    """`commit` is None for the files as they are; `note` says why, where the question was about the past."""

    loaded: Loaded
    policy: Policy
    commit: Commit | None = None
    note: str = ""
    is_past: bool = False


def policy_at(options: Globals, at_text: str, *, as_written: bool) -> tuple[AnsweredBy, int]:
    """The policy and the instant; wall-clock times are read in today's zone.

    Raises PolicyInvalid with the findings, UsageError when the folder is not there.
    """
    from watchbill.cli.load import valid_policy, valid_policy_at
    from watchbill.cli.times import parse_time
    from watchbill.rota.clock import zone

    loaded, policy = valid_policy(options)
    at = parse_time(at_text, zone(policy.settings.time_zone), options.now)
    today = AnsweredBy(loaded, policy)
    if at >= options.now:
        return today, at
    if as_written:
        return AnsweredBy(loaded, policy, note="by today's files, as asked", is_past=True), at
    from watchbill.history.git import repository

    found = repository(options.policies)
    if found is None:
        note = "by today's files: there is no git history here"
        return AnsweredBy(loaded, policy, note=note, is_past=True), at
    commit = found.main_at(at)
    if commit is None:
        return AnsweredBy(loaded, policy, note=_no_commit(found), is_past=True), at
    remedy = "--as-written answers by today's files"
    return AnsweredBy(*valid_policy_at(options, found, commit, remedy=remedy), commit, is_past=True), at


def _no_commit(found: Repository) -> str:
    if found.is_shallow:
        return (
            "by today's files: this clone is shallow and has no version from then (`git fetch --unshallow`)"
        )
    return "by today's files: git has no version of them from before then"


def commit_read(commit: Commit | None) -> CommitRead | None:
    """What reports show of a commit."""
    from watchbill.report.written import CommitRead

    return None if commit is None else CommitRead(commit.id, commit.at, commit.author, commit.subject)


def version_before(options: Globals, base: str | None) -> Policy | None:
    """The policy of `base`; without one that of the last commit, if the files differ from it.

    Raises UsageError for a base that git does not know; a version that was not valid is left alone.
    """
    from watchbill.history.git import GitError, repository
    from watchbill.history.policy import load_at

    found = repository(options.policies)
    if found is None:
        if base is not None:
            raise UsageError("there is no git history here", remedy="leave --base out")
        return None
    try:
        if base is None and not found.is_edited:
            return None
        loaded = load_at(found, found.commit(base or "HEAD"))
    except GitError:
        return None
    return loaded.policy if loaded.valid else None
