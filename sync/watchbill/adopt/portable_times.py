"""Times of schedules and services as another account and the format take them: whole minutes, and a zone on PagerDuty's list.

PagerDuty writes the anchors of layers to the minute itself (terraform-provider-pagerduty#483), but keeps windows of
any length; since its provider takes at most 86,399 seconds a day, that is how people say "all day".
"""

from __future__ import annotations

from typing import TypeVar

from watchbill.account.objects import (
    AnySchedule,
    Layer,
    Restriction,
    Schedule,
    Service,
    ShiftEvent,
    ShiftSchedule,
)
from watchbill.account.zones import is_listed, listed_twin
from watchbill.adopt.rotation import zones
from watchbill.rota.clock import DAY, MINUTE, Instant, zone

Timed = TypeVar("Timed", AnySchedule, Service)


def with_fit_times(obj: Timed, now: Instant) -> tuple[Timed, list[str]]:
    """And in words what is not as it was."""
    if isinstance(obj, Service):
        twin, told = _listed(obj.urgency.time_zone, now, "the time zone of its support hours")
        hours = obj.urgency.model_copy(update={"time_zone": twin})
        return obj.model_copy(update={"urgency": hours}), told
    fit = on_the_minute(obj)
    told = [] if fit == obj else ["its times are written to the minute"]
    if isinstance(fit, Schedule):
        twin, more = _listed(fit.time_zone, now, "its time zone")
        fit, told = _in_zone(fit, twin), told + more
    return fit, told


def _listed(name: str, now: Instant, what: str) -> tuple[str, list[str]]:
    twin = listed_twin(name, now) if name in zones() and not is_listed(name) else None
    if twin is None:
        return name, []
    return twin, [f"{what} {name} is not on PagerDuty's list; it becomes {twin}, the same clock"]


def _in_zone(schedule: Schedule, twin: str) -> Schedule:
    """Turns of whole days are counted on the wall clock, which may have been another one when they began."""
    if twin == schedule.time_zone:
        return schedule
    before, after = zone(schedule.time_zone), zone(twin)
    layers = tuple(
        layer
        if layer.turn_seconds % DAY
        else layer.model_copy(update={"virtual_start": after.instant(*before.local(layer.virtual_start))})
        for layer in schedule.layers
    )
    return schedule.model_copy(update={"time_zone": twin, "layers": layers})


def on_the_minute(schedule: AnySchedule) -> AnySchedule:
    if isinstance(schedule, ShiftSchedule):
        rotations = tuple(
            rotation.model_copy(update={"events": tuple(_event(event) for event in rotation.events)})
            for rotation in schedule.rotations
        )
        return schedule.model_copy(update={"rotations": rotations})
    return schedule.model_copy(update={"layers": tuple(_layer(layer) for layer in schedule.layers)})


def _layer(layer: Layer) -> Layer:
    times = {
        "virtual_start": _minute(layer.virtual_start),
        "start": None if layer.start is None else _minute(layer.start),
        "end": None if layer.end is None else _minute(layer.end),
        "restrictions": tuple(_window(window) for window in layer.restrictions),
    }
    return layer.model_copy(update=times)


def _window(window: Restriction) -> Restriction:
    start = _minute(window.start)
    length = max(MINUTE, _minute(window.start + window.duration) - start)
    days, start = divmod(start, DAY)
    weekday = None if window.weekday is None else (window.weekday + days) % 7
    return Restriction(weekday=weekday, start=start, duration=length)


def _event(event: ShiftEvent) -> ShiftEvent:
    start = _minute(event.start)
    times = {
        "start": start,
        "end": max(start + MINUTE, _minute(event.end)),
        "since": None if event.since is None else _minute(event.since),
        "until": None if event.until is None else _minute(event.until),
    }
    return event.model_copy(update=times)


def _minute(second: int) -> int:
    """The nearest one."""
    return (second + MINUTE // 2) // MINUTE * MINUTE
