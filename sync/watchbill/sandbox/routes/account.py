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


_SEATS = (
    (
        "FullUser",
        "Business (Full User)",
        ("owner", "admin", "user", "limited_user", "observer", "restricted_access"),
    ),
    ("Stakeholder", "Business (Stakeholder)", ("read_only_user", "read_only_limited_user")),
)


def list_licenses(call: Call) -> Reply:
    """One for each group of roles, with as many seats as the account's plan has."""
    roles = [user["role"] for user in call.store.all("user")]
    licenses = []
    for number, (group, name, valid) in enumerate(_SEATS, start=1):
        used = sum(role in valid for role in roles)
        licenses.append(
            {
                "id": f"PSEAT{number:02d}",
                "type": "license",
                "name": name,
                "summary": name,
                "description": "",
                "role_group": group,
                "valid_roles": list(valid),
                "current_value": used,
                "allocations_available": max(0, call.world.options.seats - used),
            }
        )
    return Reply({"licenses": licenses})


ROUTES = [
    Route("GET", "/abilities", list_abilities),
    Route("GET", "/abilities/{id}", test_ability),
    Route("GET", "/licenses", list_licenses),
    Route("GET", "/priorities", list_priorities),
]
