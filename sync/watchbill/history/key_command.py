"""Which command for integration keys stood in a commit."""

from __future__ import annotations

from watchbill.history.git import Commit, Repository
from watchbill.history.policy import load_at
from watchbill.model.settings import IntegrationKeys


def command_of(repository: Repository, commit: Commit) -> IntegrationKeys | None:
    """With its `env`.  None where the commit has none, names a file instead, or has settings that cannot be read."""
    policy = load_at(repository, commit).policy
    keys = policy.settings.pagerduty.integration_keys if policy is not None else None
    return keys if keys is not None and keys.command is not None else None
