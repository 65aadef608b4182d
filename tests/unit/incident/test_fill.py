"""The runbook's templates, letter by letter."""

from __future__ import annotations

import re

import pytest

from shared import shared
from stage import shipped
from watchbill.errors import UsageError
from watchbill.incident.fill import example_values, fill, line_by_line, one_of
from watchbill.model.directory import Message

MESSAGES = sorted(shipped().messages)


def code_blocks(markdown: str) -> list[str]:
    found, current, indent = [], None, 0
    for line in markdown.splitlines():
        fence = re.match(r"^(\s*)```", line)
        if fence and current is None:
            current, indent = [], len(fence[1])
        elif fence and current is not None:
            found.append("\n".join(current))
            current = None
        elif current is not None:
            current.append(line[indent:])
    return found


@pytest.mark.parametrize("name", MESSAGES)
def test_filled_with_its_examples_it_is_the_runbooks_text(name: str) -> None:
    blocks = code_blocks(shared("runbook.md").read_text("utf-8"))
    message = shipped().messages[name]
    assert fill(message, example_values(message)).strip() in [block.strip() for block in blocks]


@pytest.mark.parametrize("name", MESSAGES)
def test_every_missing_field_is_named(name: str) -> None:
    message = shipped().messages[name]
    for field, spec in message.fields.items():
        values = {key: value for key, value in example_values(message).items() if key != field}
        if spec.required:
            with pytest.raises(UsageError, match=rf"\b{field}\b"):
                fill(message, values)
            with pytest.raises(UsageError, match=rf"\b{field}\b"):
                fill(message, {**values, field: "  \n "})


@pytest.mark.parametrize("name", MESSAGES)
def test_each_field_stands_where_the_template_has_it(name: str) -> None:
    """Field by field: only its own places change."""
    message = shipped().messages[name]
    plain = {field: f"<{field}>" for field in message.fields}
    text = fill(message, plain)
    for field in message.fields:
        assert text.count(f"<{field}>") == message.slots.count(field)


def test_lines_are_repeated_and_numbered() -> None:
    message = Message.model_validate(
        {
            "title": "T",
            "fields": {"a": {"type": "lines"}, "b": {"type": "line"}},
            "text": "1. {{ a }} for {{ b }}\n- end",
        }
    )
    assert (
        fill(message, {"a": ["x", "y\nz"], "b": "all"}) == "1. x for all\n2. y for all\n3. z for all\n- end"
    )


def test_what_people_type_is_no_template() -> None:
    message = Message.model_validate(
        {"title": "T", "fields": {"a": {"type": "line"}, "b": {"type": "line"}}, "text": "{{ a }} {{ b }}"}
    )
    assert fill(message, {"a": r"{{ b }} \1 {0}", "b": "x"}) == r"{{ b }} \1 {0} x"


def test_a_slot_that_is_no_field_holds_nobody_up() -> None:
    message = Message.model_validate(
        {"title": "T", "fields": {"a": {"type": "lines"}}, "text": "1. {{ a }}: {{ impct }}"}
    )
    assert fill(message, {"a": ["x", "y"]}) == "1. x: {{ impct }}\n2. y: {{ impct }}"


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(UsageError, match="no field colour"):
        fill(shipped().messages["short"], {"colour": "red"})


def test_a_policy_without_the_template_has_the_same_words_and_no_empty_line() -> None:
    values = {"reason": "", "stand_down": ["Ana", "Ben"], "next_update": "03:00 UTC"}
    assert line_by_line(values) == "stand down: Ana; Ben\nnext update: 03:00 UTC"


def test_where_there_is_nothing_to_choose_from_it_says_so() -> None:
    assert one_of(["more-hands", "legal"], "triggers.needs") == "one of more-hands, legal"
    assert one_of([], "paths") == "the policy has none; they stand under `paths:`"
