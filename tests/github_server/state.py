"""What the server knows beside git."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from github_server.git import Bare

BOT = "github-actions[bot]"


@dataclass
class User:
    id: int
    login: str
    email: str | None = None

    @property
    def is_bot(self) -> bool:
        return self.login.endswith("[bot]")


@dataclass
class Reaction:
    id: int
    user: str
    content: str
    at: str


@dataclass
class Comment:
    id: int
    issue: int
    user: str
    body: str
    created: str
    updated: str
    reactions: list[Reaction] = field(default_factory=list)


@dataclass
class Review:
    id: int
    user: str
    state: str
    body: str
    commit: str
    at: str


@dataclass
class Pull:
    head_repo: str
    head_ref: str
    base_ref: str
    head: str
    """While it is open, the branch as it is; then the one that was merged."""
    base: str
    merged_by: str = ""
    merged_at: str | None = None
    merge_commit: str | None = None
    reviews: list[Review] = field(default_factory=list)


@dataclass
class Issue:
    """Also a pull request: the two share their numbers."""

    number: int
    title: str
    body: str
    user: str
    created: str
    updated: str
    state: str = "open"
    closed: str | None = None
    labels: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    pull: Pull | None = None


@dataclass
class Status:
    id: int
    sha: str
    context: str
    state: str
    description: str
    user: str
    at: str


@dataclass
class Environment:
    policy: dict[str, bool] | None = None
    branches: list[dict[str, Any]] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)


@dataclass
class Settings:
    protection: dict[str, Any] | None = None
    rules: list[dict[str, Any]] = field(default_factory=list)
    """As `rules/branches/main` lists them."""
    bypass: list[dict[str, Any]] = field(default_factory=list)
    environments: dict[str, Environment] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    of_organization: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    workflow: dict[str, Any] = field(
        default_factory=lambda: {
            "default_workflow_permissions": "read",
            "can_approve_pull_request_reviews": False,
        }
    )
    actions: dict[str, Any] = field(default_factory=lambda: {"enabled": True, "allowed_actions": "all"})
    pages: str = ""
    """legacy or workflow; "" = off"""


@dataclass
class Repo:
    owner: str
    name: str
    bare: Bare
    permissions: dict[str, str] = field(default_factory=dict)
    """login -> admin, write, read"""
    issues: dict[int, Issue] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    statuses: list[Status] = field(default_factory=list)
    sarifs: list[dict[str, str]] = field(default_factory=list)
    fork_of: str = ""
    settings: Settings = field(default_factory=Settings)

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass
class World:
    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    """token -> login"""
    scopes: dict[str, dict[str, str]] = field(default_factory=dict)
    """token -> what a job's `permissions:` gave it; no entry = whatever its login may do."""
    repos: dict[str, Repo] = field(default_factory=dict)
    teams: dict[str, set[str]] = field(default_factory=dict)
    """org/team -> logins"""
    moment: datetime = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    ids: int = 1000

    def next_id(self) -> int:
        self.ids += 1
        return self.ids

    def tick(self) -> str:
        """A second passes with everything that happens."""
        self.moment += timedelta(seconds=1)
        return self.now

    @property
    def now(self) -> str:
        return self.moment.strftime("%Y-%m-%dT%H:%M:%SZ")
