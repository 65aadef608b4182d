"""Attacks on reviews, rules, secrets and outcomes: each is refused, with the reason where its author looks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from journeys import attacks_setup
from journeys.attacks import Attack

ATTACKS: tuple[Attack, ...] = (*attacks_setup.ATTACKS,)
"""One tuple for each `attacks_*.py`."""


@pytest.mark.parametrize(
    "attack",
    [pytest.param(a, id=a.story, marks=() if a.is_quick else pytest.mark.long) for a in ATTACKS],
)
def test_refused(attack: Attack, tmp_path: Path) -> None:
    text = attack.run(tmp_path)
    assert re.search(attack.reason, text), text
