"""Events of shift-based schedules whose start PagerDuty moved to its own now."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from watchbill.account.objects import ShiftRotation, ShiftSchedule
from watchbill.rota.clock import MINUTE, Instant

SKEW = 2 * MINUTE
"""How far PagerDuty's clock may be ahead of ours."""


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
