"""What a command answers, before any transport gives it a shape.  Texts are plain; the transport escapes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    command: str
    """What is typed for whoever presses it, without the slash command."""
    style: Literal["plain", "go", "stop"] = "plain"


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form."""

    name: str
    label: str
    several_lines: bool = False
    required: bool = True
    initial: str = ""
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    """(value, label); empty = free text."""


@dataclass(frozen=True, slots=True)
class Form:
    """Asked in a dialog; what is filled in comes back with `command`."""

    title: str
    command: str
    fields: tuple[Field, ...]
    submit: str = "Send"


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    """Prose, a line or a few."""
    table: str = ""
    """Columns that want a fixed width."""
    buttons: tuple[Button, ...] = ()
    form: Form | None = None
    private: bool = True
    """Only for who asked."""
    failed: bool = False


def refused(text: str) -> Answer:
    return Answer(text, failed=True)
