"""The whole matrix: killed before and after every request of a plan of 45 changes, and every answer lost.

It takes minutes: run it with WATCHBILL_FAULTS=full, or as `nox -s faults`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from faults.dying import DeadlyWire, Moment, apply_in_child, read, unpaged
from faults.story import Story, check, tell
from unit.apply.plans import NOW
from watchbill.apply.execute import execute
from watchbill.pagerduty.transport import Transport

MORE = 6
"""15 changes and 5 for each of these."""

pytestmark = pytest.mark.skipif(
    os.environ.get("WATCHBILL_FAULTS") != "full", reason="takes minutes; WATCHBILL_FAULTS=full runs it"
)


@pytest.fixture(scope="module")
def story() -> Story:
    return tell(MORE)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_every_request(story: Story, moment: Moment, tmp_path: Path) -> None:
    for at in range(1, story.requests + 1):
        with story.sandbox() as sandbox:
            saved = story.plan(read(sandbox, NOW))
            code = apply_in_child(sandbox.url, saved, NOW, tmp_path, at, moment, reads=True)
            assert code == -9, (at, code)
            assert unpaged(sandbox, NOW) == [], at
            with Transport(sandbox.url, SecretStr("t")) as transport:
                outcome = execute(story.plan(read(sandbox, NOW)), transport, now=NOW, state=tmp_path)
            assert outcome.complete, (at, outcome)
            check(story, sandbox)
    print(f"killed {moment} each of {story.requests} requests: {story.requests} runs, one end state")


def test_every_answer_is_lost_once(story: Story, tmp_path: Path) -> None:
    for at in range(1, story.requests + 1):
        with story.sandbox() as sandbox:
            wire = DeadlyWire(sandbox.url, at, "drop", reads=True)
            with Transport(sandbox.url, SecretStr("t"), wire=wire) as transport:
                outcome = execute(story.plan(read(sandbox, NOW)), transport, now=NOW, state=tmp_path)
            assert outcome.complete, (at, outcome)
            check(story, sandbox)
    print(f"lost each of {story.requests} answers: {story.requests} runs, one end state")
