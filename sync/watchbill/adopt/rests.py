"""Fallbacks and holidays of the shift-based schedules of one import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from watchbill.account.cycles import live_events
from watchbill.account.objects import Account, AnySchedule, Marker, ShiftSchedule
from watchbill.adopt.names import DERIVED_ELSEWHERE, PREFIX, Handles, Key
from watchbill.adopt.shift_rest import Rest, fallback_of, fallback_people, renamed_hours, with_rest
from watchbill.adopt.shift_rotation import Known
from watchbill.adopt.turns import Data
from watchbill.private_text import masked

_ROTATION = PREFIX["schedule"]


def _said(schedule: AnySchedule, handle: str, turns: Mapping[str, Data]) -> tuple[str, Data]:
    return handle, {"title": handle, "time_zone": schedule.time_zone, **turns[schedule.id]}


@dataclass(slots=True)
class Rests:
    account: Account
    markers: Mapping[str, Marker]
    """By schedule id, also where a portable tree knows nothing of them."""
    handles: Handles
    portable: bool
    reasons: dict[Key, str]
    """Why an object is not ours; grows."""
    notes: list[str] = field(default_factory=list)
    found: dict[str, Rest] = field(default_factory=dict)
    """By schedule id."""

    def look(self, turns: Mapping[str, Data], known: Known) -> None:
        for schedule in self.account.schedules:
            if not isinstance(schedule, ShiftSchedule) or schedule.id not in turns:
                continue
            marker = self.markers.get(schedule.id)
            fallback = fallback_of(schedule, known)
            other = self._called(fallback, turns) or self._alike(schedule, turns, known) if fallback else None
            rest = with_rest(schedule, known, marker, other)
            if rest is not None:
                self.found[schedule.id] = rest
            elif marker is not None and marker.derived:
                self._derived_elsewhere(schedule)

    def turns_now(self, turns: Mapping[str, Data]) -> tuple[dict[str, Data], dict[str, Data]]:
        """And the hours that they name.  A fallback needs the rotation that it copies."""
        handles = {h: key for key, h in self.handles.objects.items() if key[0] == "schedule"}
        for id_, rest in list(self.found.items()):
            if rest.leans_on and handles[rest.leans_on] in self.reasons:
                del self.found[id_]
                if rest.hours:
                    self._derived_elsewhere(next(s for s in self.account.schedules if s.id == id_))
        hours: dict[str, Data] = {}
        return {**turns, **{id_: renamed_hours(rest, hours) for id_, rest in self.found.items()}}, hours

    def _called(self, name: str, turns: Mapping[str, Data]) -> tuple[str, Data] | None:
        """By its marker, or by the handle it gets."""
        for schedule in self.account.schedules:
            marker, handle = self.markers.get(schedule.id), self.handles.objects[schedule.kind, schedule.id]
            key = marker.key if marker is not None else f"{_ROTATION}/{handle}"
            if key == f"{_ROTATION}/{name}" and schedule.id in turns:
                return _said(schedule, handle, turns)
        return None

    def _alike(
        self, schedule: ShiftSchedule, turns: Mapping[str, Data], known: Known
    ) -> tuple[str, Data] | None:
        """The rotation with the fallback's people, where its events name a role that has it."""
        people = fallback_people(schedule, known)
        if len(people) == 1:
            return None  # that person's name says it
        for other in self.account.schedules:
            if isinstance(other, ShiftSchedule) and other.id in turns and other.id != schedule.id:
                members = {m for e in live_events(other.rotations, known.now) for m in e.members}
                if members == people and other.time_zone == schedule.time_zone:
                    return _said(other, self.handles.objects[other.kind, other.id], turns)
        return None

    def _derived_elsewhere(self, schedule: AnySchedule) -> None:
        if self.portable:
            shown = masked(schedule.name)
            self.notes.append(
                f"schedule {shown!r}: overrides that watchbill made for holidays and leave stay behind"
            )
        else:
            self.reasons.setdefault((schedule.kind, schedule.id), DERIVED_ELSEWHERE)
