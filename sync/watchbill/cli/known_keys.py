"""What the policy had before, as far as git knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchbill.account.objects import Account
    from watchbill.model.policy import Policy

_COMMITS_LOOKED_AT = 500


def keys_before(folder: Path, policy: Policy, account: Account) -> frozenset[str]:
    """Keys of objects that are ours in the account, gone from the policy, and were in an earlier commit of it.

    Looks back only as long as something is unaccounted for.
    """
    from watchbill.account.wanted import keys_of
    from watchbill.history.git import repository
    from watchbill.history.policy import load_at

    marked = {o.marker.key for o in account.everything() if o.marker is not None}
    missing = marked - keys_of(policy)
    repo = repository(folder) if missing else None
    if repo is None:
        return frozenset()
    found: set[str] = set()
    for commit in repo.commits(_COMMITS_LOOKED_AT):
        if found >= missing:
            break
        past = load_at(repo, commit).policy
        if past is not None:
            found |= missing & keys_of(past)
    return frozenset(found)
