"""Abilities and priorities."""

from __future__ import annotations

from typing import Any

from watchbill.sandbox.call import NO_CONTENT, Call, Reply, Route
from watchbill.sandbox.errors import missing_ability, not_found
from watchbill.sandbox.options import ABILITIES
from watchbill.sandbox.paging import listing
from watchbill.sandbox.store import Doc


def list_abilities(call: Call) -> Reply:
    return Reply({"abilities": list(call.world.options.abilities)})


def test_ability(call: Call) -> Reply:
    name = call.params["id"]
    if call.world.can(name):
        return NO_CONTENT
    raise missing_ability(name) if name in ABILITIES else not_found()


def priority_view(call: Call, doc: Doc) -> dict[str, Any]:
    return {
        **call.world.views.head("priority", doc),
        "name": doc["name"],
        "description": doc.get("description") or "",
    }


def list_priorities(call: Call) -> Reply:
    """Most severe first: the order in which they were made."""
    if not call.world.can("incident_priorities"):
        raise missing_ability("incident_priorities")
    return listing(call, "priorities", "priority", lambda doc: priority_view(call, doc), by_creation=True)


ROUTES = [
    Route("GET", "/abilities", list_abilities),
    Route("GET", "/abilities/{id}", test_ability),
    Route("GET", "/priorities", list_priorities),
]
