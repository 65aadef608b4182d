"""Rules between the keys of one object, said once for pydantic and for the published JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Self

from pydantic import ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from watchbill.model.base import Model

KEY_RULES = ("exactly_one_of", "at_least_one_of", "needs")
"""The error types by which a broken rule is reported; the context holds `keys` and `found`."""


def _rules_as_json_schema(schema: dict[str, Any], model: type[RuledModel]) -> None:
    schema.update(model.key_rules_schema())


class RuledModel(Model):
    """A broken rule is reported beside the faults of the fields, not instead of them."""

    model_config = ConfigDict(json_schema_extra=_rules_as_json_schema)

    exactly_one_of: ClassVar[tuple[str, ...]] = ()
    """Of these keys exactly one is given.  Null counts as not given, here and in the two rules below."""
    at_least_one_of: ClassVar[tuple[str, ...]] = ()
    needs: ClassVar[dict[str, tuple[str, ...]]] = {}
    """Key -> the keys that must stand beside it."""

    @model_validator(mode="wrap")
    @classmethod
    def _key_rules(cls, data: Any, handler: Callable[[Any], Self]) -> Self:
        broken = [InitErrorDetails(type=error, input=data) for error in cls._broken_key_rules(data)]
        if not broken:
            return handler(data)
        try:
            handler(data)
        except ValidationError as found:
            broken = [*_again(found), *broken]
        raise ValidationError.from_exception_data(cls.__name__, broken)

    @classmethod
    def _broken_key_rules(cls, data: Any) -> list[PydanticCustomError]:
        if not isinstance(data, dict):
            return []
        given = {key for key, value in data.items() if value is not None}
        broken = []
        if cls.exactly_one_of and len(given & {*cls.exactly_one_of}) != 1:
            found = [key for key in cls.exactly_one_of if key in given]
            broken.append(_broken("exactly_one_of", cls.exactly_one_of, found))
        if cls.at_least_one_of and not given & {*cls.at_least_one_of}:
            broken.append(_broken("at_least_one_of", cls.at_least_one_of, []))
        for key, others in cls.needs.items():
            missing = [other for other in others if other not in given]
            if key in given and missing:
                broken.append(_broken("needs", missing, [key]))
        return broken

    @classmethod
    def key_rules_schema(cls) -> dict[str, Any]:
        rules: dict[str, Any] = {}
        if cls.exactly_one_of:
            rules["oneOf"] = [_given(key) for key in cls.exactly_one_of]
        if cls.at_least_one_of:
            rules["anyOf"] = [_given(key) for key in cls.at_least_one_of]
        if cls.needs:
            rules["allOf"] = [
                {"if": _given(key), "then": {"allOf": [_given(other) for other in others]}}
                for key, others in cls.needs.items()
            ]
        return rules


def _broken(rule: str, keys: Sequence[str], found: Sequence[str]) -> PydanticCustomError:
    words = f"{', '.join(keys)}; found {' and '.join(found) or 'none of them'}"
    return PydanticCustomError(rule, "{words}", {"words": words, "keys": [*keys], "found": [*found]})


def _again(found: ValidationError) -> list[InitErrorDetails]:
    """The same errors, to be raised together with others."""
    return [
        InitErrorDetails(
            type=PydanticCustomError(
                error["type"], "{words}", {**error.get("ctx", {}), "words": error["msg"]}
            ),
            loc=error["loc"],
            input=error["input"],
        )
        for error in found.errors(include_url=False)
    ]


def _given(key: str) -> dict[str, Any]:
    return {"required": [key], "properties": {key: {"not": {"type": "null"}}}}
