"""The turns of one PagerDuty layer in the words of the format: turn, handoff, from, crew, until.

Where the layer runs already, `from` is a handoff in the past at which the first of the list takes over, so that
the list keeps the account's order.  A layer that is still to begin has its own `from`, and the list begins with
who has the turn then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watchbill.account.objects import Layer
from watchbill.adopt import words
from watchbill.adopt.cannot import CannotSay
from watchbill.model.text import DAY_NAMES
from watchbill.rota.clock import DAY, HOUR, Instant, Zone, weekday

Data = dict[str, Any]

_TRIES = 60
"""Cycles to go back in search of a time that the clock shows once."""


def layer_data(layer: Layer, where: Zone, people: Mapping[str, str], now: Instant) -> Data:
    """In the order people read it: turn, handoff, from, crew, hours, until.  Raises CannotSay."""
    if not layer.users:
        raise CannotSay(f"the layer {layer.name!r} has nobody")
    gone = next((user for user in layer.users if user not in people), None)
    if gone is not None:
        raise CannotSay(f"user {gone} was deleted, or has no e-mail address of their own")
    crew = [people[user] for user in layer.users]
    if len(set(crew)) == 1:
        data: Data = {} if layer.start is None else {"from": with_time(layer.start, where)}
        data["crew"] = crew[:1]
    elif layer.turn_seconds % DAY == 0:
        data = _whole_days(layer, crew, where, now)
    else:
        data = _hours(layer, crew, where, now)
    if hours := words.hours(layer.restrictions):
        data["hours"] = hours[0] if len(hours) == 1 else hours
    if layer.end is not None:
        data["until"] = words.moment(layer.end, where)
    return data


def _whole_days(layer: Layer, crew: list[str], where: Zone, now: Instant) -> Data:
    days = layer.turn_seconds // DAY
    day, second = where.local(layer.virtual_start)
    time = words.clock(second)
    cycle = days * len(crew)
    since = None
    if layer.start is None:
        while where.instant(day, second) > now:
            day -= cycle * max(1, (where.instant(day, second) - now) // (cycle * DAY))
        since = words.day_text(day)
    else:
        first_day, first_second = where.local(layer.start)
        passed = (first_day - day - (first_second < second)) // days
        begun = day + passed * days
        crew = _from(crew, passed)
        at_handoff = where.instant(begun, second) == layer.start
        since = words.day_text(begun) if at_handoff else with_time(layer.start, where)
        day = begun
    if days % 7:
        turn, handoff = count(days, "day"), f"daily {time}"
    else:
        turn, handoff = count(days // 7, "week"), f"{DAY_NAMES[weekday(day)]} {time}"
    return {"turn": turn, "handoff": handoff, "from": since, "crew": crew}


def _hours(layer: Layer, crew: list[str], where: Zone, now: Instant) -> Data:
    if layer.turn_seconds % HOUR:
        raise CannotSay(f"turns of {layer.turn_seconds} seconds are no whole hours")
    turn = count(layer.turn_seconds // HOUR, "hour")
    at, cycle = layer.virtual_start, layer.turn_seconds * len(crew)
    if layer.start is not None:
        passed, into = divmod(layer.start - at, layer.turn_seconds)
        if into:
            raise CannotSay(f"the layer {layer.name!r} is to begin in the middle of a turn of {turn}")
        since = with_time(layer.start, where)
        crew = _from(crew, passed)
    else:
        at -= max(0, -(-(at - now) // cycle)) * cycle
        since = shown_once(at, cycle, where)
    return {"turn": turn, "counted": "elapsed", "from": since, "crew": crew}


def shown_once(at: Instant, cycle: int, where: Zone) -> str:
    for back in range(_TRIES):
        try:
            return with_time(at - back * cycle, where)
        except CannotSay:
            continue
    return with_time(at, where)


def with_time(at: Instant, where: Zone) -> str:
    text = words.moment(at, where)
    return text if len(text) > 10 else f"{text} 00:00"


def _from(crew: list[str], turns: int) -> list[str]:
    place = turns % len(crew)
    return [*crew[place:], *crew[:place]]


def count(number: int, unit: str) -> str:
    if number > 9999:
        raise CannotSay(f"turns of {number} {unit}s are longer than the format knows")
    return f"{number} {unit}{'' if number == 1 else 's'}"
