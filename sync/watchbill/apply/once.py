"""A POST that must not be doubled: after an answer that got lost, look before sending it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from watchbill.apply.ground import RUN_AGAIN, TRIES, Failed, Ground
from watchbill.pagerduty.problems import AmbiguousWrite

T = TypeVar("T")


def once(
    what: str,
    ground: Ground,
    *,
    before: Callable[[], None],
    send: Callable[[], T],
    look: Callable[[], T | None],
) -> T:
    """`before` is called ahead of each sending.  `look`: what a lost answer left, if anything.  Raises Failed."""
    for attempt in range(TRIES):
        before()
        try:
            return send()
        except AmbiguousWrite:
            ground.settle(attempt)
        found = look()
        if found is not None:
            return found
    raise Failed(f"PagerDuty lost the answer each time and does not have the {what}", RUN_AGAIN)
