"""people, teams, roles and external objects: whoever and whatever a ladder may name."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from watchbill.model.base import PLACEHOLDER, UNSET, Handle, Bool, Model, PhoneLine, Text, Title, VendorId

Email = Annotated[
    str, StringConstraints(pattern=r"^[^@\s<>,;:\"]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$", max_length=100)
]
ChatName = Annotated[str, StringConstraints(pattern=r"^[^@#\s][^\s]{0,79}$")]
"""Without the leading @ or #, which YAML would trip over."""


class Person(Model):
    name: Title
    """Full name; `placeholder` while it is not known."""
    email: Email
    """The PagerDuty user is found by it, never created."""
    slack: ChatName | None = None
    github: ChatName | None = None
    time_zone: Title | None = None
    """IANA zone; default: settings.time_zone."""
    phone: PhoneLine | None = None
    human: Bool = True
    """false for a mailbox or a robot; a ladder may not end at one unnoticed."""

    @property
    def is_placeholder(self) -> bool:
        return self.name == PLACEHOLDER


class TeamRef(Model):
    name: Title
    """Exact name in PagerDuty; looked up, never created."""
    id: VendorId | None = None


Team = Title | TeamRef


class Notify(Model):
    slack: ChatName | None = None
    """Channel, without #."""
    email: Email | None = None


class Role(Model):
    title: Title
    aliases: tuple[Title, ...] = ()
    held_by: Handle
    """A person or a rotation; `unset` = nobody yet; `placeholder` = will be known."""
    notify: Notify | None = None
    """Told, never paged."""

    @property
    def holder(self) -> str | None:
        """None while the role is unset or a placeholder."""
        return None if self.held_by in (UNSET, PLACEHOLDER) else self.held_by


class External(Model):
    """Another team's object: may be paged or used, never written.  Exactly one of schedule and ladder."""

    schedule: Title | None = None
    ladder: Title | None = None
    id: VendorId | None = None
    """Found by its exact name when absent."""


Urgency = Literal["high", "low"]
NotifyText = Text
