"""Who is on call from when to when, as PagerDuty renders it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import pairwise

from watchbill.errors import UsageError
from watchbill.rota.clock import DAY, WEEK, Instant
from watchbill.rota.spans import clip, total, union

EARLIEST: Instant = -2_208_988_800  # 1900-01-01
LATEST: Instant = 7_258_118_400  # 2200-01-01
MAX_PIECES = 500_000

OVERFLOW_REACH = 366 * DAY
"""With overflow an entry is returned whole; one that never ends is cut this far from the window."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`user` is None for an empty member.  Shift-based entries also say where they come from."""

    start: Instant
    end: Instant
    user: str | None
    source: str | None = None
    rotation_id: str | None = None


def order(entry: Entry) -> tuple[int, int, str, str, str]:
    """Start, then end, then names: the canonical order of a list of entries."""
    return entry.start, entry.end, entry.user or "", entry.source or "", entry.rotation_id or ""


def merge(entries: Iterable[Entry]) -> list[Entry]:
    """Canonical form: what touches or overlaps and has the same user, source and rotation is one entry."""
    joined: list[Entry] = []
    latest: dict[tuple[str | None, str | None, str | None], int] = {}
    lengthened = False
    for entry in sorted(entries, key=order):
        if entry.start >= entry.end:
            continue
        key = (entry.user, entry.source, entry.rotation_id)
        at = latest.get(key)
        if at is None or joined[at].end < entry.start:
            latest[key] = len(joined)
            joined.append(entry)
        elif joined[at].end < entry.end:
            joined[at] = replace(joined[at], end=entry.end)
            lengthened = True
    return sorted(joined, key=order) if lengthened else joined


def coverage_percent(entries: Iterable[Entry], since: Instant, until: Instant) -> float:
    """Share of [since, until) with a human on call, 0 to 100; of an empty window, whether anybody is there."""
    manned = [(e.start, e.end) for e in entries if e.user is not None]
    if until <= since:
        return 100.0 if any(start <= since <= end for start, end in manned) else 0.0
    return 100.0 * total(union(clip(manned, since, until))) / (until - since)


def in_window(
    draw: Callable[[Instant, Instant], list[Entry]], since: Instant, until: Instant, *, overflow: bool
) -> list[Entry]:
    """`draw` renders a window with its entries cut at the bounds; since = until asks for that instant."""
    if until < since:
        raise UsageError("the window ends before it starts", remedy="swap `since` and `until`")
    if not (since >= EARLIEST and until <= LATEST):
        raise UsageError("the window leaves the years 1900 to 2200", remedy="ask for a nearer window")
    stop = max(until, since + 1)
    if overflow:
        return _whole(draw, since, stop)
    entries = draw(since, stop)
    return entries if stop == until else [replace(entry, end=since) for entry in entries]


def _whole(draw: Callable[[Instant, Instant], list[Entry]], since: Instant, until: Instant) -> list[Entry]:
    left = right = WEEK
    while True:
        low, high = since - left, until + right
        touching = [e for e in draw(low, high) if e.start < until and e.end > since]
        more_left = left < OVERFLOW_REACH and any(e.start == low for e in touching)
        more_right = right < OVERFLOW_REACH and any(e.end == high for e in touching)
        if not (more_left or more_right):
            return touching
        left = min(4 * left, OVERFLOW_REACH) if more_left else left
        right = min(4 * right, OVERFLOW_REACH) if more_right else right


def refuse_flood(pieces: int, what: str) -> None:
    if pieces > MAX_PIECES:
        raise UsageError(
            f"{what} would make about {pieces:,} entries; {MAX_PIECES:,} is the most that is rendered at once",
            remedy="ask for a shorter window",
        )


def latest_wins(entries: Sequence[Entry]) -> list[Entry]:
    """Of overlapping entries the later in the list is kept; the rest stand around it."""
    bounds = sorted({e.start for e in entries} | {e.end for e in entries})
    waiting = sorted(range(len(entries)), key=lambda i: entries[i].start, reverse=True)
    running: list[int] = []  # a heap of negated positions: the latest first
    kept: list[Entry] = []
    for low, high in pairwise(bounds):
        while waiting and entries[waiting[-1]].start <= low:
            heappush(running, -waiting.pop())
        while running and entries[-running[0]].end <= low:
            heappop(running)
        if running:
            kept.append(replace(entries[-running[0]], start=low, end=high))
    return kept
