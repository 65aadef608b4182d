"""Rotations that lean on others: `same_crew`, `otherwise`, `covered_by`."""

from __future__ import annotations

from collections.abc import Iterator

from watchbill.checks.context import Context
from watchbill.checks.hours import zone_exists
from watchbill.checks.rule import Problem, Rule
from watchbill.model.policy import Policy
from watchbill.model.rotations import Rotation
from watchbill.model.settings import ALWAYS
from watchbill.rota.build import end_of


def _same_crew(context: Context) -> Iterator[Problem]:
    policy = context.policy
    for handle, rotation in policy.rotations.items():
        other = policy.rotations.get(rotation.same_crew.as_) if rotation.same_crew else None
        if rotation.same_crew is None or other is None:
            continue
        place = ("rotations", handle, "same_crew")
        name, later = rotation.same_crew.as_, rotation.same_crew.turns_later
        if _in_cycle(policy, handle):
            yield Problem(
                (*place, "as"), f"'{handle}' and '{name}' take their crew from each other", "give one a crew"
            )
            continue
        if other.crew is None and other.crews is None and other.same_crew is None:
            hint = "name a rotation with a crew, or write a crew here"
            yield Problem((*place, "as"), f"'{name}' has no crew of its own that could serve here", hint)
        for crew in _crews_of(policy, name):
            size = len(crew)
            if len(set(crew)) == 1:
                message = f"the crew of '{name}' is one person, who has both at once"
                yield Problem(
                    (*place, "turns_later"), message, "give it a second person, or name another rotation"
                )
                break
            if later % size == 0:
                message = f"{later} turns later, the crew of {size} is where it was: the same person has both"
                hint = f"take a number that is no multiple of {size}, such as 1"
                yield Problem((*place, "turns_later"), message, hint)
                break


def _in_cycle(policy: Policy, start: str) -> bool:
    seen: set[str] = set()
    name: str | None = start
    while name in policy.rotations and name not in seen:
        seen.add(name)
        follows = policy.rotations[name].same_crew
        name = follows.as_ if follows else None
    return name == start


def _crews_of(policy: Policy, handle: str) -> Iterator[tuple[str, ...]]:
    seen: set[str] = set()
    while handle in policy.rotations and handle not in seen:
        seen.add(handle)
        rotation = policy.rotations[handle]
        if rotation.crew is not None:
            yield rotation.crew
        yield from (dated.order for dated in rotation.crews or ())
        handle = rotation.same_crew.as_ if rotation.same_crew else ""


def _otherwise(context: Context) -> Iterator[Problem]:
    policy = context.policy
    for handle, rotation in policy.rotations.items():
        if rotation.otherwise is None or rotation.covered_by is not None:
            continue
        place = ("rotations", handle, "otherwise")
        name = _rotation_behind(policy, rotation.otherwise)
        other = policy.rotations.get(name) if name else None
        if name == handle:
            yield Problem(place, "it falls back to itself", _other_fallback(policy, handle))
        elif other is not None and name is not None:
            for message, hint in _unfit_fallback(policy, handle, name, other):
                yield Problem(place, message, hint)


def _rotation_behind(policy: Policy, name: str) -> str | None:
    """Through a role and `covered_by`; None where it ends at a person or nowhere."""
    seen: set[str] = set()
    while name not in seen:
        seen.add(name)
        if name in policy.roles:
            name = policy.roles[name].held_by
        elif name in policy.rotations and policy.rotations[name].covered_by:
            name = policy.rotations[name].covered_by or ""
        else:
            return name if name in policy.rotations else None
    return None


def _unfit_fallback(policy: Policy, handle: str, name: str, other: Rotation) -> Iterator[tuple[str, str]]:
    both = f"; or page both on one step of the ladder: `0m: [{handle}, {name}]`, and delete `otherwise`"
    if other.otherwise is not None:
        message = f"'{name}' itself falls back to '{other.otherwise}', and a fallback has none of its own"
        if _rotation_behind(policy, other.otherwise) == handle:
            message = f"'{name}' falls back to '{handle}' again, so neither has anybody for the rest"
        yield message, _other_fallback(policy, handle, other.otherwise)
    elif not is_always(other):
        message = f"'{name}' is not there all the time: it has hours of its own"
        yield message, f"{_other_fallback(policy, handle)}{both}"
    mine, theirs = policy.zone_of(handle), policy.zone_of(name)
    if mine != theirs:
        message = f"'{name}' lives by {theirs}, this rotation by {mine}: their turns cannot be copied"
        sun = f"; to follow the sun, give each its own `hours:` and page both on one step of the ladder: `0m: [{handle}, {name}]`"
        yield message, f"{_other_fallback(policy, handle)}{sun}"


