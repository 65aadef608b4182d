"""Overrides of duty that the policy lists, on a shift-based schedule: one apply makes both."""

from __future__ import annotations

from collections.abc import Container, Iterable
from itertools import product
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from faults.matrix import killed
from faults.story import tell
from faults.variants import Variant
from inprocess import START, desk
from journeys.test_declared_overrides import on_call
from policy_text import NAMES, PEOPLE
from watchbill.rota.clock import DAY, parse_instant

NOW = parse_instant(START)
HEAD = """settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  pagerduty: {account: acme, new_schedules: shifts}
"""
ROTATION = "rotations:\n  first: {title: First, listed: true}\n"


def policy(shifts: list[str], *overrides: str) -> str:
    duty = "".join(f"  - {{rotation: first, {shift}}}\n" for shift in shifts)
    steps = "".join(f"  - {{rotation: first, {one}}}\n" for one in overrides)
    return f"{HEAD}{PEOPLE}{ROTATION}shifts:\n{duty}" + (f"overrides:\n{steps}" if overrides else "")


ANA = "person: ana, from: 2026-12-01 09:00, until: 2026-12-02 09:00"
LONGER = "person: ana, from: 2026-12-01 00:00, until: 2026-12-02 09:00"
BEN = "person: ben, from: 2026-12-02 09:00, until: 2026-12-03 09:00"


SPANS = {
    "first hours": "from: 2026-12-01 09:00, until: 2026-12-01 12:00",
    "within": "from: 2026-12-01 12:00, until: 2026-12-01 15:00",
    "two shifts": "from: 2026-12-01 12:00, until: 2026-12-02 12:00",
    "begins before": "from: 2026-12-01 03:00, until: 2026-12-01 12:00",
    "all of both": "from: 2026-12-01 09:00, until: 2026-12-03 09:00",
    "ends after": "from: 2026-12-02 12:00, until: 2026-12-03 12:00",
}
EARLIER: dict[str, list[str] | None] = {
    "nothing": None,
    "other shifts": ["person: cleo, from: 2026-12-05 09:00, until: 2026-12-06 09:00"],
    "the shifts": [ANA, BEN],
    "shorter": ["person: ana, from: 2026-12-01 09:00, until: 2026-12-01 20:00"],
    "longer": [LONGER],
    "another person": ["person: dan, from: 2026-12-01 09:00, until: 2026-12-02 09:00", BEN],
}
LATER = {
    "longer": "person: ana, from: 2026-12-01 08:00, until: 2026-12-02 09:00",
    "another person": "person: dan, from: 2026-12-01 09:00, until: 2026-12-02 09:00",
}
QUICK = {("nothing", "two shifts"), ("longer", "begins before"), ("another person", "first hours")}


def some(
    first: Iterable[str], second: Iterable[str], quick: Container[tuple[str, str]]
) -> list[ParameterSet]:
    """Every pair; only the quick ones in the default suite."""
    return [
        pytest.param(*pair, marks=() if pair in quick else pytest.mark.long)
        for pair in product(first, second)
    ]


@pytest.mark.parametrize(("before", "span"), some(EARLIER, SPANS, QUICK))
def test_one_apply_makes_the_duty_and_its_override(tmp_path: Path, before: str, span: str) -> None:
    with desk(tmp_path, *NAMES) as at:
        earlier = EARLIER[before]
        if earlier is not None:
            at.says(policy(earlier))
            assert at.applies().code == 0
        at.says(policy([ANA, BEN], f"person: gil, {SPANS[span]}"))
        ran = at.applies()
        assert ran.code == 0, ran.out
        assert at.in_sync
        assert "Gil" in {who for _, _, who in on_call(at, NOW, NOW + 30 * DAY)}


@pytest.mark.parametrize(("later", "span"), some(LATER, SPANS, {("longer", "two shifts")}))
def test_the_duty_changes_under_the_override(tmp_path: Path, later: str, span: str) -> None:
    with desk(tmp_path, *NAMES) as at:
        at.says(policy([ANA, BEN], f"person: gil, {SPANS[span]}"))
        assert at.applies().code == 0
        before = [row for row in on_call(at, NOW, NOW + 30 * DAY) if row[2] == "Gil"]
        at.says(policy([LATER[later], BEN], f"person: gil, {SPANS[span]}"))
        ran = at.applies()
        assert ran.code == 0, ran.out
        assert at.in_sync
        assert [row for row in on_call(at, NOW, NOW + 30 * DAY) if row[2] == "Gil"] == before


@pytest.mark.long
def test_killed_at_each_write_the_next_apply_finishes_it(tmp_path: Path) -> None:
    rest = "ladders:\n  first: {title: First, steps: {0m: [first, cleo]}, repeat: 1}\n"
    first, then = (
        f"{text.replace('acme', 'sandbox')}{rest}services:\n  shop: {{title: Shop, ladder: first, urgency: high}}\n"
        for text in (
            policy([BEN]),
            policy([ANA, BEN], f"person: gil, {SPANS['two shifts']}"),
        )
    )
    story = tell(Variant("listed", first, then))
    assert story.writes >= 4
    for at in range(1, story.writes + 1):
        killed(story, at, "after", tmp_path)


@pytest.mark.parametrize("leaves", ["whole", "part"])
def test_leave_from_listed_duty_is_covered_by_one_apply(tmp_path: Path, leaves: str) -> None:
    days = {"whole": ("2026-12-01", "2026-12-02"), "part": ("2026-12-01", "2026-12-01")}[leaves]
    absence = f"absences:\n  - {{person: ana, first_day: {days[0]}, last_day: {days[1]}, covered_by: gil}}\n"
    with desk(tmp_path, *NAMES) as at:
        at.says(policy([ANA, BEN]) + absence)
        ran = at.applies()
        assert ran.code == 0, ran.out
        assert at.in_sync
        assert on_call(at, NOW, NOW + 30 * DAY)[0][2] == "Gil"


def test_one_apply_takes_it_back(tmp_path: Path) -> None:
    with desk(tmp_path, *NAMES) as at:
        at.says(policy([ANA, BEN], f"person: gil, {SPANS['two shifts']}"))
        assert at.applies().code == 0
        at.says(policy([ANA, BEN], f"person: gil, {SPANS['two shifts']}, cancelled: true"))
        ran = at.applies()
        assert ran.code == 0, ran.out
        assert at.in_sync
        assert [who for _, _, who in on_call(at, NOW, NOW + 30 * DAY)] == ["Ana", "Ben"]
