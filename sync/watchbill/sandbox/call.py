"""One API call as a handler sees it, what it answers, and the table entry that leads to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from watchbill.rota.clock import Instant
from watchbill.sandbox.errors import ApiError, invalid, requester_missing, requester_unknown
from watchbill.sandbox.store import Doc, Store
from watchbill.sandbox.wire import known_zone, parse_time
from watchbill.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Reply:
    body: Any = None
    status: int = 200


NO_CONTENT = Reply(status=204)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer whole, for those who judge them; kept only when asked for."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: Any
    status: int
    answer: Any
    answer_headers: Mapping[str, str]


@dataclass(slots=True)
class Call:
    world: World
    method: str
    path: str
    params: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    body: Any = None
    token: str = ""
    sender: str = ""
    """The From header."""
    request_id: str = ""
    now: Instant = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    is_including: bool = False
    """An included object is being shown."""

    @property
    def store(self) -> Store:
        return self.world.store

    def first(self, name: str, default: str = "") -> str:
        values = self.query.get(name)
        return values[0] if values else default

    def many(self, name: str) -> list[str]:
        """`name[]=a&name[]=b`"""
        return list(self.query.get(f"{name}[]", ()))

    def includes(self, what: str) -> bool:
        return what in self.query.get("include[]", ())

    def flag(self, name: str) -> bool:
        value = self.first(name)
        if value.lower() in {"", "false", "0"}:
            return False
        if value.lower() in {"true", "1"}:
            return True
        raise invalid(f"{name} must be true or false")

    def instant(self, name: str, zone: str = "Etc/UTC") -> Instant | None:
        text = self.first(name)
        if not text:
            return None
        instant = parse_time(text, zone)
        if instant is None:
            raise ApiError(
                400, "Invalid since or until parameter", 2004, [f"{name.capitalize()} is invalid."]
            )
        return instant

    def zone(self, default: str) -> str:
        """The request's time_zone, which may be any IANA name."""
        name = self.first("time_zone")
        if name and not known_zone(name, listed_only=False):
            raise invalid("Time zone is invalid")
        return name or default

    def included(self, what: str, kind: str, id_: str) -> dict[str, Any]:
        """A reference; with `include[]=what` the object itself, which has only references in turn."""
        show = self.world.shows.get(kind) if self.includes(what) and not self.is_including else None
        doc = self.store.get(kind, id_) if show else None
        if show is None or doc is None:
            return self.world.views.reference(kind, id_)
        self.is_including = True
        try:
            return show(self, doc)
        finally:
            self.is_including = False

    def wrapped(self, key: str) -> Doc:
        """The object inside `{key: {...}}`."""
        inner = self.body.get(key) if isinstance(self.body, dict) else None
        if not isinstance(inner, dict):
            raise invalid(f"{key.replace('_', ' ').capitalize()} is missing or is no object")
        return inner

    def requester(self, *, required: bool = True) -> Doc | None:
        """The user named by the From header."""
        if not self.sender:
            if required:
                raise requester_missing()
            return None
        user = self.world.user_by_email(self.sender)
        if user is None and required:
            raise requester_unknown(self.sender)
        return user


Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    handler: Handler
