"""The last changes of the policy and what each did to people, for the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchbill.cli.options import Globals

if TYPE_CHECKING:
    from watchbill.history.git import Commit, Repository
    from watchbill.model.policy import Policy
    from watchbill.publish.history_page import Past

CHANGES = 8


def last_changes(options: Globals) -> tuple[list[Past], str]:
    """Newest first, and why there are none."""
    from watchbill.history.git import GitError, repository

    found = repository(options.policies)
    if found is None:
        return [], "The policy folder is in no git repository."
    try:
        commits = list(found.commits(CHANGES + 1))
    except GitError as error:
        return [], f"git: {error}"
    read: dict[str, Policy | None] = {commit.id: _policy(found, commit) for commit in commits}
    past = []
    for place, commit in enumerate(commits[:CHANGES]):
        before = commits[place + 1] if place + 1 < len(commits) else None
        past.append(
            _past(
                commit,
                read[commit.id],
                read[before.id] if before else None,
                is_first=before is None,
                repo=found,
            )
        )
    return past, "No commit has touched the policy folder yet."


def _policy(found: Repository, commit: Commit) -> Policy | None:
    from watchbill.history.policy import load_at

    loaded = load_at(found, commit)
    return loaded.policy if loaded.valid else None


def _past(
    commit: Commit, after: Policy | None, before: Policy | None, *, is_first: bool, repo: Repository
) -> Past:
    from watchbill.cli.past import commit_read
    from watchbill.ladder.changes import ladder_changes
    from watchbill.plan.effects import effects_between
    from watchbill.publish.history_page import Past

    told = commit_read(commit)
    assert told is not None
    if is_first:
        words = "Older versions are not in this clone." if repo.is_shallow else "The first version."
        return Past(told, note=words)
    if after is None or before is None:
        return Past(
            told, note="One side of this change does not fit today's format, so its effect is not known."
        )
    return Past(told, effects_between(before, after, commit.at), tuple(ladder_changes(before, after)))
