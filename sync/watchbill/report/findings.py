"""Findings for people: grouped by file, each with its line, a caret below the fault, and what to do."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence

from watchbill.findings import Finding, sort_findings
from watchbill.report.paint import Paint
from watchbill.report.safe import cells, count, cut, plain

_INDENT = "  "
_NOTES_IN_FULL = 2
"""Of the notes of one rule in one file; the others are counted, so that they bury nothing."""


def render_findings(findings: Sequence[Finding], *, color: bool, width: int) -> str:
    """Files by name, worst first within a file, what belongs to no file last; then one line that counts."""
    paint = Paint(color)
    ordered = sort_findings(findings)
    lines: list[str] = []
    for file in sorted({f.file for f in ordered}, key=lambda name: (not name, name)):
        lines.append(paint.bold(plain(file)) if file else paint.bold("anywhere"))
        shown: Counter[str] = Counter()
        for finding in (f for f in ordered if f.file == file):
            shown[finding.rule] += finding.severity == "note"
            if shown[finding.rule] <= _NOTES_IN_FULL:
                lines += [*_one(finding, paint, width), ""]
        for rule, number in shown.items():
            if number > _NOTES_IN_FULL:
                more = f"and {count(number - _NOTES_IN_FULL, 'more note')} like that [{rule}]; --json has them all"
                lines += [_INDENT + paint.dim(more), ""]
    return "\n".join([*lines, summary(findings, color=color)])


def summary(findings: Iterable[Finding], *, color: bool) -> str:
    """3 errors, 1 warning in 2 files"""
    paint = Paint(color)
    found = list(findings)
    if not found:
        return paint.green("no findings")
    counts = [
        paint.of(severity, count(number, severity))
        for severity in ("error", "warning", "note")
        if (number := sum(f.severity == severity for f in found))
    ]
    files = len({f.file for f in found if f.file})
    return ", ".join(counts) + (f" in {count(files, 'file')}" if files else "")


def _one(finding: Finding, paint: Paint, width: int) -> list[str]:
    where = f"{finding.line}:{finding.column} " if finding.line else ""
    head = f"{_INDENT}{where}{paint.of(finding.severity, finding.severity)} {paint.dim(f'[{finding.rule}]')}"
    lines = [head, *_wrapped(finding.message, width, _INDENT * 2)]
    if finding.line and finding.source.strip():
        lines += _with_caret(finding, paint, width)
    lines += [_INDENT * 2 + cut(plain(line), max(width - 4, 40)) for line in finding.details]
    if finding.hint:
        lines += [
            paint.blue(line) for line in _wrapped(f"→ {finding.hint}", width, _INDENT * 2, hanging="  ")
        ]
    return lines


def _wrapped(text: str, width: int, indent: str, hanging: str = "") -> list[str]:
    return textwrap.wrap(
        plain(text),
        max(width, 40),
        initial_indent=indent,
        subsequent_indent=indent + hanging,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _with_caret(finding: Finding, paint: Paint, width: int) -> list[str]:
    """A long line is shown around the fault only."""
    number = str(finding.line)
    gutter = f"{_INDENT * 2}{number} │ "
    source = plain(finding.source.rstrip())
    column = min(max(finding.column - 1, 0), len(source))
    room = max(width - cells(gutter), 20)
    begin = 0
    if cells(source) > room:
        begin = max(0, min(column - room // 2, len(source) - room))
        source = source[begin:]
        while cells(source) > room:
            source = source[:-1]
    column -= begin
    carets = "^" * max(1, min(finding.width, len(source) - column))
    blank = " " * cells(source[:column])
    bar = f"{_INDENT * 2}{' ' * len(number)} │ "
    return [paint.dim(gutter) + source, paint.dim(bar) + blank + paint.of(finding.severity, carets)]
