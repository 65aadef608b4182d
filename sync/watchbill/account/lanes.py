"""Which event goes into which rotation of a shift-based schedule.

A schedule has ten rotations of five events that are not past.  Two at a time are put into one, so that each
can be capped and followed by a successor; more only where ten rotations do not suffice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from watchbill.account.objects import ShiftEvent, ShiftRotation
from watchbill.account.parts import CannotExpress
from watchbill.rota.clock import Instant
from watchbill.rota.turns import FOREVER, LONG_AGO

MOST_ROTATIONS = 10
MOST_EVENTS = 5
AT_ONCE = 2


class Placed(NamedTuple):
    label: str
    event: ShiftEvent
    apart: bool = False
    """Meets other events in time, so needs a rotation of its own."""

    @property
    def span(self) -> tuple[Instant, Instant]:
        since, until = self.event.since, self.event.until
        return (LONG_AGO if since is None else since, FOREVER if until is None else until)


def in_rotations(events: Sequence[Placed]) -> tuple[tuple[ShiftRotation, ...], int]:
    """And how many events a rotation holds at a time.  Raises CannotExpress."""
    for at_once in range(AT_ONCE, MOST_EVENTS + 1):
        for together in (False, True):
            lanes = _lanes(events, at_once, one_label=together)
            if len(lanes) <= MOST_ROTATIONS:
                return tuple(
                    ShiftRotation(key=k, events=tuple(p.event for p in v)) for k, v in lanes
                ), at_once
            if at_once == AT_ONCE:
                break
    raise CannotExpress(
        f"it takes {len(events)} events, and a schedule holds {MOST_ROTATIONS} rotations of {MOST_EVENTS}",
        "fewer different windows, a crew whose size has small divisors, or a layer-based schedule",
    )


def _lanes(events: Sequence[Placed], at_once: int, *, one_label: bool) -> list[tuple[str, list[Placed]]]:
    lanes: list[tuple[str, list[Placed]]] = []
    counts: dict[str, int] = {}
    for placed in events:
        label = "all" if one_label else placed.label
        home = next((lane for key, lane in lanes if _of(key, label) and _fits(lane, placed, at_once)), None)
        if home is not None:
            home.append(placed)
            continue
        counts[label] = counts.get(label, 0) + 1
        key = label if counts[label] == 1 else f"{label} #{counts[label]}"
        lanes.append((key, [placed]))
    return lanes


def _of(key: str, label: str) -> bool:
    return key == label or (key.startswith(f"{label} #") and key[len(label) + 2 :].isdigit())


def _fits(lane: list[Placed], new: Placed, at_once: int) -> bool:
    if len(lane) >= MOST_EVENTS:
        return False
    start, end = new.span
    meeting = [p for p in lane if p.span[0] < end and p.span[1] > start]
    if new.apart or any(p.apart for p in lane):
        return not meeting
    return all(
        sum(p.span[0] <= at < p.span[1] for p in meeting) < at_once
        for at in {start, *(p.span[0] for p in meeting if p.span[0] >= start)}
    )
