"""A feed as iCalendar (RFC 5545), in step with what was published before.

The file that is there is the memory: a stretch of duty that it has and the policy no longer has stays in it as
cancelled until it has left the feed's reach, so that every client takes it out.  What did not change keeps its
bytes: same UID, SEQUENCE and DTSTAMP.  What is new is stamped with the beginning of the reach, so that a policy gives
the same bytes at any hour of a month.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from icalendar import (
    Calendar,
    Component,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vDatetime,
    vText,
)
from icalendar.parser import Contentline, Parameters

from watchbill.publish.feeds import Duty, Feed, Reach
from watchbill.rota.clock import Instant, Zone, day_number

PRODUCT = "-//watchbill//calendars 1//EN"
_REFRESH = timedelta(hours=1)

_EVENT = re.compile(rb"^BEGIN:VEVENT\r\n.*?^END:VEVENT\r\n", re.DOTALL | re.MULTILINE)
_UID = re.compile(rb"^UID:(.*)\r\n", re.MULTILINE)
_VERSION = re.compile(rb"^(?:DTSTAMP|SEQUENCE):.*\r\n", re.MULTILINE)
_END = b"END:VCALENDAR\r\n"
_SIMPLE = re.compile(r"[a-z0-9.@-]+")
"""UIDs of ours: marks and handles, in which nothing is to be escaped."""
_FOLD = 74
"""The library's lines: at most 75 octets with the blank that goes on with the line before."""


class NotOurs(Exception):
    """The file was not written by watchbill, or is no calendar."""


def calendar(feed: Feed, reach: Reach, now: Instant, before: bytes | None = None) -> bytes:
    """`before`: the file as it was published last.  Raises NotOurs."""
    known = _events(before) if before is not None else {}
    return _file(feed, reach, _merged(feed.duties, known, feed.zone, reach, now))


def farewell(before: bytes, where: Zone, reach: Reach, now: Instant) -> bytes | None:
    """A feed that the policy no longer has: all cancelled; None when nothing is left.  Raises NotOurs."""
    events = _merged((), _events(before), where, reach, now)
    return _file(Feed("", "No longer in use", where, ()), reach, events) if events else None


def _merged(
    duties: Iterable[Duty], known: Mapping[str, bytes], where: Zone, reach: Reach, now: Instant
) -> list[bytes]:
    made: list[tuple[Instant, str, bytes]] = []
    left = dict(known)
    for duty in duties:
        event = _event(duty, where, reach.since)
        old = left.pop(duty.uid, None)
        if old is not None and _said(old) == _said(event):
            event = old
        elif old is not None:
            event = _event(duty, where, now, sequence=_sequence(_read(old)) + 1)
        made.append((duty.start, duty.uid, event))
    for uid, old in left.items():
        told = _read(old)
        duty = _duty(told)
        if duty.end <= reach.since:
            continue
        if told.get("status") != "CANCELLED":
            old = _event(duty, where, now, sequence=_sequence(told) + 1, cancelled=True)  # noqa: PLW2901
        made.append((duty.start, uid, old))
    return [event for _, _, event in sorted(made)]


def _said(event: bytes) -> bytes:
    """An event but for its version."""
    return _VERSION.sub(b"", event)


def _file(feed: Feed, reach: Reach, events: Iterable[bytes]) -> bytes:
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    title = vText(feed.title)
    made.add("name", title)
    made.add("x-wr-calname", title)
    made.add("x-wr-timezone", vText(feed.zone.name))
    made.add("refresh-interval", _REFRESH, {"VALUE": "DURATION"})
    made.add("x-published-ttl", vText("PT1H"))
    made.add_component(_zone(feed, reach))
    frame: bytes = made.to_ical()
    return frame.removesuffix(_END) + b"".join(events) + _END


def _zone(feed: Feed, reach: Reach) -> Timezone:
    """Each change of the clock by itself.

    icalendar's own writes the changes of later years as RDATE, by which ical.js forgets the first one, and tells
    the beginning of summer time by the new clock instead of the old (RFC 5545, 3.6.5).
    """
    where = feed.zone
    first = where.at(min([reach.since, *(duty.start for duty in feed.duties)])).year
    last = where.at(max([reach.until, *(duty.end for duty in feed.duties)])).year
    begin, end = (where.instant(day_number(date(year, 1, 1))) for year in (first, last + 1))
    made = Timezone()
    made.add("tzid", where.info.key)
    made.add_component(_clock(where, begin, where.offset_at(begin)))
    for change in where.changes_between(begin, end):
        made.add_component(_clock(where, change, where.offset_at(change - 1)))
    return made


