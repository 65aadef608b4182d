"""Phone numbers, private links and keys in free text: no file holds them, nothing shows them."""

from __future__ import annotations

import re

_PHONE = (
    r"(?:tel:)?\+[0-9][0-9 ()./-]{6,}[0-9]"
    r"|tel:[0-9(][0-9 ()./-]{4,}[0-9]"
    r"|(?<![0-9])\(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}(?![0-9])"
)
_LINK = r"webcal://\S+|https?://\S*/private/\S+|https://hooks\.slack\.com/services/\S+"
_KEY = (
    r"(?<![0-9A-Za-z-])[0-9a-f]{32}(?![0-9A-Za-z])"
    r"|\bgh[pousr]_[0-9A-Za-z]{30,}|\bgithub_pat_\w{30,}"
    r"|\bxox[abeoprs]-[0-9A-Za-z-]{10,}|\bxapp-[0-9]-[0-9A-Za-z-]{10,}"
    r"|(?<![0-9A-Za-z])u\+[0-9A-Za-z_-]{18}(?![0-9A-Za-z_-])"
)
PRIVATE = re.compile(f"{_PHONE}|{_LINK}|{_KEY}")


def masked(text: str) -> str:
    return PRIVATE.sub("[...]", text)


def starred(text: str) -> str:
    """As long as before, so that a mark below still points to its place."""
    return PRIVATE.sub(lambda found: "*" * len(found[0]), text)
