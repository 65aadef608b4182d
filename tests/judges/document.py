"""PagerDuty's OpenAPI document as a validating proxy can use it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_IGNORED = frozenset({"accept", "content-type", "authorization"})
"""OpenAPI 3 says to ignore these as header parameters; Prism insists on them (also on GET)."""


def cleaned(document: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """A copy with only these paths and without those parameters."""
    wanted = set(paths)
    clean = copy.deepcopy(dict(document))
    clean["paths"] = {path: item for path, item in clean["paths"].items() if path in wanted}
    for item in clean["paths"].values():
        for holder in [item, *(value for value in item.values() if isinstance(value, dict))]:
            if isinstance(holder.get("parameters"), list):
                holder["parameters"] = [p for p in holder["parameters"] if not _is_ignored(clean, p)]
    return clean


def _is_ignored(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> bool:
    node: Any = parameter
    if "$ref" in parameter:
        node = document
        for step in parameter["$ref"].removeprefix("#/").split("/"):
            node = node[step.replace("~1", "/").replace("~0", "~")]
    return node["in"] == "header" and node["name"].lower() in _IGNORED


def templates(document: Mapping[str, Any], routes: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The document's own paths for the sandbox's, whose placeholders may have other names."""
    shapes = {_shape(path): path for path in document["paths"]}
    for _, path in routes:
        if _shape(path) in shapes:
            yield shapes[_shape(path)]


def _shape(path: str) -> tuple[str, ...]:
    return tuple("{}" if step.startswith("{") else step for step in path.split("/"))
