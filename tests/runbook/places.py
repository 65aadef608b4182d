"""Dotted places in a policy, the same in the files' plain data and in the loaded, typed policy.

A place follows the keys as the YAML writes them: `severities.P1.steps.15m`, `people.ana.email`.  Lists count from 0;
a text of several lines is a list of lines.  A list of one and its only value are the same place's value.  Defaults are
at no place: a place holds what a file says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor


class _TextDates(SafeConstructor):
    """Dates stay the text that was written."""


_TextDates.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def read_yaml(path: Path) -> Any:
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _TextDates
    return yaml.load(path)


def read_policy(folder: Path) -> dict[str, Any]:
    """Every file's kinds together; only for trees that keep each kind in one file."""
    kinds: dict[str, Any] = {}
    for path in sorted(folder.rglob("*.yaml")):
        data = read_yaml(path)
        assert not kinds.keys() & data.keys(), f"{path} repeats a kind"
        kinds |= data
    return kinds


def resolve(policy: object, place: str) -> object:
    """Raises LookupError where nothing stands at the place; null counts as nothing."""
    value = policy
    for segment in place.split("."):
        value = _step(value, segment)
        if value is None:
            raise LookupError(place)
    return value


def _step(value: object, segment: str) -> object:
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            if (field.alias or name) == segment and name in value.model_fields_set:
                return getattr(value, name)
        raise LookupError(segment)
    if isinstance(value, Mapping):
        return next((member for key, member in value.items() if str(key) == segment), None)
    if isinstance(value, str):
        value = value.splitlines()
    if isinstance(value, list | tuple) and segment.isdigit():
        return value[int(segment)]
    raise LookupError(segment)


def shown(value: object) -> str:
    """A scalar as YAML writes it."""
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    return str(value).lower() if isinstance(value, bool) else str(value)


def members(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [str(key) for key in value]
    assert isinstance(value, list | tuple), f"{value!r} has no members"
    return [str(index) for index in range(len(value))]


def leaves(data: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Every scalar of plain data with its place; a text of several lines gives its lines that say something."""
    if isinstance(data, str) and "\n" in data:
        data = data.splitlines()
    if isinstance(data, Mapping | list):
        pairs = data.items() if isinstance(data, Mapping) else enumerate(data)
        for key, member in pairs:
            yield from leaves(member, f"{place}.{key}" if place else str(key))
    elif data != "":
        yield place, shown(data)


@contextmanager
def deleted(data: Any, place: str) -> Iterator[None]:
    """The plain data without one leaf, put back afterwards."""
    *parents, last = place.split(".")
    holder: Any = data
    outer: Any = None
    key: Any = None
    for segment in parents:
        outer, key = holder, int(segment) if isinstance(holder, list) else segment
        holder = holder[key]
    if isinstance(holder, str):
        lines = holder.splitlines()
        del lines[int(last)]
        outer[key] = "\n".join(lines) + "\n"
        yield
        outer[key] = holder
    elif isinstance(holder, list):
        value = holder.pop(int(last))
        yield
        holder.insert(int(last), value)
    else:
        before = dict(holder)
        del holder[last]
        yield
        holder.clear()
        holder.update(before)
