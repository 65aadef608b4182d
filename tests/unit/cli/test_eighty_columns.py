"""What answers at 03:00 fits a terminal of eighty columns, whatever people and rotations are called."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from policy_text import SETTINGS
from shared import ROOT
from watchbill.cli.main import root
from watchbill.report.safe import cells

LONG = "Maximiliana-Anastasia von Hohenzollern-Sigmaringen und zu Fürstenberg"
NAMED = f"""people:
  ana: {{name: "{LONG}", email: ana@x.example}}
  ben: {{name: "{"漢字" * 40}", email: ben@x.example}}
roles:
  lead: {{title: "Head of {LONG}", held_by: ben}}
rotations:
  one: {{title: "Rotation of {LONG}", turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben], hours: business}}
  two: {{title: "{"x" * 250}", covered_by: one, until: 2029-01-01, reason: "{LONG}"}}
severities:
  P1: {{urgency: high, repeat: 1, steps: {{0m: domain.primary, 15m: [lead, one]}}}}
domains:
  web: {{title: "{LONG}", primary: two, default_severity: P1}}
"""
EVERYWHERE = ("who", "gaps", "load")
SHIPPED = (
    "who database --severity P1",
    "simulate P1 database --tree",
    "simulate P1 api-backend --tag security",
    "why primary",
    "why dba",
    "explain long-name",
)
OURS = ("who web --severity P1", "simulate P1 web --tree", "why two", "who lead")


@pytest.mark.parametrize("words", [*EVERYWHERE, *SHIPPED])
def test_the_shipped_policy(words: str) -> None:
    _fits(ROOT / "policies", words)


@pytest.mark.parametrize("words", [*EVERYWHERE, *OURS])
def test_long_and_wide_names(words: str, tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(SETTINGS + NAMED, "utf-8")
    told = _fits(tmp_path, words)
    assert "Maximiliana" in told


def test_a_policy_without_rotations_says_so(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(SETTINGS, "utf-8")
    assert "the policy has no rotations yet" in _fits(tmp_path, "who")


def _fits(policies: Path, words: str) -> str:
    arguments = ["--policies", str(policies), "--now", "2026-11-23T14:00:00Z", *words.split()]
    done = CliRunner().invoke(root, arguments, env={"NO_COLOR": "1"})
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    example = lines.index("Bad") if "Bad" in lines else len(lines)
    assert [line for line in lines[:example] if cells(line) > 80] == []
    assert "\x1b" not in done.stdout
    return done.stdout
