"""Wall clocks and instants.

A local time is (day, second): days since 1970-01-01 on that zone's calendar, and clock seconds since its
midnight.  A skipped local time moves forward by the gap, a repeated one is its first occurrence (RFC 5545
practice, `zoneinfo` with fold=0).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

Instant = int

MINUTE = 60
HOUR = 3600
DAY = 86_400
WEEK = 7 * DAY

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday; Monday is 0


class Zone:
    """One IANA zone, with the offset of each local day remembered.  Get it from `zone()`."""

    __slots__ = ("_day_offsets", "info", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.info = ZoneInfo("Etc/UTC" if name == "UTC" else name)
        self._day_offsets: dict[int, int | None] = {}

    def instant(self, day: int, second: int = 0) -> Instant:
        """`second` may lie outside the day: 25 * HOUR is one o'clock of the next day, on the wall clock."""
        if not 0 <= second < DAY:
            day, second = day + second // DAY, second % DAY
        try:
            offset = self._day_offsets[day]
        except KeyError:
            offset = self._day_offsets[day] = self._steady_offset(day)
        if offset is None:
            offset = self._offset_of_local(day * DAY + second)
        return day * DAY + second - offset

    def local(self, instant: Instant) -> tuple[int, int]:
        return divmod(instant + self.offset_at(instant), DAY)

    def day_of(self, instant: Instant) -> int:
        return self.local(instant)[0]

    def offset_at(self, instant: Instant) -> int:
        """Seconds east of UTC."""
        delta = datetime.fromtimestamp(instant, self.info).utcoffset()
        assert delta is not None
        return int(delta.total_seconds())

    def at(self, instant: Instant) -> datetime:
        return datetime.fromtimestamp(instant, self.info)

    def second_time(self, instant: Instant) -> Instant:
        """When the same wall-clock time comes again within a day; the instant itself where it does not."""
        moment = self.at(instant).replace(tzinfo=None, fold=1)
        again = int(moment.replace(tzinfo=self.info).timestamp())
        return max(again, instant)

    def changes_between(self, start: Instant, end: Instant) -> tuple[Instant, ...]:
        """The clock changes in [start, end): first instants at which another offset holds."""
        return _changes_between(self, start, end)

    def first_with_other_offset(self, low: Instant, high: Instant, offset: int) -> Instant:
        while high - low > 1:
            middle = (low + high) // 2
            if self.offset_at(middle) == offset:
                low = middle
            else:
                high = middle
        return high

    def _steady_offset(self, day: int) -> int | None:
        start = self._offset_of_local(day * DAY)
        return start if start == self._offset_of_local((day + 1) * DAY) else None

    def _offset_of_local(self, local_seconds: int) -> int:
        naive = datetime(1970, 1, 1) + timedelta(seconds=local_seconds)  # noqa: DTZ001  a wall clock has no zone yet
        delta = naive.replace(tzinfo=self.info).utcoffset()
        assert delta is not None
        return int(delta.total_seconds())


@lru_cache(maxsize=256)
def _changes_between(where: Zone, start: Instant, end: Instant) -> tuple[Instant, ...]:
    found: list[Instant] = []
    at, offset = start, where.offset_at(start)
    while at < end:
        step = min(at + WEEK, end)
        if where.offset_at(step) != offset:
            found.append(where.first_with_other_offset(at, step, offset))
            at = found[-1]
            offset = where.offset_at(at)
        else:
            at = step
    return tuple(c for c in found if c < end)


@cache
def zone(name: str) -> Zone:
    """Raises `zoneinfo.ZoneInfoNotFoundError` for a name the zone database lacks."""
    return Zone(name)


def day_number(day: date) -> int:
    return day.toordinal() - _EPOCH_ORDINAL


def date_of(day: int) -> date:
    return date.fromordinal(day + _EPOCH_ORDINAL)


def weekday(day: int) -> int:
    """Monday is 0."""
    return (day + _EPOCH_WEEKDAY) % 7


def instant_of(moment: datetime) -> Instant:
    """Whole seconds; raises ValueError for a datetime without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return int(moment.timestamp())


def parse_instant(text: str) -> Instant:
    """ISO 8601 with an offset or Z.  Raises ValueError."""
    return instant_of(datetime.fromisoformat(text))


def iso(instant: Instant) -> str:
    """2026-11-23T14:00:00Z"""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
