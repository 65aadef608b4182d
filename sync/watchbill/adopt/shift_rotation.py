"""A shift-based schedule as a rotation, proven as layers are: compiled again it must be the same duty, and its
shifts must be those that the account's events render for a year and more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from watchbill.account.cycles import live_events
from watchbill.account.digest import same
from watchbill.account.events import for_rendering
from watchbill.account.objects import ShiftRotation, ShiftSchedule
from watchbill.account.shift_differences import spans_of_people
from watchbill.account.shifts import CompiledShifts, Refused, shifts_for
from watchbill.adopt.cannot import CannotSay
from watchbill.adopt.rotation import PROVEN, told, zones
from watchbill.adopt.shift_forms import shift_forms
from watchbill.adopt.shift_turns import NO_BEAT
from watchbill.adopt.turns import Data
from watchbill.model.policy import Policy
from watchbill.model.rotations import Rotation
from watchbill.model.settings import Settings
from watchbill.rota.clock import Instant
from watchbill.rota.duty import Roster
from watchbill.rota.shifts import render_shifts

_HANDLE = "proven"
_MOST_FORMS = 12


@dataclass(frozen=True, slots=True)
class Known:
    """What a rotation's words may refer to."""

    people: Mapping[str, str]
    """User id -> handle."""
    named: Mapping[str, Any]
    """Handle -> person."""
    settings: Settings
    now: Instant


def shift_turns_of(schedule: ShiftSchedule, known: Known) -> Data:
    """What says who serves when.  Raises CannotSay."""
    if schedule.time_zone not in zones():
        raise CannotSay(f"its time zone {schedule.time_zone!r} is not known")
    forms, reason = shift_forms(schedule, known.people, known.now, _MOST_FORMS)
    for form in forms:
        try:
            prove(schedule, form, known)
        except CannotSay as cannot:
            reason = reason or cannot
        else:
            return {**form, "pagerduty": {"kind": "shifts"}}
    raise reason or CannotSay(NO_BEAT)


def prove(
    schedule: ShiftSchedule, data: Data, known: Known, others: Mapping[str, Data] | None = None
) -> CompiledShifts:
    """`others`: rotations that it refers to, by handle.  Of the bare turns: overrides are not looked at.

    Raises CannotSay.
    """
    now = known.now
    live = live_events(schedule.rotations, now)
    rotations = {_HANDLE: {"title": "proven", "time_zone": schedule.time_zone, **data}, **(others or {})}
    try:
        specs = {handle: Rotation.model_validate(spec) for handle, spec in rotations.items()}
    except ValidationError as error:
        raise CannotSay(f"the format refuses it: {told(error)}") from None
    ids = {handle: user for user, handle in known.people.items()}
    named = {person for spec in specs.values() for person in (*spec.members, spec.otherwise) if person in ids}
    crew = {handle: known.named[handle] for handle in sorted(named)}
    policy = Policy(settings=known.settings, people=crew, rotations=specs)
    compiled = shifts_for(policy, _HANDLE, Roster(policy), {h: ids[h] for h in crew}, now)
    if isinstance(compiled, Refused):
        raise CannotSay(f"{compiled.reason}; what can be said: {compiled.nearest}")
    bare = schedule.model_copy(update={"marker": None})
    if not same(bare.model_copy(update={"rotations": compiled.rotations}), bare, now=now):
        raise CannotSay("the words cannot say its events exactly")
    until = now + PROVEN
    drawn = render_shifts(for_rendering([ShiftRotation(events=tuple(live))]), now, until)
    wanted = spans_of_people(Roster(policy, plain=True).shifts(_HANDLE, now, until))
    if spans_of_people(drawn) != {ids.get(who, ""): spans for who, spans in wanted.items()}:
        raise CannotSay("its shifts would not be the same in words")
    return compiled
