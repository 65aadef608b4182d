"""A policy whose duty can be rendered, for the verbs that answer from the files alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchbill.cli.options import Globals

if TYPE_CHECKING:
    from watchbill.config.load import Loaded
    from watchbill.history.git import Commit, Repository
    from watchbill.model.policy import Policy


def valid_policy(
    globals_: Globals, *, mending: bool = False, messages: bool = False
) -> tuple[Loaded, Policy]:
    """`mending`: for edits; `messages`: for who prints them.  Raises PolicyInvalid with the findings, UsageError when the folder is not there."""
    from watchbill.checks.sound import require_sound
    from watchbill.config.load import load_valid

    loaded = load_valid(globals_.policies)
    require_sound(loaded, now=globals_.now, mending=mending, messages=messages)
    assert loaded.policy is not None
    return loaded, loaded.policy


def valid_policy_at(
    globals_: Globals, found: Repository, commit: Commit, *, remedy: str = "take another commit"
) -> tuple[Loaded, Policy]:
    """Raises PolicyInvalid with the findings."""
    from watchbill.checks.sound import require_sound
    from watchbill.history.policy import load_valid_at

    loaded = load_valid_at(found, commit, remedy=remedy)
    require_sound(loaded, now=globals_.now, what=f"the policy of {commit.short}", remedy=remedy)
    assert loaded.policy is not None
    return loaded, loaded.policy
