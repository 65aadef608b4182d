from __future__ import annotations

import json
import re

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from watchbill.findings import Finding
from watchbill.report.annotations import findings_json, github_annotations, sarif
from watchbill.report.findings import render_findings, summary
from watchbill.report.safe import cells
from watchbill.report.schemas import FINDINGS

UNKNOWN = Finding(
    "unknown-name",
    "error",
    "there is no person bobb",
    "did you mean bob?",
    ("rotations", "x", "crew", 1),
    "policies/rotations.yaml",
    12,
    16,
    4,
    "    crew: [ana, bobb]",
)
NOWHERE = Finding("no-history", "note", "there is no git history here")
WARNED = Finding(
    "overlap", "warning", "hours overlap", file="policies/a.yaml", line=3, column=1, source="x: 1"
)


SHOWN = """\
policies/a.yaml
  3:1 warning [overlap]
    hours overlap
    3 │ x: 1
      │ ^

policies/rotations.yaml
  12:16 error [unknown-name]
    there is no person bobb
    12 │     crew: [ana, bobb]
       │                ^^^^
    → did you mean bob?

anywhere
  note [no-history]
    there is no git history here

1 error, 1 warning, 1 note in 2 files"""


def test_a_finding_shows_its_line_with_a_caret_and_what_to_do() -> None:
    text = render_findings([NOWHERE, UNKNOWN, WARNED], color=False, width=80)
    assert text == SHOWN


def test_colours_only_when_asked() -> None:
    assert "\x1b[31m" in render_findings([UNKNOWN], color=True, width=80)
    assert "\x1b" not in render_findings([UNKNOWN], color=False, width=80)
    assert summary([], color=False) == "no findings"


@given(st.text(max_size=300), st.integers(0, 400), st.integers(0, 50), st.integers(20, 120))
def test_no_source_line_breaks_the_picture(source: str, column: int, width: int, screen: int) -> None:
    finding = Finding("r", "error", "m", file="f", line=1, column=column, width=width, source=source)
    text = render_findings([finding], color=False, width=screen)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e\u2066]", text)
    assert len(text.splitlines()) in (5, 7)
    assert all(cells(line) <= max(screen, 40) + 2 for line in text.splitlines())


def test_the_caret_of_a_long_line_stays_below_the_fault() -> None:
    source = "x" * 500 + "HERE" + "y" * 500
    finding = Finding("r", "error", "m", file="f", line=1, column=501, width=4, source=source)
    lines = render_findings([finding], color=False, width=80).splitlines()
    shown, caret = lines[3], lines[4]
    assert shown[caret.index("^") : caret.rindex("^") + 1] == "HERE"


def test_the_caret_counts_columns_of_wide_characters() -> None:
    finding = Finding("r", "error", "m", file="f", line=1, column=4, width=1, source="日本語x")
    lines = render_findings([finding], color=False, width=80).splitlines()
    assert cells(lines[4].split("^")[0]) == cells(lines[3].split("x")[0])


def test_github_commands_keep_to_one_line() -> None:
    finding = Finding(
        "a-rule", "note", "50% done\nreally", "do: this, or that", file="a,b:c.yaml", line=3, column=0
    )
    assert github_annotations([finding]) == (
        "::notice title=a-rule,file=a%2Cb%3Ac.yaml,line=3,col=1::50%25 done%0Areally%0Ado: this, or that"
    )
    assert github_annotations([NOWHERE]) == "::notice title=no-history::there is no git history here"


def test_sarif_points_at_the_line() -> None:
    log = json.loads(sarif([UNKNOWN, NOWHERE]))
    run = log["runs"][0]
    assert log["version"] == "2.1.0"
    first, second = run["results"]
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == "unknown-name"
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "policies/rotations.yaml"
    assert place["region"] == {"startLine": 12, "startColumn": 16, "endColumn": 20}
    assert "locations" not in second


def test_json_fits_its_schema() -> None:
    document = findings_json([WARNED, UNKNOWN, NOWHERE])
    jsonschema.validate(document, FINDINGS)
    assert [f["severity"] for f in document["findings"]] == ["error", "warning", "note"]
