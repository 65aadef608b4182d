"""How rule sets of orchestrations are answered, and who wrote them."""

from __future__ import annotations

from typing import Any

from watchbill.sandbox.store import Doc
from watchbill.sandbox.views import API
from watchbill.sandbox.wire import render_time


def path_view(doc: Doc) -> dict[str, Any]:
    collection = "services" if doc["parent_kind"] == "service" else "event_orchestrations"
    return {
        "type": doc["type"],
        "parent": small_reference(doc["parent_kind"], collection, doc["parent"]),
        "sets": doc["sets"],
        "catch_all": doc["catch_all"],
        **written(doc),
    }


def small_reference(kind: str, collection: str, id_: str) -> dict[str, str]:
    return {"id": id_, "type": f"{kind}_reference", "self": f"{API}/{collection}/{id_}"}


def written(doc: Doc) -> dict[str, Any]:
    """Who wrote it and when, and its version."""
    view: dict[str, Any] = {
        "created_at": render_time(doc["created_at"], "Etc/UTC"),
        "updated_at": render_time(doc["updated_at"], "Etc/UTC"),
        "version": doc["version"],
    }
    for key in ("created_by", "updated_by"):
        view[key] = small_reference("user", "users", doc[key]) if doc[key] else None
    return view
