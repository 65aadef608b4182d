"""Overrides of schedules of either kind, for an account that was read without them; PagerDuty keeps them apart."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from watchbill.account.objects import Account, OverrideSlot, ShiftSchedule
from watchbill.pagerduty.read import read_overrides_of
from watchbill.pagerduty.shift_read import Extras, read_shift_extras
from watchbill.pagerduty.transport import Transport


@dataclass(slots=True)
class OverridesRead:
    """By id of schedule.  Nothing is asked twice."""

    on_layers: dict[str, tuple[OverrideSlot, ...]] = field(default_factory=dict)
    on_shifts: dict[str, Extras] = field(default_factory=dict)

    def laid_on(self, account: Account, ids: Collection[str], transport: Transport, until: int) -> Account:
        """With the overrides of these schedules and no others, from its own present to `until`."""
        self._read(account, ids, transport, until)
        on_shifts = {id_: self.on_shifts[id_] for id_ in ids if id_ in self.on_shifts}
        schedules = tuple(
            s.model_copy(update={"custom_shifts": on_shifts[s.id][1]})
            if isinstance(s, ShiftSchedule) and s.id in on_shifts
            else s
            for s in account.schedules
        )
        return account.model_copy(
            update={
                "schedules": schedules,
                "overrides": {id_: self.on_layers[id_] for id_ in ids if id_ in self.on_layers},
                "shift_overrides": {id_: extras[0] for id_, extras in on_shifts.items()},
            }
        )

    def _read(self, account: Account, ids: Collection[str], transport: Transport, until: int) -> None:
        shift_based = {s.id for s in account.schedules if isinstance(s, ShiftSchedule)}
        unread = [id_ for id_ in ids if id_ not in self.on_layers and id_ not in self.on_shifts]
        layers = [id_ for id_ in unread if id_ not in shift_based]
        shifts = [id_ for id_ in unread if id_ in shift_based]
        self.on_layers |= read_overrides_of(transport, layers, account.at, until)
        self.on_shifts |= read_shift_extras(transport, shifts, account.at, until)
