"""A hand-edited layer-based schedule in the words of its rotation.

Ways to say who serves, the one that changes least first: other hours where they stand; a new dated crew from the
instant of the change; the rotation's layers one by one, as an import would write them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from watchbill.account.canon import form_of, live_layers, weekly
from watchbill.account.objects import Layer, Schedule
from watchbill.account.zones import zone_name
from watchbill.adopt import words
from watchbill.adopt.cannot import CannotSay
from watchbill.adopt.drift_edit import Candidate, Edit, Spoken, held, put, renamed
from watchbill.adopt.turns import layer_data
from watchbill.config.change_form import dated_form
from watchbill.config.edit import insert_item, remove
from watchbill.findings import Place
from watchbill.model.rotations import Rotation
from watchbill.model.settings import Settings
from watchbill.rota.build import inherit, starts_at
from watchbill.rota.clock import MINUTE, Instant, zone

_SINCE_EVER = "2024-01-01"
_FORM_KEYS = (
    "crew",
    "crews",
    "from",
    "first",
    "turn",
    "handoff",
    "counted",
    "turns_each",
    "hours",
    "otherwise",
)


def rotation_candidates(
    handle: str,
    spec: Rotation,
    raw: Mapping[str, Any],
    want: Schedule,
    current: Schedule,
    spoken: Spoken,
    settings: Settings,
    at: Instant,
    now: Instant,
) -> Iterator[Candidate]:
    """`want`: as the policy has it; `at`: when the account was edited.  Raises CannotSay."""
    place: Place = ("rotations", handle)
    plain = [Edit(place, change) for change in _fields(raw, want, current, spoken, settings)]
    mine, theirs = _unlike(want, current, now)
    if not mine and not theirs:
        yield Candidate(tuple(plain), "its own fields")
        if zone_name(want.time_zone) == zone_name(current.time_zone):
            return
        # The same instants are other times of day in another zone: handoffs and windows have to be said anew.
        mine, theirs = list(live_layers(want, now)), list(live_layers(current, now))
    if spec.crew is None and spec.crews is None and spec.layers is None:
        how = "the crew of another rotation" if spec.same_crew else "shifts that are listed one by one"
        raise CannotSay(f"its turns come from {how}, and the edit gives it others")
    names = _layer_names(spec, want, current, now)
    saying = _Saying(handle, spec, current, spoken, max(at - at % MINUTE, 0), now)
    for crew, told in saying.ways(mine, theirs):
        named = [Edit(place, names)] if names is not None and not told.startswith("its layers") else []
        yield Candidate((Edit(place, crew), *named, *plain), told)


def _fields(
    raw: Mapping[str, Any], want: Schedule, current: Schedule, spoken: Spoken, settings: Settings
) -> Iterator[Any]:
    if current.name.strip() != want.name.strip():
        yield renamed(raw, current.name, current.name)
    if current.description != want.description:
        yield put("description", value=current.description or None)
    if zone_name(current.time_zone) != zone_name(want.time_zone):
        usual = zone_name(current.time_zone) == zone_name(settings.time_zone)
        yield put("time_zone", value=None if usual else current.time_zone)
    if set(current.teams) != set(want.teams):
        teams = [spoken.team(team) for team in current.teams]
        yield put("team", value=(teams[0] if len(teams) == 1 else teams) or None)


def _unlike(want: Schedule, current: Schedule, now: Instant) -> tuple[list[Layer], list[Layer]]:
    """The layers of each that the other has not; in another zone the same layer serves at other times."""

    def form(schedule: Schedule, layer: Layer) -> Any:
        return form_of(schedule.model_copy(update={"layers": (layer,)}), now=now)["layers"]

    zoned = want.model_copy(update={"time_zone": current.time_zone})
    if form_of(zoned, now=now)["layers"] == form_of(current, now=now)["layers"]:
        return [], []
    ours, theirs = list(live_layers(zoned, now)), list(live_layers(current, now))
    told = [form(zoned, layer) for layer in ours], [form(current, layer) for layer in theirs]
    return (
        [layer for layer, it in zip(ours, told[0], strict=True) if it not in told[1]],
        [layer for layer, it in zip(theirs, told[1], strict=True) if it not in told[0]],
    )


def _layer_names(spec: Rotation, want: Schedule, current: Schedule, now: Instant) -> Any:
    has = [layer.name for layer in live_layers(current, now)]
    if has == [layer.name for layer in live_layers(want, now)] or not all(has):
        return None
    return put("pagerduty", "layer_names", value=has)


class _Saying:
    def __init__(
        self, handle: str, spec: Rotation, current: Schedule, spoken: Spoken, at: Instant, now: Instant
    ) -> None:
        self.handle, self.spec, self.current, self.spoken = handle, spec, current, spoken
        self.at, self.now = min(at, now), now
        self.where = zone(current.time_zone)

    def ways(self, mine: Sequence[Layer], theirs: Sequence[Layer]) -> Iterator[tuple[Any, str]]:
        if self.spec.layers is None:
            if len(mine) == len(theirs) == 1 and self._only_hours(mine[0], theirs[0]):
                hours = words.hours(theirs[0].restrictions)
                value = (hours[0] if len(hours) == 1 else hours) or "always"
                yield put("hours", value=value), "its hours"
            if mine and theirs:
                with suppress(CannotSay):
                    entries = self._entries(mine, theirs)
                    yield self._dated(entries), f"a crew from {entries[0]['from']} on"
        yield self._as_layers(theirs), "its layers, one by one"

    def _only_hours(self, mine: Layer, theirs: Layer) -> bool:
        other = weekly(mine.restrictions) != weekly(theirs.restrictions)
        return other and self._same_turns(mine, theirs)

    def _same_turns(self, mine: Layer, theirs: Layer) -> bool:
        def turns(layer: Layer) -> Any:
            bare = layer.model_copy(update={"restrictions": (), "name": ""})
            return form_of(self.current.model_copy(update={"layers": (bare,)}), now=self.now)["layers"]

        return bool(turns(mine) == turns(theirs))

    def _entries(self, mine: Sequence[Layer], theirs: Sequence[Layer]) -> list[dict[str, Any]]:
        """Dated crews, oldest first: the running layer's from the edit on, then each staged one's."""
        chain = sorted(theirs, key=lambda layer: layer.start or 0)
        if chain[-1].end is not None:
            raise CannotSay("its last crew ends")
        if any(left.end != right.start for left, right in itertools.pairwise(chain)):
            raise CannotSay("its layers do not follow one another")
        running = min(mine, key=lambda layer: layer.start or 0)
        found = []
        for layer in chain:
            begins = layer.model_copy(update={"end": None})
            if layer.start is None or layer.start <= self.now:
                if self._same_turns(begins, running.model_copy(update={"end": None})) and len(chain) > 1:
                    continue
                begins = begins.model_copy(update={"start": self.at})
            found.append(self._entry(begins, running))
        return found

    def _entry(self, layer: Layer, before: Layer) -> dict[str, Any]:
        data = layer_data(layer, self.where, self.spoken.people, self.now)
        entry: dict[str, Any] = {"from": data["from"], "order": data["crew"]}
        own = {"turn": self.spec.turn, "handoff": self.spec.handoff}
        for key, said in own.items():
            if key in data and data[key] != (said.text if said else None):
                entry[key] = data[key]
        if data.get("counted", "clock") != self.spec.counted and len(data["crew"]) > 1:
            entry["counted"] = data.get("counted", "clock")
        if weekly(layer.restrictions) != weekly(before.restrictions):
            entry["hours"] = data.get("hours", "always")
        return entry

    def _dated(self, entries: Sequence[dict[str, Any]]) -> Any:
        """Crews that were to come are replaced: the account has others, or none."""
        later = [
            index
            for index, crew in enumerate(self.spec.crews or ())
            if starts_at(inherit(crew, self.spec), crew.from_, self.where) > self.now
            or crew.from_.text == entries[0]["from"]
        ]

        def change(text: str, path: Place, file: str) -> str:
            if self.spec.crew is not None:
                anchor = _SINCE_EVER if "from" not in held(text, path) else None
                text = dated_form(text, path, anchor=anchor, file=file)
            for entry in entries:
                text = insert_item(text, (*path, "crews"), None, entry, file=file)
            for index in reversed(later):
                text = remove(text, (*path, "crews", index), file=file)
            return text

        return change

    def _as_layers(self, theirs: Sequence[Layer]) -> Any:
        """Layers that were not edited keep their lines."""
        live = live_layers(self.current, self.now)
        if not live:
            raise CannotSay("it has no layer with anybody on call, now or later")
        said = []
        for layer in live:
            data = layer_data(layer, self.where, self.spoken.people, self.now)
            said.append({"name": layer.name, **data} if layer.name else data)

        def change(text: str, path: Place, file: str) -> str:
            if self.spec.layers is None:
                text = put("layers", value=said)(text, path, file)
                for key in _FORM_KEYS:
                    text = put(key, value=None)(text, path, file)
                return text
            old = held(text, (*path, "layers"))
            if len(old) != len(said):
                return put("layers", value=said)(text, path, file)
            rows = zip(live, old, said, strict=True)
            kept = [new if layer in theirs else before for layer, before, new in rows]
            return put("layers", value=kept)(text, path, file)

        return change
