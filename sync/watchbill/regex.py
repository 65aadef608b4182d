"""Regular expressions that other people wrote: PagerDuty's own engine (RE2), which never backtracks."""

from __future__ import annotations

from typing import Any


class BadPattern(ValueError):
    """Not a regular expression of RE2: it has no look-ahead and no back-references, for one."""


class Pattern:
    """Raises BadPattern."""

    def __init__(self, text: str, *, ignore_case: bool = False) -> None:
        import re2  # type: ignore[import-untyped]  # noqa: PLC0415  few policies need it

        options = re2.Options()
        options.case_sensitive = not ignore_case
        options.log_errors = False
        try:
            self._compiled: Any = re2.compile(text, options)
        except (re2.error, UnicodeError) as bad:
            raise BadPattern(_reason(bad)) from None

    def is_in(self, text: str) -> bool:
        return self.first(text) is not None

    def first(self, text: str) -> str | None:
        """The first group of the first place that fits, or all of that place where the pattern has no group."""
        try:
            found = self._compiled.search(text)
        except UnicodeError:  # half of a surrogate pair
            return None
        if found is None:
            return None
        value = found[1] if self._compiled.groups else found[0]
        return None if value is None else str(value)

    def starts(self, text: str) -> bool:
        return self._compiled.match(text) is not None

    def fits(self, text: str) -> bool:
        """The whole text.  False for half of a surrogate pair."""
        try:
            return self._compiled.fullmatch(text) is not None
        except UnicodeError:
            return False


def _reason(bad: Exception) -> str:
    said = bad.args[0] if bad.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
