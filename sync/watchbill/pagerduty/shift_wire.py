"""PagerDuty's answers about shift-based schedules (v3), as far as watchbill reads them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from watchbill.pagerduty.wire import Instant, Refs, Text, Wire, none_is_empty
from watchbill.rota.clock import DAY, instant_of, zone

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  a wall clock


class WireShiftMember(Wire):
    type: Text = "user_member"
    user_id: Text = ""


class WireZoned(Wire):
    date_time: str
    time_zone: Text = "Etc/UTC"

    @model_validator(mode="after")
    def _is_a_time(self) -> Self:
        self.instant  # noqa: B018  raises for what is not a time, or not in a zone
        return self

    @property
    def instant(self) -> int:
        """Without an offset the text is the wall clock of its zone."""
        moment = datetime.fromisoformat(self.date_time)
        if moment.tzinfo is not None:
            return instant_of(moment)
        since = moment - _EPOCH
        return zone(self.time_zone).instant(since.days, since.seconds % DAY)


class WireStrategy(Wire):
    type: Text = ""
    shifts_per_member: Annotated[int, Field(ge=1, le=10_000)] | None = None
    members: Annotated[tuple[WireShiftMember, ...], BeforeValidator(none_is_empty)] = ()


class WireEvent(Wire):
    id: str
    name: Text = ""
    start_time: WireZoned
    end_time: WireZoned
    effective_since: Instant
    effective_until: Instant | None = None
    recurrence: Annotated[tuple[str, ...], BeforeValidator(none_is_empty)] = ()
    assignment_strategy: WireStrategy

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if not 0 < self.end_time.instant - self.start_time.instant <= 400 * DAY:
            raise ValueError("it ends before it starts, or lasts over a year")
        return self


class WireRotation(Wire):
    id: str
    events: Annotated[tuple[WireEvent, ...], BeforeValidator(none_is_empty)] = ()


class WireAssigned(Wire):
    member: WireShiftMember


class WireCustomShift(Wire):
    id: str
    start_time: Instant
    end_time: Instant
    assignments: Annotated[tuple[WireAssigned, ...], BeforeValidator(none_is_empty)] = ()


class WireShiftOverride(Wire):
    id: str
    rotation_id: Text = ""
    custom_shift_id: Text = ""
    start_time: Instant
    end_time: Instant
    overridden_member: WireShiftMember
    overriding_member: WireShiftMember


class WireComputed(Wire):
    start_time: Instant
    end_time: Instant
    member: WireShiftMember


class WireFinal(Wire):
    computed_shift_assignments: Annotated[tuple[WireComputed, ...], BeforeValidator(none_is_empty)] = ()


class WireShiftSchedule(Wire):
    id: str
    name: Text = ""
    summary: Text = ""
    description: Text = ""
    time_zone: Text = ""
    teams: Refs = ()
    rotations: Annotated[tuple[WireRotation, ...], BeforeValidator(none_is_empty)] = ()
    final_schedule: WireFinal | None = None
