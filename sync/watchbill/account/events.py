"""Events of shift-based schedules: what two that mean the same have in common, their names, finding them again.

An event has no field for a key, and its id is new each time it is made.  So its name ends with six hex digits
of its content.  `since` and `until` are not in them: a running event can be capped but not renamed.
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from watchbill.account.objects import (
    CustomShiftSlot,
    ShiftEvent,
    ShiftOverrideSlot,
    ShiftRotation,
)
from watchbill.account.recurrences import fold
from watchbill.account.zones import zone_name
from watchbill.errors import UsageError
from watchbill.rota import shifts as rendered
from watchbill.rota.clock import DAY, Instant, zone
from watchbill.rota.recurrence import Recurrence, recurrence_from_wire
from watchbill.rota.rrule import DayPattern

DIGITS = 6
_FIXED_DAY = 19_723  # 2024-01-01, from which shifts are counted for comparison
_DIGEST = re.compile(rf"(?:^|\s)([0-9a-f]{{{DIGITS}}})\s*$")


def event_form(event: ShiftEvent) -> dict[str, Any]:
    """What decides who serves when, without since and until: an anchor whole rounds away is the same."""
    where = zone(event.time_zone)
    day, second = where.local(event.start)
    last_day, last_second = where.local(event.end)
    form: dict[str, Any] = {
        "time_zone": zone_name(event.time_zone),
        "clock": [second, (last_day - day) * DAY + last_second - second],
    }
    pattern = None if event.excluded or event.added else _pattern(event, day)
    if pattern is None:
        return form | {
            "rule": sorted(event.rule.upper().removeprefix("RRULE:").split(";")),
            "start": event.start,
            "excluded": sorted(event.excluded),
            "added": sorted(event.added),
            "members": list(event.members),
            "per_member": event.per_member,
        }
    days = sorted((pattern.base + offset) % pattern.period for offset in pattern.offsets)
    return form | {"days": [pattern.period, *days]} | _who(event, pattern)


def _who(event: ShiftEvent, pattern: DayPattern) -> dict[str, Any]:
    if event.per_member is None:
        return {"members": sorted(set(event.members)), "per_member": None}
    found = fold([m for m in event.members for _ in range(event.per_member)])
    if len(found.members) == 1:
        return {"members": list(found.members), "per_member": 1}
    rounds, rest = divmod(_FIXED_DAY - pattern.base, pattern.period)
    place = rounds * len(pattern.offsets) + bisect_left(pattern.offsets, rest) - pattern.skip
    turn = -((found.offset - place) // found.each)
    begin = found.offset + turn * found.each
    turned = turn % len(found.members)
    return {
        "members": [*found.members[turned:], *found.members[:turned]],
        "per_member": found.each,
        "first": pattern.day(begin),
    }


def _pattern(event: ShiftEvent, day: int) -> DayPattern | None:
    """None for what is compared as it is written: rules of other kinds, also ones that cannot be read."""
    try:
        rule = recurrence_of(event).rule
    except UsageError:
        return None
    if rule.for_dateutil or rule.count is not None or rule.until is not None:
        return None
    return rule.pattern(day)


def recurrence_of(event: ShiftEvent) -> Recurrence:
    """Raises UsageError for a rule that cannot be read."""
    where = zone(event.time_zone)
    first, last = where.local(event.start), where.local(event.end)
    length = (last[0] - first[0]) * DAY + last[1] - first[1]
    rule = event.rule.removeprefix("RRULE:")
    found = recurrence_from_wire([f"RRULE:{rule}"], where, first, length, f"event {event.name!r}")
    return replace(found, excluded=frozenset(event.excluded), added=event.added)


def rotations_form(rotations: Iterable[ShiftRotation], at: Instant, *, starts: bool) -> list[dict[str, Any]]:
    """Of what holds from `at` on; which rotation an event is in says nothing.  Without `starts` time-free."""
    forms = []
    for event in (e for r in rotations for e in r.events if e.until is None or e.until > at):
        form = {**event_form(event), "until": event.until}
        if starts:
            form["since"] = None if event.since is None or event.since <= at else event.since
        forms.append(form)
    return sorted(forms, key=repr)


def event_digest(event: ShiftEvent) -> str:
    text = json.dumps(event_form(event), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def named(event: ShiftEvent, label: str) -> ShiftEvent:
    room = 255 - DIGITS - 1
    return event.model_copy(update={"name": f"{label[:room].rstrip()} {event_digest(event)}"})


def digest_in_name(name: str) -> str:
    """ "" where there is none."""
    found = _DIGEST.search(name)
    return found[1] if found else ""


def same_event(left: ShiftEvent, right: ShiftEvent, now: Instant) -> bool:
    """Whether both give the same people the same shifts from `now` on."""

    def begun(event: ShiftEvent) -> Instant | None:
        return None if event.since is None or event.since <= now else event.since

    bounds = begun(left) == begun(right) and left.until == right.until
    return bounds and event_form(left) == event_form(right)


@dataclass(frozen=True, slots=True)
class Matches:
    pairs: tuple[tuple[ShiftEvent, ShiftEvent], ...]
    """Wanted and stored."""
    missing: tuple[ShiftEvent, ...]
    extra: tuple[ShiftEvent, ...]
    """Stored, and wanted by nobody: what a human made, or what the policy no longer says."""


def match_events(wanted: Sequence[ShiftEvent], stored: Sequence[ShiftEvent]) -> Matches:
    """By the digest in the name first, so that an edited one is still ours; then by content, if it was renamed.

    One that is right both ways goes before all: beside it may run an edited one of that name that it follows.
    Two of one content (a crew that comes back later) pair by their beginning.
    """
    left, right = sorted(wanted, key=_begin), sorted(stored, key=_begin)
    pairs: list[tuple[ShiftEvent, ShiftEvent]] = []
    for digests in ((digest_of_stored_name, event_digest), (digest_of_stored_name,), (event_digest,)):
        for nearest in (True, False):
            for want in list(left):
                mine = event_digest(want)
                same = [
                    s
                    for s in right
                    if all(digest(s) == mine for digest in digests)
                    and (not nearest or _begin(s) == _begin(want))
                ]
                if same:
                    left.remove(want)
                    right.remove(same[0])
                    pairs.append((want, same[0]))
    return Matches(tuple(sorted(pairs, key=lambda p: _begin(p[0]))), tuple(left), tuple(right))


def digest_of_stored_name(event: ShiftEvent) -> str:
    return digest_in_name(event.name)


def _begin(event: ShiftEvent) -> tuple[int, int, str]:
    return (event.since or 0, event.until or 2**60, event.name)


def event_for_rendering(event: ShiftEvent) -> rendered.Event:
    """Raises UsageError for a rule that cannot be read."""
    return rendered.Event(
        recurrence_of(event),
        tuple(m or None for m in event.members),
        event.per_member,
        event.since,
        event.until,
    )


def for_rendering(
    rotations: Iterable[ShiftRotation],
    custom: Iterable[CustomShiftSlot] = (),
    overrides: Iterable[ShiftOverrideSlot] = (),
) -> rendered.ShiftSchedule:
    """Sources are named by their keys, also where they have ids."""
    return rendered.ShiftSchedule(
        tuple(rendered.Rotation(r.key, tuple(map(event_for_rendering, r.events))) for r in rotations),
        tuple(rendered.CustomShift(c.key, c.start, c.end, c.user or None) for c in custom),
        tuple(
            rendered.ShiftOverride(
                str(i),
                o.start,
                o.end,
                o.instead_of or None,
                o.user or None,
                o.source.key if o.source.kind == "rotation" else None,
                o.source.key if o.source.kind == "custom_shift" else None,
            )
            for i, o in enumerate(overrides)
        ),
    )
