"""people, teams, roles and external objects: whoever and whatever a ladder may name."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from watchbill.model.base import PLACEHOLDER, UNSET, Bool, Handle, Model, PhoneLine, Title, VendorId
from watchbill.model.rules import RuledModel

Email = Annotated[
    str, StringConstraints(pattern=r'^[^@\s<>,;:"]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$', max_length=100)
]
ChatName = Annotated[str, StringConstraints(pattern=r"^[^@#\s][^\s]{0,79}$")]
"""Without the leading @ or #, which YAML would trip over."""


class Person(Model):
    name: Title
    """Full name; `placeholder` while it is not known."""
    email: Email
    """The PagerDuty user is found by it, never created."""
    slack: ChatName | None = None
    """Slack handle, without @."""
    github: ChatName | None = None
    """GitHub login, without @."""
    time_zone: Title | None = None
    """IANA zone; default: settings.time_zone."""
    phone: PhoneLine | None = None
    """Never the number: {secret: PHONE_ANA} names where it is kept; or a word such as placeholder."""
    human: Bool = True
    """false for a mailbox or a robot; a ladder may not end at one unnoticed."""

    @property
    def is_placeholder(self) -> bool:
        return self.name == PLACEHOLDER


class TeamRef(Model):
    name: Title
    """Exact name in PagerDuty; looked up, never created."""
    id: VendorId | None = None
    """PagerDuty's id of the team; found by its exact name when absent."""


Team = Title | TeamRef


class Notify(RuledModel):
    at_least_one_of = ("slack", "email")

    slack: ChatName | None = None
    """Channel, without #."""
    email: Email | None = None
    """Address of a mailbox that is read."""


class Role(Model):
    title: Title
    """What people call it, such as Engineering Manager."""
    aliases: tuple[Title, ...] = ()
    """Other names it goes by."""
    held_by: Handle
    """A person or a rotation; `unset` = nobody yet; `placeholder` = will be known."""
    notify: Notify | None = None
    """Told, never paged."""

    @property
    def holder(self) -> str | None:
        """None while the role is unset or a placeholder."""
        return None if self.held_by in (UNSET, PLACEHOLDER) else self.held_by


class External(RuledModel):
    """Another team's object: may be paged or used, never written."""

    exactly_one_of = ("schedule", "ladder")

    schedule: Title | None = None
    """Exact name of a PagerDuty schedule."""
    ladder: Title | None = None
    """Exact name of a PagerDuty escalation policy, for services to use."""
    id: VendorId | None = None
    """PagerDuty's id of it; found by its exact name when absent."""
