"""severities, domains, ladders and services: who is paged, after how long, for what."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from watchbill.model.base import Bool, Handle, Int, Model, OneOrMany, SeverityHandle, Text, Title, VendorId
from watchbill.model.text import Duration

DOMAIN_PLACES = ("primary", "secondary", "tertiary")

Target = Annotated[
    str, StringConstraints(pattern=r"^(?:domain\.(?:primary|secondary|tertiary)|[a-z0-9][a-z0-9-]{0,62})$")
]
"""person | role | rotation | external | domain.primary | domain.secondary | domain.tertiary"""

Targets = Annotated[tuple[Target, ...], Field(min_length=1, max_length=10)]


class LongStep(Model):
    page: OneOrMany[Target]
    round_robin: Bool = False
    may_be_empty: Text | None = None
    """Why it is all right that nobody is here at times."""
    confirm: Text | None = None
    """Asked in chat ten minutes before; does not hold the page back."""


Step = Target | Targets | LongStep
Steps = Annotated[dict[Duration, Step], Field(min_length=1)]


def step_targets(step: Step) -> tuple[str, ...]:
    if isinstance(step, LongStep):
        return step.page
    return step if isinstance(step, tuple) else (step,)


LAST_WAIT = Duration("30m")


class LadderPagerDuty(Model):
    name: Title | None = None
    id: VendorId | None = None


class Severity(Model):
    urgency: Literal["high", "low"]
    """PagerDuty never escalates a low-urgency incident."""
    steps: Steps
    priority: Title | None = None
    """Exact PagerDuty priority name; default: the handle."""
    from_alerts: tuple[Literal["critical", "error", "warning", "info"], ...] = ()
    """Alert severities that open an incident of this severity."""
    ack_timeout: Duration | None = None
    repeat: Annotated[Int, Field(ge=0, le=9)]
    """How often the ladder starts over."""
    last_wait: Duration = LAST_WAIT
    """After the last step, before it starts over."""


class Domain(Model):
    title: Title
    primary: Handle
    secondary: Handle | None = None
    tertiary: Handle | None = None
    services: OneOrMany[Handle] = ()
    default_severity: SeverityHandle
    """What an alert without a severity gets, and the services' own policy."""
    also: dict[Duration, Step] = {}
    """Merged into every severity's steps; the same minute is paged together."""
    tags: OneOrMany[Handle] = ()
    """Incidents so tagged belong here whatever their service."""
    steps: Steps | None = None
    """Instead of every severity's steps."""


class Ladder(Model):
    """An escalation policy that is not severity x domain."""

    title: Title
    steps: Steps
    last_wait: Duration = LAST_WAIT
    repeat: Annotated[Int, Field(ge=0, le=9)] = 0
    handoff_notices: Literal["always", "if-services"] = "if-services"
    team: OneOrMany[Handle] = ()
    description: Annotated[str, StringConstraints(max_length=1024)] | None = None
    pagerduty: LadderPagerDuty = LadderPagerDuty()
    previously: Handle | None = None


class UrgencyByHours(Model):
    during: Handle
    high_else: Literal["low"]


class Service(Model):
    title: Title
    ladder: Handle | None = None
    """A domain's service needs none."""
    urgency: Literal["high", "low", "by-severity"] | UrgencyByHours | None = None
    """Default: what the service's ladder needs."""
    ack_timeout: Duration | None = None
    resolve_after: Duration | None = None
    customer_facing: Bool = False
    financial: Bool = False
    manage: Bool = True
    """false: looked up, only its ladder is set."""
    description: Annotated[str, StringConstraints(max_length=1024)] | None = None
    pagerduty: LadderPagerDuty = LadderPagerDuty()
    previously: Handle | None = None
