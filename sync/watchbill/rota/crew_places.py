"""Places in a crew: joining, leaving, changing places.  A cycle begins with who is next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from watchbill.errors import UsageError
from watchbill.model.base import NOBODY
from watchbill.model.rotations import Counted
from watchbill.rota.clock import Instant


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody wants.  `position` counts from 1: of the written order, for an add of the coming turns."""

    kind: Literal["add", "remove", "move"]
    person: str
    first: bool = False
    after: str | None = None
    before: str | None = None
    position: int | None = None
    since: Instant | None = None
    """Not before the first handoff at or after this."""
    at_once: bool = False
    """Who leaves while on duty hands over the rest of the turn; the crew still changes at a handoff."""
    again: bool = False
    """One more place for somebody who has one."""
    later: Literal["all", "only-next"] | None = None
    """What happens to crews dated after it, where that is not clear by itself."""
    counting: Counted | None = None
    """Turn and handoff, for a crew of one that never needed them."""


class Member(NamedTuple):
    name: str
    was: int | None
    """Index in the order as it is written now; None: newly written there."""


Cycle = tuple[Member, ...]


def names(cycle: Cycle) -> tuple[str, ...]:
    return tuple(member.name for member in cycle)


def added(ask: Ask, handle: str, coming: Cycle) -> Cycle:
    if ask.person in names(coming) and not ask.again:
        raise UsageError(
            f"{ask.person} is in the crew of {handle} already", remedy="--again gives them one more place"
        )
    place = len(coming)
    if ask.first:
        place = 0
    elif ask.after is not None:
        place = _next_place(ask.after, handle, coming) + 1
    elif ask.position is not None:
        if not 1 <= ask.position <= len(coming) + 1:
            raise UsageError(
                f"{handle} has {len(coming)} turns to come before it starts over, so no place {ask.position}",
                remedy=f"take a place from 1 to {len(coming) + 1}",
            )
        place = ask.position - 1
    return (*coming[:place], Member(ask.person, None), *coming[place:])


def removed(ask: Ask, handle: str, coming: Cycle) -> Cycle:
    if ask.position is None:
        _next_place(ask.person, handle, coming)
        left = tuple(m for m in coming if m.name != ask.person)
    else:
        left = tuple(m for m in coming if m is not _placed(ask, handle, coming))
    if all(m.name == NOBODY for m in left):
        raise UsageError(
            f"without {ask.person} nobody is left in the crew of {handle}",
            remedy="add somebody first, or let somebody cover it (`covered_by`)",
        )
    return left


def moved(ask: Ask, handle: str, coming: Cycle) -> Cycle:
    beside = ask.before or ask.after or ""
    if beside == ask.person:
        raise UsageError(f"{ask.person} cannot come beside themselves", remedy="name another person")
    if ask.position is None:
        taken = coming[_next_place(ask.person, handle, coming)]
    else:
        taken = _placed(ask, handle, coming)
    rest = tuple(m for m in coming if m is not taken)
    place = _next_place(beside, handle, rest) + (ask.before is None)
    return (*rest[:place], Member(ask.person, None), *rest[place:])


def _next_place(person: str, handle: str, coming: Cycle) -> int:
    found = next((i for i, member in enumerate(coming) if member.name == person), None)
    if found is None:
        there = ", ".join(dict.fromkeys(names(coming)))
        raise UsageError(f"{person} is not in the crew of {handle}", remedy=f"in it are {there}")
    return found


def _placed(ask: Ask, handle: str, coming: Cycle) -> Member:
    by_place = {(member.was or 0) + 1: member for member in coming}
    found = by_place.get(ask.position or 0)
    if found is None or found.name != ask.person:
        theirs = [str(place) for place in sorted(by_place) if by_place[place].name == ask.person]
        said = f"{ask.person} is not at position {ask.position} of {handle}"
        _next_place(ask.person, handle, coming)
        raise UsageError(said, remedy=f"they are at {', '.join(theirs)}, counted as the file has it")
    return found


def written(cycle: Cycle, order: Sequence[str], first: int) -> tuple[Cycle, str | None]:
    """The order to write and its `first`, so that as little as possible of the written `order` changes.

    `first`: which place of `order` comes first now.
    """
    start = 0
    if first:
        start = min(
            (i for i, m in enumerate(cycle) if m.was is not None), key=lambda i: cycle[i].was or 0, default=0
        )
    turned = (*cycle[start:], *cycle[:start])
    place = -start % len(cycle)
    holder = turned[place].name
    if place and names(turned).index(holder) != place:
        return cycle, None
    return turned, holder if place else None


def same_turns(one: Sequence[str], other: Sequence[str]) -> bool:
    """[a, b] and [a, b, a, b] are the same turns."""
    return _period(one) == _period(other)


def _period(order: Sequence[str]) -> tuple[str, ...]:
    for size in range(1, len(order) + 1):
        if len(order) % size == 0 and all(order[i] == order[i % size] for i in range(len(order))):
            return tuple(order[:size])
    return tuple(order)
