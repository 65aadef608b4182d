"""The committed map between the runbook and the policy, and what a policy lacks of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runbook.places import members, read_yaml, resolve, shown

Entry = dict[str, Any]

MAP = read_yaml(Path(__file__).with_name("map.yaml"))
READINGS: dict[str, Any] = MAP["readings"]
ENTRIES: list[tuple[int, Entry]] = [(line, entry) for line, of in MAP["runbook"].items() for entry in of]
"""In the order of the runbook, each with its line."""


def expected() -> Iterator[tuple[str, object]]:
    """Every place that the map names, with its value; None = nothing may be there."""
    for _, entry in ENTRIES:
        yield from entry.get("at", {}).items()
    for entry in MAP["beyond"]:
        yield from entry["at"].items()


def misses(policy: object) -> Iterator[str]:
    """What the map expects and the policy does not have; lazy, since one miss is often enough."""
    for place, value in expected():
        try:
            found = shown(resolve(policy, place))
        except LookupError:
            if value is not None:
                yield f"{place}: should be {shown(value)!r}, is not there"
            continue
        if value is None or found != shown(value):
            yield f"{place}: should be {value!r}, is {found!r}"
    for place, names in MAP["sections"].items():
        try:
            found_names = members(resolve(policy, place))
        except LookupError:
            found_names = []
        if sorted(found_names) != sorted(map(str, names)):
            yield f"{place}: should have {names}, has {found_names}"
