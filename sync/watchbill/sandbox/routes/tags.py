"""Tags on users, teams and escalation policies; schedules and services can't be tagged.  Reads lag behind writes."""

from __future__ import annotations

from typing import Any

from watchbill.sandbox.call import NO_CONTENT, Call, Reply, Route
from watchbill.sandbox.errors import invalid, not_found
from watchbill.sandbox.paging import listing, sliced
from watchbill.sandbox.store import Doc
from watchbill.sandbox.wire import text_field

ENTITIES = {"users": "user", "teams": "team", "escalation_policies": "escalation_policy"}


def tag_view(call: Call, doc: Doc) -> dict[str, Any]:
    return {**call.world.views.head("tag", doc, doc["name"]), "label": doc["name"]}


def list_tags(call: Call) -> Reply:
    return listing(call, "tags", "tag", lambda doc: tag_view(call, doc))


def show_tag(call: Call) -> Reply:
    return Reply({"tag": tag_view(call, _existing(call))})


def create_tag(call: Call) -> Reply:
    label = text_field(call.wrapped("tag"), "label", "Label", most=191, required=True) or ""
    if call.store.named("tag", label):
        raise invalid("Label has already been taken")
    return Reply({"tag": tag_view(call, _make(call, label))}, 201)


def _make(call: Call, label: str) -> Doc:
    known = call.store.named("tag", label)
    if known:
        return known[0]
    doc = {"id": call.store.new_id("tag"), "name": label}
    call.store.put("tag", doc)
    return doc


def delete_tag(call: Call) -> Reply:
    doc = _existing(call)
    for tagging in call.store.linked_from("tagging", "tag", doc["id"]):
        call.store.delete("tagging", tagging)
    call.store.delete("tag", doc["id"])
    return NO_CONTENT


def _existing(call: Call) -> Doc:
    doc = call.store.get("tag", call.params["id"])
    if doc is None:
        raise not_found()
    return doc


def _visible(call: Call, ids: list[str]) -> list[Doc]:
    """What reads see by now."""
    seen = call.world.clock.exact() - call.world.options.lag_seconds
    taggings = [call.store.get("tagging", id_) for id_ in ids]
    return [
        t
        for t in taggings
        if t is not None and t["added_at"] <= seen and (t["removed_at"] is None or t["removed_at"] > seen)
    ]


def list_entities(entities: str) -> Any:
    kind = ENTITIES[entities]

    def handler(call: Call) -> Reply:
        taggings = _visible(call, call.store.linked_from("tagging", "tag", _existing(call)["id"]))
        ids = [t["entity"] for t in taggings if t["entity_kind"] == kind]
        return sliced(call, entities, ids, lambda id_: call.world.views.reference(kind, id_))

    return handler


def list_tags_of(entities: str) -> Any:
    def handler(call: Call) -> Reply:
        kind, id_ = _entity(call, entities)
        taggings = _visible(call, call.store.linked_from("tagging", kind, id_))
        tags = [tag for t in taggings if (tag := call.store.get("tag", t["tag"])) is not None]
        return sliced(call, "tags", tags, lambda tag: tag_view(call, tag))

    return handler


def change_tags(entities: str) -> Any:
    def handler(call: Call) -> Reply:
        kind, id_ = _entity(call, entities)
        body = call.body if isinstance(call.body, dict) else {}
        for item in _items(body, "add"):
            _tag(call, kind, id_, _referred(call, item))
        for item in _items(body, "remove"):
            tag = _referred(call, item)
            tagging = call.store.get("tagging", f"{tag['id']}:{id_}")
            if tagging is not None:
                call.store.put("tagging", {**tagging, "removed_at": call.world.clock.exact()})
        return Reply({})

    return handler


def _items(body: Doc, name: str) -> list[Any]:
    items = body.get(name) or []
    if not isinstance(items, list):
        raise invalid(f"{name.capitalize()} must be an array")
    return items


def _tag(call: Call, kind: str, id_: str, tag: Doc) -> None:
    before = call.store.get("tagging", f"{tag['id']}:{id_}")
    if before is None or before["removed_at"] is not None:
        tagging = {"id": f"{tag['id']}:{id_}", "tag": tag["id"], "entity_kind": kind, "entity": id_}
        call.store.put("tagging", {**tagging, "added_at": call.world.clock.exact(), "removed_at": None})


def _referred(call: Call, item: Any) -> Doc:
    if isinstance(item, dict) and item.get("type") == "tag":
        return _make(call, text_field(item, "label", "Label", most=191, required=True) or "")
    tag = call.store.get("tag", str(item.get("id"))) if isinstance(item, dict) else None
    if tag is None:
        raise invalid("Tag is invalid")
    return tag


def _entity(call: Call, entities: str) -> tuple[str, str]:
    kind = ENTITIES[entities]
    if call.store.get(kind, call.params["id"]) is None:
        raise not_found(kind)
    return kind, call.params["id"]


ROUTES = [
    Route("GET", "/tags", list_tags),
    Route("POST", "/tags", create_tag),
    Route("GET", "/tags/{id}", show_tag),
    Route("DELETE", "/tags/{id}", delete_tag),
    *(Route("GET", f"/tags/{{id}}/{entities}", list_entities(entities)) for entities in ENTITIES),
    *(Route("GET", f"/{entities}/{{id}}/tags", list_tags_of(entities)) for entities in ENTITIES),
    *(Route("POST", f"/{entities}/{{id}}/change_tags", change_tags(entities)) for entities in ENTITIES),
]
