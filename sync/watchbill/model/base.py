"""The ground all kinds stand on: strict frozen models, handles, `x | [x]`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    StringConstraints,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T")

HANDLE = r"^[a-z0-9][a-z0-9-]{0,62}$"
SEVERITY_HANDLE = r"^[A-Za-z0-9][A-Za-z0-9-]{0,62}$"

PLACEHOLDER: Literal["placeholder"] = "placeholder"
"""Will be known, is not yet."""
UNSET: Literal["unset"] = "unset"
"""Nobody, or nothing, yet."""
NOT_APPLICABLE: Literal["n/a"] = "n/a"
"""Does not exist."""
NOBODY: Literal["nobody"] = "nobody"
"""Vacant on purpose."""
WORDS = frozenset({PLACEHOLDER, UNSET, NOT_APPLICABLE, NOBODY})


class Model(BaseModel):
    """Fields are described by the docstring below them (`model.described`).

    A model is made ready when it is first used, so that a policy pays only for the kinds it has.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        from watchbill.model.described import descriptions  # noqa: PLC0415  who and simulate need no schema

        schema = handler(core_schema)
        keys = handler.resolve_ref_schema(schema).get("properties", {})
        for name, text in descriptions(cls).items():
            key = cls.model_fields[name].alias or name
            keys[key if key in keys else name]["description"] = text
        return schema


Int = Annotated[int, Strict()]
Bool = Annotated[bool, Strict()]
OnlyTrue = Annotated[Literal[True], BeforeValidator(lambda value: value if isinstance(value, bool) else None)]
"""true, or absent.  Without the look at its type, 1 would do as well."""
# Strict sits on the two scalars that pydantic would otherwise coerce, not on the models: a strict model
# refuses the plain list that stands for a tuple once any validator written in Python has run before it.


Handle = Annotated[str, StringConstraints(pattern=HANDLE)]
SeverityHandle = Annotated[str, StringConstraints(pattern=SEVERITY_HANDLE)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\r\n]+$")]
"""One line.  How much of it PagerDuty takes as a name is the rule `long-name`."""
VendorId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]
"""An id that PagerDuty gave; opaque."""


class SecretRef(Model):
    """A value that lives elsewhere; only its name is written here."""

    secret: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,99}$")]
    """Name of the environment variable or secret that holds the value, such as PHONE_ANA."""

    def __str__(self) -> str:
        return f"secret {self.secret}"


PhoneLine = SecretRef | Literal["placeholder", "n/a", "unset"]
"""A phone number is never written; a secret's name or a word stands for it."""


class _OneStandsForMany:
    """`x | [x]`: one value may stand alone for a list of one; always read as a tuple."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_as_list, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        many = handler(schema)
        return {"anyOf": [many["items"], many]}


def _as_list(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


OneOrMany = Annotated[tuple[T, ...], _OneStandsForMany()]
SomeOf = Annotated[tuple[T, ...], Field(min_length=1), _OneStandsForMany()]
"""Like OneOrMany, but a list may not be empty."""
