"""What the model expects at a place of the data."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from watchbill.findings import Place
from watchbill.model.described import descriptions


def expected_at(annotation: Any, path: Place, data: Any) -> list[Any]:
    """The types that would do at `path`, None and constraints left out; several for a union.

    `data` is what stands at the path: a single value where a list may stand is measured by the list's items.
    """
    found = [*_members(annotation)]
    for step in path:
        found = [inner for kind in found for inner in _inside(kind, step)]
    if not isinstance(data, list):
        found = [inner for kind in found for inner in ([kind] if _items(kind) is None else _with_items(kind))]
    return list(dict.fromkeys(found))


def models_at(annotation: Any, path: Place) -> list[type[BaseModel]]:
    return [kind for kind in expected_at(annotation, path, {}) if is_model(kind)]


def is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def keys_of(model: type[BaseModel]) -> dict[str, str]:
    """Key as people write it -> its description."""
    described = descriptions(model)
    return {field.alias or name: described.get(name, "") for name, field in model.model_fields.items()}


def required_keys(model: type[BaseModel]) -> list[str]:
    needed = [field.alias or name for name, field in model.model_fields.items() if field.is_required()]
    return needed or list(keys_of(model))[:1]


def _members(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _members(get_args(annotation)[0])
    elif origin is Union or origin is types.UnionType:
        for member in get_args(annotation):
            yield from _members(member)
    elif annotation is not types.NoneType:
        yield annotation


def _inside(kind: Any, step: str | int) -> Iterator[Any]:
    if is_model(kind):
        for name, field in kind.model_fields.items():
            if (field.alias or name) == step:
                yield from _members(field.annotation)
    elif get_origin(kind) is dict and isinstance(step, str):
        yield from _members(get_args(kind)[1])
    elif (items := _items(kind)) is not None:
        if isinstance(step, int):
            yield from _members(items)
        else:
            for member in _members(items):
                yield from _inside(member, step)


def _items(kind: Any) -> Any | None:
    return get_args(kind)[0] if get_origin(kind) is tuple else None


def _with_items(kind: Any) -> list[Any]:
    return [kind, *_members(_items(kind))]
