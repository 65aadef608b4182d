"""triggers, paths, guidance and expectations: when and how people escalate, and what must hold."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from watchbill.model.base import Bool, Handle, Int, Model, OneOrMany, SeverityHandle, SomeOf, Text, Title
from watchbill.model.rules import RuledModel
from watchbill.model.text import Date, Duration, LocalTime

Whom = Annotated[
    str,
    StringConstraints(
        pattern=r"^(?:domain\.(?:primary|secondary|tertiary|specialist)|rotation\.next|[a-z0-9][a-z0-9-]{0,62})$"
    ),
]
"""A target of a human's escalation: also domain.specialist (the domain's experts, else its secondary) and
rotation.next (who has the next turn of the rotation engaged now)."""


_WHEN = (
    "unacknowledged_for",
    "no_activity_for",
    "open_for",
    "impact",
    "severity",
    "tags",
    "customer_facing",
    "financial",
)


class When(RuledModel):
    """All that is said must hold."""

    at_least_one_of = _WHEN

    unacknowledged_for: Duration | None = None
    """Nobody acknowledged it that long: 15m."""
    no_activity_for: Duration | None = None
    """Since the last human activity."""
    open_for: Duration | None = None
    """Since it opened."""
    impact: Literal["expanding"] | None = None
    """`expanding`: it grows by somebody's word or by signs such as a raised priority."""
    severity: OneOrMany[SeverityHandle] | None = None
    """Any one of them suffices."""
    tags: OneOrMany[Handle] | None = None
    """Any one of them suffices."""
    customer_facing: Bool | None = None
    """Its service says so."""
    financial: Bool | None = None
    """Its service says so."""


class Then(RuledModel):
    at_least_one_of = ("levels", "page", "notify")

    levels: Annotated[Int, Field(ge=1, le=10)] | None = None
    """That many levels up."""
    page: SomeOf[Handle] | None = None
    """Who is paged: person, role, rotation or external."""
    notify: SomeOf[Handle] | None = None
    """Who is told: a role with `notify`, or a person."""
    page_only_for: SomeOf[SeverityHandle] | None = None
    """Severities; default: all.  Limits `page`; `notify` always goes out."""


class AutomaticTrigger(Model):
    title: Title
    """The condition in words."""
    when: When
    """What must hold."""
    then: Then
    """What happens then, once per incident."""
    reason: Text
    """Why; told to whoever is paged."""
    warn_before: Duration | None = None
    """The people at work are warned that long before."""


class Need(RuledModel):
    at_least_one_of = ("page", "notify")

    title: Title
    """What is needed, in words."""
    page: SomeOf[Whom] | None = None
    """Who is paged; also domain.specialist and rotation.next."""
    notify: SomeOf[Handle] | None = None
    """Who is told: a role with `notify`, or a person."""


class DoNotDelay(Model):
    title: Text
    """The reason in words."""
    trigger: Handle
    """The automatic trigger that this reason sets off when it is chosen."""


class Triggers(Model):
    automatic: dict[Handle, AutomaticTrigger] = {}
    """Conditions that escalate by themselves."""
    needs: dict[Handle, Need] = {}
    """What people may need, and who has it."""
    do_not_delay: dict[Handle, Text | DoNotDelay] = {}
    """Reasons to escalate at once: words, or words and the trigger they set off."""


class PathStep(RuledModel):
    """One line of a path.  Exactly one of page, event and fork."""

    exactly_one_of = ("page", "event", "fork")

    page: SomeOf[Whom] | None = None
    """Several = a fork of one step each; the line after it joins them."""
    event: Text | None = None
    """Something that happens, such as Incident Detected; nobody is paged."""
    fork: (
        Annotated[tuple[Annotated[tuple[PathStep, ...], Field(min_length=1)], ...], Field(min_length=2)]
        | None
    ) = None
    """Branches that run side by side, each a list of steps; the line after it joins them."""
    or_: Whom | None = Field(default=None, alias="or")
    """Paged if the first is unset or does not answer."""
    wait: Duration | None = None
    """Before this step; default: the path's."""
    note: Text | None = None
    """A remark beside the line."""
    title: Title | None = None
    """What the page shows instead of the target's own title."""
    only_if: Text | None = None
    """Words; a human confirms."""


class Path(Model):
    title: Title
    """What people call it."""
    purpose: Text | None = None
    """What it is for, one sentence."""
    use_when: Text | None = None
    """When to take it, one sentence."""
    wait: Duration | None = None
    """Between steps; none = a human decides."""
    steps: Annotated[tuple[PathStep, ...], Field(min_length=1)]
    """A line follows the line before it."""


class GuidanceRule(Model):
    dont: Text
    """What not to do."""
    instead: Text
    """What to do instead."""
    guard: Literal[
        "levels-in-order",
        "tried-first",
        "template-complete",
        "escalate-early",
        "no-email-for-p1",
        "next-update",
        "stand-down-reminder",
    ]
    """The built-in guard by which the tool keeps it."""


class IncidentQuestion(Model):
    severity: SeverityHandle
    """Handle of `severities`."""
    domain: Handle
    """Handle of `domains`."""
    tags: OneOrMany[Handle] = ()
    """Tags it carries."""


_QUESTIONS = ("pages", "never_together", "always_someone", "off_duty")


class Expectation(RuledModel):
    """One question about duty or about an incident, with its answer."""

    exactly_one_of = _QUESTIONS
    needs: ClassVar = {
        "pages": ("at", "incident"),
        "never_together": ("between",),
        "always_someone": ("between",),
        "off_duty": ("between",),
    }

    name: Title
    """What is expected, in words."""
    at: LocalTime | None = None
    """When the incident opens, in settings.time_zone: 2026-11-29 03:00."""
    incident: IncidentQuestion | None = None
    """Which incident."""
    pages: Annotated[dict[Duration, OneOrMany[Handle]], Field(min_length=1)] | None = None
    """Elapsed time -> who is paged then; `nobody` = no step at that minute.  Compared by person; others may be paged beside them."""
    between: tuple[Date, Date] | None = None
    """From and until, until excluded: [2026-12-01, 2027-03-01]."""
    never_together: Annotated[tuple[Handle, ...], Field(min_length=2)] | None = None
    """Nobody is in two of these at once."""
    always_someone: Annotated[tuple[Handle, ...], Field(min_length=1)] | None = None
    """In each of these somebody is on duty at every moment."""
    off_duty: Annotated[tuple[Handle, ...], Field(min_length=1)] | None = None
    """These people have no duty."""
