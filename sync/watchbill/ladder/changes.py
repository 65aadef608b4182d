"""What of the ladders differs between two versions: steps, and who stands behind roles that are paged directly."""

from __future__ import annotations

from dataclasses import dataclass

from watchbill.ladder.compose import ComposedLadder, LadderStep, compose
from watchbill.ladder.resolve import resolve
from watchbill.model.policy import Policy


@dataclass(frozen=True, slots=True)
class StepChange:
    """At that minute; empty = no step.  Each target with who it stands for: `cto (dana)`."""

    minute: int
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LadderChange:
    key: str
    title: str
    is_new: bool
    is_gone: bool
    steps: tuple[StepChange, ...]
    others: tuple[str, ...] = ()
    """Names of other things that differ."""


_OTHERS = ("urgency", "repeat", "last_wait", "ack_timeout")


def ladder_changes(before: Policy, after: Policy) -> list[LadderChange]:
    old, new = compose(before), compose(after)
    found = []
    for key in dict.fromkeys((*new, *old)):
        one, other = old.get(key), new.get(key)
        left, right = _steps(before, one), _steps(after, other)
        steps = tuple(
            StepChange(minute, left.get(minute, ()), right.get(minute, ()))
            for minute in sorted(left.keys() | right.keys())
            if left.get(minute) != right.get(minute)
        )
        others: tuple[str, ...] = ()
        if one is not None and other is not None:
            others = tuple(name for name in _OTHERS if getattr(one, name) != getattr(other, name))
        ladder = other or one
        if ladder is not None and (steps or others):
            found.append(LadderChange(key, ladder.title, one is None, other is None, steps, others))
    return found


def _steps(policy: Policy, ladder: ComposedLadder | None) -> dict[int, tuple[str, ...]]:
    return {step.minute: _named(policy, step) for step in ladder.steps} if ladder is not None else {}


def _named(policy: Policy, step: LadderStep) -> tuple[str, ...]:
    return tuple(_target(policy, name) for name in step.targets)


def _target(policy: Policy, name: str) -> str:
    """Rotations by name only: who serves there is told by their shifts."""
    paged = resolve(policy, name)
    if paged is None:
        return f"{name} (nobody)"
    behind = paged.rotation or paged.person or paged.external or name
    return name if behind == name else f"{name} ({behind})"
