"""The git repository that the policy folder is in, for the verbs that cannot do without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchbill.cli.options import Globals
from watchbill.errors import UsageError

if TYPE_CHECKING:
    from watchbill.history.git import Repository


def git_here(options: Globals, *, remedy: str = "run it in a clone of the policy repository") -> Repository:
    """Raises UsageError where there is none."""
    from watchbill.history.git import repository

    found = repository(options.policies)
    if found is None:
        raise UsageError(f"{options.policies} is in no git repository with a commit", remedy=remedy)
    return found
