"""Names of incident channels: `inc-YYYYMMDD-description`."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

LONGEST = 80
"""Slack allows 80 characters."""

_SHAPE = re.compile(r"^inc-(\d{4})(\d{2})(\d{2})-([a-z0-9]+(?:-[a-z0-9]+)*)$")


def channel_name(description: str, day: date) -> str:
    """Without #.  `day`: when the incident opened, UTC."""
    plain = unicodedata.normalize("NFKD", description).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "incident"
    head = f"inc-{day:%Y%m%d}-"
    return head + words[: LONGEST - len(head)].strip("-")


def channel_problem(name: str) -> str:
    """What is wrong with a channel's name, "" when nothing is."""
    name = name.removeprefix("#")
    if len(name) > LONGEST:
        return f"{len(name)} characters; Slack allows {LONGEST}"
    found = _SHAPE.fullmatch(name)
    if found is None:
        return "it is not of the form inc-YYYYMMDD-description (lower case, words joined by -)"
    try:
        date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return f"{found[1]}-{found[2]}-{found[3]} is no date"
    return ""
