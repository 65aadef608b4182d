"""Shift-based schedules for hand-made plans."""

from __future__ import annotations

from typing import Any

from unit.apply.plans import MONDAY
from watchbill.account.events import named
from watchbill.account.objects import Marker, ShiftEvent, ShiftRotation, ShiftSchedule
from watchbill.rota.clock import WEEK


def event(*members: str, label: str = "turns mon 09:00 - mon 09:00", **given: Any) -> ShiftEvent:
    fields = {
        "name": "",
        "start": MONDAY,
        "end": MONDAY + WEEK,
        "time_zone": "Europe/Bucharest",
        "rule": "FREQ=WEEKLY;BYDAY=MO",
        "members": members,
        "per_member": 1,
    }
    return named(ShiftEvent.model_validate({**fields, **given}), label)


def rotation(*events: ShiftEvent, key: str = "turns") -> ShiftRotation:
    return ShiftRotation(key=key, events=events)


def shift_schedule(key: str, *rotations: ShiftRotation, **given: Any) -> ShiftSchedule:
    fields = {
        "key": f"rotation/{key}",
        "name": f"medicalcor-{key}",
        "time_zone": "Europe/Bucharest",
        "description": "Who is paged.",
        "rotations": rotations,
        "marker": Marker(key=f"rotation/{key}", digest="", at=0),
    }
    return ShiftSchedule.model_validate({**fields, **given})
