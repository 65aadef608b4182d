"""Tokens and secrets from the environment, checked before any library sees them.

A library that refuses a header value quotes it in its error.  So a value that cannot be sent is refused here, unquoted.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from watchbill.errors import AccountUnauthorised, ForgeError, UsageError, WatchbillError

if TYPE_CHECKING:
    from pydantic import SecretStr

ERRORS: dict[str, type[WatchbillError]] = {
    "PAGERDUTY_TOKEN": AccountUnauthorised,
    "PAGERDUTY_WEBHOOK_SECRET": UsageError,
    "GITHUB_TOKEN": ForgeError,
    "SLACK_BOT_TOKEN": UsageError,
    "SLACK_APP_TOKEN": UsageError,
    "SLACK_SIGNING_SECRET": UsageError,
}
"""Variable -> the error that an unusable value raises."""

_USABLE = re.compile(r"[\x21-\x7e]*", re.ASCII)


def credential(name: str) -> SecretStr | None:
    """None where the variable is unset or empty.  Raises the variable's error for a value that no header can carry."""
    value = os.environ.get(name, "")
    if not value:
        return None
    if not _USABLE.fullmatch(value):
        raise ERRORS[name](
            f"{name} has {_defect(value)}; the value is not shown",
            remedy=f"paste it again without spaces and line breaks: printf %s TOKEN, not echo; then set {name}",
        )
    from pydantic import SecretStr

    return SecretStr(value)


def _defect(value: str) -> str:
    if value != value.strip():
        return "white space or a line break at its start or end"
    if any(c.isspace() or not c.isprintable() for c in value):
        return "white space or control characters in it"
    return "characters that are not ASCII"
