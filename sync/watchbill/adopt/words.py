"""Numbers of an account in the words of the format: lengths, dates, windows.  Raises CannotSay."""

from __future__ import annotations

from collections.abc import Iterable

from watchbill.account.canon import weekly
from watchbill.account.objects import Restriction
from watchbill.adopt.cannot import CannotSay
from watchbill.model.text import DAY_NAMES
from watchbill.rota.clock import DAY, HOUR, MINUTE, Instant, Zone, date_of


def duration(seconds: int) -> str:
    """90m, 4h, 3 days"""
    if seconds % MINUTE or seconds < 0:
        raise CannotSay(f"{seconds} seconds are no whole minutes")
    if seconds and seconds % DAY == 0 and seconds > DAY:
        return f"{seconds // DAY} days"
    return f"{seconds // HOUR}h" if seconds and seconds % HOUR == 0 else f"{seconds // MINUTE}m"


def clock(second: int) -> str:
    if second % MINUTE:
        raise CannotSay(f"one of its times has seconds ({second % MINUTE} s past the minute)")
    second %= DAY
    return f"{second // HOUR:02d}:{second % HOUR // MINUTE:02d}"


def day_text(day: int) -> str:
    return date_of(day).isoformat()


def moment(at: Instant, where: Zone) -> str:
    """2026-12-24 09:00, or the date alone for midnight."""
    day, second = where.local(at)
    if where.instant(day, second) != at:
        raise CannotSay("the clock shows one of its times twice that night")
    return day_text(day) if second == 0 else f"{day_text(day)} {clock(second)}"


def hours(restrictions: Iterable[Restriction]) -> list[str]:
    """Windows in words, one for all days with the same hours; none = always.  No window is lost or joined."""
    days_of: dict[tuple[int, int], list[int]] = {}
    for day, start, length in weekly(restrictions):
        days_of.setdefault((start, length), []).append(day)
    found: list[tuple[int, str]] = []
    for (start, length), days in days_of.items():
        if length <= DAY:
            found.append((days[0] * DAY + start, _same_hours(days, start, length)))
        else:
            found += [(day * DAY + start, _stretch(day, start, length)) for day in days]
    return [text for _, text in sorted(found)]


def _same_hours(days: list[int], start: int, length: int) -> str:
    if start == 0 and length == DAY and len(days) < 7:
        return days_in_words(days)
    return f"{days_in_words(days)} {clock(start)}-{clock(start + length)}"


def _stretch(day: int, start: int, length: int) -> str:
    last, end = divmod(day * DAY + start + length, DAY)
    return f"{DAY_NAMES[day]} {clock(start)} - {DAY_NAMES[last % 7]} {clock(end)}"


def days_in_words(days: list[int]) -> str:
    """daily, mon-fri, sun-thu, sat,sun, mon,wed,fri"""
    if len(days) == 7:
        return "daily"
    first = next(day for day in days if (day - 1) % 7 not in days)
    run = [(first + i) % 7 for i in range(len(days))]
    if len(days) > 2 and set(run) == set(days):
        return f"{DAY_NAMES[first]}-{DAY_NAMES[run[-1]]}"
    return ",".join(DAY_NAMES[day] for day in days)
