"""One request, and how a handler refuses it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from github_server.shapes import Shapes
from github_server.state import Issue, Repo, World

MOST_COMMENT = 65_536


class Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass
class Call:
    world: World
    shapes: Shapes
    login: str
    parts: dict[str, str]
    query: dict[str, str]
    body: Any
    scopes: dict[str, str] | None = None

    def needs(self, level: str, *any_of: str) -> None:
        """As of a private repository: a job's token reads and writes only what `permissions:` names."""
        if self.scopes is None:
            return
        enough = {"write"} if level == "write" else {"read", "write"}
        if not any(self.scopes.get(name) in enough for name in any_of):
            raise Refused(403, f"Resource not accessible by integration ({' or '.join(any_of)}: {level})")

    @property
    def repo(self) -> Repo:
        found = self.world.repos.get(f"{self.parts['owner']}/{self.parts['repo']}")
        if found is None:
            raise Refused(404, "Not Found")
        return found

    @property
    def issue(self) -> Issue:
        found = self.repo.issues.get(int(self.parts["number"]))
        if found is None:
            raise Refused(404, "Not Found")
        return found

    def must_write(self) -> None:
        if self.repo.permissions.get(self.login) not in {"admin", "write"}:
            raise Refused(403, "Resource not accessible by integration")

    def page(self, items: list[Any]) -> Page:
        size = int(self.query.get("per_page", "30"))
        number = int(self.query.get("page", "1"))
        return Page(items[(number - 1) * size : number * size], number * size < len(items), number)


@dataclass(frozen=True)
class Page:
    items: list[Any]
    more: bool
    number: int


@dataclass(frozen=True)
class Exchange:
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    login: str
    sent: Any
    status: int
    answer: Any


Handler = Callable[[Call], tuple[int, Any]]


@dataclass
class Routes:
    """`/repos/{owner}/{repo}/git/refs/{ref...}`: three dots let a part have slashes."""

    table: list[tuple[str, re.Pattern[str], Handler]] = field(default_factory=list)

    def __call__(self, method: str, template: str) -> Callable[[Handler], Handler]:
        pattern = re.sub(r"\{(\w+)\.\.\.\}", r"(?P<\1>.+)", template)
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)

        def add(handler: Handler) -> Handler:
            self.table.append((method, re.compile(pattern), handler))
            return handler

        return add

    def find(self, method: str, path: str) -> tuple[Handler, dict[str, str]]:
        for its, pattern, handler in self.table:
            found = pattern.fullmatch(path)
            if its == method and found:
                return handler, found.groupdict()
        raise Refused(404, f"this server has no {method} {path}")
