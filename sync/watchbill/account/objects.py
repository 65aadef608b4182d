"""The normal form of everything watchbill compares.

Two objects that mean the same are equal here: instants instead of strings, layers in precedence order (base
first) with ended ones dropped, targets and teams as sorted tuples, null as "", UTC as Etc/UTC.  Users and
teams are vendor ids.  Other objects are named by a Ref, which holds the vendor id where the object exists
and the policy's key where it is still to be made.
"""

from __future__ import annotations

from typing import Literal

from watchbill.account.incidents import Incident
from watchbill.account.refs import Marker as Marker
from watchbill.account.refs import Ref as Ref
from watchbill.account.rule_sets import ServiceRouting as ServiceRouting
from watchbill.model.base import Model

ObjectKind = Literal["schedule", "escalation_policy", "service"]


class Restriction(Model):
    """A local clock window.  `weekday`: Monday is 0, None = daily.  Seconds."""

    weekday: int | None
    start: int
    duration: int


class Layer(Model):
    name: str
    users: tuple[str, ...]
    turn_seconds: int
    virtual_start: int
    start: int | None = None
    """None = in the past; PagerDuty moves it to the time of each write, so the past is one value."""
    end: int | None = None
    restrictions: tuple[Restriction, ...] = ()
    id: str = ""
    """Vendor id; never compared."""


class OverrideSlot(Model):
    kind: Literal["override"] = "override"
    user: str
    start: int
    end: int
    id: str = ""

    @property
    def match(self) -> tuple[str, int, int]:
        return (self.user, self.start, self.end)

    @property
    def place(self) -> tuple[str, ...]:
        """What it is, its span aside."""
        return (self.kind, self.user)


class Schedule(Model):
    kind: Literal["schedule"] = "schedule"
    key: str = ""
    """`rotation/backend` where it is ours."""
    id: str = ""
    name: str
    time_zone: str
    description: str = ""
    """Without the marker lines."""
    marker: Marker | None = None
    teams: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()
    shape: Literal["layers"] = "layers"


class ShiftEvent(Model):
    """One event of a shift-based schedule: a shift that recurs on the local clock."""

    name: str
    start: int
    """First shift; the members are counted from it, also before `since`."""
    end: int
    time_zone: str
    rule: str
    """FREQ=WEEKLY;BYDAY=MO,TU"""
    members: tuple[str, ...]
    """"" is a place that is vacant on purpose."""
    per_member: int | None = None
    """Consecutive shifts of each member; None = all members at once."""
    since: int | None = None
    """None = in the past; PagerDuty moves it to the time of the write, so the past is one value."""
    until: int | None = None
    excluded: tuple[int, ...] = ()
    """EXDATE; kept, never written by watchbill."""
    added: tuple[int, ...] = ()
    """RDATE; the same."""
    id: str = ""


class ShiftRotation(Model):
    key: str = ""
    """Which part of ours it holds: "turns", "turns 2", "fallback primary"."""
    events: tuple[ShiftEvent, ...] = ()
    id: str = ""


class CustomShiftSlot(Model):
    """Duty of one person, beside the rotations of a shift-based schedule."""

    kind: Literal["custom_shift"] = "custom_shift"
    user: str
    start: int
    end: int
    id: str = ""

    @property
    def match(self) -> tuple[str, int, int]:
        return (self.user, self.start, self.end)

    @property
    def key(self) -> str:
        """How an override names it before it has an id."""
        return f"{self.start}-{self.end} {self.user}"

    @property
    def place(self) -> tuple[str, ...]:
        """What it is, its span aside."""
        return (self.kind, self.user)


class ShiftSource(Model):
    """What an override stands on; `id` is "" before it exists, then `key` names it."""

    kind: Literal["rotation", "custom_shift"] = "rotation"
    id: str = ""
    key: str = ""


class ShiftOverrideSlot(Model):
    """Replaces one member of one source.  `user` "" leaves the place vacant."""

    kind: Literal["shift_override"] = "shift_override"
    source: ShiftSource
    instead_of: str
    user: str
    start: int
    end: int
    id: str = ""

    @property
    def match(self) -> tuple[str, str, str, int, int]:
        """Without the source: a person has one place at a time, and a successor's rotation may be another one."""
        return (self.source.kind, self.instead_of, self.user, self.start, self.end)

    @property
    def place(self) -> tuple[str, ...]:
        """What it is, its span and source aside."""
        return (self.kind, self.source.kind, self.instead_of, self.user)


