"""The ways up that people follow by hand, one moment after the other: a fork's branches go side by side."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from watchbill.model.escalation import Path, PathStep


@dataclass(frozen=True, slots=True)
class Moment:
    steps: tuple[PathStep, ...]
    """Several where branches run side by side; who is named together is paged together."""
    wait: int | None
    """Minutes after the moment before; None = a human decides."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for step in self.steps for name in step.page or ()))

    @property
    def title(self) -> str:
        told = (step.title or step.event or " + ".join(step.page or ()) for step in self.steps)
        return " and ".join(told)

    @property
    def only_if(self) -> tuple[str, ...]:
        return tuple(step.only_if for step in self.steps if step.only_if)


def moments(path: Path) -> tuple[Moment, ...]:
    """Those that page somebody, in order.  Branches of a fork step together until all have joined."""
    lines = [side_by_side for step in path.steps for side_by_side in _lines(step)]
    default = None if path.wait is None else path.wait.minutes
    found = []
    for steps in lines:
        if any(step.page for step in steps):
            waits = [step.wait.minutes for step in steps if step.wait is not None]
            found.append(Moment(steps, max(waits, default=default)))
    return tuple(found)


def _lines(step: PathStep) -> list[tuple[PathStep, ...]]:
    if step.fork is None:
        return [(step,)]
    branches = [[line for one in branch for line in _lines(one)] for branch in step.fork]
    return [
        tuple(one for line in side if line is not None for one in line) for side in zip_longest(*branches)
    ]
