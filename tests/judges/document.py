"""PagerDuty's OpenAPI document as a validating proxy can use it."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from typing import Any

_IGNORED = frozenset({"accept", "content-type", "authorization"})
"""OpenAPI 3 says to ignore these as header parameters; Prism insists on them (also on GET)."""


def cleaned(document: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """A copy with only these paths, without those parameters, and where alternatives overlap any may fit.

    The alternatives for a log entry's channel need no more than a type each, so no channel ever fits exactly one.
    """
    wanted = set(paths)
    clean = copy.deepcopy(dict(document))
    clean["paths"] = {path: item for path, item in clean["paths"].items() if path in wanted}
    for item in clean["paths"].values():
        for holder in [item, *(value for value in item.values() if isinstance(value, dict))]:
            if isinstance(holder.get("parameters"), list):
                holder["parameters"] = [p for p in holder["parameters"] if not _is_ignored(clean, p)]
    channel = clean["components"]["schemas"]["Channel"]
    channel["anyOf"] = channel.pop("oneOf")
    return clean


def _is_ignored(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> bool:
    node: Any = parameter
    if "$ref" in parameter:
        node = document
        for step in parameter["$ref"].removeprefix("#/").split("/"):
            node = node[step.replace("~1", "/").replace("~0", "~")]
    return node["in"] == "header" and node["name"].lower() in _IGNORED


def template(document: Mapping[str, Any], path: str) -> str | None:
    """The document's path for one of the sandbox's, whose placeholders may have other names."""
    filled = re.sub(r"\{[^}]+\}", "X", path)
    fitting = [
        known
        for known in document["paths"]
        if re.fullmatch(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(known)), filled)
    ]
    return min(fitting, key=lambda known: known.count("{"), default=None)
