"""What the policy had before, as far as git knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchbill.account.objects import Account
    from watchbill.history.earlier import Earlier
    from watchbill.model.policy import Policy


def keys_before(folder: Path, policy: Policy, account: Account) -> Earlier:
    """Keys of objects that are ours in the account, gone from the policy, and were in an earlier commit of it.

    Looks back only as long as something is unaccounted for.
    """
    from watchbill.account.wanted import keys_of
    from watchbill.history.earlier import Earlier, had_before
    from watchbill.history.git import repository

    marked = {o.marker.key for o in account.everything() if o.marker is not None}
    missing = marked - keys_of(policy)
    repo = repository(folder) if missing else None
    return Earlier() if repo is None else had_before(repo, missing, keys_of)