Slot = OverrideSlot | ShiftOverrideSlot | CustomShiftSlot
"""What is made and taken back beside the turns of a schedule."""


class ShiftSchedule(Model):
    """A shift-based schedule (v3)."""

    kind: Literal["schedule"] = "schedule"
    key: str = ""
    id: str = ""
    name: str
    time_zone: str
    description: str = ""
    """Without the marker lines."""
    marker: Marker | None = None
    teams: tuple[str, ...] = ()
    rotations: tuple[ShiftRotation, ...] = ()
    custom_shifts: tuple[CustomShiftSlot, ...] = ()
    """As the account has them, other people's too; never compared.  None are read in bulk."""
    shape: Literal["shifts"] = "shifts"


class Rule(Model):
    delay_minutes: int
    targets: tuple[Ref, ...]
    round_robin: bool = False
    id: str = ""


class EscalationPolicy(Model):
    kind: Literal["escalation_policy"] = "escalation_policy"
    key: str = ""
    """`ladder/database-P1`."""
    id: str = ""
    name: str
    description: str = ""
    marker: Marker | None = None
    loops: int = 0
    handoff_notices: Literal["always", "if_has_services"] = "if_has_services"
    rules: tuple[Rule, ...] = ()
    team: str = ""


class Urgency(Model):
    type: Literal["constant", "use_support_hours"] = "constant"
    urgency: Literal["high", "low", "severity_based"] = "high"
    """The constant one; or during support hours."""
    outside: Literal["high", "low", "severity_based"] | None = None
    time_zone: str = ""
    weekdays: tuple[int, ...] = ()
    """Monday is 0."""
    start: int = 0
    """Clock seconds."""
    end: int = 0


class Service(Model):
    kind: Literal["service"] = "service"
    key: str = ""
    """`service/checkout`."""
    id: str = ""
    name: str
    description: str = ""
    marker: Marker | None = None
    policy: Ref
    urgency: Urgency = Urgency()
    ack_timeout: int | None = None
    """Seconds; None = never."""
    resolve_timeout: int | None = None
    """Seconds; None = never."""
    integrations: tuple[str, ...] | None = None
    """Names of the ways in, in order; None = not told.  Never compared."""


AnySchedule = Schedule | ShiftSchedule
NamedObject = AnySchedule | EscalationPolicy | Service
"""With a name and a description of its own."""

ManagedObject = NamedObject | ServiceRouting


NEVER_SERVE = frozenset({"read_only_user", "read_only_limited_user"})
"""Roles of stakeholders: PagerDuty takes them on no schedule and no escalation policy."""


class User(Model):
    id: str
    name: str
    email: str
    """Lower case."""
    time_zone: str = ""
    loud: bool | None = None
    """Has a phone, SMS or push rule for high urgency at minute 0; None = not read."""
    role: str = ""
    """PagerDuty's word: owner, admin, user, limited_user, observer, read_only_user ..."""
    job_title: str = ""


class Team(Model):
    id: str
    name: str


class Priority(Model):
    id: str
    name: str


class Account(Model):
    """One reading of an account.  `overrides` only holds the schedules that were asked for."""

    name: str
    """Subdomain, or `sandbox`."""
    at: int
    users: tuple[User, ...] = ()
    teams: tuple[Team, ...] = ()
    schedules: tuple[AnySchedule, ...] = ()
    policies: tuple[EscalationPolicy, ...] = ()
    services: tuple[Service, ...] = ()
    priorities: tuple[Priority, ...] = ()
    abilities: frozenset[str] = frozenset()
    overrides: dict[str, tuple[OverrideSlot, ...]] = {}
    """By schedule id; future and running ones, in the order PagerDuty gave them."""
    shift_overrides: dict[str, tuple[ShiftOverrideSlot, ...]] = {}
    """The same, of shift-based schedules; where they are read, the schedule's custom shifts are too."""
    routings: tuple[ServiceRouting, ...] = ()
    """Of the services that were asked for."""
    unroutable: dict[str, str] = {}
    """Service id -> why its rule set cannot be read."""
    lacks: frozenset[str] = frozenset()
    """What the account was seen to refuse: teams, priorities, round robin, shift-based schedules."""
    open_incidents: tuple[Incident, ...] | None = None
    """None = not read, or not to be read with this token."""

    def objects(self) -> tuple[NamedObject, ...]:
        return (*self.schedules, *self.policies, *self.services)

    def everything(self) -> tuple[ManagedObject, ...]:
        """With the routing of services."""
        return (*self.objects(), *self.routings)
