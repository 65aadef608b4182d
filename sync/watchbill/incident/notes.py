"""What watchbill writes into an incident's notes, so that a later run knows what an earlier one did.

The last line of such a note is a mark: `watchbill/1 trigger name=no-progress level=2`.  Values are
percent-encoded where they hold spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from watchbill.account.incidents import LogEntry
from watchbill.pagerduty.incidents import LONGEST_NOTE

_LINE = re.compile(r"^watchbill/1 ([a-z][a-z-]*)((?: [a-z][a-z-]*=\S*)*)$")


@dataclass(frozen=True, slots=True)
class Mark:
    what: str
    """escalate, trigger, warning, reminder, update, stand-down, phone, impact, contained, working, test"""
    values: Mapping[str, str] = field(default_factory=dict)
    at: int = 0
    """When it was written."""
    by: str = ""
    """Id of the user in whose name."""

    def line(self) -> str:
        told = "".join(f" {key}={quote(value, safe=':,@+/-')}" for key, value in self.values.items())
        return f"watchbill/1 {self.what}{told}"

    def number(self, key: str) -> int:
        """0 where it is missing or no number."""
        value = self.values.get(key, "")
        return int(value) if value.isdecimal() and len(value) < 10 else 0


def with_mark(text: str, mark: Mark) -> str:
    """Within a note's length: of far too many words the last go, never the mark."""
    line = mark.line()
    words = text.rstrip()[: LONGEST_NOTE - len(line) - 2].rstrip()
    return f"{words}\n\n{line}" if words.strip() else line


def mark_in(entry: LogEntry) -> Mark | None:
    if entry.what != "annotate" or not entry.note:
        return None
    found = _LINE.fullmatch(entry.note.rstrip().rsplit("\n", 1)[-1].strip())
    if found is None:
        return None
    values = dict(pair.split("=", 1) for pair in found[2].split())
    return Mark(found[1], {key: unquote(value) for key, value in values.items()}, entry.at, entry.agent.id)


def marks(log: Iterable[LogEntry], *what: str) -> list[Mark]:
    """Oldest first; of these kinds, or all."""
    found = (mark_in(entry) for entry in log)
    return [mark for mark in found if mark is not None and (not what or mark.what in what)]
