"""Killed before and after each write of a plan, and each answer lost: run again, it ends the same.

The child is a process of its own and is killed with SIGKILL: nothing is cleaned up.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from faults.dying import DeadlyWire, Moment, apply_in_child, read, unpaged
from faults.story import Story, check, tell
from unit.apply.plans import NOW
from watchbill.apply.execute import execute
from watchbill.pagerduty.transport import Transport

WRITES = 15


@pytest.fixture(scope="module")
def story() -> Story:
    return tell()


@pytest.mark.parametrize("at", range(1, WRITES + 1))
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_a_write_and_run_again(story: Story, moment: Moment, at: int, tmp_path: Path) -> None:
    with story.sandbox() as sandbox:
        code = apply_in_child(sandbox.url, story.plan(read(sandbox, NOW)), NOW, tmp_path, at, moment)
        assert code == -9
        written = [r for r in sandbox.requests() if r.method != "GET"]
        assert len(written) == at - (moment == "before")
        assert unpaged(sandbox, NOW) == []
        with Transport(sandbox.url, SecretStr("t")) as transport:
            outcome = execute(story.plan(read(sandbox, NOW)), transport, now=NOW, state=tmp_path)
        assert outcome.complete, outcome
        check(story, sandbox)


@pytest.mark.parametrize("at", range(1, WRITES + 1))
def test_the_answer_of_a_write_is_lost(story: Story, at: int, tmp_path: Path) -> None:
    with story.sandbox() as sandbox:
        wire = DeadlyWire(sandbox.url, at, "drop")
        with Transport(sandbox.url, SecretStr("t"), wire=wire) as transport:
            outcome = execute(story.plan(read(sandbox, NOW)), transport, now=NOW, state=tmp_path)
        assert outcome.complete, outcome
        check(story, sandbox)


@pytest.mark.parametrize("at", [1, 5, 9, 13])
def test_the_same_saved_plan_goes_on_after_a_kill(story: Story, at: int, tmp_path: Path) -> None:
    with story.sandbox() as sandbox:
        saved = story.plan(read(sandbox, NOW))
        assert apply_in_child(sandbox.url, saved, NOW, tmp_path, at, "after") == -9
        with Transport(sandbox.url, SecretStr("t")) as transport:
            outcome = execute(saved, transport, now=NOW, state=tmp_path)
        assert outcome.complete, outcome
        assert outcome.writes == WRITES - at
        check(story, sandbox)
