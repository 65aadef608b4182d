"""The audit trail: who changed what, how, field by field.

Event orchestrations and overrides are not tracked, as in the real service (facts 9).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from watchbill.rota.clock import iso
from watchbill.sandbox.clock import MovableClock
from watchbill.sandbox.store import Doc, Store

TRACKED = frozenset(
    {"user", "team", "schedule", "schedule_v3", "escalation_policy", "service"}
    | {"contact_method", "notification_rule", "integration", "membership", "rotation", "event"}
)
_INSTANTS = frozenset({"start", "end", "rotation_virtual_start", "effective_since", "effective_until", "at"})
_SECRET = frozenset({"address", "secret"})


@dataclass(frozen=True, slots=True)
class Actor:
    """`method`: api_token, browser, oauth, identity_provider or other."""

    method: str = "api_token"
    token_tail: str = ""
    user: str = ""
    request_id: str = ""


class AuditTrail:
    def __init__(self, store: Store, clock: MovableClock) -> None:
        self._store = store
        self._clock = clock

    def record(
        self,
        actor: Actor,
        kind: str,
        before: Doc | None,
        after: Doc | None,
        *,
        root: tuple[str, str] | None = None,
    ) -> None:
        """`root`: kind and id of the object this one is part of, when it is a part."""
        doc = after or before
        if doc is None or kind not in TRACKED or before == after:
            return
        root_kind, root_id = root or (kind, doc["id"])
        known = self._store.name_of(root_kind, root_id)
        self._store.put(
            "audit",
            {
                "id": self._store.new_id("audit"),
                "at": self._clock.now(),
                "execution_time": self._clock.milliseconds(),
                "method": actor.method,
                "token_tail": actor.token_tail,
                "user": actor.user,
                "request_id": actor.request_id,
                "root": [root_kind, root_id, known[0] if known else str(doc.get("name", ""))],
                "resource": [kind, doc["id"], str(doc.get("name") or doc.get("label") or "")],
                "action": "create" if before is None else "delete" if after is None else "update",
                "fields": list(_fields(before or {}, after or {})),
                "references": list(_references(before or {}, after or {})),
            },
            parent=f"{root_kind}/{root_id}",
        )


def _fields(before: Doc, after: Doc) -> Iterator[dict[str, str | None]]:
    old, new = dict(_flat(before)), dict(_flat(after))
    for name in [*new, *(n for n in old if n not in new)]:
        if old.get(name) != new.get(name):
            yield {"name": name, "value": new.get(name), "before_value": old.get(name)}


def _references(before: Doc, after: Doc) -> Iterator[dict[str, Any]]:
    old, new = before.get("teams", []), after.get("teams", [])
    added, removed = [t for t in new if t not in old], [t for t in old if t not in new]
    if added or removed:
        yield {
            "name": "teams",
            "added": [["team", t] for t in added],
            "removed": [["team", t] for t in removed],
        }


def _flat(doc: Doc, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Dotted names; a layer goes by its name, everything below it as one value."""
    for key, value in doc.items():
        name = f"{prefix}{key}"
        if key in {"id", "teams"} or value is None:
            continue
        if key in _SECRET:
            yield name, "[redacted]"
        elif key == "layers":
            for layer in value:
                yield from _flat(
                    {k: v for k, v in layer.items() if k != "name"}, f"schedule_layers.{layer['name']}."
                )
        elif isinstance(value, dict):
            yield from _flat(value, f"{name}.")
        elif key in _INSTANTS and isinstance(value, int):
            yield name, iso(value)
        elif isinstance(value, list):
            yield name, json.dumps(value)
        else:
            yield name, str(value).lower() if isinstance(value, bool) else str(value)
