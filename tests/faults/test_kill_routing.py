"""Killed around each write to event rules and ways in: what the default suite can afford of the whole matrix.

Rules of somebody else stand above and below ours all the while.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from faults.dying import Moment
from faults.matrix import answer_lost, killed, same_plan_again
from faults.story import Story, tell
from faults.variants import routing


def _places(story: Story, state: Path) -> list[int]:
    """Numbers of these writes among all of an undisturbed run."""
    with story.sandbox() as sandbox:
        assert story.apply(sandbox, story.first_plan, state).complete
        paths = [request.path for request in sandbox.requests() if request.method != "GET"]
    return [n for n, path in enumerate(paths, 1) if "event_orchestrations" in path or "integrations" in path]


def test_the_story_makes_changes_and_takes_away_rules(tmp_path: Path) -> None:
    story = tell(routing())
    assert {f"routing {action}" for action in ("create", "update", "delete")} < story.kinds.keys()
    assert len(_places(story, tmp_path)) >= 6


@pytest.mark.parametrize("moment", [pytest.param("before", marks=pytest.mark.long), "after"])
def test_killed_around_each_of_them(moment: Moment, tmp_path: Path) -> None:
    story = tell(routing())
    for at in _places(story, tmp_path / "whole"):
        killed(story, at, moment, tmp_path)


@pytest.mark.long
def test_the_answer_of_each_is_lost(tmp_path: Path) -> None:
    story = tell(routing())
    for at in _places(story, tmp_path / "whole"):
        answer_lost(story, at, tmp_path)


def test_the_same_saved_plan_goes_on(tmp_path: Path) -> None:
    story = tell(routing())
    for at in _places(story, tmp_path / "whole"):
        same_plan_again(story, at, tmp_path)