def _other_fallback(policy: Policy, handle: str, wish: str = "") -> str:
    """A valid one: the wish, else a rotation that serves always, else somebody of its own crew."""
    crews = [crew for crew in (policy.rotations[handle].crew, *_orders(policy.rotations[handle])) if crew]
    people = [person for crew in crews for person in crew if person in policy.people]
    found = next((name for name in (wish, *policy.rotations, *people) if _is_fit(policy, handle, name)), "")
    return (
        f"write `otherwise: {found}`" if found else "name a rotation with `hours: always`, a role or a person"
    )


def _orders(rotation: Rotation) -> Iterator[tuple[str, ...]]:
    yield from (dated.order for dated in rotation.crews or ())


def _is_fit(policy: Policy, handle: str, name: str) -> bool:
    if name in policy.people:
        return True
    behind = _rotation_behind(policy, name)
    other = policy.rotations.get(behind) if behind else None
    return (
        other is not None
        and behind != handle
        and other.otherwise is None
        and is_always(other)
        and policy.zone_of(behind or "") == policy.zone_of(handle)
    )


def is_always(rotation: Rotation) -> bool:
    if rotation.listed or rotation.layers is not None:
        return rotation.listed is not True
    lists = [rotation.hours, *(crew.hours for crew in rotation.crews or ())]
    return all(hours is None or ALWAYS in hours for hours in lists)


def _no_rest(context: Context) -> Iterator[Problem]:
    for handle, rotation in context.policy.rotations.items():
        plain = rotation.crew is not None or rotation.crews is not None
        if rotation.otherwise and plain and is_always(rotation):
            hint = "delete it, or say `hours:` when the crew serves"
            yield Problem(
                ("rotations", handle, "otherwise"), "there is no rest of the time: hours is always", hint
            )


def _cover_needs_end(context: Context) -> Iterator[Problem]:
    for handle, rotation in context.policy.rotations.items():
        if rotation.covered_by is not None and rotation.until is None:
            hint = "add `until: 2027-03-31`, the day by which it shall have a crew"
            yield Problem(
                ("rotations", handle, "covered_by"), "a cover is for a while: it needs `until`", hint
            )


def _cover_expired(context: Context) -> Iterator[Problem]:
    policy = context.policy
    for handle, rotation in policy.rotations.items():
        if rotation.covered_by is None or rotation.until is None or not zone_exists(policy.zone_of(handle)):
            continue
        if end_of(policy, handle) <= context.now:
            message = f"'{rotation.covered_by}' covered this until {rotation.until}, and still does"
            yield Problem(("rotations", handle, "until"), message, "give it a crew, or a later date")


def _cover_cycle(context: Context) -> Iterator[Problem]:
    policy = context.policy
    for handle, rotation in policy.rotations.items():
        seen: list[str] = []
        name = handle
        while name not in seen:
            seen.append(name)
            if name in policy.roles:
                name = policy.roles[name].held_by
            elif name in policy.rotations:
                name = policy.rotations[name].covered_by or ""
        if name == handle and rotation.covered_by is not None:
            message = f"it covers itself: {' -> '.join([*seen, handle])}"
            yield Problem(
                ("rotations", handle, "covered_by"), message, "name somebody outside of this circle"
            )


RULES = (
    Rule("same-crew", "error", "A crew that cannot serve twice that way", _same_crew),
    Rule("otherwise", "error", "A fallback that is not there when it is needed", _otherwise),
    Rule("otherwise-idle", "warning", "A fallback without a rest of the time", _no_rest),
    Rule("cover-needs-end", "error", "A cover without an end", _cover_needs_end),
    Rule("cover-expired", "warning", "A cover that has run out", _cover_expired),
    Rule("cover-cycle", "error", "A cover that ends where it began", _cover_cycle),
)
