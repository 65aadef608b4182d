"""Expectations that were deleted, or that demand less than before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from watchbill.model.escalation import Expectation
from watchbill.plan.document import RuleChange

_LISTS = ("never_together", "always_someone", "off_duty")
_QUESTION = ("at", "incident")


def expectation_changes(before: Sequence[Expectation], now: Sequence[Expectation]) -> Iterator[RuleChange]:
    """A new name for the same demand is no change; neither is a new demand."""
    named = {one.name: one for one in now}
    for old in before:
        if any(not _weaker(old, new) for new in now):
            continue
        new = named.get(old.name)
        path = f"expectations: {old.name}"
        if new is None:
            yield RuleChange(path=path, effect="loosened", before=_demand(old), after="deleted")
            continue
        yield RuleChange(
            path=path,
            effect="loosened",
            before=_demand(old),
            after=_demand(new),
            message="; ".join(_weaker(old, new)),
        )


def _weaker(old: Expectation, new: Expectation) -> list[str]:
    """How `new` demands less; empty where it demands all that `old` does."""
    found = [f"another {key}" for key in _QUESTION if getattr(old, key) != getattr(new, key)]
    if old.between is not None:
        start, end = old.between
        if new.between is None or new.between[0].value > start.value or new.between[1].value < end.value:
            found.append("a shorter time")
    for key in _LISTS:
        asked, kept = getattr(old, key), getattr(new, key)
        if asked is None:
            continue
        if left := [name for name in asked if name not in (kept or ())]:
            found.append(f"without {', '.join(left)}")
    return [*found, *_pages(old, new)]


def _pages(old: Expectation, new: Expectation) -> Iterator[str]:
    kept = {when.seconds: names for when, names in (new.pages or {}).items()}
    for when, names in (old.pages or {}).items():
        for name in names:
            if name in kept.get(when.seconds, ()):
                continue
            later = sorted(seconds for seconds, people in kept.items() if name in people)
            after = next((key for key in new.pages or {} if later and key.seconds == later[0]), None)
            yield f"{name} at {after} instead of {when}" if after is not None else f"no {name} at {when}"


def _demand(one: Expectation) -> str:
    if one.pages is not None:
        return "pages " + ", ".join(f"{when}: {' and '.join(names)}" for when, names in one.pages.items())
    span = f" from {one.between[0]} until {one.between[1]}" if one.between is not None else ""
    key = next(key for key in _LISTS if getattr(one, key) is not None)
    return f"{key.replace('_', ' ')} {', '.join(getattr(one, key))}{span}"
