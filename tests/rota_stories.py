"""Rotations told as people would tell them: at which local time who takes over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rota_policies import frame
from rota_reference import Data, at_clock, clock_at
from watchbill.model.policy import Policy
from watchbill.rota.duty import Roster, Shift

BUCHAREST = "Europe/Bucharest"


def policy_of(rotation: Data, zone: str = BUCHAREST, **rest: Any) -> Policy:
    """`rotation` is `r`; `rotations=` adds others, everything else is another kind."""
    others = rest.pop("rotations", {})
    return Policy.model_validate(frame(zone, {"r": rotation, **others}, **rest))


def local(text: str, zone: str = BUCHAREST) -> int:
    return at_clock(datetime.fromisoformat(text), zone)


def told(shifts: list[Shift], zone: str = BUCHAREST) -> list[str]:
    """`01-05 09:00 ana` for each change, `-` for nobody."""
    lines: list[str] = []
    end = None
    for shift in shifts:
        if end is not None and end < shift.start:
            lines.append(f"{clock_at(end, zone):%m-%d %H:%M} -")
        lines.append(f"{clock_at(shift.start, zone):%m-%d %H:%M} {shift.person or 'vacant'}")
        end = shift.end
    if end is not None:
        lines.append(f"{clock_at(end, zone):%m-%d %H:%M} -")
    return lines


def story(rotation: Data, since: str, until: str, zone: str = BUCHAREST, **rest: Any) -> list[str]:
    """The last line is the end of what was asked, or of duty."""
    roster = Roster(policy_of(rotation, zone, **rest))
    return told(roster.shifts("r", local(since, zone), local(until, zone)), zone)
