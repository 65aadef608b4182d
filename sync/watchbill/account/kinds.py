"""Layers or shifts: which kind of schedule a rotation is written as.

What the YAML pins; else the kind that its schedule has in the account, since PagerDuty upgrades schedules under
our feet and no request turns one into the other; for a schedule still to be made, what the settings say.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

from watchbill.account.digest import became_shift_based
from watchbill.account.ladders import rotation_key
from watchbill.account.marker import tidy
from watchbill.account.objects import Account, AnySchedule
from watchbill.model.policy import Policy

Kind = Literal["layers", "shifts"]


@dataclass(slots=True)
class Kinds:
    policy: Policy
    account: Account
    _by_id: dict[str, AnySchedule] = field(init=False)
    _by_marker: defaultdict[str, list[AnySchedule]] = field(init=False)
    _unmarked: defaultdict[str, list[AnySchedule]] = field(init=False)
    """By name."""

    def __post_init__(self) -> None:
        self._by_id, self._by_marker, self._unmarked = {}, defaultdict(list), defaultdict(list)
        for schedule in self.account.schedules:
            self._by_id[schedule.id] = schedule
            if schedule.marker is not None:
                self._by_marker[schedule.marker.key].append(schedule)
            else:
                self._unmarked[schedule.name].append(schedule)

    def of(self, handle: str) -> Kind:
        pinned = self.policy.rotations[handle].pagerduty.kind
        if pinned is not None:
            return pinned
        standing = self.standing(handle)
        return standing.shape if standing is not None else self.policy.settings.pagerduty.new_schedules

    def standing(self, handle: str) -> AnySchedule | None:
        """The rotation's schedule in the account; also one of its name that is nobody's and may be claimed."""
        rotation = self.policy.rotations[handle]
        if rotation.pagerduty.id:
            return self._by_id.get(rotation.pagerduty.id)
        name = tidy(rotation.vendor_name)
        for key in filter(None, (handle, rotation.previously)):
            marked = self._by_marker.get(rotation_key(key), [])
            ours = marked if len(marked) == 1 else [s for s in marked if s.name == name]
            if ours:
                return ours[0]
        same = self._unmarked.get(name, [])
        return same[0] if len(same) == 1 else None

    def was_upgraded(self, handle: str) -> bool:
        standing = self.standing(handle)
        return standing is not None and became_shift_based(standing)
