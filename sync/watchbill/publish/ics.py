"""A feed as iCalendar (RFC 5545), in step with what was published before.

The file that is there is the memory: a stretch of duty that it has and the policy no longer has stays in it as
cancelled until it has left the feed's reach, so that every client takes it out.  What did not change keeps its
bytes: same UID, SEQUENCE and DTSTAMP.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from icalendar import Calendar, Event, Timezone, vDatetime, vText
from icalendar.parser import Contentline, Parameters

from watchbill.publish.feeds import Duty, Feed, Reach
from watchbill.rota.clock import Instant, Zone

PRODUCT = "-//watchbill//calendars 1//EN"
_REFRESH = timedelta(hours=1)

_EVENT = re.compile(rb"^BEGIN:VEVENT\r\n.*?^END:VEVENT\r\n", re.DOTALL | re.MULTILINE)
_UID = re.compile(rb"^UID:(.*)\r\n", re.MULTILINE)
_VERSION = re.compile(rb"^(?:DTSTAMP|SEQUENCE):.*\r\n", re.MULTILINE)
_END = b"END:VCALENDAR\r\n"


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
    made.add_component(_zone(feed.zone, reach))
    frame: bytes = made.to_ical()
    return frame.removesuffix(_END) + b"".join(events) + _END


def _zone(where: Zone, reach: Reach) -> Timezone:
    """With room on both sides, for shifts that begin before and end after."""
    first, last = where.at(reach.since).year, where.at(reach.until).year
    return Timezone.from_tzid(where.info.key, first_date=date(first, 1, 1), last_date=date(last + 1, 12, 31))


def _event(duty: Duty, where: Zone, stamp: Instant, *, sequence: int = 0, cancelled: bool = False) -> bytes:
    """Line by line, since most lines of many thousand events are alike; each line is the library's."""
    return b"".join(
        (
            b"BEGIN:VEVENT\r\n",
            _line("UID", duty.uid),
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


@lru_cache(maxsize=65_536)
def _time(name: str, at: Instant, where: Zone | None) -> bytes:
    """On the wall clock; in UTC where the wall clock shows that time twice and means the second."""
    utc = vDatetime(datetime.fromtimestamp(at, UTC))
    if where is None or where.info.key == "Etc/UTC":
        return _line(name, utc)
    local = where.at(at)
    if local.fold:
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
