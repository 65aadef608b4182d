"""How the service names the zones it takes."""

from __future__ import annotations


def canonical(name: str) -> str:
    return "Etc/UTC" if name == "UTC" else name
