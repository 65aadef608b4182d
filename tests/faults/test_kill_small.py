"""Killed before and after each write of a plan, and each answer lost: run again, it ends the same.

The child is a process of its own and is killed with SIGKILL: nothing is cleaned up.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from faults.dying import Moment
from faults.matrix import answer_lost, killed, same_plan_again
from faults.story import tell
from faults.variants import SMALL, Variant

pytestmark = pytest.mark.parametrize("variant", SMALL, ids=str)


def test_it_creates_changes_and_deletes(variant: Variant) -> None:
    story = tell(variant)
    print(story.told())
    assert story.writes >= 15
    assert {kind.split()[1] for kind in story.kinds} >= {"create", "update", "delete"}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_each_write_and_run_again(variant: Variant, moment: Moment, tmp_path: Path) -> None:
    story = tell(variant)
    # Before a write the account is as it was after the one before it: every third tells whether the journal matters.
    runs = range(1, story.writes + 1, 3 if moment == "before" else 1)
    looks = sum(killed(story, at, moment, tmp_path) for at in runs)
    print(
        f"killed {moment} {len(runs)} of {story.writes} writes; after {looks} writes and kills every service paged"
    )


def test_the_answer_of_each_write_is_lost(variant: Variant, tmp_path: Path) -> None:
    story = tell(variant)
    looks = sum(answer_lost(story, at, tmp_path) for at in range(1, story.writes + 1))
    print(f"lost each of {story.writes} answers; after {looks} writes every service paged")


def test_the_same_saved_plan_goes_on_after_a_kill(variant: Variant, tmp_path: Path) -> None:
    story = tell(variant)
    for at in range(1, story.writes, 4):
        same_plan_again(story, at, tmp_path)
