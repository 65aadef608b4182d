"""pydantic's errors to one fault per place.

A union reports every branch that did not fit, with the branch's name inside `loc`.  People meant one of them: the
branch whose shape (text, list, mapping) is the data's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from watchbill.findings import Place

KEY = "[key]"
_WRONG_SHAPE = frozenset(
    {"string_type", "tuple_type", "list_type", "dict_type", "model_type", "int_type", "bool_type"}
)


@dataclass(frozen=True, slots=True)
class Fault:
    """`type` and `context` are pydantic's; `others` the faults of further branches that fit as well."""

    path: Place
    type: str
    context: dict[str, Any]
    value: Any
    message: str
    at_key: bool = False
    others: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class _Branched:
    """`branches` holds (how deep in the path, name of the branch), outermost first."""

    fault: Fault
    branches: tuple[tuple[int, str], ...]


def faults(error: ValidationError, data: Any) -> list[Fault]:
    found = _settled([_traced(details, data) for details in error.errors(include_url=False)])
    return [fault for fault in found if not _length_after_losses(fault)]


def _length_after_losses(fault: Fault) -> bool:
    """pydantic counts items after dropping the bad ones, which have their own faults."""
    return fault.type == "too_short" and len(fault.value) >= fault.context["min_length"]


def _traced(details: ErrorDetails, data: Any) -> _Branched:
    path: list[str | int] = []
    branches: list[tuple[int, str]] = []
    loc = details["loc"]
    at_key = bool(loc) and loc[-1] == KEY
    missing = details["type"] == "missing"
    steps = loc[:-1] if at_key or missing else loc
    value = data
    for step in steps:
        if (isinstance(value, dict) and step in value) or _is_index(step, value):
            path.append(step)
            value = value[step]
        elif isinstance(step, str):
            branches.append((len(path), step))
    context = {"missing": loc[-1]} if missing else dict(details.get("ctx", {}))
    fault = Fault(tuple(path), details["type"], context, details["input"], details["msg"], at_key)
    return _Branched(fault, tuple(branches))


def _is_index(step: Any, value: Any) -> bool:
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def _settled(found: Sequence[_Branched]) -> list[Fault]:
    result = [item.fault for item in found if not item.branches]
    unions: dict[Place, dict[str, list[_Branched]]] = {}
    for item in found:
        if item.branches:
            (depth, name), *rest = item.branches
            branch = unions.setdefault(item.fault.path[:depth], {}).setdefault(name, [])
            branch.append(_Branched(item.fault, tuple(rest)))
    for place, branches in unions.items():
        result += _chosen(place, [_settled(branch) for branch in branches.values()])
    return result


def _chosen(place: Place, branches: list[list[Fault]]) -> list[Fault]:
    fitting = [branch for branch in branches if not any(_misshapen(fault, place) for fault in branch)]
    if len(fitting) == 1:
        return fitting[0]
    first, *others = (branch[0] for branch in fitting or branches)
    return [replace(first, others=tuple(others))]


def _misshapen(fault: Fault, place: Place) -> bool:
    if fault.path != place or fault.at_key:
        return False
    if fault.type == "literal_error":
        return not isinstance(fault.value, str)
    return fault.type in _WRONG_SHAPE
