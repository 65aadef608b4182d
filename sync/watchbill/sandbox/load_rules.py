"""Event orchestrations and their rule sets in account files, as GET answers them.

`event_rules`: those of a service, `{"parent": {"id": SERVICE}, "active": true, "sets": [...], "catch_all": {...}}`.
`orchestrations`: the others, each with its `router`, `global` and `unrouted` rule sets where they were written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watchbill.sandbox.rules_view import path_view, written
from watchbill.sandbox.store import Doc, Store
from watchbill.sandbox.wire import parse_time, reference_id

_PATHS = ("router", "global", "unrouted")


def service_rules_from_rest(store: Store, item: Mapping[str, Any]) -> None:
    service = item["parent"]["id"]
    known = store.get("service", service)
    if known is None:
        raise ValueError(f"there is no service {service}")
    store.put("service", {**known, "orchestration_active": bool(item.get("active", True))})
    _put_rules(store, f"service/{service}", "service", service, "service", item)


def service_rules_to_rest(store: Store) -> list[Doc]:
    found = []
    for doc in store.all("orchestration_path"):
        service = store.get("service", doc["parent"]) if doc["parent_kind"] == "service" else None
        if service is not None:
            found.append({"active": bool(service.get("orchestration_active")), **path_view(doc)})
    return found


def orchestration_from_rest(store: Store, item: Mapping[str, Any]) -> None:
    id_ = item.get("id") or store.new_id("orchestration")
    integrations = [
        {
            "id": one.get("id") or store.new_id("orchestration_integration"),
            "label": one["label"],
            "routing_key": one["parameters"]["routing_key"],
        }
        for one in item.get("integrations") or ()
    ]
    doc = {"id": id_, "name": item["name"], "description": item.get("description") or ""}
    team = reference_id(item.get("team"))
    store.put("orchestration", {**doc, "team": team, "integrations": integrations, **_written(store, item)})
    for name in _PATHS:
        if item.get(name) is not None:
            _put_rules(store, f"{id_}/{name}", name, id_, "event_orchestration", item[name])


def orchestrations_to_rest(store: Store) -> list[Doc]:
    return [_orchestration_to_rest(store, doc) for doc in store.all("orchestration")]


def _orchestration_to_rest(store: Store, doc: Doc) -> Doc:
    integrations = [
        {
            "id": i["id"],
            "label": i["label"],
            "parameters": {"routing_key": i["routing_key"], "type": "global"},
        }
        for i in doc["integrations"]
    ]
    paths = {name: store.get("orchestration_path", f"{doc['id']}/{name}") for name in _PATHS}
    return {
        "id": doc["id"],
        "name": doc["name"],
        "description": doc["description"],
        "team": None if doc["team"] is None else {"id": doc["team"], "type": "team_reference"},
        "integrations": integrations,
        **written(doc),
        **{name: path_view(path) for name, path in paths.items() if path is not None},
    }


def _put_rules(
    store: Store, id_: str, type_: str, parent: str, parent_kind: str, item: Mapping[str, Any]
) -> None:
    sets = [{"id": s["id"], "rules": [_rule(store, r) for r in s.get("rules") or ()]} for s in item["sets"]]
    doc: Doc = {"id": id_, "type": type_, "parent": parent, "parent_kind": parent_kind, "sets": sets}
    doc["catch_all"] = {"actions": dict((item.get("catch_all") or {}).get("actions") or {})}
    store.put("orchestration_path", {**doc, **_written(store, item)})


def _rule(store: Store, item: Mapping[str, Any]) -> Doc:
    return {
        "id": item.get("id") or store.new_id("orchestration_rule"),
        "label": str(item.get("label") or ""),
        "conditions": [{"expression": c["expression"]} for c in item.get("conditions") or ()],
        "actions": dict(item.get("actions") or {}),
        "disabled": bool(item.get("disabled", False)),
    }


def _written(store: Store, item: Mapping[str, Any]) -> Doc:
    times = {key: parse_time(item.get(key)) or 0 for key in ("created_at", "updated_at")}
    users = {key: reference_id(item.get(key)) or "" for key in ("created_by", "updated_by")}
    return {**times, **users, "version": item.get("version") or store.new_id("secret")}
