"""Reading the settings of a repository: what is there, what is not, and what the token may not see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any = None
    message: str = ""

    @property
    def found(self) -> bool:
        return self.status == 200

    def names(self, kind: str) -> set[str]:
        """Of secrets or variables; their values are never looked at."""
        return {item["name"] for item in self.body[kind]} if self.found else set()


class Reader(Protocol):
    def __call__(self, path: str) -> Answer:
        """`path`: below the repository; "" is the repository itself.  Status 200, 403 or 404."""


class Settings(Protocol):
    def setting(self, path: str) -> Answer: ...


@dataclass
class GithubReader:
    forge: Settings
    count: int = 0
    """Requests so far."""

    def __call__(self, path: str) -> Answer:
        self.count += 1
        return self.forge.setting(path)
