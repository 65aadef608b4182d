"""References and the fields every answer about an object begins with."""

from __future__ import annotations

from typing import Any

from watchbill.rota.clock import iso
from watchbill.sandbox.store import Doc, Store

API = "https://api.pagerduty.com"

_COLLECTIONS = {
    "user": "users",
    "team": "teams",
    "schedule": "schedules",
    "schedule_v3": "v3/schedules",
    "escalation_policy": "escalation_policies",
    "service": "services",
    "priority": "priorities",
    "incident": "incidents",
    "log_entry": "log_entries",
    "tag": "tags",
    "orchestration": "event_orchestrations",
    "webhook_subscription": "webhook_subscriptions",
}
_WITHOUT_PAGE = frozenset({"priority", "log_entry", "tag", "orchestration", "webhook_subscription"})
_PAGES = {"schedule_v3": "schedules", "service": "service-directory"}


class Views:
    """How the account `subdomain` shows its objects."""

    def __init__(self, store: Store, subdomain: str) -> None:
        self._store = store
        self._site = f"https://{subdomain}.pagerduty.com"

    def links(self, kind: str, id_: str) -> tuple[str, str | None]:
        collection = _COLLECTIONS[kind]
        page = None if kind in _WITHOUT_PAGE else f"{self._site}/{_PAGES.get(kind, collection)}/{id_}"
        return f"{API}/{collection}/{id_}", page

    def head(self, kind: str, doc: Doc, summary: str | None = None) -> dict[str, Any]:
        """id, type, summary, self, html_url."""
        self_url, page = self.links(kind, doc["id"])
        return {
            "id": doc["id"],
            "type": kind,
            "summary": summary if summary is not None else doc.get("name"),
            "self": self_url,
            "html_url": page,
        }

    def reference(self, kind: str, id_: str) -> dict[str, Any]:
        """A deleted object keeps its place: `self` is null and `deleted_at` tells when (facts 2.8)."""
        known = self._store.name_of(kind, id_)
        self_url, page = self.links(kind, id_)
        reference: dict[str, Any] = {
            "id": id_,
            "type": f"{kind}_reference",
            "summary": known[0] if known else None,
            "self": self_url,
            "html_url": page,
        }
        if known is None or known[1] is not None:
            reference["self"] = None
            if known is not None and known[1] is not None:
                reference["deleted_at"] = iso(known[1])
        return reference

    def references(self, kind: str, ids: list[str]) -> list[dict[str, Any]]:
        return [self.reference(kind, id_) for id_ in ids]

    def part(
        self, owner: str, owner_id: str, collection: str, type_: str, doc: Doc, summary: str
    ) -> dict[str, Any]:
        """An object that lives below another: `/users/{id}/contact_methods/{id}`."""
        return {
            "id": doc["id"],
            "type": type_,
            "summary": summary,
            "self": f"{API}/{_COLLECTIONS[owner]}/{owner_id}/{collection}/{doc['id']}",
            "html_url": None,
        }
