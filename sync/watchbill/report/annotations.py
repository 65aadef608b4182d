"""Findings for machines: GitHub's workflow commands, SARIF 2.1.0, and our own JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from watchbill import __version__
from watchbill.findings import Finding, sort_findings
from watchbill.report.plan_markdown import escape
from watchbill.report.safe import count

MOST_INLINE = 10
"""GitHub shows ten of a kind for each step and drops the others without a word."""
MOST_SUMMARY = 900_000
_GITHUB = {"error": "error", "warning": "warning", "note": "notice"}
_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_HOME = "https://github.com/medicalcor/watchbill"


def findings_json(findings: Iterable[Finding]) -> dict[str, Any]:
    return {
        "format": "watchbill.findings/1",
        "findings": [
            {
                "rule": f.rule,
                "severity": f.severity,
                "message": f.message,
                "hint": f.hint,
                "file": f.file,
                "line": f.line,
                "column": f.column,
                **({"details": list(f.details)} if f.details else {}),
            }
            for f in sort_findings(findings)
        ],
    }


def github_annotations(findings: Iterable[Finding]) -> str:
    """One command per line; a runner shows them at the line of the pull request, ten and no more."""
    ordered = sort_findings(findings)
    lines = [_annotation(finding) for finding in ordered[:MOST_INLINE]]
    if len(ordered) > MOST_INLINE:
        lines.append(f"and {count(len(ordered) - MOST_INLINE, 'more finding')}: the job's summary has all")
    return "\n".join(lines)


def findings_markdown(findings: Iterable[Finding], most: int = MOST_SUMMARY) -> str:
    """For a job's summary, which is dropped whole above 1 MiB.  Worst first, so that the end can be cut."""
    ordered = sort_findings(findings)
    head = f"### watchbill check: {count(len(ordered), 'finding') if ordered else 'no findings'}\n"
    lines = ["", "| | where | what | what to do |", "| --- | --- | --- | --- |"] if ordered else []
    room = most - len(head) - 200
    for number, finding in enumerate(ordered):
        line = _row(finding)
        room -= len(line.encode()) + 1
        if room < 0:
            lines += ["", f"*and {count(len(ordered) - number, 'more finding')}; the log has them all*"]
            break
        lines.append(line)
    return "\n".join([head, *lines]).rstrip("\n") + "\n"


def _row(finding: Finding) -> str:
    line = f":{finding.line}" if finding.line else ""
    where = f"{finding.file}{line}" if finding.file else "anywhere"
    cells = (f"{finding.severity} {finding.rule}", where, finding.message, finding.hint)
    return f"| {' | '.join(escape(cell) for cell in cells)} |"


def _annotation(finding: Finding) -> str:
    properties = {"title": finding.rule}
    if finding.file:
        properties |= {"file": finding.file}
    if finding.line:
        properties |= {"line": str(finding.line), "col": str(max(finding.column, 1))}
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = "\n".join([finding.message, *finding.details, *([finding.hint] if finding.hint else ())])
    return f"::{_GITHUB[finding.severity]} {told}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def sarif(findings: Sequence[Finding]) -> str:
    ordered = sort_findings(findings)
    rules = sorted({f.rule for f in ordered})
    run = {
        "tool": {
            "driver": {
                "name": "watchbill",
                "version": __version__,
                "informationUri": _HOME,
                "rules": [{"id": rule} for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, rules.index(finding.rule)) for finding in ordered],
    }
    return json.dumps(
        {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False
    )


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    text = finding.message + (f" ({finding.hint})" if finding.hint else "")
    text = "\n".join([text, *finding.details])
    made: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": text},
    }
    if finding.file:
        place: dict[str, Any] = {"artifactLocation": {"uri": finding.file.replace("\\", "/")}}
        if finding.line:
            column = max(finding.column, 1)
            place["region"] = {
                "startLine": finding.line,
                "startColumn": column,
                "endColumn": column + max(finding.width, 1),
            }
        made["locations"] = [{"physicalLocation": place}]
    return made
