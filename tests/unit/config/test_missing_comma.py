"""`[a b]` is one item: the finding names the comma."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy_text import SETTINGS
from watchbill.config.load import load_policy

PEOPLE = """people:
  ana: {name: Ana Pop, email: ana@x.example}
  ben: {name: Ben Radu, email: ben@x.example}
  cleo: {name: Cleo Dinu, email: cleo@x.example}
  ana-ben: {name: Ana Ben, email: ana-ben@x.example}
"""
ROTATION = "rotations:\n  one: {{title: One, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, {0}}}\n"


def hints(folder: Path, text: str) -> list[str]:
    (folder / "all.yaml").write_text(SETTINGS + PEOPLE + text, "utf-8")
    return [finding.hint for finding in load_policy(folder).findings]


@pytest.mark.parametrize(
    ("crew", "written"),
    [
        ("crew: [ben cleo]", "[ben, cleo]"),
        ("crew: [ben  cleo, ana]", "[ben, cleo]"),
        ("crew: [ana, ben cleo]", "[ben, cleo]"),
        ("crew: [ben ana cleo]", "[ben, ana, cleo]"),
        ("crew: [ana bne]", "[ana, bne]"),
        ("crew: [Ana Pop ben]", "[ana, ben]"),
        ("crew: [Ana Pop Ben Radu, cleo]", "[ana, ben]"),
        ('crew: ["ben cleo"]', "[ben, cleo]"),
        ("crew: ben cleo", "[ben, cleo]"),
    ],
)
def test_a_crew(crew: str, written: str, tmp_path: Path) -> None:
    (hint,) = hints(tmp_path, ROTATION.format(crew))
    assert hint.startswith(f"a comma is missing: write {written}")


@pytest.mark.parametrize(
    "text",
    [
        "ladders:\n  api: {title: API, steps: {0m: [ben cleo]}}\n",
        "ladders:\n  api: {title: API, steps: {0m: ben cleo}}\n",
        "ladders:\n  api: {title: API, steps: {0m: {page: [ben cleo]}}}\n",
        "expectations:\n  - {name: duty, between: [2026-12-01, 2026-12-02], off_duty: [ben cleo]}\n",
        "expectations:\n  - {name: duty, between: [2026-12-01, 2026-12-02], never_together: [ben cleo]}\n",
    ],
)
def test_wherever_names_are_listed(text: str, tmp_path: Path) -> None:
    found = hints(tmp_path, text)
    assert found, text
    assert all("a comma is missing: write [ben, cleo]" in hint for hint in found)


def test_names_that_nobody_has_may_be_one_or_two(tmp_path: Path) -> None:
    (hint,) = hints(tmp_path, ROTATION.format("crew: [a b]"))
    assert hint == (
        "a comma is missing: write [a, b], or one item per line, each after a dash;"
        " if it is one name, write 'a-b'"
    )


@pytest.mark.parametrize(
    ("crew", "hint"),
    [
        ("crew: [Ana Pop, ben]", "its handle is 'ana'"),
        ("crew: [ana ben, cleo]", "its handle is 'ana-ben'"),  # the full name of somebody
        ("crew: Ana Pop", ""),
    ],
)
def test_a_name_that_exists_needs_no_comma(crew: str, hint: str, tmp_path: Path) -> None:
    (found,) = hints(tmp_path, ROTATION.format(crew))
    assert found == hint if hint else "comma" in found


def test_one_name_where_one_is_wanted(tmp_path: Path) -> None:
    found = hints(tmp_path, "roles:\n  lead: {title: Lead, held_by: ben cleo}\n")
    assert found == ["write it like 'ben-cleo'"]


def test_titles_with_blanks_are_fine(tmp_path: Path) -> None:
    text = ROTATION.format("crew: [ana, ben], aliases: [On Call, Ana Ben Cleo]")
    assert hints(tmp_path, text) == []


def test_two_dates(tmp_path: Path) -> None:
    text = "expectations:\n  - {name: duty, between: [2026-12-01 2026-12-02], off_duty: [ana]}\n"
    assert any("write [2026-12-01, 2026-12-02]" in hint for hint in hints(tmp_path, text))
