"""Filling the runbook's message templates.

A line that holds a field of type `lines` is written once per line of it, and a leading number counts up.
Nothing but `{{ field }}` is replaced, once: what people type is never read as a template.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from watchbill.errors import UsageError
from watchbill.model.directory import SLOT, Message

Value = str | Sequence[str]

_NUMBER = re.compile(r"^(\s*)(\d+)\. ")


def missing_fields(message: Message, values: Mapping[str, Value]) -> tuple[str, ...]:
    """Required fields without any text, in the order of the template."""
    return tuple(
        name for name, field in message.fields.items() if field.required and not _lines(values.get(name, ""))
    )


def fill(message: Message, values: Mapping[str, Value]) -> str:
    """A slot that is no field stays as it is, for nobody waits for a page until the policy is mended.

    Raises UsageError that names every missing or unknown field.
    """
    unknown = sorted(set(values) - set(message.fields))
    if unknown:
        raise UsageError(
            f"{message.title} has no field {', '.join(unknown)}",
            remedy=f"its fields are {', '.join(message.fields)}",
        )
    missing = missing_fields(message, values)
    if missing:
        raise UsageError(f"{message.title} lacks {', '.join(missing)}", remedy=_examples(message, missing))
    slots = {found[1]: found[0] for found in SLOT.finditer(message.text) if found[1] not in message.fields}
    written: list[str] = []
    for line in message.text.splitlines():
        written += _filled(line, message, {**slots, **values})
    return "\n".join(written) + ("\n" if message.text.endswith("\n") else "")


def example_values(message: Message) -> dict[str, Value]:
    return {name: field.example or name for name, field in message.fields.items()}


def line_by_line(values: Mapping[str, Value]) -> str:
    """For a policy without that template: the same words."""
    told = {key.replace("_", " "): "; ".join(_lines(value)) for key, value in values.items()}
    return "\n".join(f"{key}: {text}" for key, text in told.items() if text)


def one_of(names: Iterable[str], kind: str) -> str:
    """The remedy for a name that is not there."""
    known = ", ".join(names)
    return f"one of {known}" if known else f"the policy has none; they stand under `{kind}:`"


def _filled(line: str, message: Message, values: Mapping[str, Value]) -> list[str]:
    lists = {name for name, field in message.fields.items() if field.type == "lines"}
    several = [name for name in SLOT.findall(line) if name in lists]
    if not several:
        return [SLOT.sub(lambda slot: _joined(values.get(slot[1], "")), line)]
    found = []
    for place, text in enumerate(_lines(values.get(several[0], ""))):
        one = SLOT.sub(
            lambda slot, text=text: text if slot[1] == several[0] else _joined(values.get(slot[1], "")),  # type: ignore[misc]
            line,
        )
        number = _NUMBER.match(line)
        if number:
            one = f"{number[1]}{int(number[2]) + place}. {one[number.end() :]}"
        found.append(one)
    return found


def _joined(value: Value) -> str:
    return ", ".join(_lines(value))


def _lines(value: Value) -> list[str]:
    """Each on one line of its own."""
    parts = (
        value.splitlines() if isinstance(value, str) else [line for one in value for line in one.splitlines()]
    )
    return [part.strip() for part in parts if part.strip()]


def _examples(message: Message, names: Sequence[str]) -> str:
    told = []
    for name in names:
        example = message.fields[name].example
        first = example if isinstance(example, str) else example[0] if example else ""
        told.append(f"{name} (such as {first})" if first else name)
    return "give " + "; ".join(told)
