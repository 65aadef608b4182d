"""When the shifts of an event begin and end: one RRULE, with EXDATE and RDATE, on the local clock.

A shift begins at the event's clock time and ends its length later *on the clock*, so a night shift over a
clock change is an hour shorter or longer.  A bare date stands for that day's shift at the event's own time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import partial
from heapq import merge as merge_sorted

from watchbill.rota.clock import DAY, HOUR, MINUTE, Instant, Zone, day_number
from watchbill.rota.entries import refuse_flood
from watchbill.rota.readings import RULED, Reading
from watchbill.rota.rrule import Local, Rule, rule_from_text
from watchbill.rota.wire import fault, text, zone_named

Shift = tuple[int, Instant, Instant]
"""Place in the order of the event's shifts (from 0), start, end."""

_LINE = re.compile(r"(RRULE|EXDATE|RDATE)((?:;[^:;=]+=[^:;=]+)*):(.+)", re.IGNORECASE)
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """`first` is the local start of the first shift, `length` is in clock seconds."""

    zone: Zone
    first: Local
    length: int
    rule: Rule
    excluded: frozenset[Instant] = frozenset()
    added: tuple[Instant, ...] = ()

    def shifts(self, since: Instant, until: Instant, reading: Reading = RULED) -> Iterator[Shift]:
        """The shifts that touch [since, until), whole."""
        dropped = 0
        for place, day, second in self._starts(since, until, from_first=reading.excluded == "vanishes"):
            start = self.zone.instant(day, second)
            if start in self.excluded:
                dropped += reading.excluded == "vanishes"
                continue
            end = self.zone.instant(day, second + self.length)
            if start < until and end > since and start < end:
                yield place - dropped, start, end

    def _starts(self, since: Instant, until: Instant, *, from_first: bool) -> Iterator[tuple[int, int, int]]:
        """Place, day and second, in order, up to one that begins well after the window."""
        last = until // DAY + 2
        earliest = since // DAY - self.length // DAY - 3
        if self.added:
            starts = self._with_added(last)
        elif self.rule.for_dateutil:
            starts = ((i, *local) for i, local in enumerate(self._ruled(last)))
        else:
            starts = self._computed(self.first[0] if from_first else earliest, last)
        return starts if from_first else (s for s in starts if s[1] >= earliest)

    def _with_added(self, last: int) -> Iterator[tuple[int, int, int]]:
        """An RDATE is a shift like any other and takes its place in the order; on a ruled one it changes nothing."""
        added = sorted(self.zone.local(moment) for moment in self.added)
        ruled = self._ruled(last)
        previous: Local | None = None
        place = 0
        for local in merge_sorted(ruled, (a for a in added if a[0] <= last)):
            if local != previous:
                yield place, *local
                place += 1
            previous = local

    def _ruled(self, last: int) -> Iterator[Local]:
        """The rule's own shifts from the first."""
        if not self.rule.for_dateutil:
            for _, day, second in self._computed(self.first[0], last):
                yield day, second
            return
        for place, (day, second) in enumerate(self.rule.walk(self.first)):
            if day > last or self._ended(day, second):
                return
            refuse_flood(place, "this recurrence")
            yield day, second

    def _computed(self, earliest: int, last: int) -> Iterator[tuple[int, int, int]]:
        pattern = self.rule.pattern(self.first[0])
        if pattern is None:
            return
        second = self.first[1]
        place = pattern.first_from(earliest)
        refuse_flood(
            (last - max(earliest, self.first[0])) * len(pattern.offsets) // pattern.period, "this recurrence"
        )
        while self.rule.count is None or place < self.rule.count:
            day = pattern.day(place)
            if day > last or self._ended(day, second):
                return
            yield place, day, second
            place += 1

    def _ended(self, day: int, second: int) -> bool:
        return self.rule.until is not None and self.zone.instant(day, second) > self.rule.until


def recurrence_from_wire(
    lines: Sequence[object], zone: Zone, first: Local, length: int, where: str
) -> Recurrence:
    """Exactly one RRULE, any number of EXDATE and RDATE.  Raises UsageError."""
    rules: list[Rule] = []
    dates: dict[str, list[Instant]] = {"EXDATE": [], "RDATE": []}

    def moment(value: str, at: str, zone: Zone = zone) -> Instant:
        return _moment(value, zone, first[1], at)

    for i, item in enumerate(lines):
        place = f"{where}[{i}]"
        for line in text(item, place).splitlines():
            found = _LINE.fullmatch(line.strip())
            if found is None:
                raise fault(place, f"is no RRULE, EXDATE or RDATE: {line!r}", "write it as RFC 5545 has it")
            kind, parameters, value = found[1].upper(), found[2], found[3]
            if kind == "RRULE":
                rules.append(rule_from_text(value, partial(moment, at=place), place))
            else:
                place_zone = _zone_of(parameters, zone, place)
                dates[kind] += [moment(v.strip(), at=place, zone=place_zone) for v in value.split(",")]
    if len(rules) != 1:
        raise fault(where, f"has {len(rules)} RRULE lines; it must have exactly one")
    return Recurrence(zone, first, length, rules[0], frozenset(dates["EXDATE"]), tuple(dates["RDATE"]))


def _moment(value: str, zone: Zone, event_second: int, where: str) -> Instant:
    """Without a Z it is local; without a time it is the event's own time of that day."""
    found = _MOMENT.fullmatch(value)
    if found is None:
        raise fault(where, f"has {value!r} for a date", "write it like 20261224T090000Z")
    try:
        year, month, date_day, hour, minute, seconds = (int(part or 0) for part in found.groups()[:6])
        day, clock = day_number(date(year, month, date_day)), time(hour, minute, seconds)
        second = clock.hour * HOUR + clock.minute * MINUTE + clock.second
        if found[4] is None:
            return zone.instant(day, event_second)
        return day * DAY + second if found[7] else zone.instant(day, second)
    except (ValueError, OverflowError) as bad:
        raise fault(where, f"has {value!r}: {bad}", "write it like 20261224T090000Z") from bad


def _zone_of(parameters: str, default: Zone, where: str) -> Zone:
    for parameter in filter(None, parameters.split(";")):
        name, _, value = parameter.partition("=")
        if name.upper() == "TZID":
            return zone_named(value, f"{where} TZID")
        if name.upper() != "VALUE" or value.upper() not in {"DATE", "DATE-TIME"}:
            raise fault(where, f"has the parameter {parameter!r}", "TZID and VALUE=DATE are understood")
    return default
