"""Which of a rotation's dated crews are written now, and when an apply can write the first of the others.

A layer has a start and an end, so a layer-based schedule holds every crew of the next twelve months.  A rotation of a
shift-based schedule holds five events that are not past, and a change needs some of them: two crews, the running one
and the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from watchbill.rota.clock import DAY, Instant
from watchbill.rota.turns import Segment

FARTHEST_AHEAD = 365 * DAY
"""An event may begin at most twelve months ahead; crews on layers are written as far ahead, so that the proof ends."""
Shape = Literal["layers", "shifts"]
_AT_LEAST: dict[Shape, int] = {"layers": 2, "shifts": 0}
"""So many crews are written however late they begin."""
_AT_MOST: dict[Shape, int | None] = {"layers": None, "shifts": 2}


@dataclass(frozen=True, slots=True)
class LaterCrew:
    """The first crew that is not written yet."""

    rotation: str
    start: Instant
    opens: Instant
    """From here on an apply writes it."""


def live_crews(segments: Sequence[Segment], now: Instant, until: Instant) -> list[Segment]:
    cut = [replace(s, end=min(s.end, until)) for s in segments]
    return [s for s in cut if s.end > max(now, s.start)]


def written_crews(segments: Sequence[Segment], now: Instant, until: Instant, shape: Shape) -> list[Segment]:
    """The last of them stays until a later one is written: nobody is left out."""
    live = live_crews(segments, now, until)
    near = live[: _written(live, now, shape)]
    return [*near[:-1], replace(near[-1], end=live[-1].end)] if near else []


def later_crew(
    rotation: str, segments: Sequence[Segment], now: Instant, until: Instant, shape: Shape
) -> LaterCrew | None:
    live = live_crews(segments, now, until)
    place = _written(live, now, shape)
    if place == len(live):
        return None
    start = live[place].start
    near = start - FARTHEST_AHEAD
    if shape == "layers":
        return LaterCrew(rotation, start, min(near, live[place - 2].end))
    return LaterCrew(rotation, start, max(near, live[place - 2].end) if place > 1 else near)


def _written(live: Sequence[Segment], now: Instant, shape: Shape) -> int:
    near = sum(s.start <= now + FARTHEST_AHEAD for s in live)
    return min(max(near, _AT_LEAST[shape]), _AT_MOST[shape] or len(live), len(live))
