"""Attacks on reviews, rules, secrets and outcomes: each is refused, with the reason where its author looks."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from journeys.attacks import Attack

MODULES = sorted(path.stem for path in Path(__file__).parent.glob("attacks_*.py"))
ATTACKS: list[Attack] = [
    attack for name in MODULES for attack in importlib.import_module(f"journeys.{name}").ATTACKS
]


@pytest.mark.parametrize(
    "attack",
    [pytest.param(a, id=a.story, marks=() if a.is_quick else pytest.mark.long) for a in ATTACKS],
)
def test_refused(attack: Attack, tmp_path: Path) -> None:
    text = attack.run(tmp_path)
    assert re.search(attack.reason, text), text


def test_there_are_enough() -> None:
    stories = [attack.story for attack in ATTACKS]
    assert len(set(stories)) == len(stories) >= 30
