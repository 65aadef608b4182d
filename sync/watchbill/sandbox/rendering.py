"""Stored schedules -> who is on call.  The mathematics is `rota`; here is what the account remembers.

Edits are never retroactive: every write closes an era, and an era keeps showing what it showed then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from watchbill.rota.clock import Instant
from watchbill.rota.entries import LATEST, Entry, in_window, latest_wins, merge
from watchbill.rota.layers import Layer, render_layers
from watchbill.rota.readings import RULED, Reading
from watchbill.rota.restrictions import restriction_from_wire
from watchbill.sandbox.store import Doc, Store

FAR_PAST: Instant = 0
FAR_FUTURE: Instant = LATEST


def stored_layer(doc: Doc) -> Layer:
    return Layer(
        start=doc["start"],
        end=doc["end"],
        anchor=doc["rotation_virtual_start"],
        turn_seconds=doc["rotation_turn_length_seconds"],
        users=tuple(doc["users"]),
        restrictions=tuple(dict.fromkeys(restriction_from_wire(r) for r in doc["restrictions"])),
        name=doc["name"],
        id=doc["id"],
    )


class Renderer:
    def __init__(self, store: Store, reading: Reading = RULED) -> None:
        self._store = store
        self._reading = reading

    def final(self, doc: Doc, since: Instant, until: Instant, *, overflow: bool = False) -> list[Entry]:
        overrides = self.override_entries(doc["id"])

        def of_era(zone: str, layers: Sequence[Layer], low: Instant, high: Instant) -> list[Entry]:
            return render_layers(layers, overrides, zone, low, high, reading=self._reading)

        return self._through_eras(doc, of_era, since, until, overflow=overflow)

    def layer(
        self, doc: Doc, layer_id: str, since: Instant, until: Instant, *, overflow: bool = False
    ) -> list[Entry]:
        def of_era(zone: str, layers: Sequence[Layer], low: Instant, high: Instant) -> list[Entry]:
            own = [layer for layer in layers if layer.id == layer_id]
            return render_layers(own, (), zone, low, high, reading=self._reading)

        return self._through_eras(doc, of_era, since, until, overflow=overflow)

    def overrides(self, doc: Doc, since: Instant, until: Instant, *, overflow: bool = False) -> list[Entry]:
        standing = latest_wins(self.override_entries(doc["id"]))

        def draw(low: Instant, high: Instant) -> list[Entry]:
            return [
                replace(e, start=max(e.start, low), end=min(e.end, high))
                for e in standing
                if e.start < high and e.end > low
            ]

        return in_window(draw, since, until, overflow=overflow)

    def override_entries(self, schedule_id: str) -> list[Entry]:
        """In creation order."""
        return [Entry(o["start"], o["end"], o["user"]) for o in self._store.children("override", schedule_id)]

    def _through_eras(
        self,
        doc: Doc,
        of_era: Callable[[str, Sequence[Layer], Instant, Instant], list[Entry]],
        since: Instant,
        until: Instant,
        *,
        overflow: bool,
    ) -> list[Entry]:
        eras = [(*_era(old), old["until"]) for old in self._store.children("era", doc["id"])]
        eras.append((*_era(doc), FAR_FUTURE))
        began = [FAR_PAST, *(end for _, _, end in eras[:-1])]

        def draw(low: Instant, high: Instant) -> list[Entry]:
            entries: list[Entry] = []
            for start, (zone, layers, end) in zip(began, eras, strict=True):
                if start < high and end > low:
                    entries.extend(of_era(zone, layers, max(low, start), min(high, end)))
            return merge(entries)

        return in_window(draw, since, until, overflow=overflow)


def _era(doc: Doc) -> tuple[str, list[Layer]]:
    """Zone and layers in GET order."""
    return doc["time_zone"], [stored_layer(layer) for layer in reversed(doc["layers"])]
