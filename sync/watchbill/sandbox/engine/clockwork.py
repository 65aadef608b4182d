"""What time does to incidents, each thing at its own instant and in order, however far the clock jumps."""

from __future__ import annotations

from watchbill.rota.clock import Instant
from watchbill.sandbox.engine import timers
from watchbill.sandbox.engine.events import release
from watchbill.sandbox.engine.incidents import (
    move_to_level,
    resolve,
    ring,
    save,
    start_waiting,
    unacknowledge,
)
from watchbill.sandbox.engine.logbook import By, write
from watchbill.sandbox.engine.snapshot import first_manned_level
from watchbill.sandbox.store import Doc
from watchbill.sandbox.world import World


def catch_up(world: World, until: Instant) -> None:
    """Does all that is due up to and including `until`."""
    while (due := timers.next_due(world.store, until)) is not None:
        incident_id, at = due
        held = world.store.get("suspended", incident_id)
        if held is not None:
            with world.clock.pretending(at):
                release(world, held, at)
            continue
        incident = world.store.get("incident", incident_id)
        if incident is None:
            timers.wake(world.store, incident_id, None)
            continue
        with world.clock.pretending(at):
            step(world, incident, at)
            save(world, incident)


def step(world: World, incident: Doc, at: Instant) -> None:
    """One instant's work.  Resolving comes first: what is resolved neither rings nor escalates."""
    by = By("service", incident["service"], "timeout")
    if _due(incident, "resolve_at", at):
        resolve(world, incident, by, at)
        return
    if _due(incident, "urgency_at", at):
        _raise_urgency(world, incident, at)
    if _due(incident, "unack_at", at):
        unacknowledge(world, incident, by, at)
    ring(world, incident, at)
    if _due(incident, "escalate_at", at):
        _go_on(world, incident, by, at)


def _due(incident: Doc, key: str, at: Instant) -> bool:
    due: Instant | None = incident[key]
    return due is not None and due <= at


def _go_on(world: World, incident: Doc, by: By, at: Instant) -> None:
    """The next level with somebody on call; after the last the path starts over as often as the policy says."""
    snapshot, level = incident["snapshot"], incident["level"] + 1
    while True:
        manned = first_manned_level(world, snapshot, at, level)
        if manned is not None:
            move_to_level(world, incident, manned[0], manned[1], by, at)
            return
        if incident["loop"] >= snapshot["num_loops"]:
            incident["escalate_at"] = None
            write(world, incident, "exhaust_escalation_path", by, at)
            return
        incident["loop"] += 1
        write(world, incident, "repeat_escalation_path", by, at)
        level = 1


def _raise_urgency(world: World, incident: Doc, at: Instant) -> None:
    """Support hours began: an incident that waited for them becomes high."""
    incident["urgency_at"] = None
    incident["urgency"] = "high"
    incident["updated_at"] = at
    write(world, incident, "urgency_change", By("service", incident["service"], "auto"), at, urgency="high")
    if incident["status"] == "triggered":
        start_waiting(world, incident, at)