def _clock(where: Zone, since: Instant, before: int) -> Component:
    """`before`: seconds east of UTC until then."""
    local = where.at(since)
    made = TimezoneDaylight() if local.dst() else TimezoneStandard()
    made.add("dtstart", datetime.fromtimestamp(since + before, UTC).replace(tzinfo=None))
    made.add("tzname", local.tzname())
    made.add("tzoffsetfrom", timedelta(seconds=before))
    made.add("tzoffsetto", timedelta(seconds=where.offset_at(since)))
    return made


def _event(duty: Duty, where: Zone, stamp: Instant, *, sequence: int = 0, cancelled: bool = False) -> bytes:
    """Line by line, since most lines of many thousand events are alike; each line is the library's."""
    return b"".join(
        (
            b"BEGIN:VEVENT\r\n",
            _uid(duty.uid),
            _time("DTSTAMP", stamp, None),
            _time("DTSTART", duty.start, where),
            _time("DTEND", duty.end, where),
            _text("SUMMARY", duty.summary),
            _text("DESCRIPTION", duty.description) if duty.description else b"",
            _text("STATUS", "CANCELLED" if cancelled else "CONFIRMED"),
            _text("SEQUENCE", str(sequence)),
            _text("TRANSP", "TRANSPARENT"),
            b"END:VEVENT\r\n",
        )
    )


def _uid(uid: str) -> bytes:
    """As the library writes and folds it.  No two are alike, and that made up most of the time for many calendars."""
    if _SIMPLE.fullmatch(uid) is None:
        return _line("UID", uid)
    line = f"UID:{uid}".encode("ascii")
    return b"\r\n ".join(line[i : i + _FOLD] for i in range(0, len(line), _FOLD)) + b"\r\n"


@lru_cache(maxsize=65_536)
def _time(name: str, at: Instant, where: Zone | None) -> bytes:
    """On the wall clock; in UTC where the wall clock shows that time twice: clients differ in which one they take."""
    utc = vDatetime(datetime.fromtimestamp(at, UTC))
    if where is None or where.info.key == "Etc/UTC":
        return _line(name, utc)
    local = where.at(at)
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        return _line(name, utc)
    return _line(name, vDatetime(local.replace(tzinfo=None)), TZID=where.info.key)


@lru_cache(maxsize=65_536)
def _text(name: str, value: str) -> bytes:
    return _line(name, vText(value))


def _line(name: str, value: str | vText | vDatetime, **parameters: str) -> bytes:
    made: bytes = Contentline.from_parts(name, Parameters(parameters), value).to_ical()
    return made + b"\r\n"


def _events(data: bytes) -> dict[str, bytes]:
    """UID -> the event's own bytes; line ends may have been changed by git."""
    text = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if not text.startswith(b"BEGIN:VCALENDAR\r\n") or f"\r\nPRODID:{PRODUCT}\r\n".encode() not in text:
        raise NotOurs("was not written by watchbill")
    found: dict[str, bytes] = {}
    for event in _EVENT.findall(text):
        uid = _UID.search(event.replace(b"\r\n ", b""))
        if uid is None:
            raise NotOurs("has an event without UID")
        found[uid[1].decode("utf-8", "replace")] = event
    return found


def _read(event: bytes) -> Event:
    try:
        found = Event.from_ical(event)
    except ValueError as error:
        raise NotOurs(f"has an event that cannot be read: {error}") from None
    assert isinstance(found, Event)
    return found


def _sequence(event: Event) -> int:
    return int(str(event.get("sequence", 0)))


def _duty(event: Event) -> Duty:
    try:
        start, end = event.decoded("dtstart"), event.decoded("dtend")
        return Duty(
            str(event["uid"]),
            int(start.timestamp()),
            int(end.timestamp()),
            str(event["summary"]),
            str(event.get("description", "")),
        )
    except (KeyError, AttributeError) as error:
        raise NotOurs(f"has an event that watchbill did not write: {error!r}") from None
