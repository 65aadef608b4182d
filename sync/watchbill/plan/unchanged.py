"""Rotations whose duty two versions of a policy decide alike, told without drawing a single shift.

Only ever errs to one side: what is not recognised as the same is drawn and compared.
"""

from __future__ import annotations

from watchbill.model.policy import Policy
from watchbill.rota.build import end_of
from watchbill.rota.duty import Roster


class Unchanged:
    def __init__(self, before: Roster, after: Roster) -> None:
        self._before, self._after = before, after
        old, new = before.policy, after.policy
        self._nothing = old.absences != new.absences or old.shifts != new.shifts
        """Where such things differ, everything is drawn."""
        self._overrides = _by_rotation(old), _by_rotation(new)
        self._known: dict[str, bool] = {}

    def rotation(self, handle: str) -> bool:
        if handle not in self._known:
            self._known[handle] = False  # while it is looked at: a circle is nothing that we recognise
            self._known[handle] = not self._nothing and self._same(handle)
        return self._known[handle]

    def _same(self, handle: str) -> bool:
        old, new = self._before.policy, self._after.policy
        if handle not in old.rotations or handle not in new.rotations:
            return False
        one, two = old.rotations[handle], new.rotations[handle]
        words = ("otherwise", "covered_by", "together", "listed")
        return (
            all(getattr(one, word) == getattr(two, word) for word in words)
            and old.zone_of(handle) == new.zone_of(handle)
            and end_of(old, handle) == end_of(new, handle)
            and self._overrides[0].get(handle) == self._overrides[1].get(handle)
            and self._before.sources(handle) == self._after.sources(handle)
            and all(self._target(name) for name in (one.otherwise, one.covered_by) if name is not None)
        )

    def _target(self, name: str) -> bool:
        """Of a person, a role or a rotation."""
        old, new = self._before.policy, self._after.policy
        if name in old.rotations or name in new.rotations:
            return self.rotation(name)
        if name in old.roles or name in new.roles:
            holders = [p.roles[name].held_by if name in p.roles else None for p in (old, new)]
            return holders[0] is not None and holders[0] == holders[1] and self._target(holders[0])
        return True


def _by_rotation(policy: Policy) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for override in policy.overrides:
        found.setdefault(override.rotation, []).append(override)
    return found
