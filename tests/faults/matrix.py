"""One run of a story that is disturbed at one request, and the run after it."""

from __future__ import annotations

from pathlib import Path

from faults.dying import Moment, apply_in_child, deadly_wire
from faults.story import NOW, Story
from watchbill.sandbox.server import Sandbox


def killed(story: Story, at: int, moment: Moment, state: Path, *, reads: bool = False) -> int:
    """Killed before or after request `at`, run again with a plan of its own.  How many writes were looked at."""
    with story.sandbox() as sandbox:
        watch = story.watch(sandbox, story.variant.looks_every)
        code = apply_in_child(sandbox.url, story.first_plan, NOW, state, at, moment, reads=reads)
        assert code == -9, (at, code)
        if not reads:
            assert _written(sandbox) == at - (moment == "before")
        watch.look(f"a kill {moment} request {at}")
        outcome = story.apply(sandbox, story.plan(sandbox), state, watch)
        assert outcome.complete, (at, outcome)
        story.check(sandbox)
        return watch.looks


def answer_lost(story: Story, at: int, state: Path, *, reads: bool = False) -> int:
    with story.sandbox() as sandbox:
        watch = story.watch(sandbox, story.variant.looks_every)
        wire = deadly_wire(sandbox.url, at, "drop", reads=reads)
        outcome = story.apply(sandbox, story.first_plan, state, watch, wire)
        assert outcome.complete, (at, outcome)
        story.check(sandbox)
        return watch.looks


def same_plan_again(story: Story, at: int, state: Path) -> None:
    """The saved plan of a killed run goes on where it was."""
    with story.sandbox() as sandbox:
        saved = story.first_plan
        assert apply_in_child(sandbox.url, saved, NOW, state, at, "after") == -9
        outcome = story.apply(sandbox, saved, state)
        assert outcome.complete, (at, outcome)
        assert outcome.writes == story.writes - at
        story.check(sandbox)


def _written(sandbox: Sandbox) -> int:
    return sum(r.method != "GET" for r in sandbox.requests())
