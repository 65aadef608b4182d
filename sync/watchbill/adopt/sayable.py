"""Which texts a policy file may hold."""

from __future__ import annotations

from typing import Any

from watchbill.config.edit_dump import dump_fragment
from watchbill.config.edit_errors import EditRefused
from watchbill.private_text import masked


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
