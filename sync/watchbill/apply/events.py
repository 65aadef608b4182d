"""What an apply tells while it runs, for progress bars and plain lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from watchbill.apply.outcome import Step
from watchbill.plan.document import Change


@dataclass(frozen=True, slots=True)
class Event:
    """`place` counts from 1 to `total`.  A `finished` event carries the step."""

    what: Literal["checking", "started", "finished"]
    total: int
    place: int = 0
    change: Change | None = None
    step: Step | None = None


OnEvent = Callable[[Event], None]


def ignore(event: Event) -> None:
    pass
