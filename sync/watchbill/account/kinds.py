"""Layers or shifts: which kind of schedule a rotation is written as.

What the YAML pins; else the kind that its schedule has in the account, since PagerDuty upgrades schedules under
our feet and no request turns one into the other; for a schedule still to be made, what the settings say.
"""

from __future__ import annotations

from dataclasses import dataclass
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
            return next((s for s in self.account.schedules if s.id == rotation.pagerduty.id), None)
        name = tidy(rotation.vendor_name)
        for key in filter(None, (handle, rotation.previously)):
            marked = [s for s in self.account.schedules if s.marker and s.marker.key == rotation_key(key)]
            ours = marked if len(marked) == 1 else [s for s in marked if s.name == name]
            if ours:
                return ours[0]
        same = [s for s in self.account.schedules if s.name == name and s.marker is None]
        return same[0] if len(same) == 1 else None

    def was_upgraded(self, handle: str) -> bool:
        standing = self.standing(handle)
        return standing is not None and became_shift_based(standing)
