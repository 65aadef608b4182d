"""Who may do what in chat, and who sees phone numbers: by settings.chat."""

from __future__ import annotations

from watchbill.model.policy import Policy
from watchbill.model.settings import EVERYONE


def may(policy: Policy, person: str | None, command: str) -> bool:
    """Deny by default: only who is named for it, in person, by role, or as one of a rotation's crew."""
    return person is not None and is_among(policy, person, policy.settings.chat.may.get(command, ()))


def may_see_phones(policy: Policy, person: str | None) -> bool:
    return person is not None and is_among(policy, person, policy.settings.chat.phones)


def is_among(policy: Policy, person: str, names: tuple[str, ...]) -> bool:
    return any(name == EVERYONE or person in people_behind(policy, name) for name in names)


def people_behind(policy: Policy, name: str) -> frozenset[str]:
    """A person alone, a role's holder, everybody who serves or will serve in a rotation."""
    if name in policy.people:
        return frozenset({name})
    if name in policy.roles:
        holder = policy.roles[name].holder
        return people_behind(policy, holder) if holder else frozenset()
    rotation = policy.rotations.get(name)
    if rotation is None:
        return frozenset()
    if rotation.covered_by:
        return people_behind(policy, rotation.covered_by)
    crews = [rotation.crew or (), *(dated.order for dated in rotation.crews or ())]
    crews += [layer.crew for layer in rotation.layers or ()]
    if rotation.same_crew is not None:
        return people_behind(policy, rotation.same_crew.as_)
    return frozenset(who for crew in crews for who in crew if who in policy.people)
