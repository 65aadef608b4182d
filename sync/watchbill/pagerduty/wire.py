"""PagerDuty's answers, as far as watchbill reads them.  Unknown fields and unknown types of targets pass."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from watchbill.rota.clock import DAY, parse_instant


def _instant(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("a time is a text")  # noqa: TRY004  pydantic reports ValueErrors
    return parse_instant(value)


def none_is_empty(value: object) -> object:
    return [] if value is None else value


def none_is_blank(value: object) -> object:
    return "" if value is None else value


Instant = Annotated[int, BeforeValidator(_instant)]
Text = Annotated[str, BeforeValidator(none_is_blank)]

# Bounds are far beyond what PagerDuty takes: a number outside them would make a loop endless or an instant overflow.
TurnSeconds = Annotated[int, Field(ge=60, le=20 * 366 * DAY)]
Minutes = Annotated[int, Field(ge=0, le=366 * 24 * 60)]
Seconds = Annotated[int, Field(ge=0, le=20 * 366 * DAY)]
Weekday = Annotated[int, Field(ge=0, le=7)]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]?\d|2[0-4]):[0-5]\d(:[0-5]\d)?$")]


class Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class WireRef(Wire):
    id: str
    type: str = ""
    summary: str | None = None


Refs = Annotated[tuple[WireRef, ...], BeforeValidator(none_is_empty)]


class WireMember(Wire):
    user: WireRef


class WireRestriction(Wire):
    type: str
    start_time_of_day: TimeOfDay
    duration_seconds: Annotated[int, Field(ge=1, le=8 * DAY)]
    start_day_of_week: Weekday | None = None
    """1 = Monday; daily answers may carry 0 or null."""


class WireEntry(Wire):
    start: Instant
    end: Instant
    user: WireRef | None = None


class WireLayer(Wire):
    id: str
    name: Text = ""
    start: Instant
    end: Instant | None = None
    rotation_virtual_start: Instant
    rotation_turn_length_seconds: TurnSeconds
    users: Annotated[tuple[WireMember, ...], BeforeValidator(none_is_empty)] = ()
    restrictions: Annotated[tuple[WireRestriction, ...], BeforeValidator(none_is_empty)] = ()


class WireRendered(Wire):
    rendered_schedule_entries: Annotated[tuple[WireEntry, ...], BeforeValidator(none_is_empty)] = ()


class WireSchedule(Wire):
    id: str
    type: Text = "schedule"
    name: Text = ""
    summary: Text = ""
    description: Text = ""
    time_zone: Text = ""
    teams: Refs = ()
    escalation_policies: Refs = ()
    schedule_layers: Annotated[tuple[WireLayer, ...], BeforeValidator(none_is_empty)] = ()
    final_schedule: WireRendered | None = None
    overrides_subschedule: WireRendered | None = None


class WireWholeSchedule(WireSchedule):
    """Its layers must have come: a schedule without them would look empty."""

    schedule_layers: tuple[WireLayer, ...]


class WireOverride(Wire):
    id: str
    start: Instant
    end: Instant
    user: WireRef


class WireRule(Wire):
    id: str = ""
    escalation_delay_in_minutes: Minutes
    targets: Refs = ()
    escalation_rule_assignment_strategy: Any = None
    """An object `{"type": ...}` in practice, a plain text by the schema."""

    @property
    def is_round_robin(self) -> bool:
        strategy = self.escalation_rule_assignment_strategy
        kind = strategy.get("type") if isinstance(strategy, dict) else strategy
        return bool(kind == "round_robin")


class WirePolicy(Wire):
    id: str
    name: Text = ""
    description: Text = ""
    num_loops: Annotated[int, BeforeValidator(lambda value: value or 0), Field(ge=0, le=10_000)] = 0
    on_call_handoff_notifications: Literal["always", "if_has_services"] | None = None
    escalation_rules: tuple[WireRule, ...]
    teams: Refs = ()


class WireUrgency(Wire):
    type: Text = "constant"
    urgency: str | None = None
    during_support_hours: WireUrgency | None = None
    outside_support_hours: WireUrgency | None = None


class WireSupportHours(Wire):
    time_zone: Text = ""
    days_of_week: Annotated[tuple[Weekday, ...], BeforeValidator(none_is_empty)] = ()
    """1 = Monday."""
    start_time: TimeOfDay = "00:00:00"
    end_time: TimeOfDay = "00:00:00"


class WireService(Wire):
    id: str
    name: Text = ""
    description: Text = ""
    escalation_policy: WireRef | None = None
    auto_resolve_timeout: Seconds | None = None
    acknowledgement_timeout: Seconds | None = None
    incident_urgency_rule: WireUrgency | None = None
    support_hours: WireSupportHours | None = None
    integrations: Refs | None = None


class WireNotificationRule(Wire):
    type: Text = ""
    urgency: Text = ""
    start_delay_in_minutes: int | None = None
    contact_method: WireRef | None = None


class WireUser(Wire):
    id: str
    name: Text = ""
    email: Text = ""
    time_zone: Text = ""
    notification_rules: tuple[WireNotificationRule, ...] | None = None
    role: Text = ""
    job_title: Text = ""


class WireCondition(Wire):
    expression: str


class WireEventRule(Wire):
    id: str | None = None
    label: str | None = None
    conditions: tuple[WireCondition, ...] | None = None
    actions: dict[str, Any] | None = None
    disabled: bool | None = None


class WireRuleSet(Wire):
    id: str
    rules: tuple[WireEventRule, ...] | None = None


class WireCatchAll(Wire):
    actions: dict[str, Any] | None = None


class WireRuleSets(Wire):
    """Only to check the shape of a service's orchestration."""

    sets: tuple[WireRuleSet, ...]
    catch_all: WireCatchAll | None = None
    updated_by: WireRef | None = None
    updated_at: Instant | None = None


class WireNamed(Wire):
    """A team or a priority."""

    id: str
    name: Text = ""
    summary: Text = ""


WireObject = WireSchedule | WirePolicy | WireService
