"""Finding: the one currency of every check, whoever makes it and wherever it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

Severity = Literal["error", "warning", "note"]
Place = tuple[str | int, ...]
"""Where in the policy: ("rotations", "backend", "crew", 2).  The first item is the kind."""

_RANK: dict[str, int] = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem or note.  `line` and `column` count from 1; 0 means unknown.

    `place` names the spot in the policy, `file` (relative to where the command ran) and `source` (the line's
    text) are filled in once the spot is found in a file.  `width` is how many characters the caret underlines.
    `details` are lines to show as they are, such as a small table.
    """

    rule: str
    severity: Severity
    message: str
    hint: str = ""
    place: Place = ()
    file: str = ""
    line: int = 0
    column: int = 0
    width: int = 1
    source: str = ""
    details: tuple[str, ...] = ()

    @property
    def is_error(self) -> bool:
        return self.severity == "error"


@dataclass(frozen=True, slots=True)
class Spot:
    """A position in a file, with the text of its line."""

    file: str
    line: int
    column: int
    width: int = 1
    source: str = ""


class Locator(Protocol):
    """Finds the spot of a place; the nearest enclosing one when the place itself is not in any file."""

    def spot(self, place: Place) -> Spot | None: ...


def located(finding: Finding, locator: Locator) -> Finding:
    if finding.line or not finding.place:
        return finding
    spot = locator.spot(finding.place)
    if spot is None:
        return finding
    return replace(
        finding, file=spot.file, line=spot.line, column=spot.column, width=spot.width, source=spot.source
    )


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Worst first, then by file and position; the order every report uses."""
    return sorted(findings, key=lambda f: (_RANK[f.severity], f.file, f.line, f.column, f.rule, f.message))


def has_errors(findings: Sequence[Finding]) -> bool:
    return any(f.is_error for f in findings)
