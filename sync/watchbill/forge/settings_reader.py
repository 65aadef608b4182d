"""Reading the settings of a repository: what is there, what is not, and what the token may not see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from github import GithubException, RateLimitExceededException

from watchbill.forge.client import Forge


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


@dataclass
class GithubReader:
    """Raises what PyGithub raises for other refusals."""

    forge: Forge
    count: int = 0
    """Requests so far."""

    def __call__(self, path: str) -> Answer:
        self.count += 1
        where = f"/repos/{self.forge.name}/{path}".rstrip("/")
        try:
            _, body = self.forge.github.requester.requestJsonAndCheck("GET", where)
        except GithubException as refused:
            if refused.status not in {403, 404} or isinstance(refused, RateLimitExceededException):
                raise
            said = refused.data.get("message", "") if isinstance(refused.data, dict) else ""
            return Answer(refused.status, message=str(said))
        return Answer(200, body)
