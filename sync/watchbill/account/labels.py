"""Labels of our rules in a rule set: whose they are, and on the first of them what was written last.

    watchbill:medicalcor-database/security-P1 3f9c2a @2026-11-23T14:00Z     the first: digest and time of all of ours
    watchbill:medicalcor-database/P1                                        each other one
    watchbill:medicalcor-database/P1 3f9c2a @2026-11-23T14:00Z rules only   the catch-all is somebody else's

A rule set has no description, so the story that elsewhere stands in a marker line stands here (rulings 1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from watchbill.account.marker import instant_shown, to_minute
from watchbill.account.objects import Marker

PREFIX = "watchbill:"
_LABEL = re.compile(
    r"watchbill:(?P<handle>[^\s/]+)/(?P<name>\S+)"
    r"(?:\s+(?P<digest>[0-9a-f]{6})\s+@(?P<when>\S+)(?P<rules_only>\s+rules only)?)?.*"
)


@dataclass(frozen=True, slots=True)
class Label:
    handle: str
    """Of the service."""
    name: str
    marker: Marker | None
    rules_only: bool = False


def routing_key(handle: str) -> str:
    return f"routing/{handle}"


def read_label(text: str | None) -> Label | None:
    """None for a rule that is not ours."""
    found = _LABEL.fullmatch((text or "").strip())
    if found is None:
        return None
    at = instant_shown(found["when"]) if found["when"] else None
    key = routing_key(found["handle"])
    marker = None if at is None else Marker(key=key, digest=found["digest"], at=at)
    return Label(found["handle"], found["name"], marker, found["rules_only"] is not None)


def write_label(handle: str, name: str, marker: Marker | None = None, *, rules_only: bool = False) -> str:
    label = f"{PREFIX}{handle}/{name}"
    if marker is None:
        return label
    when = datetime.fromtimestamp(to_minute(marker.at), UTC).strftime("%Y-%m-%dT%H:%MZ")
    return f"{label} {marker.digest} @{when}" + (" rules only" if rules_only else "")
