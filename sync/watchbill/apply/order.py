"""Whose turn it is: what a change depends on comes before it; else the order of the plan stands."""

from __future__ import annotations

from collections.abc import Sequence

from watchbill.errors import WatchbillError
from watchbill.plan.document import Change


def in_order(changes: Sequence[Change]) -> list[Change]:
    """A dependency that is no change of this plan is met.  Raises WatchbillError for a circle."""
    refs = {change.ref for change in changes}
    waits = {change.ref: {d for d in change.depends_on if d in refs} - {change.ref} for change in changes}
    left = list(changes)
    done: set[str] = set()
    ordered: list[Change] = []
    while left:
        ready = next((change for change in left if waits[change.ref] <= done), None)
        if ready is None:
            circle = ", ".join(change.ref for change in left)
            raise WatchbillError(f"the plan's changes wait for each other: {circle}")
        left.remove(ready)
        ordered.append(ready)
        done.add(ready.ref)
    return ordered
