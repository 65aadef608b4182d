"""What a human's edit is made of: finding the object, and doing through a handler what the web UI would do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watchbill.errors import UsageError
from watchbill.sandbox.call import Call, Handler
from watchbill.sandbox.store import Doc, Store
from watchbill.sandbox.world import World

Changes = Mapping[str, Any]


def find(store: Store, kind: str, name_or_id: str) -> Doc:
    """By id, by exact name, for users also by e-mail."""
    found = store.get(kind, name_or_id)
    candidates = [found] if found else store.named(kind, name_or_id)
    if not candidates and kind == "user":
        candidates = [d for d in store.matching(kind, name_or_id) if d["email"] == name_or_id.lower()]
    if len(candidates) == 1:
        return candidates[0]
    what = kind.replace("_", " ")
    if candidates:
        raise UsageError(
            f"{len(candidates)} objects of kind {what} are named {name_or_id!r}", remedy="give the id"
        )
    alike = ("schedule", "schedule_v3") if kind == "schedule" else (kind,)
    near = ", ".join(repr(d["name"]) for d in [d for k in alike for d in store.all(k)][:8])
    raise UsageError(f"the sandbox has no {what} {name_or_id!r}", remedy=f"it has: {near or 'none'}")


def handle(
    world: World, human: Doc, handler: Handler, id_: str, body: Any, params: Mapping[str, str] | None = None
) -> None:
    handler(
        Call(
            world=world,
            method="PUT",
            path="",
            params={"id": id_, **(params or {})},
            query={},
            body=body,
            sender=human["email"],
            now=world.now,
        )
    )


def check_known(changes: Changes, allowed: str) -> None:
    unknown = [key for key in changes if key not in allowed.split()]
    if unknown:
        raise UsageError(f"no such change: {unknown[0]!r}", remedy=f"known here: {allowed}")
