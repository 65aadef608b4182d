"""RRULE: what daily and weekly rules come down to arithmetically, and dateutil for every other one."""

from __future__ import annotations

import re
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import gcd

from dateutil.rrule import rrulestr

from watchbill.rota.clock import Instant, weekday
from watchbill.rota.wire import fault

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ARITHMETIC = frozenset({"FREQ", "INTERVAL", "BYDAY", "WKST", "COUNT", "UNTIL"})
_MONTHLY_PARTS = frozenset({"BYYEARDAY", "BYWEEKNO", "BYSETPOS"})
_HIGHEST = {
    "BYMONTH": 12,
    "BYMONTHDAY": 31,
    "BYYEARDAY": 366,
    "BYWEEKNO": 53,
    "BYSETPOS": 366,
    "BYHOUR": 23,
    "BYMINUTE": 59,
    "BYSECOND": 59,
}
_MAY_BE_ZERO = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})
_MAY_BE_NEGATIVE = _MONTHLY_PARTS | {"BYMONTHDAY"}
_KNOWN = _ARITHMETIC | _HIGHEST.keys()
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY")
_SMALL = re.compile(r"[+-]?[0-9]{1,3}")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  a wall clock has no zone yet

Local = tuple[int, int]
"""Day number and second of the day on the local clock."""


@dataclass(frozen=True, slots=True)
class DayPattern:
    """Days that repeat: `base` + a multiple of `period` + one of `offsets`, from the first that is not skipped."""

    base: int
    period: int
    offsets: tuple[int, ...]
    skip: int

    def day(self, place: int) -> int:
        rounds, offset = divmod(place + self.skip, len(self.offsets))
        return self.base + rounds * self.period + self.offsets[offset]

    def first_from(self, day: int) -> int:
        """Place of the first occurrence on or after `day`, 0 at least."""
        rounds, rest = divmod(day - self.base, self.period)
        return max(0, rounds * len(self.offsets) + bisect_left(self.offsets, rest) - self.skip)


@dataclass(frozen=True, slots=True)
class Rule:
    """`until` is inclusive.  `weekdays`: Monday is 0; `for_dateutil` is set when arithmetic will not do."""

    frequency: str
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    week_start: int = 0
    count: int | None = None
    until: Instant | None = None
    for_dateutil: str = ""

    def pattern(self, start_day: int) -> DayPattern | None:
        """None when the rule has no occurrence at all."""
        if self.frequency == "WEEKLY":
            base = start_day - (weekday(start_day) - self.week_start) % 7
            chosen = self.weekdays or (weekday(start_day),)
            offsets = sorted((day - self.week_start) % 7 for day in chosen)
            return DayPattern(
                base, 7 * self.interval, tuple(offsets), sum(base + o < start_day for o in offsets)
            )
        if not self.weekdays:
            return DayPattern(start_day, self.interval, (0,), 0)
        period = self.interval * 7 // gcd(self.interval, 7)
        hits = tuple(o for o in range(0, period, self.interval) if weekday(start_day + o) in self.weekdays)
        return DayPattern(start_day, period, hits, 0) if hits else None

    def walk(self, start: Local) -> Iterator[Local]:
        """Every occurrence from the first, by dateutil; `until` is not looked at."""
        first = _EPOCH + timedelta(days=start[0], seconds=start[1])
        try:
            for moment in rrulestr(self.for_dateutil, dtstart=first):
                since = moment - _EPOCH
                yield since.days, since.seconds
        except (ValueError, IndexError, OverflowError) as bad:  # dateutil fails late on rules like BYDAY=9MO
            raise fault(
                self.for_dateutil, f"cannot be followed: {bad}", "write it as RFC 5545 has it"
            ) from bad


def rule_from_text(text: str, moment: Callable[[str], Instant], where: str) -> Rule:
    """`moment` reads a date or date-time of RFC 5545.  Raises UsageError."""
    parts = _parts(text, where)
    frequency = parts.get("FREQ", "")
    if frequency not in _FREQUENCIES:
        known = ", ".join(_FREQUENCIES)
        raise fault(where, f"has FREQ={frequency or 'nothing'}", f"frequencies that are rendered: {known}")
    plain = set(parts) <= _ARITHMETIC and frequency in {"DAILY", "WEEKLY"}
    days = [d for d in parts.get("BYDAY", "").split(",") if d]
    simple = plain and all(day in _WEEKDAYS for day in days)
    return Rule(
        frequency=frequency,
        interval=_number(parts.get("INTERVAL", "1"), "INTERVAL", where),
        weekdays=tuple(sorted({_WEEKDAYS.index(day) for day in days})) if simple else (),
        week_start=_week_start(parts.get("WKST", "MO"), where),
        count=_number(parts["COUNT"], "COUNT", where) if "COUNT" in parts else None,
        until=moment(parts["UNTIL"]) if "UNTIL" in parts else None,
        for_dateutil="" if simple else _checked(parts, where),
    )


def _parts(text: str, where: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for piece in text.upper().removeprefix("RRULE:").strip().split(";"):
        key, equals, value = piece.partition("=")
        if not equals or not value or key not in _KNOWN:
            raise fault(
                where, f"has a part that is no recurrence rule: {piece!r}", "write it as RFC 5545 has it"
            )
        if key in parts:
            raise fault(where, f"has {key} twice")
        parts[key] = value
    return parts


def _number(value: str, name: str, where: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 7 and int(value)):
        raise fault(where, f"has {name}={value}; it must be a whole number from 1 to 999999")
    return int(value)


def _week_start(value: str, where: str) -> int:
    if value not in _WEEKDAYS:
        raise fault(where, f"has WKST={value}", f"the days are {', '.join(_WEEKDAYS)}")
    return _WEEKDAYS.index(value)


def _checked(parts: dict[str, str], where: str) -> str:
    """dateutil looks for a date that never comes until the year 9999: such rules are refused here."""
    if parts["FREQ"] not in {"YEARLY", "MONTHLY"} and parts.keys() & _MONTHLY_PARTS:
        raise fault(where, "combines BYYEARDAY, BYWEEKNO or BYSETPOS with a frequency below MONTHLY")
    numbers = {name: _numbers(parts[name], name, where) for name in _HIGHEST if name in parts}
    days = [abs(day) for day in numbers.get("BYMONTHDAY", [1])]
    if not any(day <= monthrange(2024, month)[1] for month in numbers.get("BYMONTH", [1]) for day in days):
        raise fault(where, "names a day that none of its months has")
    rule = ";".join(f"{key}={value}" for key, value in parts.items() if key != "UNTIL")
    try:
        rrulestr(rule, dtstart=_EPOCH)
    except (ValueError, TypeError, IndexError) as bad:
        raise fault(where, f"is no recurrence rule: {bad}", "write it as RFC 5545 has it") from bad
    return rule


def _numbers(value: str, name: str, where: str) -> list[int]:
    numbers: list[int] = []
    for part in value.split(","):
        number = int(part) if _SMALL.fullmatch(part) else 999
        low = 0 if name in _MAY_BE_ZERO else 1
        if not low <= abs(number) <= _HIGHEST[name] or (number < 0 and name not in _MAY_BE_NEGATIVE):
            raise fault(where, f"has {name}={value}")
        numbers.append(number)
    return numbers
