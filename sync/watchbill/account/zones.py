"""Zone names that mean the same are one name."""

from __future__ import annotations

_UTC = frozenset({"UTC", "Etc/UTC", "Etc/UCT", "UCT", "Zulu", "Etc/Zulu", "Etc/Universal", "Universal"})


def zone_name(name: str) -> str:
    return "Etc/UTC" if name in _UTC else name
