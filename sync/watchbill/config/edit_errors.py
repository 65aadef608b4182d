from __future__ import annotations

from watchbill.errors import UsageError


class EditRefused(UsageError):
    """The edit cannot be made without changing something else, or what it names is not there."""
