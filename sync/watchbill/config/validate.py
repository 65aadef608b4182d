"""One value of a file against the model: the object, or the findings that say why not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from watchbill.config.annotations import expected_at, keys_of, models_at
from watchbill.config.discreet import NEVER_SHOWN
from watchbill.config.faults import Fault, faults
from watchbill.config.lines import quoted
from watchbill.config.words import (
    Words,
    broken_key_rule,
    missing_key,
    unknown_key,
    wrong_value,
)
from watchbill.config.yaml_reader import Document
from watchbill.findings import Finding, Place, Spot
from watchbill.model.base import Handle
from watchbill.model.places import inside, item_words
from watchbill.model.policy import Policy
from watchbill.model.rules import KEY_RULES


@cache
def checker(kind: str, part: str = "") -> tuple[Any, TypeAdapter[Any]]:
    """The type, and its adapter, of one object or item of a kind; of a part of `triggers`; of `settings` as a whole."""
    annotation: Any = Policy.model_fields[kind].annotation
    if part:
        annotation = annotation.model_fields[part].annotation
    if get_origin(annotation) is dict:
        annotation = get_args(annotation)[1]
    elif get_origin(annotation) is tuple:
        annotation = get_args(annotation)[0]
    return annotation, TypeAdapter(annotation)


@cache
def handle_checker(kind: str) -> tuple[Any, TypeAdapter[Any]]:
    """For the handles of a kind, whatever they stand for."""
    handle = Handle if kind == "triggers" else get_args(Policy.model_fields[kind].annotation)[0]
    annotation: Any = dict[handle, Any]  # type: ignore[valid-type]
    return annotation, TypeAdapter(annotation)


@dataclass(frozen=True, slots=True)
class Spotter:
    """Turns faults of one value into findings.  `path` leads to the value in the file, `owner` names it."""

    document: Document
    path: Place
    owner: str
    names: dict[str, str]

    def findings(self, error: ValidationError, annotation: Any, data: Any) -> list[Finding]:
        found = [self._finding(fault, annotation, data) for fault in faults(error, data)]
        return _without_follow_ups(list(dict.fromkeys(found)))

    def _finding(self, fault: Fault, annotation: Any, data: Any) -> Finding:
        words, at_key, path = self._words(fault, annotation, data)
        if NEVER_SHOWN & {*map(str, path)} and isinstance(fault.value, str):
            words = words._replace(message=words.message.replace(quoted(fault.value), "this"))
        return finding_at(self.document.spot(self.path + path, key=at_key), words, self.document.file)

    def _words(self, fault: Fault, annotation: Any, data: Any) -> tuple[Words, bool, Place]:
        if fault.type == "extra_forbidden":
            around = fault.path[:-1]
            keys = {key for model in models_at(annotation, around) for key in keys_of(model)}
            return unknown_key(fault, self._owner(around), keys), True, fault.path
        if fault.type == "missing" and isinstance(fault.context["missing"], str):
            described = {
                k: d for model in models_at(annotation, fault.path) for k, d in keys_of(model).items()
            }
            return missing_key(fault.context["missing"], self._owner(fault.path), described), True, fault.path
        if fault.type in KEY_RULES:
            return broken_key_rule(fault, self._owner(fault.path)), True, fault.path
        expected = expected_at(annotation, fault.path, fault.value)
        named = fault if fault.path else replace(fault, path=self.path)
        may_be = expected_at(annotation, fault.path, [])
        listed = isinstance(named.path[-1], int) or any(get_origin(kind) is tuple for kind in may_be)
        return wrong_value(named, expected, self.names, listed=listed), fault.at_key, fault.path

    def _owner(self, steps: Place) -> str:
        return inside(self.owner, steps)


def owner_of(place: Place, data: Any) -> str:
    """What people call the value at a place; `data` is that value."""
    if len(place) > 1 and isinstance(place[1], int):
        item = item_words(str(place[0]), data) or f"item {place[1] + 1} of {place[0]}"
        return inside(item, place[2:])
    return inside(str(place[0]), place[1:])


def finding_at(spot: Spot | None, words: Words, file: str) -> Finding:
    where = spot or Spot(file, 0, 0)
    return Finding(
        words.rule,
        "error",
        words.message,
        words.hint,
        file=where.file,
        line=where.line,
        column=where.column,
        width=where.width,
        source=where.source,
    )


def _without_follow_ups(found: list[Finding]) -> list[Finding]:
    """A misspelt key is both unknown and missing: once is enough."""
    meant = {
        f.hint.split("'")[1] for f in found if f.rule == "unknown-key" and f.hint.startswith("did you mean '")
    }
    return [
        f for f in found if f.rule != "missing-key" or not any(_asks_for(f.message, key) for key in meant)
    ]


def _asks_for(message: str, key: str) -> bool:
    wanted = message.partition(" needs ")[2].replace(",", " ").replace("'", " ").split()
    return key in wanted
