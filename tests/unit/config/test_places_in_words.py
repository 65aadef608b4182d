"""No reader sees `expectations/12/...`: findings and `show` name the thing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from policy_text import PEOPLE, SETTINGS, policy_of
from watchbill.checks.uses import uses
from watchbill.cli.main import root
from watchbill.config.load import load_policy
from watchbill.model.places import place_words
from watchbill.report.findings import render_findings

ONE = (
    "rotations:\n  one: {title: One, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]}\n"
)
DATED = "rotations:\n  one: {title: One, turn: 1 week, handoff: mon 09:00, crews: [{from: 2026-01-05, order: [ana, ben]}, {from: 2026-11-30, ordr: [ana]}]}\n"
NAMED = "{name: DB at night, at: 2026-11-29 03:00, incident: {severity: P1, domain: db}, pages: {0m: ana}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"expectations:\n  - {NAMED}, wat: 1}}\n", "expectation 'DB at night' has no key 'wat'"),
        (
            "expectations:\n  - {name: DB, at: 2026-11-29 03:00, incident: {severity: P1}, pages: {0m: ana}}\n",
            "incident of expectation 'DB' needs the key 'domain'",
        ),
        ("expectations:\n  - {at: 2026-11-29 03:00}\n", "item 1 of expectations needs the key 'name'"),
        (
            ONE
            + "overrides:\n  - {rotation: one, person: ana, from: 2026-12-01 09:00, until: 2026-12-02 09:00, reson: x}\n",
            "override of one from 2026-12-01 09:00 has no key 'reson'",
        ),
        (
            "absences:\n  - {person: ana, first_day: 2026-12-01, last_dy: 2026-12-02}\n",
            "leave of ana from 2026-12-01 has no key 'last_dy'",
        ),
        (DATED, "item 2 of rotations.one.crews has no key 'ordr'"),
    ],
)
def test_findings(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(SETTINGS + PEOPLE + text, "utf-8")
    findings = load_policy(tmp_path).findings
    assert message in [finding.message for finding in findings]
    assert not re.search(r"[a-z]+[./][0-9]+\b", render_findings(findings, color=False, width=80))


EVERYWHERE = """
roles:
  lead: {title: Lead, held_by: ana}
rotations:
  one: {title: One, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]}
  sheet: {title: Sheet, listed: true}
shifts:
  - {rotation: sheet, person: ana, from: 2026-12-01 09:00, until: 2026-12-02 09:00}
overrides:
  - {rotation: one, person: ana, from: 2026-12-03 09:00, until: 2026-12-04 09:00, reason: swap}
absences:
  - {person: ana, first_day: 2026-12-14, last_day: 2026-12-20, covered_by: ben}
severities:
  P1: {urgency: high, repeat: 0, steps: {0m: domain.primary, 15m: [lead, ana]}}
domains:
  web: {title: Web, primary: one, default_severity: P1}
paths:
  up: {title: Up, steps: [{page: one}, {page: lead}]}
expectations:
  - {name: nobody twice, between: [2026-12-01, 2027-03-01], never_together: [one, sheet]}
"""


def test_every_use_of_a_name_has_words(tmp_path: Path) -> None:
    policy = policy_of(EVERYWHERE)
    told = {place_words(policy, use.place) for use in uses(policy)}
    assert "expectation 'nobody twice': never_together" in told
    assert "listed shift of sheet from 2026-12-01 09:00: person" in told
    assert "override of one from 2026-12-03 09:00: person" in told
    assert "leave of ana from 2026-12-14: covered_by" in told
    assert "path up: steps 2 page" in told
    assert not [words for words in told if "/" in words]


@pytest.mark.parametrize("length", [8, 60, 61, 62, 120])
def test_show_names_them_with_their_lines(length: int, tmp_path: Path) -> None:
    """A path is copied into an editor: it is never broken, however long it is."""
    where = tmp_path / ("d" * length)
    where.mkdir()
    (where / "all.yaml").write_text(SETTINGS + PEOPLE + EVERYWHERE, "utf-8")
    done = CliRunner().invoke(root, ["--policies", str(where), "show", "one"])
    assert done.exit_code == 0, done.output
    told = " ".join(done.output.split())
    assert re.search(r"expectation 'nobody twice': never_together \S*all\.yaml:\d+", told)
    assert "expectations/" not in done.output
    assert done.output.startswith("rotation one  ")
