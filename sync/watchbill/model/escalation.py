"""triggers, paths, guidance and expectations: when and how people escalate, and what must hold."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from watchbill.model.base import Bool, Handle, Int, Model, OneOrMany, SeverityHandle, Text, Title
from watchbill.model.rotations import exactly_one
from watchbill.model.text import Date, Duration, LocalTime

Whom = Annotated[
    str,
    StringConstraints(
        pattern=r"^(?:domain\.(?:primary|secondary|tertiary|specialist)|rotation\.next|[a-z0-9][a-z0-9-]{0,62})$"
    ),
]
"""A target of a human's escalation: also domain.specialist (the domain's experts, else its secondary) and
rotation.next (who has the next turn of the rotation engaged now)."""


def require_exactly_one(data: Any, names: tuple[str, ...], what: str) -> Any:
    if isinstance(data, dict):
        given = [name for name in names if data.get(name) is not None]
        if len(given) != 1:
            raise ValueError(f"{what} needs exactly one of {', '.join(names)}; this one has {len(given)}")
    return data


def require_some(data: Any, names: tuple[str, ...], what: str) -> Any:
    if isinstance(data, dict) and not any(data.get(name) is not None for name in names):
        raise ValueError(f"{what} needs at least one of {', '.join(names)}")
    return data


def at_least_one(*names: str) -> dict[str, Any]:
    return {"anyOf": [{"required": [n], "properties": {n: {"not": {"type": "null"}}}} for n in names]}


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


class When(Model):
    """All that is said must hold."""

    model_config = ConfigDict(json_schema_extra=at_least_one(*_WHEN))

    unacknowledged_for: Duration | None = None
    no_activity_for: Duration | None = None
    """Since the last human activity."""
    open_for: Duration | None = None
    impact: Literal["expanding"] | None = None
    severity: OneOrMany[SeverityHandle] | None = None
    tags: OneOrMany[Handle] | None = None
    """Any one of them suffices."""
    customer_facing: Bool | None = None
    financial: Bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _some(cls, data: Any) -> Any:
        return require_some(data, _WHEN, "when")


class Then(Model):
    model_config = ConfigDict(json_schema_extra=at_least_one("levels", "page", "notify"))

    levels: Annotated[Int, Field(ge=1, le=10)] | None = None
    """That many levels up."""
    page: OneOrMany[Handle] | None = None
    notify: OneOrMany[Handle] | None = None
    page_only_for: OneOrMany[SeverityHandle] | None = None
    """Limits `page`; `notify` always goes out."""

    @model_validator(mode="before")
    @classmethod
    def _some(cls, data: Any) -> Any:
        return require_some(data, ("levels", "page", "notify"), "then")


class AutomaticTrigger(Model):
    title: Title
    when: When
    then: Then
    reason: Text
    warn_before: Duration | None = None


class Need(Model):
    model_config = ConfigDict(json_schema_extra=at_least_one("page", "notify"))

    title: Title
    page: OneOrMany[Whom] | None = None
    notify: OneOrMany[Handle] | None = None

    @model_validator(mode="before")
    @classmethod
    def _some(cls, data: Any) -> Any:
        return require_some(data, ("page", "notify"), "a need")


class DoNotDelay(Model):
    title: Text
    trigger: Handle
    """The automatic trigger that this reason sets off when it is chosen."""


class Triggers(Model):
    automatic: dict[Handle, AutomaticTrigger] = {}
    needs: dict[Handle, Need] = {}
    do_not_delay: dict[Handle, Text | DoNotDelay] = {}


class PathStep(Model):
    """One line of a path.  Exactly one of page, event and fork."""

    model_config = ConfigDict(json_schema_extra=exactly_one("page", "event", "fork"))

    page: OneOrMany[Whom] | None = None
    """Several = a fork of one step each; the line after it joins them."""
    event: Text | None = None
    fork: Annotated[
        tuple[Annotated[tuple[PathStep, ...], Field(min_length=1)], ...], Field(min_length=2)
    ] | None = None
    or_: Whom | None = Field(default=None, alias="or")
    """Paged if the first is unset or does not answer."""
    wait: Duration | None = None
    note: Text | None = None
    title: Title | None = None
    only_if: Text | None = None
    """Words; a human confirms."""

    @model_validator(mode="before")
    @classmethod
    def _one_kind(cls, data: Any) -> Any:
        return require_exactly_one(data, ("page", "event", "fork"), "a step of a path")


class Path(Model):
    title: Title
    purpose: Text | None = None
    use_when: Text | None = None
    wait: Duration | None = None
    """Between steps; none = a human decides."""
    steps: Annotated[tuple[PathStep, ...], Field(min_length=1)]


class GuidanceRule(Model):
    dont: Text
    instead: Text
    guard: Literal[
        "levels-in-order",
        "tried-first",
        "template-complete",
        "escalate-early",
        "no-email-for-p1",
        "next-update",
        "stand-down-reminder",
    ]


class IncidentQuestion(Model):
    severity: SeverityHandle
    domain: Handle
    tags: OneOrMany[Handle] = ()


_QUESTIONS = ("pages", "never_together", "always_someone", "off_duty")


class Expectation(Model):
    """One question about duty or about an incident, with its answer."""

    model_config = ConfigDict(
        json_schema_extra={
            **exactly_one(*_QUESTIONS),
            "dependentRequired": {
                "pages": ["at", "incident"],
                "never_together": ["between"],
                "always_someone": ["between"],
                "off_duty": ["between"],
            },
        }
    )

    name: Title
    at: LocalTime | None = None
    incident: IncidentQuestion | None = None
    pages: Annotated[dict[Duration, OneOrMany[Handle]], Field(min_length=1)] | None = None
    """Elapsed time -> who is paged then; `nobody` = no step at that minute.  Compared by person."""
    between: tuple[Date, Date] | None = None
    """Until excluded."""
    never_together: Annotated[tuple[Handle, ...], Field(min_length=2)] | None = None
    always_someone: Annotated[tuple[Handle, ...], Field(min_length=1)] | None = None
    off_duty: Annotated[tuple[Handle, ...], Field(min_length=1)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_question(cls, data: Any) -> Any:
        require_exactly_one(data, _QUESTIONS, "an expectation")
        if isinstance(data, dict):
            needs = ("at", "incident") if "pages" in data else ("between",)
            missing = [name for name in needs if name not in data]
            if missing:
                raise ValueError(f"this expectation also needs {' and '.join(missing)}")
        return data
