"""The policy: every kind together, and the names that may be used across kinds."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, create_model

from watchbill.model.base import Handle, Model, SeverityHandle
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
    people: dict[Handle, Person] = {}
    teams: dict[Handle, Team] = {}
    roles: dict[Handle, Role] = {}
    rotations: dict[Handle, Rotation] = {}
    shifts: tuple[ShiftEntry, ...] = ()
    overrides: tuple[Override, ...] = ()
    absences: tuple[Absence, ...] = ()
    external: dict[Handle, External] = {}
    severities: dict[SeverityHandle, Severity] = {}
    domains: dict[Handle, Domain] = {}
    ladders: dict[Handle, Ladder] = {}
    services: dict[Handle, Service] = {}
    triggers: Triggers = Triggers()
    paths: dict[Handle, Path] = {}
    experts: dict[Handle, Expert] = {}
    vendors: dict[Handle, Vendor] = {}
    procedures: dict[Handle, Procedure] = {}
    guidance: dict[Handle, GuidanceRule] = {}
    messages: dict[Handle, Message] = {}
    metrics: dict[Handle, Metric] = {}
    revisions: tuple[Revision, ...] = ()
    expectations: tuple[Expectation, ...] = ()

    def zone_of(self, rotation: str) -> str:
        return self.rotations[rotation].time_zone or self.settings.time_zone

    def team(self, handle: str) -> TeamRef:
        team = self.teams[handle]
        return team if isinstance(team, TeamRef) else TeamRef(name=team)

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
SINGLE_KINDS = ("settings", "triggers")


def kind_model(kind: str) -> type[Model]:
    """The model of a file that holds this one kind."""
    annotation: Any = Policy.model_fields[kind].annotation
    return create_model(f"{kind}-file", __base__=Model, **{kind: (Annotated[annotation, Field()], ...)})
