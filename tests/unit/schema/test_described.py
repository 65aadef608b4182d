"""The docstrings below fields are read as pydantic reads them."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict, Field

from watchbill.model.described import descriptions
from watchbill.model.policy import KINDS, Policy, kind_model


class Plain(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    a: int = 0
    """One line."""
    b: Annotated[int, Field(description="said otherwise")] = 0
    """Not this."""
    c: int = 0
    other: int = Field(default=0, alias="from")
    """Two lines,
    of which the second is indented.

    And a third.
    """


class Mixed:
    d: int = 0
    """Of no model."""


class Child(Plain, Mixed):
    a: str = ""  # type: ignore[assignment]
    e: int = 0
    """Its own."""


class GrandChild(Child):
    c: int = 0
    """Described at last."""
    a: str = ""  # type: ignore[assignment]
    """Again."""


@pytest.mark.parametrize("model", [Plain, Child, GrandChild])
def test_as_pydantic_reads_them(model: type[BaseModel]) -> None:
    theirs = {name: field.description for name, field in model.model_fields.items() if field.description}
    assert descriptions(model) == theirs
    assert len(theirs) >= 3


def test_every_kind_is_described() -> None:
    assert set(descriptions(Policy)) == set(KINDS)


def test_models_made_at_run_time_say_what_they_are_given() -> None:
    assert descriptions(kind_model("roles")) == {"roles": descriptions(Policy)["roles"]}
