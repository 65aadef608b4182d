"""Which texts a policy file may hold."""

from __future__ import annotations

import re
from typing import Any

from watchbill.config.edit_dump import dump_fragment
from watchbill.config.edit_errors import EditRefused

_PHONE = r"\+[0-9][0-9 ()./-]{6,}[0-9]|(?<![0-9])\(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}(?![0-9])"
_LINK = r"webcal://\S+|https?://\S*/private/\S+"
_KEY = r"(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z])"
_SECRET = re.compile(f"{_PHONE}|{_LINK}|{_KEY}")


def masked(text: str) -> str:
    """Without phone numbers, links to private calendars and keys: no file may hold them, nothing may print them."""
    return _SECRET.sub("[...]", text)


def can_be_written(data: Any) -> bool:
    try:
        dump_fragment(data, style="flow")
    except EditRefused:
        return False
    return True


def cleaned(text: str) -> str:
    """On one line, without what no file may hold; for texts that only people read."""
    if not can_be_written(text):
        text = "".join(c if can_be_written(c) else " " for c in text)
    return " ".join(masked(text).split())[:255]
