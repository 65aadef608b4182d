"""experts, vendors, procedures, messages, metrics, revisions: what people look up at 03:00."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from watchbill.model.base import (
    Bool,
    Handle,
    Int,
    Model,
    PhoneLine,
    SeverityHandle,
    SomeOf,
    Text,
    Title,
)
from watchbill.model.people import ChatName
from watchbill.model.rules import RuledModel
from watchbill.model.text import Duration, Month

LongText = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class Expert(Model):
    title: Title
    """What they are expert in."""
    domain: Handle
    """Handle of `domains`."""
    primary: Handle
    """Who is asked first: person | role | placeholder | unset"""
    backup: Handle
    """Who is asked next: person | role | placeholder | unset"""
    channel: ChatName
    """Slack channel, without #."""


class VendorStep(RuledModel):
    at_least_one_of = ("do", "at")

    do: Text | None = None
    """What to do: Create support case."""
    at: Text | None = None
    """Place or address."""
    when: Text | None = None
    """In which case: For API issues."""
    only_for: SomeOf[Title] | None = None
    """Severities of the vendor's own scale."""


class Vendor(Model):
    """An absent key means the runbook does not say."""

    title: Title
    """The vendor's name."""
    aliases: tuple[Title, ...] = ()
    """Other names it goes by."""
    use_when: Text | None = None
    """When to turn to them, one sentence."""
    portal: Text | None = None
    """Address; or n/a, placeholder."""
    status: Text | None = None
    """Status page; or n/a, placeholder."""
    priority_line: PhoneLine | None = None
    """Never the number: {secret: GCP_LINE} names where it is kept; or n/a, placeholder."""
    account_manager: Title | None = None
    """Name; or n/a, placeholder."""
    severities: dict[Title, Text] = {}
    """The vendor's own scale, whatever its names look like."""
    steps: tuple[Text | VendorStep, ...] = ()
    """What to do, in order."""
    include: tuple[Text, ...] = ()
    """What to have at hand when asking them."""


class OnlyWhen(RuledModel):
    at_least_one_of = ("severity", "outside")

    severity: SomeOf[SeverityHandle] | None = None
    """Only for incidents of these severities."""
    outside: Handle | None = None
    """Name of hours in the settings."""


class Procedure(Model):
    title: Title
    """What people call it."""
    purpose: Text | None = None
    """What it is for, one sentence."""
    at: Text | None = None
    """Where it is done."""
    only_when: OnlyWhen | None = None
    """When it may be used at all."""
    answer_within: Duration | None = None
    """Without an answer for that long, go one level up: 5m."""
    criteria: tuple[Text, ...] = ()
    """What should hold before it is done."""
    steps: tuple[Text, ...] = ()
    """What to do, in order."""
    command: Text | None = None
    """One command line that does it."""
    message: Handle | None = None
    """Handle of `messages` that goes out with it."""


FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class MessageField(Model):
    type: Literal["line", "lines", "people", "time-utc", "duration", "incident", "channel"]
    """What is asked for; `lines` may have several."""
    required: Bool = False
    """The message does not go out without it."""
    example: SomeOf[Text] | None = None
    """Shown in forms and on the page; never checked against the type."""


SLOT = re.compile(r"\{\{ ?([a-z][a-z0-9_]*) ?\}\}")


class Message(Model):
    title: Title
    """What people call it."""
    use_when: Text | None = None
    """When it is sent."""
    fields: dict[FieldName, MessageField]
    """What is filled in; each is used in the text at least once."""
    text: LongText
    """`{{ field }}` only; a line that holds a field of type lines is written once per line."""

    @property
    def slots(self) -> tuple[str, ...]:
        return tuple(SLOT.findall(self.text))


Percent = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}%$")]
Goal = Annotated[Int, Field(ge=0)] | Duration | Percent


class Metric(RuledModel):
    exactly_one_of = ("below", "at_most")

    title: Title
    """What people call it."""
    measure: Literal["first-escalation", "escalation-ack", "levels", "unnecessary", "missed"]
    """What is measured."""
    take: Literal["median", "average", "share", "count"]
    """How many values become one."""
    severity: SomeOf[SeverityHandle] | None = None
    """Only incidents of these severities; default: all."""
    below: Goal | None = None
    """The target, itself excluded: 30m, 3 or 10%."""
    at_most: Goal | None = None
    """The target, itself included: 30m, 3 or 10%."""
    review: Literal["weekly", "monthly"]
    """How often people look at it."""


class Revision(Model):
    date: Month
    """Month or day: 2024-12."""
    version: Title
    """In quotes, since 1.0 is a number elsewhere: "1.0"."""
    author: Title
    """Who made it."""
    changes: Text
    """What changed."""


def unused_and_unknown(message: Message) -> tuple[set[str], set[str]]:
    """Fields that the text never uses, and slots that are no field."""
    slots = set(message.slots)
    return set(message.fields) - slots, slots - set(message.fields)
