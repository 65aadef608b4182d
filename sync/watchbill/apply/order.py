"""Whose turn it is: what a change depends on comes before it; else the order of the plan stands."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush

from watchbill.errors import WatchbillError
from watchbill.plan.document import Change


def in_order(changes: Sequence[Change]) -> list[Change]:
    """A dependency that is no change of this plan is met.  Raises WatchbillError for a circle."""
    refs = {change.ref for change in changes}
    waits = {change.ref: {d for d in change.depends_on if d in refs} - {change.ref} for change in changes}
    place = {change.ref: i for i, change in enumerate(changes)}
    for_whom: dict[str, list[str]] = {}
    for ref, needed in waits.items():
        for one in needed:
            for_whom.setdefault(one, []).append(ref)
    ready = [place[ref] for ref, needed in waits.items() if not needed]
    heapify(ready)
    ordered: list[Change] = []
    while ready:
        change = changes[heappop(ready)]
        ordered.append(change)
        for ref in for_whom.get(change.ref, ()):
            waits[ref].discard(change.ref)
            if not waits[ref]:
                heappush(ready, place[ref])
    if len(ordered) < len(changes):
        circle = ", ".join(change.ref for change in changes if waits[change.ref])
        raise WatchbillError(f"the plan's changes wait for each other: {circle}")
    return ordered
