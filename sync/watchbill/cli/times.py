"""Times as people type them: `now`, `2026-11-29 03:00`, `tomorrow 09:00`, `last tue 03:00`, `+2h`, ISO."""

from __future__ import annotations

import re
from datetime import date, datetime

import click

from watchbill.rota.clock import DAY, Instant, Zone, date_of, day_number, instant_of, weekday
from watchbill.rota.entries import EARLIEST, LATEST

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {"m": 60, "h": 3600, "d": DAY, "w": 7 * DAY}
_EXAMPLES = (
    "write it like '2026-11-29 03:00', 'tomorrow 09:00', 'last tue 03:00', '+2h' or '2026-11-29T03:00Z'"
)


def parse_time(text: str, zone: Zone, now: Instant) -> Instant:
    """Wall-clock times are read in `zone`.  Raises click.UsageError, also outside the years 1900 to 2199."""
    try:
        found = _parsed(text, zone, now)
    except (OverflowError, ValueError):  # year 1 or 9999 moved by an offset
        found = LATEST
    if not EARLIEST <= found < LATEST:
        raise click.UsageError(f"{text!r} is outside the years 1900 to 2199; take a nearer time")
    return found


def _parsed(text: str, zone: Zone, now: Instant) -> Instant:
    from watchbill.model.text import AGAIN

    words = text.strip().lower()
    if words == "now":
        return now
    relative = re.fullmatch(r"([+-])(\d{1,5})\s*([mhdw])\w*", words)
    if relative:
        sign, number, unit = relative.groups()
        return now + (1 if sign == "+" else -1) * int(number) * _UNITS[unit]
    named = re.fullmatch(
        r"(?:(last|next)\s+)?(today|tomorrow|yesterday|mon|tue|wed|thu|fri|sat|sun)\w*(?:\s+(\d{1,2}):(\d{2}))?",
        words,
    )
    if named:
        return _named(named, zone, now)
    again = words.endswith(f" {AGAIN}")
    try:
        moment = datetime.fromisoformat(text.strip()[: -len(AGAIN) - 1] if again else text.strip())
    except ValueError:
        raise click.UsageError(f"{text!r} is no time; {_EXAMPLES}") from None
    if moment.tzinfo is not None:
        return instant_of(moment)
    found = zone.instant(day_number(moment.date()), moment.hour * 3600 + moment.minute * 60 + moment.second)
    return zone.second_time(found) if again else found


def _named(found: re.Match[str], zone: Zone, now: Instant) -> Instant:
    which, name, hour, minute = found.groups()
    today = zone.day_of(now)
    second = int(hour or 0) * 3600 + int(minute or 0) * 60
    if name in ("today", "tomorrow", "yesterday"):
        return zone.instant(today + {"yesterday": -1, "today": 0, "tomorrow": 1}[name], second)
    apart = (_DAYS.index(name) - weekday(today)) % 7
    if which == "last":
        apart -= 7
    elif which == "next" and apart == 0:
        apart = 7
    return zone.instant(today + apart, second)


def parse_day(text: str, zone: Zone, now: Instant) -> date:
    return date_of(zone.day_of(parse_time(text, zone, now)))


def parse_minutes(text: str) -> int:
    """`20m`, `1h`, `90 minutes`.  Raises click.UsageError."""
    found = re.fullmatch(r"(\d{1,5})\s*(m|h|min|minutes?|hours?)", text.strip().lower())
    if not found:
        raise click.UsageError(f"{text!r} is no duration; write it like 20m or 1h")
    return int(found[1]) * (60 if found[2].startswith("h") else 1)


def parse_seconds(text: str) -> float:
    """`30s`, `10m`, `1h`.  Raises click.UsageError."""
    found = re.fullmatch(r"(\d{1,5})\s*(s|m|h)\w*", text.strip().lower())
    if not found:
        raise click.UsageError(f"{text!r} is no duration; write it like 30s, 10m or 1h")
    return float(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]]
