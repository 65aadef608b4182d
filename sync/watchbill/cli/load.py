"""Getting a valid policy and its roster, for the verbs that answer from the files alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchbill.cli.options import Globals

if TYPE_CHECKING:
    from watchbill.config.load import Loaded
    from watchbill.model.policy import Policy


def valid_policy(globals_: Globals) -> tuple[Loaded, Policy]:
    """Raises PolicyInvalid with the findings, UsageError when the folder is not there."""
    from watchbill.config.load import load_valid

    loaded = load_valid(globals_.policies)
    assert loaded.policy is not None
    return loaded, loaded.policy
