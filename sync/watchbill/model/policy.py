"""The policy: every kind together, and the names that may be used across kinds."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, create_model

from watchbill.model.base import Handle, Model, SeverityHandle
from watchbill.model.described import descriptions
from watchbill.model.directory import Expert, Message, Metric, Procedure, Revision, Vendor
from watchbill.model.escalation import Expectation, GuidanceRule, Path, Triggers
from watchbill.model.ladders import Domain, Ladder, Service, Severity
from watchbill.model.people import External, Person, Role, Team, TeamRef
from watchbill.model.rotations import Absence, Override, Rotation, ShiftEntry
from watchbill.model.settings import Settings

NAMED = ("people", "roles", "rotations", "external")
"""These kinds share one namespace: a ladder may name any of them."""


class Policy(Model):
    settings: Settings
    """What holds for the whole policy; exactly one file has them."""
    people: dict[Handle, Person] = {}
    """Humans, and the mailboxes that may be paged, by handle."""
    teams: dict[Handle, Team] = {}
    """PagerDuty teams by handle: the exact name, or name and id."""
    roles: dict[Handle, Role] = {}
    """Hats that people wear, by handle."""
    rotations: dict[Handle, Rotation] = {}
    """Who takes turns, by handle; each becomes one PagerDuty schedule."""
    shifts: tuple[ShiftEntry, ...] = ()
    """Explicit duty of rotations with `listed: true`."""
    overrides: tuple[Override, ...] = ()
    """Dated replacements of one person by another in one rotation."""
    absences: tuple[Absence, ...] = ()
    """Days on which people are away."""
    external: dict[Handle, External] = {}
    """Other teams' objects by handle: may be paged or used, never written."""
    severities: dict[SeverityHandle, Severity] = {}
    """How bad it is, by handle (P1), and whom that pages when."""
    domains: dict[Handle, Domain] = {}
    """Whose matter it is, by handle, and who stands for it."""
    ladders: dict[Handle, Ladder] = {}
    """Escalation policies that are not severity x domain, by handle."""
    services: dict[Handle, Service] = {}
    """PagerDuty services by handle."""
    triggers: Triggers = Triggers.model_construct()
    """When people escalate, or watchbill does."""
    paths: dict[Handle, Path] = {}
    """The ways up that people follow by hand, by handle."""
    experts: dict[Handle, Expert] = {}
    """Who knows a subject, by handle."""
    vendors: dict[Handle, Vendor] = {}
    """Outside suppliers and how to reach them, by handle."""
    procedures: dict[Handle, Procedure] = {}
    """How things are done, step by step, by handle."""
    guidance: dict[Handle, GuidanceRule] = {}
    """What not to do, by handle, and the guard that keeps it."""
    messages: dict[Handle, Message] = {}
    """Templates of messages, by handle."""
    metrics: dict[Handle, Metric] = {}
    """What is measured, by handle, and its target."""
    revisions: tuple[Revision, ...] = ()
    """The history of the runbook, newest last."""
    expectations: tuple[Expectation, ...] = ()
    """The policy's own tests: questions with their answers."""

    def zone_of(self, rotation: str) -> str:
        return self.rotations[rotation].time_zone or self.settings.time_zone

    def team(self, handle: str) -> TeamRef:
        team = self.teams[handle]
        return team if isinstance(team, TeamRef) else TeamRef(name=team)

    def person_by_email(self, email: str) -> str | None:
        """Their handle."""
        wanted = email.strip().lower()
        return next((handle for handle, one in self.people.items() if one.email.lower() == wanted), None)

    def renamed_since(self, before: Policy) -> dict[str, str]:
        """Handles of an earlier version to today's, where the address says that it is the same person."""
        gone = [(handle, one.email) for handle, one in before.people.items() if handle not in self.people]
        found = {handle: self.person_by_email(email) for handle, email in gone}
        return {handle: now for handle, now in found.items() if now is not None and now not in before.people}

    def title_of(self, name: str) -> str:
        """What people call it: the title of a role or rotation, a person's name, else the handle."""
        if name in self.people:
            person = self.people[name]
            return name if person.is_placeholder else person.name
        if name in self.roles:
            return self.roles[name].title
        if name in self.rotations:
            return self.rotations[name].title
        return name


KINDS: tuple[str, ...] = tuple(Policy.model_fields)
LIST_KINDS = ("shifts", "overrides", "absences", "revisions", "expectations")


def kind_model(kind: str) -> type[Model]:
    """The model of a file that holds this one kind."""
    annotation: Any = Policy.model_fields[kind].annotation
    described = Field(description=descriptions(Policy)[kind])
    fields: dict[str, Any] = {kind: (Annotated[annotation, described], ...)}
    model: type[Model] = create_model(f"{kind}-file", __base__=Model, **fields)
    return model
