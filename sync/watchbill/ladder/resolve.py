"""From a name on a ladder to who is paged: the one resolver, for every surface."""

from __future__ import annotations

from dataclasses import dataclass

from watchbill.model.base import PLACEHOLDER, UNSET
from watchbill.model.policy import Policy
from watchbill.rota.duty import Roster


@dataclass(frozen=True, slots=True)
class Paged:
    """What a name stands for in PagerDuty.  Exactly one of rotation, person and external is set."""

    role: str | None = None
    """The role that was named on the way, if any."""
    rotation: str | None = None
    """The rotation whose schedule is paged, after `covered_by`."""
    person: str | None = None
    external: str | None = None
    via: tuple[str, ...] = ()
    """Rotations that are covered by the one that is paged."""


@dataclass(frozen=True, slots=True)
class OnDuty:
    """One person reached by one target at one instant."""

    role: str | None
    rotation: str | None
    person: str
    because: str
    """turn | override | fallback | shift; role or person for who is paged directly; external."""
    covers: tuple[str, ...] = ()
    whose: str | None = None
    """The rotation the turn belongs to, where it is another one: a fallback."""


def resolve(policy: Policy, name: str) -> Paged | None:
    """None for a role that is unset or a placeholder, a name that is not known, or a cycle."""
    role: str | None = None
    via: list[str] = []
    for _ in range(10):
        if name in policy.people:
            return Paged(role, person=name, via=tuple(via))
        if name in policy.external:
            return Paged(role, external=name, via=tuple(via))
        if name in policy.rotations:
            cover = policy.rotations[name].covered_by
            if cover is None:
                return Paged(role, rotation=name, via=tuple(via))
            via.append(name)
            name = cover
        elif name in policy.roles and policy.roles[name].held_by not in (UNSET, PLACEHOLDER):
            role = name
            name = policy.roles[name].held_by
        else:
            return None
    return None


def reached(roster: Roster, name: str, at: int) -> list[OnDuty]:
    """Everyone whom this target pages at that instant; nobody for an unset role or an empty shift."""
    paged = resolve(roster.policy, name)
    if paged is None:
        return []
    if paged.person is not None:
        return [OnDuty(paged.role, None, paged.person, "role" if paged.role else "person", paged.via)]
    if paged.external is not None:
        return [OnDuty(paged.role, None, paged.external, "external", paged.via)]
    rotation = paged.rotation or ""
    return [
        OnDuty(
            paged.role,
            rotation,
            shift.person,
            shift.because,
            paged.via,
            shift.rotation if shift.rotation != rotation else None,
        )
        for shift in roster.shifts(rotation, at, at + 1)
        if shift.person is not None
    ]


def domain_of(policy: Policy, domain: str, tags: tuple[str, ...]) -> str:
    """The domain an incident belongs to: a tag that a domain claims beats the service's domain."""
    for tag in tags:
        for handle, spec in policy.domains.items():
            if tag in spec.tags:
                return handle
    return domain
