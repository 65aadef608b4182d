"""Every example says what its folder promises; every rule has examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.harness import MARK, REAL, complete, examples, findings_of, policy_of, text_of, told
from watchbill.checks.registry import RULES
from watchbill.checks.rule import Rule

CANNOT_BE_SHOWN = {
    "file-text",
    "file-unreadable",
    "file-limits",
    "file-link",
    "no-policy-files",
    "settings-missing",
    "schema-verdict",
    "long-description",
    "long-name",
    "crew-edited",
}
"""What is wrong is not in the text of a file, or too long to be read."""


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("example", examples("invalid"), ids=named)
def test_an_invalid_example_breaks_its_rule(example: Path, tmp_path: Path) -> None:
    findings = findings_of(policy_of(example, tmp_path / "p"), real=REAL in text_of(example))
    found = [f for f in findings if f.rule == example.parent.name]
    assert found, told(findings)
    assert all(f.hint and f.file and f.line for f in found), told(found)
    for finding in found:
        if MARK in text_of(example):
            lines = {i for i, line in enumerate(text_of(example).splitlines(), 1) if MARK in line}
            assert finding.line in lines, told(found)


@pytest.mark.parametrize("example", examples("valid"), ids=named)
def test_a_valid_example_breaks_no_rule(example: Path, tmp_path: Path) -> None:
    findings = findings_of(policy_of(example, tmp_path / "p"), real=True)
    assert not [f for f in findings if f.severity != "note"], told(findings)
    assert example.parent.name not in {f.rule for f in findings}, told(findings)


@pytest.mark.parametrize("rule", [r for r in RULES if r.id not in CANNOT_BE_SHOWN], ids=lambda r: r.id)
def test_the_explanation_shows_a_bad_and_a_good_example(rule: Rule, tmp_path: Path) -> None:
    assert len(rule.explanation) > 60
    for name, text in (("bad", rule.bad_example), ("good", rule.good_example)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "example.yaml").write_text(text, "utf-8")
        complete(tmp_path / name)
    bad, good = findings_of(tmp_path / "bad"), findings_of(tmp_path / "good", real=True)
    assert rule.id in {f.rule for f in bad}, told(bad)
    assert not [f for f in good if f.severity != "note"], told(good)
    assert rule.id not in {f.rule for f in good}, told(good)


@pytest.mark.parametrize("rule", [r for r in RULES if r.id in CANNOT_BE_SHOWN], ids=lambda r: r.id)
def test_what_cannot_be_shown_is_explained_too(rule: Rule) -> None:
    assert len(rule.explanation) > 60
    assert rule.bad_example
    assert rule.good_example


def test_every_rule_has_examples_beside_its_explanation() -> None:
    for verdict in ("invalid", "valid"):
        there = {example.parent.name for example in examples(verdict)}
        missing = {rule.id for rule in RULES} - there - CANNOT_BE_SHOWN
        assert not missing, f"{verdict}: {sorted(missing)}"
        assert there <= {rule.id for rule in RULES}, sorted(there)
