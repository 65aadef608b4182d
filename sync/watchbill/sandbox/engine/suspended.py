"""Alerts held back: by an orchestration's `suspend`, or by a service that waits for transient ones to clear.

One that is resolved while it waits never becomes an incident.
"""

from __future__ import annotations

from watchbill.rota.clock import Instant
from watchbill.sandbox.engine import timers
from watchbill.sandbox.store import Doc
from watchbill.sandbox.world import World


def hold(world: World, service: Doc, key: str, arguments: Doc, at: Instant, seconds: int) -> None:
    """`arguments` is what opening the incident will need.  A repeat of an alert that waits changes nothing."""
    if _waiting(world, service["id"], key) is None:
        doc = {"id": world.store.new_id("suspended"), "key": key, "service": service["id"], **arguments}
        world.store.put("suspended", doc, parent=service["id"])
        timers.wake(world.store, doc["id"], at + seconds)


def let_go(world: World, service: str, key: str) -> bool:
    """True when there was one."""
    doc = _waiting(world, service, key)
    if doc is not None:
        drop(world, doc)
    return doc is not None


def drop(world: World, doc: Doc) -> None:
    world.store.delete("suspended", doc["id"])
    timers.wake(world.store, doc["id"], None)


def _waiting(world: World, service: str, key: str) -> Doc | None:
    return next((doc for doc in world.store.children("suspended", service) if doc["key"] == key), None)
