"""severities, domains, ladders and services: who is paged, after how long, for what."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from watchbill.model.base import (
    Bool,
    Handle,
    Int,
    Model,
    OneOrMany,
    SeverityHandle,
    SomeOf,
    Text,
    Title,
    VendorId,
)
from watchbill.model.text import Duration, ReadRecord

DOMAIN_PLACES = ("primary", "secondary", "tertiary")

Target = Annotated[
    str, StringConstraints(pattern=r"^(?:domain\.(?:primary|secondary|tertiary)|[a-z0-9][a-z0-9-]{0,62})$")
]
"""person | role | rotation | external | domain.primary | domain.secondary | domain.tertiary"""

Targets = Annotated[tuple[Target, ...], Field(min_length=1, max_length=10)]


class LongStep(Model):
    page: SomeOf[Target]
    """Who is paged at that minute, all at once."""
    round_robin: Bool = False
    """Incidents go to the targets in turn instead of to all at once."""
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
    """Exact PagerDuty name, where it is not the title."""
    id: VendorId | None = None
    """PagerDuty's id, when watchbill shall own an object that exists already: PABC123."""
    read: ReadRecord | None = None
    """The object as it was read, until the first apply writes to it; `import` and `adopt` write it."""


class Severity(Model):
    urgency: Literal["high", "low"]
    """high | low; PagerDuty never escalates a low-urgency incident."""
    steps: Steps
    """Time since the incident opened -> who is paged then: {0m: domain.primary, 15m: eng-manager}."""
    priority: Title | None = None
    """Exact PagerDuty priority name; default: the handle."""
    from_alerts: tuple[Literal["critical", "error", "warning", "info"], ...] = ()
    """Alert severities that open an incident of this severity."""
    ack_timeout: Duration | None = None
    """After that long an acknowledged incident rings again; default: never."""
    repeat: Annotated[Int, Field(ge=0, le=9)]
    """How often the ladder starts over, 0 to 9."""
    last_wait: Duration = LAST_WAIT
    """After the last step, before it starts over."""


class Domain(Model):
    title: Title
    """Stands in the names of its ladders: Database P1."""
    primary: Handle
    """Role or rotation that `domain.primary` means here."""
    secondary: Handle | None = None
    """Role or rotation that `domain.secondary` means here."""
    tertiary: Handle | None = None
    """Role or rotation that `domain.tertiary` means here."""
    services: OneOrMany[Handle] = ()
    """Handles of `services` whose incidents belong here."""
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
    """The exact PagerDuty name, unless pagerduty.name says another."""
    steps: Steps
    """Time since the incident opened -> who is paged then: {0m: primary, 5m: backup}."""
    last_wait: Duration = LAST_WAIT
    """After the last step, before it starts over."""
    repeat: Annotated[Int, Field(ge=0, le=9)] = 0
    """How often the ladder starts over, 0 to 9."""
    handoff_notices: Literal["always", "if-services"] = "if-services"
    """When people are told that their duty begins or ends."""
    team: OneOrMany[Handle] = ()
    """Handles of `teams`."""
    description: Annotated[str, StringConstraints(max_length=1024)] | None = None
    """For the readers of the policy in PagerDuty; null and empty are equal."""
    pagerduty: LadderPagerDuty = LadderPagerDuty()
    """What only PagerDuty needs to know."""
    previously: Handle | None = None
    """Former handle; makes a rename of it."""


class UrgencyByHours(Model):
    """High urgency during some hours, low outside of them."""

    during: Handle
    """Name of hours in the settings."""
    high_else: Literal["low"]
    """What holds outside of them: low."""


class Service(Model):
    title: Title
    """The exact PagerDuty name, unless pagerduty.name says another."""
    ladder: Handle | None = None
    """Handle of `ladders`, or of an external ladder; a domain's service needs none."""
    urgency: Literal["high", "low", "by-severity"] | UrgencyByHours | None = None
    """Default: what the service's ladder needs."""
    ack_timeout: Duration | None = None
    """After that long an acknowledged incident rings again."""
    resolve_after: Duration | None = None
    """After that long an open incident is resolved; default: never."""
    customer_facing: Bool = False
    """Customers notice when it is down; triggers ask for it."""
    financial: Bool = False
    """Money is at stake; triggers ask for it."""
    manage: Bool = True
    """false: looked up, only its ladder is set."""
    description: Annotated[str, StringConstraints(max_length=1024)] | None = None
    """For the readers of the service in PagerDuty; null and empty are equal."""
    pagerduty: LadderPagerDuty = LadderPagerDuty()
    """What only PagerDuty needs to know."""
    previously: Handle | None = None
    """Former handle; makes a rename of it."""
