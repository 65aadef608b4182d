"""Which documents a stored document points at; the store keeps these as rows so that both ways are cheap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Link = tuple[str, str]


def links_of(kind: str, doc: dict[str, Any]) -> Iterator[Link]:
    for team in doc.get("teams", ()):
        yield "team", team
    if kind == "schedule":
        for layer in doc["layers"]:
            for user in layer["users"]:
                yield "user", user
    elif kind == "event":
        for member in doc["assignment_strategy"]["members"]:
            if member.get("user_id"):
                yield "user", member["user_id"]
        yield "schedule_v3", doc["schedule"]
    elif kind == "escalation_policy":
        for rule in doc["rules"]:
            for target in rule["targets"]:
                yield target["kind"], target["id"]
    elif kind == "service":
        yield "escalation_policy", doc["escalation_policy"]
    elif kind == "membership":
        yield "team", doc["team"]
        yield "user", doc["user"]
    elif kind == "override":
        yield "user", doc["user"]
    elif kind == "incident":
        yield from _incident_links(doc)
    elif kind == "tagging":
        yield "tag", doc["tag"]
        yield doc["entity_kind"], doc["entity"]


def _incident_links(doc: dict[str, Any]) -> Iterator[Link]:
    """An open incident holds on to its policy's snapshot and its assignees; a resolved one to nothing."""
    yield "service", doc["service"]
    if doc["status"] == "resolved":
        return
    for assignment in doc["assignments"]:
        yield "user", assignment["user"]
    for rule in doc["snapshot"]["rules"]:
        for target in rule["targets"]:
            yield target["kind"], target["id"]
