"""The runbook transcribed word for word names fourteen people and rotas that its own directory lacks."""

from __future__ import annotations

import json
from pathlib import Path

from examples.harness import NOW
from watchbill.checks.context import Context
from watchbill.checks.references import RULES
from watchbill.checks.registry import run_checks
from watchbill.config.load import load_valid

LITERAL = Path(__file__).resolve().parents[2] / "fixtures" / "literal"
EXPECTED = json.loads((LITERAL / "expected.json").read_text("utf-8"))["missing"]


def test_exactly_these_names_are_missing_at_exactly_these_places() -> None:
    loaded = load_valid(LITERAL, schema=True)
    assert loaded.policy is not None
    unknown = next(rule for rule in RULES if rule.id == "unknown-name")
    problems = list(unknown.findings(Context(loaded, loaded.policy, account_is_real=False, now=NOW)))
    found: dict[str, set[str]] = {}
    for problem in problems:
        found.setdefault(problem.message.split("'")[1], set()).add(".".join(map(str, problem.place)))
    assert len(found) == 14
    assert found == {missing["handle"]: set(missing["used_at"]) for missing in EXPECTED}


def test_each_is_shown_at_its_line() -> None:
    found = [
        f for f in run_checks(load_valid(LITERAL), account_is_real=False, now=NOW) if f.rule == "unknown-name"
    ]
    assert len(found) == sum(len(missing["used_at"]) for missing in EXPECTED)
    for finding in found:
        assert finding.source[finding.column - 1 :][: finding.width] == finding.message.split("'")[1]
        assert finding.hint
