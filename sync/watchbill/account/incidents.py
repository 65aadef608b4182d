"""Incidents and their logs in normal form: what PagerDuty tells of them, with instants and ids."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from watchbill.model.base import Model

Status = Literal["triggered", "acknowledged", "resolved"]


class Agent(Model):
    """Who did it.  `service` and `integration` are no humans: PagerDuty's clock, or an alert."""

    kind: str = ""
    id: str = ""
    name: str = ""

    @property
    def is_user(self) -> bool:
        return self.kind == "user"


class LogEntry(Model):
    """One line of an incident's log, oldest first wherever several are held."""

    id: str
    what: str
    """trigger, assign, notify, acknowledge, escalate, annotate, ...: PagerDuty's type without `_log_entry`."""
    at: int
    agent: Agent = Agent()
    channel: str = ""
    """api, website, auto, timeout, ..."""
    assignees: tuple[str, ...] = ()
    """Ids of users."""
    user: str = ""
    """Whom a `notify` rang."""
    note: str = ""
    changed: tuple[str, str, str] = ("", "", "")
    """Field, old and new value of a `field_value_change`."""
    incident: str = ""

    @property
    def by_timeout(self) -> bool:
        return self.channel == "timeout"


class Responder(Model):
    """Somebody asked to help beside the assignees."""

    user: str
    state: str
    """pending, joined, declined, user_cancelled ..."""
    at: int
    """When the state began."""
    asked_at: int
    name: str = ""

    @property
    def is_engaged(self) -> bool:
        return self.state in ("pending", "joined")


class Incident(Model):
    id: str
    number: int
    title: str
    status: Status
    urgency: Literal["high", "low"]
    service: str
    """Id."""
    service_name: str = ""
    priority: str = ""
    """Its name, such as P1; "" while it has none."""
    policy: str = ""
    """Id of the escalation policy."""
    policy_name: str = ""
    opened: int
    resolved: int | None = None
    assignees: tuple[str, ...] = ()
    acknowledged_by: tuple[str, ...] = ()
    direct: bool = False
    """Assigned to people directly: PagerDuty escalates it no further."""
    escalates_at: int | None = None
    responders: tuple[Responder, ...] = ()
    alerts: int = 0
    names: dict[str, str] = Field(default_factory=dict)
    """Id of a user -> name, of everybody it names."""
    url: str = ""
    teams: tuple[str, ...] = ()
    """Names."""
    tags: tuple[str, ...] | None = None
    """From the details of its first alert; None = not read."""

    @property
    def is_open(self) -> bool:
        return self.status != "resolved"

    @property
    def label(self) -> str:
        return f"#{self.number} {self.title}"
