"""The whole matrix: killed before and after every request of a plan of forty changes and more, every answer lost.

It takes minutes: run it with WATCHBILL_FAULTS=full, or as `nox -s faults`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from faults.dying import Moment
from faults.matrix import answer_lost, killed
from faults.story import Story, tell
from faults.variants import FULL, Variant

STRIPES = 4
"""So that several processes share the work."""

pytestmark = [
    pytest.mark.skipif(
        os.environ.get("WATCHBILL_FAULTS") != "full", reason="takes minutes; WATCHBILL_FAULTS=full runs it"
    ),
    pytest.mark.parametrize("variant", FULL, ids=str),
]


def requests(story: Story, stripe: int) -> list[int]:
    return story.places()[stripe::STRIPES]


def test_it_creates_changes_and_deletes(variant: Variant) -> None:
    story = tell(variant)
    print(story.told())
    assert story.kinds.total() >= story.variant.at_least
    assert {kind.split()[1] for kind in story.kinds} >= {"create", "update", "delete"}


@pytest.mark.parametrize("stripe", range(STRIPES))
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_every_request(variant: Variant, moment: Moment, stripe: int, tmp_path: Path) -> None:
    story = tell(variant)
    runs = requests(story, stripe)
    looks = sum(killed(story, at, moment, tmp_path, reads=True) for at in runs)
    print(
        f"killed {moment} {len(runs)} of {story.requests} requests: one end state, nobody unpaged in {looks} looks"
    )


@pytest.mark.parametrize("stripe", range(STRIPES))
def test_every_answer_is_lost_once(variant: Variant, stripe: int, tmp_path: Path) -> None:
    story = tell(variant)
    runs = requests(story, stripe)
    looks = sum(answer_lost(story, at, tmp_path, reads=True) for at in runs)
    print(f"lost {len(runs)} of {story.requests} answers: one end state, nobody unpaged in {looks} looks")
