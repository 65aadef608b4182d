"""How objects of the normal form name each other, and whose they are."""

from __future__ import annotations

from typing import Literal

from watchbill.model.base import Model


class Ref(Model):
    """`id` is "" for an object that does not exist yet; then `key` names it ("rotation/backend")."""

    kind: Literal["user", "schedule", "escalation_policy", "service"]
    id: str = ""
    key: str = ""

    @property
    def sort_key(self) -> tuple[str, str, str]:
        return (self.kind, self.id, self.key)


class Marker(Model):
    """The ownership line in a description.  `digest` is "" where only a pinned id makes the object ours."""

    key: str
    digest: str
    at: int
    """Instant of the write it was made with."""
    state: Literal["written", "writing"] = "written"
    version: int = 1
    derived: tuple[str, ...] = ()
    """6-hex hashes of the overrides that watchbill derived on this object; with a minus those it takes back."""
