"""Times in messages: of duty in the policy's zone, of what a file says in the rotation's."""

from __future__ import annotations

from collections.abc import Sequence

from watchbill.rota.clock import HOUR, MINUTE, Instant, zone
from watchbill.rota.spans import Span, total

MOST = 4
"""Spans named in one message; the rest is counted."""


def when(at: Instant, zone_name: str) -> str:
    """Mon 2026-11-30 09:00"""
    return zone(zone_name).at(at).strftime("%a %Y-%m-%d %H:%M")


def length(seconds: int) -> str:
    """9 h, 1 h 30, 20 min"""
    hours, minutes = seconds // HOUR, seconds % HOUR // MINUTE
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes:02d}" if minutes else f"{hours} h"


def first_and_total(spans: Sequence[Span], zone_name: str) -> str:
    """first Mon 2026-11-30 18:00 to Tue 2026-12-01 09:00; 40 times, 600 h in all"""
    start, end = spans[0]
    told = f"first {when(start, zone_name)} to {when(end, zone_name)}"
    if len(spans) == 1:
        return f"{told} ({length(end - start)})"
    return f"{told}; {len(spans)} times, {length(total(spans))} in all"


def some(items: Sequence[str], most: int = MOST) -> str:
    """a; b; c; and 3 more"""
    told = [*items[:most]]
    if len(items) > most:
        told.append(f"and {len(items) - most} more")
    return "; ".join(told)
