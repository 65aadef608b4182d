"""How a document calls people, roles and rotations."""

from __future__ import annotations

import re

from watchbill.ladder.resolve import resolve
from watchbill.model.base import (
    HANDLE,
    NOT_APPLICABLE,
    PLACEHOLDER,
    UNSET,
    PhoneLine,
    SecretRef,
)
from watchbill.model.policy import Policy

UNKNOWN_NAME = "[Name]"
UNKNOWN_NUMBER = "[Number]"

_PLACES = {
    "domain.primary": "On-Call",
    "domain.secondary": "Domain Lead",
    "domain.tertiary": "Domain Leadership",
    "domain.specialist": "Domain specialist",
    "rotation.next": "Additional on-call",
}


class Names:
    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def short(self, name: str) -> str:
        """For matrices: the shortest of what people call it."""
        return min(self._called(name), key=len)

    def full(self, name: str) -> str:
        """For drawings: the longest."""
        return max(self._called(name), key=len)

    def title(self, name: str) -> str:
        return self._called(name)[0]

    def with_holder(self, shown: str, name: str) -> str:
        """Eng Manager (Ana Pop), where somebody is known."""
        known = self.known(name)
        return f"{shown} ({known})" if known and known != shown else shown

    def known(self, name: str) -> str | None:
        """The person's name behind a role or handle; None for rotations, placeholders and unset roles."""
        paged = resolve(self.policy, name)
        person = self.policy.people.get(paged.person) if paged and paged.person else None
        return None if person is None or person.is_placeholder else person.name

    def person(self, name: str) -> str:
        """For a column of names: [Name] for a placeholder, a rotation's title for who takes turns."""
        if name == UNSET:
            return "nobody yet"
        paged = resolve(self.policy, name)
        if paged is None:
            held = self.policy.roles[name].held_by if name in self.policy.roles else name
            return "nobody yet" if held == UNSET else UNKNOWN_NAME
        if paged.rotation is not None:
            return self.policy.title_of(paged.rotation)
        return self.known(name) or (paged.external or UNKNOWN_NAME)

    def member(self, handle: str) -> str:
        """In a crew: the name, or the handle that stands for somebody not yet known."""
        return self.policy.title_of(handle)

    def pagerduty(self, role: str) -> str:
        """The word after the @ there: an alias that is a handle, else the role's own."""
        aliases = self.policy.roles[role].aliases
        return next((alias for alias in aliases if _is_handle(alias)), role)

    def _called(self, name: str) -> list[str]:
        """The title first; aliases that are handles are for machines."""
        if name in _PLACES:
            return [_PLACES[name]]
        thing = self.policy.roles.get(name) or self.policy.rotations.get(name)
        if thing is None:
            return [self.policy.title_of(name)]
        return [thing.title, *(alias for alias in thing.aliases if not _is_handle(alias))]


def _is_handle(text: str) -> bool:
    return re.fullmatch(HANDLE, text) is not None


def phone(line: PhoneLine | None) -> str:
    """Never a number: it is not in the policy, and would not be shown."""
    if isinstance(line, SecretRef):
        return "on file, not shown"
    return {PLACEHOLDER: UNKNOWN_NUMBER, NOT_APPLICABLE: "N/A", UNSET: "none yet", None: "-"}[line]


def word(value: str | None, unknown: str = UNKNOWN_NAME) -> str:
    """What stands for a typed word in a table."""
    if value is None:
        return "-"
    return {PLACEHOLDER: unknown, NOT_APPLICABLE: "N/A", UNSET: "none yet"}.get(value, value)
