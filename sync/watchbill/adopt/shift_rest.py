"""Fallbacks and holidays of a schedule that watchbill wrote: what its events alone do not say.

A fallback's events say in their names whose turns they copy.  On holidays there are derived overrides, which the
marker lists by their hashes; so hours that except a country's holidays are proven where they give these very ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any

from watchbill.account.cycles import live_events
from watchbill.account.digest import override_hash
from watchbill.account.objects import Marker, ShiftRotation, ShiftSchedule
from watchbill.adopt.cannot import CannotSay
from watchbill.adopt.shift_forms import label_of, shift_forms
from watchbill.adopt.shift_rotation import Known, prove
from watchbill.adopt.turns import Data
from watchbill.model.settings import ALWAYS, Settings
from watchbill.rota.windows import knows_holidays

FALLBACK = "fallback "
_MOST_FORMS = 3
_PART = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
_MOST_PLACES = 60
"""Countries and parts of one that are tried."""


@dataclass(frozen=True, slots=True)
class Rest:
    data: Data
    """Turns, with `otherwise` and with hours that except holidays."""
    leans_on: str = ""
    """Handle of the rotation whose turns are copied."""
    hours: Data = field(default_factory=dict)
    """Name -> windows, for the settings."""


def fallback_of(schedule: ShiftSchedule, known: Known) -> str:
    """What its events say; "" where they say of no fallback, or of several."""
    labels = {label_of(e) for e in live_events(schedule.rotations, known.now)}
    named = {label.removeprefix(FALLBACK) for label in labels if label.startswith(FALLBACK)}
    return next(iter(named)) if len(named) == 1 and len(labels) > 1 else ""


def fallback_people(schedule: ShiftSchedule, known: Known) -> set[str]:
    """User ids; "" is a vacant place."""
    live = live_events(schedule.rotations, known.now)
    return {member for e in live if label_of(e).startswith(FALLBACK) for member in e.members}


def with_rest(
    schedule: ShiftSchedule, known: Known, marker: Marker | None, other: tuple[str, Data] | None
) -> Rest | None:
    """None where that says nothing that its turns do not.  `other`: the rotation that its fallback's events name."""
    derived = frozenset(one.lstrip("-") for one in marker.derived) if marker is not None else frozenset()
    otherwise, others = _otherwise(schedule, known, other)
    if not otherwise and not derived:
        return None
    own = [e for e in live_events(schedule.rotations, known.now) if not label_of(e).startswith(FALLBACK)]
    bare = schedule.model_copy(update={"rotations": (ShiftRotation(events=tuple(own)),)})
    forms, _ = shift_forms(bare, known.people, known.now, _MOST_FORMS)
    places = list(_places((schedule.time_zone, known.settings.time_zone))) if derived else []
    for form in forms:
        data = {**form, **otherwise, "pagerduty": {"kind": "shifts"}}
        for country in places or [""]:
            said = _excepting(data, country)
            told = replace(known, settings=_with_hours(known.settings, said.hours))
            if _is_it(schedule, said.data, told, others, marker if derived else None):
                leans_on = other[0] if other is not None and others else ""
                return replace(said, leans_on=leans_on)
    return None


def _otherwise(
    schedule: ShiftSchedule, known: Known, other: tuple[str, Data] | None
) -> tuple[Data, dict[str, Data]]:
    holders = fallback_people(schedule, known)
    if not holders:
        return {}, {}
    if other is not None:
        return {"otherwise": other[0]}, {other[0]: other[1]}
    if len(holders) == 1 and "" not in holders:
        return {"otherwise": known.people[next(iter(holders))]}, {}
    return {}, {}


def _is_it(
    schedule: ShiftSchedule, data: Data, known: Known, others: Mapping[str, Data], marker: Marker | None
) -> bool:
    try:
        made = prove(schedule, data, known, others)
        if marker is None:
            return not _hashes(made.derived, "")
        now = _hashes(made.derived, marker.key)
        then = _hashes(prove(schedule, data, replace(known, now=marker.at), others).derived, marker.key)
    except CannotSay:
        return False
    listed = {one.lstrip("-") for one in marker.derived}
    return now <= listed <= now | then


def _hashes(derived: Any, key: str) -> set[str]:
    return {override_hash(key, slot) for slot in (*derived.overrides, *derived.custom_shifts)}


def _excepting(data: Data, country: str) -> Rest:
    """Its windows by names that leave out the country's holidays."""
    if not country:
        return Rest(data)
    hours: Data = {}

    def name_of(windows: Any) -> str:
        said = {"windows": windows, "except_holidays": country}
        return _name_of(said, hours)

    return Rest(_with_named(data, name_of), hours=hours)


def renamed_hours(rest: Rest, taken: dict[str, Data]) -> Data:
    """Its turns, with hours named as in `taken`, which grows: equal hours have one name in a policy."""
    return _with_named(rest.data, lambda name: _name_of(rest.hours[name], taken)) if rest.hours else rest.data


def _with_named(item: Any, name_of: Callable[[Any], str]) -> Any:
    if isinstance(item, list):
        return [_with_named(one, name_of) for one in item]
    if not isinstance(item, dict):
        return item
    return {
        key: name_of(value) if key == "hours" and value != ALWAYS else _with_named(value, name_of)
        for key, value in item.items()
    }


def _name_of(said: Data, taken: dict[str, Data]) -> str:
    base = f"hours-{said['except_holidays'].lower()}"
    names = [base, *(f"{base}-{number}" for number in range(2, len(taken) + 2))]
    name = next(name for name in names if taken.get(name, said) == said)
    taken[name] = said
    return name


def _with_hours(settings: Settings, hours: Data) -> Settings:
    if not hours:
        return settings
    return Settings.model_validate({**settings.model_dump(exclude_unset=True), "hours": hours})


def _places(zones: Iterable[str]) -> Iterator[str]:
    """The zones' countries, then the parts of them."""
    import holidays  # noqa: PLC0415  large; only for hours that except holidays

    found = dict.fromkeys(_countries().get(zone, "") for zone in zones)
    countries = [country for country in found if country and knows_holidays(country)]
    parts = holidays.list_supported_countries()
    named = [f"{country}-{part}" for country in countries for part in parts.get(country, [])]
    yield from islice((*countries, *filter(_PART.fullmatch, named)), _MOST_PLACES)


@cache
def _countries() -> dict[str, str]:
    text = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {row[2]: row[0] for row in rows}
