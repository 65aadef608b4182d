"""What becomes of one rotation's shifts when its schedule is shift-based: written so by us, or upgraded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from watchbill.account.kinds import Kinds
from watchbill.account.ladders import rotation_key
from watchbill.account.layers import Refused, derivation_end, layers_for
from watchbill.account.lookup import Lookup
from watchbill.account.objects import Account, OverrideSlot, Schedule, ShiftOverrideSlot, ShiftSchedule
from watchbill.account.parts import CannotExpress
from watchbill.account.shifts import CompiledShifts, shifts_for
from watchbill.account.upgrade import upgraded, upgraded_overrides
from watchbill.model.base import Model
from watchbill.model.policy import Policy
from watchbill.plan.document import OnCallNow, ShiftEffect
from watchbill.plan.duty import Stint, compared, joined, of_roster, of_schedule
from watchbill.plan.shift_state import of_shifts
from watchbill.rota.clock import WEEK, Instant, iso, zone
from watchbill.rota.duty import Roster, override_span

AHEAD = 53 * WEEK
"""A whole year, both of its clock changes included."""


class UpgradeWay(Model):
    """One way to a shift-based schedule."""

    possible: bool
    reason: str = ""
    """Why it is not possible."""
    nearest: str = ""
    """What can be said instead."""
    events: int = 0
    rotations: int = 0
    """PagerDuty's, which hold the events."""
    overrides: int = 0
    custom_shifts: int = 0
    on_call_now: OnCallNow | None = None
    shifts: tuple[ShiftEffect, ...] = ()
    """Only what moves."""


class UpgradePreview(Model):
    """`before` in the shifts: as layers; `after`: as shifts."""

    format: Literal["watchbill.upgrade-preview/1"] = "watchbill.upgrade-preview/1"
    rotation: str
    name: str
    """Of the schedule in PagerDuty."""
    account: str | None
    """None where no account was read: all of it is told from the policy."""
    kind: Literal["layers", "shifts"] | None
    """Of the schedule in the account; None where it has none."""
    at: str
    """ISO, UTC."""
    until: str
    written: UpgradeWay
    """The policy written as shifts, against the policy's own shifts."""
    upgraded: UpgradeWay
    """PagerDuty's upgrade of the layers, against what those layers give."""


def upgrade_preview(
    policy: Policy, rotation: str, account: Account | None, *, now: Instant
) -> UpgradePreview:
    """`account`: with the overrides of the rotation's schedule read."""
    preview = _Preview(policy, rotation, Roster(policy), now, now + AHEAD)
    standing = Kinds(policy, account).standing(rotation) if account is not None else None
    return UpgradePreview(
        rotation=rotation,
        name=policy.rotations[rotation].vendor_name,
        account=account.name if account is not None else None,
        kind=standing.shape if standing is not None else None,
        at=iso(now),
        until=iso(preview.until),
        written=preview.written(),
        upgraded=_upgraded(preview, standing, account),
    )


def _upgraded(
    preview: _Preview, standing: Schedule | ShiftSchedule | None, account: Account | None
) -> UpgradeWay:
    if isinstance(standing, ShiftSchedule):
        return UpgradeWay(possible=False, reason="the schedule is shift-based already")
    if standing is None or account is None:
        return preview.upgraded_policy()
    people = Lookup(preview.policy, account).people
    names = {user.id: user.name for user in account.users} | people
    slots = account.overrides.get(standing.id, ())
    return preview.upgraded(standing, slots, lambda user: names.get(user, user))


@dataclass(frozen=True, slots=True)
class _Preview:
    policy: Policy
    rotation: str
    roster: Roster
    now: Instant
    until: Instant

    @property
    def _ids(self) -> dict[str, str]:
        """People stand for themselves: nobody need be in an account."""
        return {handle: handle for handle in self.policy.people}

    def written(self) -> UpgradeWay:
        made = shifts_for(self.policy, self.rotation, self.roster, self._ids, self.now)
        if isinstance(made, Refused):
            return UpgradeWay(possible=False, reason=made.reason, nearest=made.nearest)
        where = zone(self.policy.zone_of(self.rotation))
        until = min(self.until, derivation_end(self.now, where))
        before = of_roster(self.roster, self.rotation, self.now, until)
        schedule, overrides = _whole(made, self.policy, self.rotation)
        after = of_shifts(schedule, overrides, str, self.now, until)
        return self._way(schedule, len(overrides), before, after)

    def upgraded_policy(self) -> UpgradeWay:
        made = layers_for(self.policy, self.rotation, self.roster, self._ids, self.now)
        if isinstance(made, Refused):
            return UpgradeWay(
                possible=False, reason=f"layers cannot say it: {made.reason}", nearest=made.nearest
            )
        schedule = Schedule(
            name=self.rotation, time_zone=self.policy.zone_of(self.rotation), layers=made.layers
        )
        declared = [
            OverrideSlot(user=o.person, start=span[0], end=span[1])
            for o in self.policy.overrides
            if o.rotation == self.rotation
            and not o.cancelled
            and (span := override_span(self.policy, o))[1] > self.now
        ]
        return self.upgraded(schedule, [*declared, *made.derived], str)

    def upgraded(
        self, schedule: Schedule, slots: Sequence[OverrideSlot], user: Callable[[str], str]
    ) -> UpgradeWay:
        try:
            becomes = upgraded(schedule, self.now)
        except CannotExpress as cannot:
            return UpgradeWay(possible=False, reason=cannot.reason, nearest=cannot.nearest)
        overrides = upgraded_overrides(becomes, slots)
        before = of_schedule(schedule, slots, user, self.now, self.until)
        after = of_shifts(becomes, overrides, user, self.now, self.until)
        return self._way(becomes, len(overrides), before, after)

    def _way(
        self, schedule: ShiftSchedule, overrides: int, before: Sequence[Stint], after: Sequence[Stint]
    ) -> UpgradeWay:
        rows = joined(compared(before, after))
        here = next((row for row in rows if row.start <= self.now < row.end), None)
        return UpgradeWay(
            possible=True,
            events=sum(len(rotation.events) for rotation in schedule.rotations),
            rotations=len(schedule.rotations),
            overrides=overrides,
            custom_shifts=len(schedule.custom_shifts),
            on_call_now=OnCallNow(
                rotation=self.rotation, before=here and here.before, after=here and here.after
            ),
            shifts=tuple(
                ShiftEffect(
                    rotation=self.rotation,
                    start=iso(row.start),
                    end=iso(row.end),
                    before=row.before,
                    after=row.after,
                )
                for row in rows
                if row.differs
            ),
        )


def _whole(
    made: CompiledShifts, policy: Policy, rotation: str
) -> tuple[ShiftSchedule, list[ShiftOverrideSlot]]:
    both = (made.declared, made.derived)
    schedule = ShiftSchedule(
        key=rotation_key(rotation),
        name=policy.rotations[rotation].vendor_name,
        time_zone=policy.zone_of(rotation),
        rotations=made.rotations,
        custom_shifts=(*made.custom_shifts, *(c for d in both for c in d.custom_shifts)),
    )
    return schedule, [o for d in both for o in d.overrides]
