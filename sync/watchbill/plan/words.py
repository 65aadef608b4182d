"""Vendor values as people say them: names for ids, local times for instants, days and hours for seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from watchbill.account.canon import weekly
from watchbill.account.objects import Restriction
from watchbill.rota.clock import DAY, HOUR, MINUTE, WEEK, Instant, zone

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def local(at: Instant, zone_name: str) -> str:
    """Mon 2026-11-30 09:00, in that zone."""
    return zone(zone_name).at(at).strftime("%a %Y-%m-%d %H:%M")


def span(start: Instant, end: Instant, zone_name: str) -> str:
    """Mon 2026-11-30 09:00-18:00, or both ends in full."""
    first, last = local(start, zone_name), local(end, zone_name)
    same_day = first[:-5] == last[:-5]
    return f"{first}-{last[-5:]}" if same_day else f"{first} to {last}"


def length(seconds: int | None) -> str:
    """2 weeks, 1 day, 90 minutes; None is never."""
    if seconds is None:
        return "never"
    for unit, size in (("week", WEEK), ("day", DAY), ("hour", HOUR), ("minute", MINUTE)):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}{'' if seconds == size else 's'}"
    return f"{seconds} seconds"


def clock(second: int) -> str:
    return f"{second % DAY // HOUR:02d}:{second % HOUR // MINUTE:02d}"


def handoff(turn_seconds: int, virtual_start: Instant, zone_name: str) -> str:
    day, second = zone(zone_name).local(virtual_start)
    if turn_seconds % WEEK == 0:
        return f"{DAYS[(day + 3) % 7]} {clock(second)}"
    return clock(second) if turn_seconds % DAY == 0 else ""


def hours(restrictions: Iterable[Restriction]) -> str:
    """Mon-Fri 09:00-18:00; Sat 00:00 - Mon 09:00"""
    windows = weekly(restrictions)
    if not windows:
        return "always"
    by_clock: dict[tuple[int, int], list[int]] = {}
    for day, start, duration in windows:
        by_clock.setdefault((start, duration), []).append(day)
    return "; ".join(window(days, start, duration) for (start, duration), days in by_clock.items())


def window(days: Sequence[int], start: int, duration: int) -> str:
    if duration > DAY:
        end = start + duration
        return "; ".join(
            f"{DAYS[d]} {clock(start)} - {DAYS[(d + end // DAY) % 7]} {clock(end)}" for d in days
        )
    if duration == DAY and start == 0:
        return f"{_days(days)} all day"
    return f"{_days(days)} {clock(start)}-{clock(start + duration)}"


def _days(days: Sequence[int]) -> str:
    ordered = sorted(days)
    if len(ordered) == 7:
        return "daily"
    if len(ordered) > 2 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{DAYS[ordered[0]]}-{DAYS[ordered[-1]]}"
    return ",".join(DAYS[day] for day in ordered)
