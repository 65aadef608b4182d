"""A problem found in one text, before it is known under which name the text is shown."""

from __future__ import annotations

from typing import NamedTuple

from watchbill.config.lines import Lines
from watchbill.findings import Finding, Severity


class Problem(NamedTuple):
    rule: str
    message: str
    hint: str
    start: int
    end: int
    severity: Severity = "error"

    def finding(self, lines: Lines) -> Finding:
        spot = lines.spot(self.start, self.end)
        return Finding(
            rule=self.rule,
            severity=self.severity,
            message=self.message,
            hint=self.hint,
            file=spot.file,
            line=spot.line,
            column=spot.column,
            width=spot.width,
            source=spot.source,
        )


class ReadStopped(Exception):
    """The rest of the text cannot or should not be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem
