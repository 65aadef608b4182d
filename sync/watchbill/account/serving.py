"""Who may have to be named in a rotation's schedule from now on; history needs no PagerDuty user."""

from __future__ import annotations

from watchbill.model.base import NOBODY
from watchbill.model.policy import Policy
from watchbill.rota.build import local_instant
from watchbill.rota.clock import zone
from watchbill.rota.duty import override_span, wall


def serving_people(policy: Policy, rotation: str, now: int) -> list[str]:
    """Handles, sorted: the running and later crews, fallbacks, overrides and covered absences not yet over."""
    return sorted(_of_rotation(policy, rotation, now, frozenset(), earlier=0) - {NOBODY})


def _of_rotation(policy: Policy, name: str, now: int, seen: frozenset[str], *, earlier: int) -> set[str]:
    rotation = policy.rotations[name]
    seen |= {name}
    people = set(rotation.crew or ())
    people |= {member for layer in rotation.layers or () for member in layer.crew}
    where = zone(policy.zone_of(name))
    begun = [local_instant(dated.from_, where) <= now for dated in rotation.crews or ()]
    running = max(0, sum(begun) - 1 - earlier)
    people |= {member for dated in (rotation.crews or ())[running:] for member in dated.order}
    if rotation.same_crew is not None:  # crew changes arrive there some turns late
        people |= _behind(policy, rotation.same_crew.as_, now, seen, earlier=earlier + 1)
    if rotation.otherwise is not None:
        people |= _behind(policy, rotation.otherwise, now, seen, earlier=earlier)
    for entry in policy.shifts:
        if entry.rotation == name and wall(entry.until.text, where.name) > now:
            people.add(entry.person)
    for override in policy.overrides:
        if override.rotation == name and override_span(policy, override)[1] > now:
            people.add(override.person)
    return people | {a.covered_by for a in policy.absences if a.person in people and a.covered_by}


def _behind(policy: Policy, name: str, now: int, seen: frozenset[str], *, earlier: int) -> set[str]:
    """The people that a name stands for: a person, a role's holder, everybody of a rotation."""
    if name in seen:
        return set()
    if name in policy.people:
        return {name}
    if name in policy.roles:
        holder = policy.roles[name].holder
        return set() if holder is None else _behind(policy, holder, now, seen | {name}, earlier=earlier)
    rotation = policy.rotations.get(name)
    if rotation is None:
        return set()
    if rotation.covered_by is not None:
        return _behind(policy, rotation.covered_by, now, seen | {name}, earlier=earlier)
    return _of_rotation(policy, name, now, seen, earlier=earlier)
