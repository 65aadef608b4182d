"""What a rule is, and what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import NamedTuple

from watchbill.checks.context import Context
from watchbill.findings import Finding, Place, Severity


class Problem(NamedTuple):
    """`severity`: only where it is not the rule's usual one."""

    place: Place
    message: str
    hint: str = ""
    severity: Severity | None = None
    details: tuple[str, ...] = ()


Check = Callable[[Context], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`check` is None for what is found while files are read."""

    id: str
    severity: Severity
    title: str
    check: Check | None = None

    @property
    def explanation(self) -> str:
        return self._part("")

    @property
    def bad_example(self) -> str:
        """YAML; what it lacks to be a policy does not matter for the rule."""
        return self._part("Bad")

    @property
    def good_example(self) -> str:
        return self._part("Good")

    def _part(self, name: str) -> str:
        text = (files("watchbill.checks") / "explained" / f"{self.id}.md").read_text(encoding="utf-8")
        parts = re.split(r"^## (\w+)$\n", text, flags=re.MULTILINE)
        part = parts[0] if not name else dict(zip(parts[1::2], parts[2::2], strict=True)).get(name, "")
        return re.sub(r"^```\w*$\n?", "", part.strip(), flags=re.MULTILINE).strip() + "\n"

    def findings(self, context: Context) -> Iterator[Finding]:
        if self.check is None:
            return
        for problem in self.check(context):
            severity = problem.severity or self.severity
            yield Finding(
                self.id, severity, problem.message, problem.hint, problem.place, details=problem.details
            )
