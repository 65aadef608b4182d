"""Time zones, windows and holidays."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from watchbill.checks.context import Context
from watchbill.checks.rotations import Served, served
from watchbill.checks.rule import Problem, Rule
from watchbill.config.suggest import did_you_mean
from watchbill.findings import Place
from watchbill.model.policy import Policy
from watchbill.model.rotations import HoursList
from watchbill.model.settings import ALWAYS, Settings, as_hours
from watchbill.model.text import DAY_NAMES, Window
from watchbill.rota.build import plan_for
from watchbill.rota.clock import DAY, HOUR
from watchbill.rota.windows import WeekPlan, knows_holidays


@cache
def _zones() -> frozenset[str]:
    """Reads every file of the system's zone database: a tenth of a second."""
    return frozenset(zoneinfo.available_timezones())


@cache
def _packaged_zones() -> frozenset[str]:
    """Of the database that is installed with watchbill."""
    return frozenset((files("tzdata") / "zones").read_text("utf-8").split())


def zone_exists(name: str) -> bool:
    return name in _packaged_zones() or name in _zones()


def _unknown_zone(context: Context) -> Iterator[Problem]:
    for place, name in _zone_names(context.policy):
        if not zone_exists(name):
            near = did_you_mean(name, _zones()) or "write a name such as Europe/Bucharest or Etc/UTC"
            yield Problem(place, f"there is no time zone '{name}'", near)


def _zone_names(policy: Policy) -> Iterator[tuple[Place, str]]:
    yield ("settings", "time_zone"), policy.settings.time_zone
    for kind, objects in (("people", policy.people), ("rotations", policy.rotations)):
        for handle, item in objects.items():
            if item.time_zone is not None:
                yield (kind, handle, "time_zone"), item.time_zone


def _unknown_country(context: Context) -> Iterator[Problem]:
    for name, value in context.policy.settings.hours.items():
        country = as_hours(value).except_holidays
        if country is not None and not knows_holidays(country):
            hint = "write a country (RO) or a subdivision (DE-BY) by its ISO code"
            place = ("settings", "hours", name, "except_holidays")
            yield Problem(place, f"the holidays of '{country}' are not known", hint)


def _reserved_hours(context: Context) -> Iterator[Problem]:
    if ALWAYS in context.policy.settings.hours:
        yield Problem(("settings", "hours", ALWAYS), "`always` is built in", "take another name")


def windows(policy: Policy) -> Iterator[tuple[Place, Window]]:
    for name, value in policy.settings.hours.items():
        base: Place = ("settings", "hours", name)
        found = as_hours(value).windows
        place = (*base, "windows") if not isinstance(value, Window | tuple) else base
        for i, window in enumerate(found):
            yield (*place, i) if len(found) > 1 else place, window
    for handle, rotation in policy.rotations.items():
        base = ("rotations", handle)
        lists: list[tuple[Place, HoursList | None]] = [((*base, "hours"), rotation.hours)]
        lists += [((*base, "crews", i, "hours"), crew.hours) for i, crew in enumerate(rotation.crews or ())]
        lists += [
            ((*base, "layers", i, "hours"), layer.hours) for i, layer in enumerate(rotation.layers or ())
        ]
        for place, hours in lists:
            for i, item in enumerate(hours or ()):
                if isinstance(item, Window):
                    yield (*place, i) if len(hours or ()) > 1 else place, item


def _one_stretch(context: Context) -> Iterator[Problem]:
    """`mon 09:00 - fri 18:00` looks like working hours and is five days and nights."""
    for place, window in windows(context.policy):
        if not window.is_stretch:
            continue
        ((day, start, length),) = window.occurrences
        last_day, end = (day + (start + length) // 86_400) % 7, (start + length) % 86_400
        if day < last_day <= 4 and end > start:
            days = f"{DAY_NAMES[day]}-{DAY_NAMES[last_day]}"
            first, last = (part.split()[1] for part in window.text.replace("-", " - ").split(" - "))
            message = f"this is one stretch of {length // 3600} hours, nights included"
            yield Problem(
                place, message, f"if you mean these hours on each day, write '{days} {first}-{last}'"
            )


def _overlapping_windows(context: Context) -> Iterator[Problem]:
    for place, window in windows(context.policy):
        if "," in window.text.split()[0]:
            days = window.text.split()[0].split(",")
            twice = next((day for day in days if days.count(day) > 1), None)
            if twice:
                yield Problem(place, f"{twice} is there twice", "name each day once")


def _turns_over_weekend(context: Context) -> Iterator[Problem]:
    policy = context.policy
    for crew in served(policy):
        rotation = policy.rotations[crew.handle]
        turn = crew.counted.turn
        if not crew.takes_turns or turn is None or turn.unit != "days":
            continue
        hours = _hours_of(policy, crew.place) or rotation.hours
        if not hours or not known_hours(policy.settings, hours):
            continue
        days = {day for day, _, _ in plan_for(policy.settings, hours).occurrences}
        free = [name for i, name in enumerate(DAY_NAMES) if i not in days]
        if days and free:
            message = f"turns of {turn} also pass on {', '.join(free)}, when nobody has duty: some people serve less"
            yield Problem(
                (*crew.place, "turn"),
                message,
                "`turn: 1 shift`, without a handoff, moves on from one stretch of duty to the next",
            )


def _endless_shift(context: Context) -> Iterator[Problem]:
    """A shift is one unbroken stretch of duty, and windows that touch are one stretch."""
    policy = context.policy
    for crew in served(policy):
        turn = crew.counted.turn
        if not crew.takes_turns or turn is None or turn.unit != "shifts":
            continue
        hours = _hours_of(policy, crew.place) or policy.rotations[crew.handle].hours or ()
        if not known_hours(policy.settings, hours):
            continue
        plan = plan_for(policy.settings, hours)
        if plan.is_always or any(length >= 7 * DAY for _, length in plan.stretches):
            message = (
                "these hours fill the whole week without a break, so there are no separate shifts to count"
            )
            yield Problem((*crew.place, "turn"), message, _nearest_turn(crew, turn.count, plan))


def _nearest_turn(crew: Served, shifts: int, plan: WeekPlan) -> str:
    """In the length of the windows, where they all have one and it divides the day."""
    lengths = {length for _, _, length in plan.occurrences}
    length = shifts * lengths.pop() if len(lengths) == 1 else 0
    begins = min((start for _, start, _ in plan.occurrences), default=9 * HOUR)
    day = crew.since.text[:10] if crew.since else "2026-01-05"
    clock = f"{begins // HOUR:02d}:{begins % HOUR // 60:02d}"
    days = max(1, length // DAY)
    by_day = f"`turn: {days} day{'s' if days > 1 else ''}` with `handoff: daily {clock}`"
    by_hour = (
        f"`turn: {length // HOUR if length and DAY % length == 0 else 12} hours` with `from: {day} {clock}`"
    )
    ways = (by_day, by_hour) if length and length % DAY == 0 else (by_hour, by_day)
    return f"write {ways[0]}, or {ways[1]}; or limit `hours` to less than the whole week"


def _hours_of(policy: Policy, place: Place) -> HoursList | None:
    rotation = policy.rotations[str(place[1])]
    if "crews" in place and rotation.crews:
        return rotation.crews[int(place[3])].hours
    if "layers" in place and rotation.layers:
        return rotation.layers[int(place[3])].hours
    return rotation.hours


def known_hours(settings: Settings, hours: HoursList) -> bool:
    return all(not isinstance(item, str) or item == ALWAYS or item in settings.hours for item in hours)


RULES = (
    Rule("unknown-zone", "error", "A time zone that does not exist", _unknown_zone),
    Rule("unknown-country", "error", "Holidays of a country that is not known", _unknown_country),
    Rule("reserved-hours", "error", "Hours named like what is built in", _reserved_hours),
    Rule("one-stretch", "warning", "A window that runs through the nights", _one_stretch),
    Rule("day-twice", "warning", "A day named twice in a window", _overlapping_windows),
    Rule("endless-shift", "error", "Turns of shifts, and duty never pauses", _endless_shift),
    Rule("turns-over-weekend", "warning", "Days off count as turns", _turns_over_weekend),
)
