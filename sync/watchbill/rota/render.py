"""Who is on call by a schedule as PagerDuty's API returns it, layer-based or shift-based."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from watchbill.errors import UsageError
from watchbill.rota.clock import Instant, iso
from watchbill.rota.entries import Entry, coverage_percent
from watchbill.rota.layers import layer_from_wire, override_from_wire, render_layers
from watchbill.rota.readings import RULED, Reading
from watchbill.rota.shifts import render_shifts
from watchbill.rota.shifts_wire import shift_schedule_from_wire
from watchbill.rota.wire import items, mapping, need, zone_named


class RenderedEntry(TypedDict):
    """Instants in UTC.  `source` and `rotation_id` only for shift-based schedules."""

    start: str
    end: str
    user: str | None
    source: NotRequired[str | None]
    rotation_id: NotRequired[str | None]


class Rendered(TypedDict):
    entries: list[RenderedEntry]
    coverage_percent: float


def render_document(
    doc: Mapping[str, Any],
    *,
    since: Instant,
    until: Instant,
    layer: str | None = None,
    overflow: bool = False,
    reading: Reading = RULED,
) -> Rendered:
    """`doc` is a schedule, bare or inside {"schedule": ...}, layers in GET order.

    `overrides` (in creation order) and `custom_shifts` may stand inside the schedule or beside it.
    Raises UsageError that names what is missing and where.
    """
    outer = mapping(doc, "the document")
    schedule = mapping(outer["schedule"], "schedule") if "schedule" in outer else outer
    beside = {key: outer[key] for key in ("overrides", "custom_shifts") if key in outer}
    whole = {**schedule, **beside}
    if _is_shift_based(whole):
        if layer is not None:
            raise UsageError(
                f"a shift-based schedule has no layers, so no {layer!r}", remedy="leave the layer out"
            )
        entries = render_shifts(
            shift_schedule_from_wire(whole), since, until, overflow=overflow, reading=reading
        )
    else:
        entries = _layered(whole, since, until, layer, overflow=overflow, reading=reading)
    return {
        "entries": [_wire(entry) for entry in entries],
        "coverage_percent": coverage_percent(entries, since, until),
    }


def _layered(
    schedule: Mapping[str, Any],
    since: Instant,
    until: Instant,
    layer: str | None,
    *,
    overflow: bool,
    reading: Reading,
) -> list[Entry]:
    zone = zone_named(need(schedule, "time_zone", ""), "time_zone")
    layers = items(schedule, "schedule_layers", "", required=True)
    return render_layers(
        [layer_from_wire(x, f"schedule_layers[{i}]") for i, x in enumerate(layers)],
        [override_from_wire(x, f"overrides[{i}]") for i, x in enumerate(items(schedule, "overrides", ""))],
        zone.name,
        since,
        until,
        overflow=overflow,
        layer=layer,
        reading=reading,
    )


def _is_shift_based(schedule: Mapping[str, Any]) -> bool:
    """By content; the type decides only where the content leaves it open."""
    rotations, layers = "rotations" in schedule, "schedule_layers" in schedule
    if rotations != layers:
        return rotations
    kind = schedule.get("type")
    if isinstance(kind, str) and kind.startswith("schedule"):
        return kind.startswith("schedule_v3")
    raise UsageError(
        "the document has neither schedule_layers nor rotations"
        if not layers
        else "the document has both kinds",
        remedy='give one schedule as the API returns it, or {"schedule": {...}}',
    )


def _wire(entry: Entry) -> RenderedEntry:
    rendered: RenderedEntry = {"start": iso(entry.start), "end": iso(entry.end), "user": entry.user}
    if entry.source is not None:
        rendered["source"] = entry.source
        rendered["rotation_id"] = entry.rotation_id
    return rendered
