"""Layers and events whose start PagerDuty moved to its own now.

PagerDuty takes no start in the past and writes its present time instead, which is later than ours where its clock is
ahead.  A start a little ahead of our now that nobody asked for is such a one, and has begun.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar

from watchbill.account.objects import Layer, ManagedObject, Schedule, ShiftRotation, ShiftSchedule
from watchbill.rota.clock import HOUR, MINUTE, Instant

T = TypeVar("T", bound=ManagedObject)
SKEW = 2 * MINUTE
"""How far PagerDuty's clock may be ahead of ours."""
SETTLING = HOUR
"""The same of layers, which nothing else depends on, and for as long as an apply may take."""


def settled(want: T, got: T, *, now: int, ended: Collection[str] = ()) -> T:
    """`got` with starts that nobody asked for as begun, and without the layers `ended`: those that a write ended."""
    if isinstance(got, ShiftSchedule) and isinstance(want, ShiftSchedule):
        return got.model_copy(update={"rotations": begun(got.rotations, now, starts_of(want), slack=SKEW)})
    if not isinstance(got, Schedule) or not isinstance(want, Schedule):
        return got
    layers = settled_layers(want.layers, got.layers, now)
    return got.model_copy(update={"layers": tuple(layer for layer in layers if layer.id not in ended)})


def settled_layers(want: Iterable[Layer], got: Iterable[Layer], now: Instant) -> tuple[Layer, ...]:
    wanted = {layer.start for layer in want}
    return tuple(
        layer.model_copy(update={"start": None})
        if layer.start is not None and layer.start <= now + SETTLING and layer.start not in wanted
        else layer
        for layer in got
    )


def begun(
    rotations: Iterable[ShiftRotation],
    now: Instant,
    but: Collection[Instant | None] = (),
    *,
    slack: int,
) -> tuple[ShiftRotation, ...]:
    """Events that began at PagerDuty's now, which may be later than ours, as begun.  `but`: starts that are meant."""
    return tuple(
        rotation.model_copy(
            update={
                "events": tuple(
                    event.model_copy(update={"since": None})
                    if event.since is not None and event.since <= now + slack and event.since not in but
                    else event
                    for event in rotation.events
                )
            }
        )
        for rotation in rotations
    )


def starts_of(schedule: ShiftSchedule) -> set[Instant | None]:
    return {event.since for rotation in schedule.rotations for event in rotation.events}
