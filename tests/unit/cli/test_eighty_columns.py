"""What answers at 03:00 fits a terminal of eighty columns, whatever people and rotations are called."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from policy_text import SETTINGS
from shared import ROOT
from watchbill.cli.failure import show_error
from watchbill.cli.main import root
from watchbill.config.load import load_valid
from watchbill.errors import PolicyInvalid
from watchbill.report.adopt import AdoptAnswer, Adopted, LeftAlone, adopt_text
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
OURS = (
    *(
        "who web --severity P1",
        "simulate P1 web --tree",
        "why two",
        "who lead",
        "who ana",
        "who ben",
    ),
    "mine --as ana@x.example",
)


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


def test_what_is_wrong_fits_too_wherever_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("all.yaml").write_text(SETTINGS + NAMED.replace("crew: [ana, ben]", "crw: [ana, ben]"), "utf-8")
    with pytest.raises(PolicyInvalid) as caught:
        load_valid(Path())
    show_error(caught.value)
    told = capsys.readouterr().err
    assert "did you mean 'crew'?" in told
    assert [line for line in told.splitlines() if cells(line) > 80] == []


def test_what_a_change_leads_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("policies").mkdir()
    Path("policies/all.yaml").write_text(SETTINGS + NAMED, "utf-8")
    assert "note: " in _fits(Path("policies"), "leave add ana 2026-12-20 2027-01-04 --dry-run")


def test_what_adopt_wrote_and_left() -> None:
    answer = AdoptAnswer(
        adopted=(Adopted(key="k", name=LONG, told=f"the steps of domain {LONG}"),),
        left=(LeftAlone(key="l", name="P1", reason=f"severity P1 pages {LONG}", nearest=f"say {LONG}"),),
        follow=(LONG,),
    )
    told = adopt_text(answer, color=False, width=80).splitlines()
    assert [line for line in told if cells(line) > 80] == []
    assert sum("Fürstenberg" in line for line in told) == 5


def _fits(policies: Path, words: str) -> str:
    arguments = ["--policies", str(policies), "--now", "2026-11-23T14:00:00Z", *words.split()]
    done = CliRunner().invoke(root, arguments, env={"NO_COLOR": "1"})
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    example = lines.index("Bad") if "Bad" in lines else len(lines)
    assert [line for line in lines[:example] if cells(line) > 80] == []
    assert "\x1b" not in done.stdout
    return done.stdout
