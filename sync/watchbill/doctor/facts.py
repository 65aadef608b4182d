"""What was asked of an account, and what came back.  Nothing here is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from watchbill.account.objects import Priority, Team, User

Verdict = Literal["yes", "no-plan", "forbidden", "no"]
"""no-plan: 402, the account's plan lacks it.  forbidden: 403.  no: any other refusal."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one question."""

    verdict: Verdict
    said: str = ""
    """PagerDuty's words, where it refused."""

    @property
    def ok(self) -> bool:
        return self.verdict == "yes"


@dataclass(frozen=True, slots=True)
class Clocks:
    theirs: int
    """From the Date header: whole seconds."""
    ours: int
    seconds: float
    """How long the answer took: the comparison is no better than that."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    limit: int
    left: int
    reset: int
    """Seconds until the window starts over."""


@dataclass(frozen=True, slots=True)
class License:
    name: str
    used: int
    left: int


@dataclass(frozen=True, slots=True)
class Facts:
    base_url: str
    clocks: Clocks | None = None
    rate: RateLimit | None = None
    me: User | None = None
    """Whose token it is; None for one of the whole account."""
    subdomain: str = ""
    """As the account's own links show it."""
    abilities: frozenset[str] = frozenset()
    users: tuple[User, ...] = ()
    teams: tuple[Team, ...] = ()
    priorities: tuple[Priority, ...] = ()
    licenses: tuple[License, ...] = ()
    on_call: Mapping[str, str] = field(default_factory=dict)
    """User id -> name of everybody who is on call now, on any escalation policy."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """layer-based schedules, shift-based schedules, escalation policies, services, users, teams."""
    replies: Mapping[str, Reply] = field(default_factory=dict)
    """By subject: abilities, users, schedules, writing, audit ..."""
    requests: int = 0

    def may(self, subject: str) -> bool:
        return subject in self.replies and self.replies[subject].ok
