"""A layer-based schedule as a rotation: the usual form where it says the very same, else its layers.

Nothing is taken on trust: each form goes through the mapper that plans, and must come out as the account has it,
and its shifts must be those that the account's layers render.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from pydantic import ValidationError

from watchbill.account.canon import form_of, live_layers
from watchbill.account.layers import Refused, for_rendering, layers_for
from watchbill.account.objects import Schedule
from watchbill.adopt.cannot import CannotSay
from watchbill.adopt.turns import Data, layer_data
from watchbill.model.policy import Policy
from watchbill.model.rotations import Rotation
from watchbill.model.settings import Settings
from watchbill.rota.clock import DAY, Instant, Zone, zone
from watchbill.rota.duty import Roster
from watchbill.rota.entries import Entry
from watchbill.rota.layers import render_layers

PROVEN = 400 * DAY
"""A whole year with both of its clock changes."""

_HANDLE = "proven"


@cache
def zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def turns_of(
    schedule: Schedule,
    people: Mapping[str, str],
    settings: Settings,
    named: Mapping[str, Any],
    now: Instant,
) -> Data:
    """What says who serves when.  `people`: user id -> handle; `named`: handle -> person.  Raises CannotSay."""
    if schedule.time_zone not in zones():
        raise CannotSay(f"its time zone {schedule.time_zone!r} is not known")
    where = zone(schedule.time_zone)
    live = live_layers(schedule, now)
    if not live:
        raise CannotSay("it has no layer with anybody on call, now or later")
    parts = [layer_data(layer, where, people, now) for layer in live]
    forms = [_layers(schedule, parts, now)]
    if len(live) == 1:
        forms.insert(0, _usual(schedule, parts[0], now))
    for form in forms[:-1]:
        with suppress(CannotSay):
            _prove(schedule, form, people, settings, named, now)
            return form
    _prove(schedule, forms[-1], people, settings, named, now)
    return forms[-1]


def _usual(schedule: Schedule, data: Data, now: Instant) -> Data:
    """With the name of the one layer, which the usual form does not speak of."""
    name = live_layers(schedule, now)[0].name
    return {**data, "pagerduty": {"layer_names": [name]}} if name else dict(data)


def _layers(schedule: Schedule, parts: list[Data], now: Instant) -> Data:
    live = live_layers(schedule, now)
    return {
        "layers": [
            {"name": layer.name, **data} if layer.name else data
            for layer, data in zip(live, parts, strict=True)
        ]
    }


def _prove(
    schedule: Schedule,
    data: Data,
    people: Mapping[str, str],
    settings: Settings,
    named: Mapping[str, Any],
    now: Instant,
) -> None:
    where = zone(schedule.time_zone)
    users = {user for layer in live_layers(schedule, now) for user in layer.users}
    try:
        rotation = Rotation.model_validate({"title": "proven", "time_zone": where.name, **data})
    except ValidationError as error:
        raise CannotSay(f"the format refuses it: {told(error)}") from None
    crew = {people[user]: named[people[user]] for user in sorted(users)}
    policy = Policy(settings=settings, people=crew, rotations={_HANDLE: rotation})
    ids = {people[user]: user for user in users}
    compiled = layers_for(policy, _HANDLE, Roster(policy), ids, now)
    if isinstance(compiled, Refused):
        raise CannotSay(compiled.reason)
    again = schedule.model_copy(update={"layers": compiled.layers})
    if form_of(again, now=now) != form_of(schedule, now=now):
        raise CannotSay(_difference(schedule, again, now))
    if not _same_shifts(schedule, policy, ids, where, now):
        raise CannotSay("its shifts would not be the same in words")


def told(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    return f"{place}: {first['msg']}" if place else first["msg"]


def _difference(schedule: Schedule, again: Schedule, now: Instant) -> str:
    pairs = zip(form_of(schedule, now=now)["layers"], form_of(again, now=now)["layers"], strict=False)
    for mine, theirs in pairs:
        fields = [key.replace("_", " ") for key in mine if mine[key] != theirs[key]]
        if fields:
            return (
                f"the words cannot say the {' and the '.join(fields)} of its layer {mine['name']!r} exactly"
            )
    return "the words cannot say the number or order of its layers exactly"


def _same_shifts(
    schedule: Schedule, policy: Policy, ids: Mapping[str, str], where: Zone, now: Instant
) -> bool:
    until = now + PROVEN
    drawn = render_layers(for_rendering(live_layers(schedule, now), now), (), where.name, now, until)
    shifts = Roster(policy).shifts(_HANDLE, now, until)
    return _joined(drawn) == _joined(
        [Entry(s.start, s.end, ids[s.person]) for s in shifts if s.person is not None]
    )


def _joined(entries: list[Entry]) -> list[tuple[Instant, Instant, str | None]]:
    found: list[tuple[Instant, Instant, str | None]] = []
    for entry in entries:
        if found and found[-1][1] == entry.start and found[-1][2] == entry.user:
            found[-1] = (found[-1][0], entry.end, entry.user)
        else:
            found.append((entry.start, entry.end, entry.user))
    return found
