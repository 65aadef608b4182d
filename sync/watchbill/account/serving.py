"""Who may have to be named in a rotation's schedule from now on; history needs no PagerDuty user."""

from __future__ import annotations

from watchbill.model.base import NOBODY
from watchbill.model.policy import Policy
from watchbill.rota.build import inherit, sequence_of, starts_at
from watchbill.rota.clock import Instant, zone
from watchbill.rota.duty import override_span, wall


def serving_people(policy: Policy, rotation: str, now: int) -> list[str]:
    """Handles, sorted: the running and later crews, fallbacks, overrides and covered absences not yet over."""
    return sorted(_of_rotation(policy, rotation, now, frozenset(), since=now) - {NOBODY})


def _of_rotation(
    policy: Policy, name: str, now: Instant, seen: frozenset[str], *, since: Instant
) -> set[str]:
    """`since`: crews that were over by then serve nowhere any more."""
    rotation = policy.rotations[name]
    seen |= {name}
    people = set(rotation.crew or ())
    people |= {member for layer in rotation.layers or () for member in layer.crew}
    where = zone(policy.zone_of(name))
    crews = rotation.crews or ()
    begun = [starts_at(inherit(dated, rotation), dated.from_, where) <= since for dated in crews]
    people |= {member for dated in crews[max(0, sum(begun) - 1) :] for member in dated.order}
    if rotation.same_crew is not None:  # crew changes arrive there some turns late
        other = rotation.same_crew.as_
        earlier = _turns_before(policy, other, since, rotation.same_crew.turns_later)
        people |= _behind(policy, other, now, seen, since=earlier)
    if rotation.otherwise is not None:
        people |= _behind(policy, rotation.otherwise, now, seen, since=since)
    for entry in policy.shifts:
        if entry.rotation == name and wall(entry.until.text, where.name) > now:
            people.add(entry.person)
    for override in policy.overrides:
        if override.rotation == name and override_span(policy, override)[1] > now:
            people.add(override.person)
    return people | {a.covered_by for a in policy.absences if a.person in people and a.covered_by}


def _turns_before(policy: Policy, rotation: str, at: Instant, count: int) -> Instant:
    """Within the turn so many before the one under way."""
    sequence = sequence_of(policy, rotation)
    for _ in range(count):
        turn = next(sequence.turns(at, at + 1), None) if sequence is not None else None
        if turn is None:
            return at
        at = turn.start - 1
    return at


def _behind(policy: Policy, name: str, now: Instant, seen: frozenset[str], *, since: Instant) -> set[str]:
    """The people that a name stands for: a person, a role's holder, everybody of a rotation."""
    if name in seen:
        return set()
    if name in policy.people:
        return {name}
    if name in policy.roles:
        holder = policy.roles[name].holder
        return set() if holder is None else _behind(policy, holder, now, seen | {name}, since=since)
    rotation = policy.rotations.get(name)
    if rotation is None:
        return set()
    if rotation.covered_by is not None:
        return _behind(policy, rotation.covered_by, now, seen | {name}, since=since)
    return _of_rotation(policy, name, now, seen, since=since)
