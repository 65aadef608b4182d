"""Free text, all of which is published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watchbill.checks.context import Context
from watchbill.checks.rule import Problem, Rule
from watchbill.findings import Place
from watchbill.private_text import PRIVATE

_SHORTEST = 8
"""Characters; no private text is shorter."""


def _private_text(context: Context) -> Iterator[Problem]:
    policy = context.policy.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for place, text in _strings(policy, ()):
        if PRIVATE.search(text):
            yield Problem(
                place,
                "this text holds a phone number, a private link or a key; texts are published",
                "delete it; a phone number belongs into a secret: `phone: {secret: NAME}`",
            )


def _strings(data: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(data, str):
        if len(data) >= _SHORTEST:
            yield place, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _strings(key, (*place, key))
            yield from _strings(value, (*place, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from _strings(value, (*place, i))


PRIVATE_TEXT = Rule(
    "private-text", "error", "A phone number, a private link or a key in a text", _private_text
)
RULES = (PRIVATE_TEXT,)
