"""A shift-based schedule as a rotation, in every form that may say it; the plainest first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice, pairwise

from watchbill.account.ahead import FARTHEST_AHEAD
from watchbill.account.cycles import (
    begins,
    common_cycle,
    duty_in,
    ends,
    epochs,
    live_events,
    recurring_of,
    seconds_in,
)
from watchbill.account.events import digest_in_name
from watchbill.account.objects import ShiftEvent, ShiftSchedule
from watchbill.account.zones import zone_name
from watchbill.adopt import words
from watchbill.adopt.cannot import CannotSay
from watchbill.adopt.sayable import can_be_written
from watchbill.adopt.shift_cycle import side_by_side
from watchbill.adopt.shift_turns import NO_BEAT, Stint
from watchbill.adopt.turns import Data
from watchbill.model.base import NOBODY
from watchbill.private_text import masked
from watchbill.rota.clock import Instant, zone
from watchbill.rota.spans import total

_WINDOW = re.compile(
    r"(?:^| )(?:every \d+ hours|[a-z]{3} \d\d:\d\d - [a-z]{3} \d\d:\d\d|[a-z]{3,5}(?:[-,][a-z]{3})* \d\d:\d\d-\d\d:\d\d)$"
)
_OURS = re.compile(r"(?:turns|layer \d+|fallback .*)?")
"""Labels that watchbill gives by itself."""


def shift_forms(
    schedule: ShiftSchedule, people: Mapping[str, str], now: Instant, most: int
) -> tuple[list[Data], CannotSay | None]:
    """`people`: user id -> handle.  And what keeps the plainest from being a form."""
    found: list[Data] = []
    try:
        found += islice(_forms(schedule, people, now), most)
    except CannotSay as cannot:
        return found, cannot
    return found, None


def _forms(schedule: ShiftSchedule, people: Mapping[str, str], now: Instant) -> Iterator[Data]:
    events = live_events(schedule.rotations, now)
    if not events:
        raise CannotSay("it has no event with anybody on call, now or later; an import says no custom shifts")
    for event in events:
        _judge(event, schedule, people)
        if begins(event, now) > now + FARTHEST_AHEAD:
            raise CannotSay(f"its event {masked(event.name)!r} begins more than twelve months from now")
    where = zone(schedule.time_zone)

    def stint(start: Instant, end: Instant, these: Sequence[ShiftEvent]) -> Stint:
        return Stint(tuple(these), start, end, where, now, people)

    if all(e.per_member is None or len(set(e.members)) == 1 for e in events) and _at_once(events, now):
        yield from _together(events, stint, now)
        return
    _judge_alone(events, people, now)
    yield from _by_turns(events, stint, now)


def label_of(event: ShiftEvent) -> str:
    """Which part of the rotation it is; of an event that a human made its name."""
    if not digest_in_name(event.name):
        return event.name
    bare = event.name.rstrip().rpartition(" ")[0].rstrip()
    return _WINDOW.sub("", bare)


def _judge(event: ShiftEvent, schedule: ShiftSchedule, people: Mapping[str, str]) -> None:
    shown = masked(event.name)
    if zone_name(event.time_zone) != zone_name(schedule.time_zone):
        raise CannotSay(
            f"its event {shown!r} is told in the zone {event.time_zone}, the schedule in {schedule.time_zone}"
        )
    odd = next((m for m in event.members if ":" in m), None)
    if odd is not None:
        raise CannotSay(f"its event {shown!r} shares its shifts in a way that watchbill does not know")
    gone = next((m for m in event.members if m and m not in people), None)
    if gone is not None:
        raise CannotSay(f"user {gone} was deleted, or has no e-mail address of their own")
    if event.excluded or event.added:
        raise CannotSay(
            f"its event {shown!r} leaves out or adds single dates; overrides and custom shifts say the same"
        )
    part = recurring_of(event)
    if part is None:
        raise CannotSay(
            f"its event {shown!r} repeats by {masked(event.rule)}; the format knows hours of the week, "
            "and turns of hours, days and weeks"
        )
    if part.overlaps_itself:
        raise CannotSay(f"shifts of its event {shown!r} overlap each other")


def _at_once(events: Sequence[ShiftEvent], now: Instant) -> bool:
    """Whether several people are on call at one time."""
    if any(e.per_member is None and len(set(e.members)) > 1 for e in events):
        return True
    return any(_beside(these) is not None for _, _, these in epochs(events, now))


def _beside(events: Sequence[ShiftEvent]) -> tuple[str, str] | None:
    parts = [part for e in events if (part := recurring_of(e)) is not None]
    cycle = common_cycle(parts)
    return None if cycle is None else side_by_side(duty_in(parts, cycle))


def _twice(events: Sequence[ShiftEvent]) -> str | None:
    """Who has two events at one time."""
    parts = [part for e in events if (part := recurring_of(e)) is not None]
    cycle = common_cycle(parts)
    if cycle is None:
        return None
    once, whole = duty_in(parts, cycle), seconds_in(parts, cycle)
    return next((who for who, spans in once.items() if total(spans) != whole[who]), None)


def _judge_alone(events: Sequence[ShiftEvent], people: Mapping[str, str], now: Instant) -> None:
    for _, _, these in epochs(events, now):
        twice = _twice(these)
        if twice is not None:
            raise CannotSay(
                f"{people[twice] if twice else NOBODY} is on call twice at the same time, by events that overlap"
            )
        beside = _beside(these)
        if beside is None:
            continue
        left, right = (people[who] if who else NOBODY for who in beside)
        if any(e.per_member is None for e in these):
            raise CannotSay(
                f"{left} and {right} are on call at the same time, and others take turns beside them; "
                "a rotation has either everybody together or one at a time, so two schedules say it"
            )
        raise CannotSay(
            f"{left} and {right} are on call at the same time, in turns that go on side by side; "
            "one schedule for each, on one level of the escalation policy, says the same"
        )


def _by_turns(events: Sequence[ShiftEvent], stint: Callable[..., Stint], now: Instant) -> Iterator[Data]:
    """Raises CannotSay after the last form, with what kept the plainest from being one."""
    why = CannotSay(NO_BEAT)
    long: list[Data] = []
    try:
        stints = [stint(*span) for span in epochs(events, now)]
        places = sum(len(e.members) for e in events)
        for data in _plain(stints):
            if (
                sum(len(crew["order"]) for crew in data.get("crews", ())) + len(data.get("crew", ()))
                <= places
            ):
                yield data
            else:
                long.append(data)
    except CannotSay as cannot:
        why = cannot
    for parts in _partings(events, now):
        try:
            layers = [_layer(stint(*span, these), label) for (label, *span), these in parts]
        except CannotSay as cannot:
            why = cannot
        else:
            yield {"layers": layers}
    yield from long
    raise why


def _plain(stints: Sequence[Stint]) -> Iterator[Data]:
    """One crew, or one after the other."""
    if len(stints) == 1:
        (whole,) = stints
        for turns in whole.forms():
            yield {**turns, **whole.hours_data(), **whole.until()}
    elif all(left.end == right.start for left, right in pairwise(stints)):
        yield _dated(stints)


_Parting = list[tuple[tuple[str, Instant, Instant], list[ShiftEvent]]]


def _partings(events: Sequence[ShiftEvent], now: Instant) -> Iterator[_Parting]:
    """By the names of their parts, and each event by itself."""
    alone = [((label_of(e), begins(e, now), ends(e)), [e]) for e in events]
    groups: dict[tuple[str, Instant, Instant], list[ShiftEvent]] = {}
    for key, these in alone:
        groups.setdefault(key, []).extend(these)
    if 1 < len(groups) < len(events):
        yield list(groups.items())
    if len(events) > 1:
        yield alone


def _dated(stints: Sequence[Stint]) -> Data:
    """What the crews share stands above them."""
    crews = []
    for one in stints:
        turns = next(one.forms())
        crew = {k: v for k, v in turns.items() if k != "crew"} | {"order": turns["crew"]}
        if "from" not in crew:
            crew = {"from": _long_before(one), **crew}
        crews.append({**crew, **(one.hours_data() or {"hours": "always"})})
    shared: Data = {
        key: crews[0][key]
        for key in ("turn", "handoff", "turns_each", "hours")
        if key in crews[0] and all(crew.get(key) == crews[0][key] for crew in crews)
    }
    rest = [{k: v for k, v in crew.items() if k not in shared} for crew in crews]
    hours = {"hours": shared.pop("hours")} if "hours" in shared else {}
    if hours == {"hours": "always"}:
        hours = {}
    return {**shared, "crews": rest, **hours, **stints[-1].until()}


def _long_before(one: Stint) -> str:
    """One person alone has no beginning in the account; a dated crew needs one."""
    return words.day_text(one.where.day_of(min(one.events[0].start, one.now)) - 1)


def _together(events: Sequence[ShiftEvent], stint: Callable[..., Stint], now: Instant) -> Iterator[Data]:
    spans = epochs(events, now)
    if len(spans) == 1:
        with suppress(CannotSay):
            whole = stint(*spans[0])
            yield {
                **whole.begin(),
                "crew": whole.crowd(),
                "together": True,
                **whole.hours_data(),
                **whole.until(),
            }
    layers = []
    for event in events:
        one = stint(begins(event, now), ends(event), [event])
        data = {**one.begin(), "crew": one.crowd(), **one.hours_data(), **one.until()}
        layers.append({**_name(label_of(event)), **data})
    yield {"layers": layers, "together": True}


def _layer(one: Stint, label: str) -> Data:
    return {**_name(label), **next(one.forms()), **one.hours_data(), **one.until()}


def _name(label: str) -> Data:
    sayable = (
        label.strip() == label and "\n" not in label and masked(label) == label and can_be_written(label)
    )
    return {} if _OURS.fullmatch(label) or not sayable else {"name": label}
