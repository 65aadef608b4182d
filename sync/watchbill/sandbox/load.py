"""An account into the store and out of it, and the few things an embedded sandbox makes for itself.

The document: `{"users": [], "teams": [], "schedules": [], "schedules_v3": [], "escalation_policies": [],
"services": [], "priorities": []}` in REST shapes, v2 layers in GET order, overrides below their schedule; beside them
`orchestrations` and `event_rules` (`load_rules`).  Keys that begin with `_` are ignored, missing ids are made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from watchbill.errors import UsageError
from watchbill.sandbox.errors import ApiError
from watchbill.sandbox.load_rest import (
    policy_from_rest,
    policy_to_rest,
    schedule_from_rest,
    schedule_to_rest,
    service_from_rest,
    service_to_rest,
    user_from_rest,
    user_to_rest,
)
from watchbill.sandbox.load_rules import (
    orchestration_from_rest,
    orchestrations_to_rest,
    service_rules_from_rest,
    service_rules_to_rest,
)
from watchbill.sandbox.load_v3 import schedule_v3_from_rest, schedule_v3_to_rest
from watchbill.sandbox.store import Doc, Store

OWNER_EMAIL = "owner@sandbox.invalid"
_PRIORITIES = {
    "P1": "Critical issue that warrants public notification and liaison with executive teams",
    "P2": "Critical system issue actively impacting many customers' ability to use the product",
    "P3": "Stability or minor customer-impacting issues that require immediate attention",
    "P4": "Minor issues requiring action, but not affecting customer ability to use the product",
    "P5": "Cosmetic issues or bugs, not affecting customer ability to use the product",
}
PARTS = (
    "users",
    "teams",
    "priorities",
    "schedules",
    "schedules_v3",
    "escalation_policies",
    "services",
    "orchestrations",
    "event_rules",
)


def prepare(store: Store) -> None:
    """What every account has: an owner, and priorities P1 to P5."""
    with store.transaction():
        ensure_users(store, [{"name": "Account Owner", "email": OWNER_EMAIL, "role": "owner"}])
        if not store.count("priority"):
            for name, description in _PRIORITIES.items():
                store.put(
                    "priority", {"id": store.new_id("priority"), "name": name, "description": description}
                )


def load_account(store: Store, document: Mapping[str, Any]) -> None:
    """Adds to what is there; an object with the id of one that is there replaces it."""
    unknown = [k for k in document if not k.startswith("_") and k not in PARTS]
    if unknown:
        raise UsageError(
            f"the account document has an unknown part {unknown[0]!r}",
            remedy=f"the parts are: {', '.join(PARTS)}",
        )
    for part in PARTS:
        if not isinstance(document.get(part) or [], list):
            raise UsageError(
                f"{part} in the account document is not a list",
                remedy="`watchbill sandbox save` shows the shape",
            )
    with store.transaction():
        if document.get("priorities"):
            for old in store.all("priority"):
                store.delete("priority", old["id"])
        for part in PARTS:
            for number, item in enumerate(document.get(part) or (), start=1):
                _load_item(store, part, number, item)


def _load_item(store: Store, part: str, number: int, item: Any) -> None:
    remedy = "it is written as GET answers it; `watchbill sandbox save` shows the shape"
    if not isinstance(item, dict):
        raise UsageError(f"{part}, number {number}: this is no object", remedy=remedy)
    try:
        _LOADERS[part](store, {k: v for k, v in item.items() if not k.startswith("_")})
    except KeyError as missing:
        raise UsageError(f"{part}, number {number}: {missing} is missing", remedy=remedy) from missing
    except (TypeError, ValueError, AttributeError) as bad:
        raise UsageError(f"{part}, number {number} can't be read: {bad}", remedy=remedy) from bad
    except ApiError as refused:
        raise UsageError(f"{part}, number {number}: {refused.told()}", remedy=remedy) from refused


def save_account(store: Store) -> dict[str, Any]:
    return {
        "users": [user_to_rest(store, doc) for doc in store.all("user")],
        "teams": [_team_to_rest(store, doc) for doc in store.all("team")],
        "schedules": [schedule_to_rest(store, doc) for doc in store.all("schedule")],
        "schedules_v3": [schedule_v3_to_rest(store, doc) for doc in store.all("schedule_v3")],
        "escalation_policies": [policy_to_rest(doc) for doc in store.all("escalation_policy")],
        "services": [service_to_rest(store, doc) for doc in store.all("service")],
        "priorities": [{**doc, "type": "priority"} for doc in store.all("priority")],
        "orchestrations": orchestrations_to_rest(store),
        "event_rules": service_rules_to_rest(store),
    }


def ensure_users(store: Store, people: Iterable[Mapping[str, str]]) -> None:
    """Adds those whose e-mail is absent, each with a push device and a rule that rings it at once."""
    with store.transaction():
        known = {doc["email"] for doc in store.all("user")}
        for person in people:
            email = person["email"].strip().lower()
            if email not in known:
                known.add(email)
                user_from_rest(store, {**person, "email": email})


def ensure_teams(store: Store, names: Iterable[str]) -> None:
    with store.transaction():
        for name in names:
            if not store.named("team", name):
                _load_team(store, {"name": name})


def ensure_schedules(store: Store, names: Iterable[str]) -> None:
    """Schedules somebody else looks after: the account's owner is always on call."""
    with store.transaction():
        owner = next(doc for doc in store.all("user") if doc["role"] == "owner")
        for name in names:
            if not store.named("schedule", name):
                layer: Doc = {"name": "Layer 1", "users": [{"user": {"id": owner["id"]}}], "restrictions": []}
                layer |= {"start": "2020-01-01T00:00:00Z", "rotation_virtual_start": "2020-01-01T00:00:00Z"}
                layer |= {"end": None, "rotation_turn_length_seconds": 604_800}
                schedule_from_rest(store, {"name": name, "time_zone": "Etc/UTC", "schedule_layers": [layer]})


def _load_team(store: Store, item: Doc) -> None:
    team = {
        "id": item.get("id") or store.new_id("team"),
        "name": item["name"],
        "description": item.get("description"),
        "default_role": item.get("default_role", "manager"),
    }
    store.put("team", team)
    for member in item.get("members") or ():
        user = member["user"]["id"]
        membership = {"id": f"{team['id']}:{user}", "team": team["id"], "user": user, "role": member["role"]}
        store.put("membership", membership, parent=team["id"])


def _team_to_rest(store: Store, doc: Doc) -> Doc:
    members = [store.get("membership", m) for m in store.linked_from("membership", "team", doc["id"])]
    return {
        **doc,
        "type": "team",
        "members": [
            {"user": {"id": m["user"], "type": "user_reference"}, "role": m["role"]} for m in members if m
        ],
    }


def _load_priority(store: Store, item: Doc) -> None:
    id_ = item.get("id") or store.new_id("priority")
    store.put("priority", {"id": id_, "name": item["name"], "description": item.get("description", "")})


_LOADERS = {
    "users": user_from_rest,
    "teams": _load_team,
    "schedules": schedule_from_rest,
    "schedules_v3": schedule_v3_from_rest,
    "escalation_policies": policy_from_rest,
    "services": service_from_rest,
    "priorities": _load_priority,
    "orchestrations": orchestration_from_rest,
    "event_rules": service_rules_from_rest,
}
