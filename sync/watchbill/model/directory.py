"""experts, vendors, procedures, messages, metrics, revisions: what people look up at 03:00."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from watchbill.model.base import Handle, Int, Model, OneOrMany, PhoneLine, SeverityHandle, Text, Title, Bool
from watchbill.model.escalation import at_least_one, require_exactly_one, require_some
from watchbill.model.people import ChatName
from watchbill.model.rotations import exactly_one
from watchbill.model.text import Duration, Month

LongText = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class Expert(Model):
    title: Title
    domain: Handle
    primary: Handle
    """person | role | placeholder | unset"""
    backup: Handle
    channel: ChatName
    """Without #."""


class VendorStep(Model):
    model_config = ConfigDict(json_schema_extra=at_least_one("do", "at"))

    do: Text | None = None
    at: Text | None = None
    """Place or address."""
    when: Text | None = None
    only_for: OneOrMany[Title] | None = None
    """Severities of the vendor's own scale."""

    @model_validator(mode="before")
    @classmethod
    def _some(cls, data: Any) -> Any:
        return require_some(data, ("do", "at"), "a vendor's step")


class Vendor(Model):
    """An absent key means the runbook does not say."""

    title: Title
    aliases: tuple[Title, ...] = ()
    use_when: Text | None = None
    portal: Text | None = None
    """Address; or n/a, placeholder."""
    status: Text | None = None
    """Status page; or n/a, placeholder."""
    priority_line: PhoneLine | None = None
    account_manager: Title | None = None
    severities: dict[Title, Text] = {}
    """The vendor's own scale, whatever its names look like."""
    steps: tuple[Text | VendorStep, ...] = ()
    include: tuple[Text, ...] = ()


class OnlyWhen(Model):
    model_config = ConfigDict(json_schema_extra=at_least_one("severity", "outside"))

    severity: OneOrMany[SeverityHandle] | None = None
    outside: Handle | None = None
    """Name of hours in the settings."""

    @model_validator(mode="before")
    @classmethod
    def _some(cls, data: Any) -> Any:
        return require_some(data, ("severity", "outside"), "only_when")


class Procedure(Model):
    title: Title
    purpose: Text | None = None
    at: Text | None = None
    """Where it is done."""
    only_when: OnlyWhen | None = None
    answer_within: Duration | None = None
    criteria: tuple[Text, ...] = ()
    steps: tuple[Text, ...] = ()
    command: Text | None = None
    message: Handle | None = None


FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class MessageField(Model):
    type: Literal["line", "lines", "people", "time-utc", "duration", "incident", "channel"]
    required: Bool = False
    example: OneOrMany[Text] | None = None


_SLOT = re.compile(r"\{\{ ?([a-z][a-z0-9_]*) ?\}\}")


class Message(Model):
    title: Title
    use_when: Text | None = None
    fields: dict[FieldName, MessageField]
    text: LongText
    """`{{ field }}` only; a line that holds a field of type lines is written once per line."""

    @property
    def slots(self) -> tuple[str, ...]:
        return tuple(_SLOT.findall(self.text))


class Metric(Model):
    model_config = ConfigDict(json_schema_extra=exactly_one("below", "at_most"))

    title: Title
    measure: Literal["first-escalation", "escalation-ack", "levels", "unnecessary", "missed"]
    take: Literal["median", "average", "share", "count"]
    severity: OneOrMany[SeverityHandle] | None = None
    below: Goal | None = None
    at_most: Goal | None = None
    review: Literal["weekly", "monthly"]

    @model_validator(mode="before")
    @classmethod
    def _one_goal(cls, data: Any) -> Any:
        return require_exactly_one(data, ("below", "at_most"), "a metric")


Percent = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}%$")]
Goal = Annotated[Int, Field(ge=0)] | Duration | Percent


class Revision(Model):
    date: Month
    version: Title
    author: Title
    changes: Text


def unused_and_unknown(message: Message) -> tuple[set[str], set[str]]:
    """Fields that the text never uses, and slots that are no field."""
    slots = set(message.slots)
    return set(message.fields) - slots, slots - set(message.fields)


