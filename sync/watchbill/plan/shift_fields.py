"""A shift-based schedule told event by event, in the words of people who never saw a recurrence rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from watchbill.account.cycles import same_duty
from watchbill.account.event_rooms import label_of
from watchbill.account.events import event_form
from watchbill.account.objects import ShiftEvent, ShiftSchedule
from watchbill.model.base import NOBODY
from watchbill.plan import words
from watchbill.plan.elements import Compared, Kind, compared
from watchbill.rota.clock import DAY, WEEK, Instant, zone

Told = dict[str, str]
_UNITS = {"HOURLY": "hour", "DAILY": "day", "WEEKLY": "week", "MONTHLY": "month"}
_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def living(schedule: ShiftSchedule, now: Instant) -> list[ShiftEvent]:
    """By their beginning; whoever comes first in time is told first."""
    events = [e for r in schedule.rotations for e in r.events if e.until is None or e.until > now]
    return sorted(events, key=lambda e: (e.since or 0, e.name))


def labelled(schedule: ShiftSchedule, now: Instant) -> list[tuple[str, ShiftEvent]]:
    events = living(schedule, now)
    twice = Counter(map(label_of, events))
    seen: Counter[str] = Counter()
    found = []
    for event in events:
        label = label_of(event)
        seen[label] += 1
        found.append((label if twice[label] == 1 or seen[label] == 1 else f"{label} {seen[label]}", event))
    return found


def told(schedule: ShiftSchedule, user: Callable[[str], str], now: Instant) -> Told:
    """`user`: vendor id -> what people call that user."""
    found: Told = {}
    for label, event in labelled(schedule, now):
        found |= {f"{label} · {field}": text for field, text in _event(event, user, now)}
    return found


def shifts_compared(
    before: ShiftSchedule, after: ShiftSchedule, user: Callable[[str], str], now: Instant
) -> Compared:
    """The same turns counted from another day are no change, nor is the same duty cut into other events."""
    if same_duty(before.rotations, after.rotations, now):
        return Compared({}, {}, "")
    kind = Kind(
        word="shift", name=label_of, likeness=_likeness, tell=lambda e: _event(e, user, now), equal=_equal
    )
    return compared(living(before, now), living(after, now), kind)


def _likeness(new: ShiftEvent, old: ShiftEvent) -> int:
    found = 8 * (event_form(new) == event_form(old)) + 4 * (label_of(new) == label_of(old))
    return found and found + 2 * (new.since == old.since) + (new.until == old.until)


def _equal(old: ShiftEvent, new: ShiftEvent) -> frozenset[str]:
    return frozenset(("people", "turn", "first turn", "shifts") if event_form(old) == event_form(new) else ())


def _event(event: ShiftEvent, user: Callable[[str], str], now: Instant) -> list[tuple[str, str]]:
    people = [user(member) if member else NOBODY for member in event.members]
    found = [("people", (", " if event.per_member else " + ").join(people))]
    if event.per_member and len(set(event.members)) > 1:
        found.append(("turn", f"{event.per_member} shift{'s' if event.per_member > 1 else ''} each"))
        found.append(("first turn", f"{people[0]} from {words.local(event.start, event.time_zone)}"))
    shifts = shifts_in_words(event)
    if shifts.lower() not in label_of(event):  # ours are named by it
        found.append(("shifts", shifts))
    if event.since is not None and event.since > now:
        found.append(("from", words.local(event.since, event.time_zone)))
    if event.until is not None:
        found.append(("until", words.local(event.until, event.time_zone)))
    return found


def shifts_in_words(event: ShiftEvent) -> str:
    """daily 09:00-21:00; Mon-Fri 09:00-18:00; every 2 weeks, Mon 09:00 - Mon 09:00"""
    rule = event.rule.upper().removeprefix("RRULE:")
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    unit = _UNITS.get(parts.pop("FREQ", ""))
    every = parts.pop("INTERVAL", "1")
    codes = [code for code in parts.pop("BYDAY", "").split(",") if code]
    parts.pop("WKST", None)
    if unit is None or parts or unit == "month" or not every.isdigit() or not set(codes) <= set(_CODES):
        return f"{rule}, {_clock(event)}"
    often = "" if every == "1" else f"every {every} {unit}s, "
    if unit == "hour":
        return f"every {every} hours" if every != "1" else "every hour"
    if unit == "day" and not codes:
        return f"{often or 'daily '}{_clock(event)}"
    first_day = zone(event.time_zone).local(event.start)[0]
    days = [_CODES.index(code) for code in codes] or [(first_day + 3) % 7]
    return often + words.window(days, *_clock_of(event))


def _clock_of(event: ShiftEvent) -> tuple[int, int]:
    """Second of the day, and length on the clock."""
    where = zone(event.time_zone)
    (day, second), (last_day, last) = where.local(event.start), where.local(event.end)
    return second, (last_day - day) * DAY + last - second


def _clock(event: ShiftEvent) -> str:
    start, length = _clock_of(event)
    if length == DAY and start == 0:
        return "all day"
    if length > DAY and length % WEEK:
        return f"{words.clock(start)} for {words.length(length)}"
    return f"{words.clock(start)}-{words.clock(start + length)}"


__all__ = ["labelled", "living", "shifts_compared", "shifts_in_words", "told"]
