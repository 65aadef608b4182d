"""Audit records, of the account and of one object: newest first, by cursor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watchbill.rota.clock import DAY
from watchbill.sandbox.call import Call, Reply, Route
from watchbill.sandbox.errors import ApiError, invalid, missing_ability, not_found
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import whole_number

LONGEST_WINDOW = 31 * DAY
_ROOTS = {
    "users": ("user",),
    "teams": ("team",),
    "schedules": ("schedule", "schedule_v3"),
    "escalation_policies": ("escalation_policy",),
    "services": ("service",),
}
_PARTS = frozenset({"membership", "contact_method", "notification_rule", "integration", "rotation", "event"})
_ACTOR_TYPES = {"api_token": "api_key_reference"}


def record_view(call: Call, doc: Doc) -> dict[str, Any]:
    resource = _named(call, doc["resource"])
    return {
        "id": doc["id"],
        "self": None,
        "execution_time": doc["execution_time"],
        "execution_context": {"request_id": doc["request_id"] or None, "remote_address": "127.0.0.1"},
        "actors": _actors(call, doc),
        "method": {
            "type": doc["method"],
            "truncated_token": doc["token_tail"] or None,
            "description": None,
        },
        "root_resource": _named(call, doc["root"]),
        "action": doc["action"],
        "details": {
            "resource": resource,
            "fields": [{"description": None, **f} for f in doc["fields"]] or None,
            "references": [_reference_change(call, r) for r in doc["references"]] or None,
        },
    }


def _actors(call: Call, doc: Doc) -> list[dict[str, Any]] | None:
    """None for a token without a user, as the real trail has it."""
    return [call.world.views.reference("user", doc["user"])] if doc["user"] else None


def _named(call: Call, resource: list[str]) -> dict[str, Any]:
    """With the name of that time, so that deleted objects can still be read about."""
    kind, id_, name = resource
    if kind in _PARTS:
        return {"id": id_, "type": f"{kind}_reference", "summary": name, "self": None, "html_url": None}
    return {**call.world.views.reference(kind, id_), "summary": name}


def _reference_change(call: Call, change: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": change["name"],
        "description": None,
        "added": [call.world.views.reference(kind, id_) for kind, id_ in change["added"]],
        "removed": [call.world.views.reference(kind, id_) for kind, id_ in change["removed"]],
    }


def list_account_records(call: Call) -> Reply:
    if not call.world.can("audit_trail_reporting"):
        raise missing_ability("audit_trail_reporting")
    if call.first("actor_id") and not call.first("actor_type"):
        raise invalid("actor_id needs actor_type")
    if call.first("method_truncated_token") and not call.first("method_type"):
        raise invalid("method_truncated_token needs method_type")
    kinds = {kind for root in call.many("root_resource_types") for kind in _ROOTS.get(root, ())}
    actions = call.many("actions")

    def wanted(doc: Doc) -> bool:
        actor_type = "user_reference" if doc["user"] else _ACTOR_TYPES.get(doc["method"], "app_reference")
        return (
            (not kinds or doc["root"][0] in kinds)
            and (not actions or doc["action"] in actions)
            and call.first("actor_type", actor_type) == actor_type
            and call.first("actor_id", doc["user"]) == doc["user"]
            and call.first("method_type", doc["method"]) == doc["method"]
            and call.first("method_truncated_token", doc["token_tail"]) == doc["token_tail"]
        )

    return _page(call, [doc for doc in call.store.all("audit") if wanted(doc)])


def records_of(kind: str) -> Callable[[Call], Reply]:
    def list_records(call: Call) -> Reply:
        id_ = call.params["id"]
        if call.store.name_of(kind, id_) is None:
            raise not_found(kind)
        return _page(call, call.store.children("audit", f"{kind}/{id_}"))

    return list_records


def _page(call: Call, docs: list[Doc]) -> Reply:
    since, until = call.instant("since"), call.instant("until")
    until = call.now + 1 if until is None else until
    since = until - DAY if since is None else since
    if until < since or until - since > LONGEST_WINDOW + 1:
        raise ApiError(400, "Invalid date range", 2005, ["Until must be at most 31 days after since."])
    limit = whole_number(int(call.first("limit"))) if call.first("limit").isdecimal() else 25
    limit = min(max(limit or 1, 1), 100)
    shown = [doc for doc in reversed(docs) if since <= doc["at"] < until]
    cursor = call.first("cursor")
    if cursor:
        at = next((i for i, doc in enumerate(shown) if doc["id"] == cursor), None)
        if at is None:
            raise invalid("Cursor is invalid")
        shown = shown[at:]
    following = shown[limit]["id"] if len(shown) > limit else None
    records = [record_view(call, doc) for doc in shown[:limit]]
    return Reply({"records": records, "limit": limit, "next_cursor": following})


ROUTES = [
    Route("GET", "/audit/records", list_account_records),
    Route("GET", "/schedules/{id}/audit/records", records_of("schedule")),
    Route("GET", "/escalation_policies/{id}/audit/records", records_of("escalation_policy")),
    Route("GET", "/services/{id}/audit/records", records_of("service")),
    Route("GET", "/teams/{id}/audit/records", records_of("team")),
    Route("GET", "/users/{id}/audit/records", records_of("user")),
]
