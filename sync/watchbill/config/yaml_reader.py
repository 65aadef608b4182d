"""YAML text to plain data that remembers where everything stands.

Plain words resolve to integers, true/false and null only (`yaml_scalars`); keys are always text.  Never raises for
what a text holds: whatever is wrong is a finding, and `data` is None when the text could not be read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from watchbill.config.lines import Lines
from watchbill.config.yaml_compose import Limits, compose
from watchbill.config.yaml_data import Data, make_data
from watchbill.config.yaml_nodes import Mapping, Node, Scalar, Sequence, resolved
from watchbill.config.yaml_problem import Problem
from watchbill.config.yaml_stream import refused_character
from watchbill.config.yaml_traps import traps
from watchbill.findings import Finding, Place, Spot, has_errors

MOST_FINDINGS = 100
"""Per file and rule; the rest is counted in one more finding."""


@dataclass
class Document:
    """One file.  `file` is the name that findings show."""

    file: str
    text: str
    data: Data = None
    findings: list[Finding] = field(default_factory=list)
    root: Node | None = None
    """The nodes behind the data."""

    @property
    def broken(self) -> bool:
        """What was read is not all that was meant; names defined here may seem to be missing elsewhere."""
        return has_errors(self.findings)

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.text, self.file)

    def spot(self, path: Place, *, key: bool = False) -> Spot | None:
        """Where the value at `path` stands (`key`: its key); the nearest enclosing thing when it is absent.

        A block of lines has no sign of its own, so it is shown by its key, as is a value that is left empty.
        """
        node, name = self.root, None
        if node is None:
            return None
        for step in path:
            found = _child(node, step)
            if found is None:
                return self._shown(node, name, key=True)
            name, node = found
        return self._shown(node, name, key=key)

    def _shown(self, node: Node, name: Node | None, *, key: bool) -> Spot:
        invisible = isinstance(node, Mapping | Sequence) and not node.flow
        invisible = invisible or (isinstance(node, Scalar) and node.is_empty)
        if name is not None and (key or invisible):
            return self.lines.spot(name.start, name.end)
        first = node
        while isinstance(first, Mapping | Sequence) and not first.flow:
            first = first.pairs[0][0] if isinstance(first, Mapping) else first.items[0]
        return self.lines.spot(first.start, first.end)


def _child(node: Node, step: str | int) -> tuple[Node | None, Node] | None:
    """(key, value) in a mapping, (None, item) in a list."""
    inner = resolved(node)
    if isinstance(inner, Mapping):
        return inner.lookup.get(str(step))
    if isinstance(inner, Sequence) and isinstance(step, int) and 0 <= step < len(inner.items):
        return None, inner.items[step]
    return None


def read_yaml(text: str, file: str, *, limits: Limits | None = None) -> Document:
    document = Document(file, text)
    refused = refused_character(text, 1 if text.startswith("\ufeff") else 0)
    if refused is not None:
        document.findings = [refused.finding(document.lines)]
        return document
    composed = compose(text, limits or Limits())
    problems = list(composed.problems)
    if text.startswith("\ufeff"):
        problems.append(_BYTE_ORDER_MARK)
    document.root = composed.root
    if composed.root is not None:
        document.data, found = make_data(composed.root, document.lines)
        problems += found
        problems += traps(composed, text)
    document.findings = [p.finding(document.lines) for p in _capped(problems)]
    return document


_BYTE_ORDER_MARK = Problem(
    "yaml-syntax",
    "the file begins with a byte order mark",
    'save it as UTF-8 without it ("UTF-8", not "UTF-8 with BOM")',
    0,
    1,
    "warning",
)


def _capped(problems: Iterable[Problem]) -> list[Problem]:
    """So that one broken or hostile file does not bury the findings of the others."""
    kept: list[Problem] = []
    seen: dict[str, int] = {}
    for problem in problems:
        count = seen[problem.rule] = seen.get(problem.rule, 0) + 1
        if count <= MOST_FINDINGS:
            kept.append(problem)
    last = {problem.rule: problem for problem in kept}
    for rule, count in seen.items():
        if count > MOST_FINDINGS:
            more = f"{count - MOST_FINDINGS:,} more of these in this file are not shown"
            kept.append(last[rule]._replace(message=more, hint="mend the ones above first"))
    return kept
