"""Deleting an override's YAML forgets it: the account's stays, and the plan says so, as long as it is not over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from journeys.conftest import NOW
from journeys.small import SECOND, Small, told
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

FILE = "policies/overrides/first/2026-12-24-0900-cleo.yaml"
OVERRIDE = (
    "overrides:\n  - {rotation: first, person: cleo, from: 2026-12-24 09:00, until: 2026-12-26 09:00}\n"
)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    with Sandbox(clock=NOW, options=SandboxOptions(rate_limit=0)) as sandbox:
        yield Small.new(tmp_path, sandbox)


@pytest.mark.parametrize("kind", ["layers", "shifts"])
def test_the_plan_says_that_it_stays(small: Small, kind: str) -> None:
    if kind == "shifts":
        small.change(("new_schedules: layers", "new_schedules: shifts"))
    small.repo.write(FILE, OVERRIDE)
    small.repo.commit(NOW)
    small.apply()
    assert not told(small.plan(), "forgotten-override")

    (small.repo.folder / FILE).unlink()
    span = "Thu 2026-12-24 09:00 to Sat 2026-12-26 09:00"
    (note,) = told(small.plan(), "forgotten-override")
    assert note == (
        f"First: the override of Cleo, {span}, is declared no more (its YAML is gone); in the account it stays"
    )
    commit = small.repo.commit(NOW)
    plan = small.plan()
    assert plan["changes"] == []
    (note,) = told(plan, "forgotten-override")
    assert f"(commit {commit[:9]} took it out)" in note
    small.apply()
    kept = "override" if kind == "layers" else "v3_override"
    assert len(small.sandbox.store.all(kept)) >= 1, "it stays"
    text = small.watchbill("plan").out
    assert max(map(len, text.splitlines())) <= 80

    small.repo.write(FILE, OVERRIDE.replace("09:00}", "09:00, cancelled: true}"))
    small.repo.commit(NOW)
    assert not told(small.plan(), "forgotten-override")
    small.apply()
    (small.repo.folder / FILE).unlink()
    small.repo.commit(NOW)
    assert not told(small.plan(), "forgotten-override"), "nothing of it is left"


@pytest.mark.long
def test_only_what_may_still_matter_is_told(small: Small) -> None:
    past = OVERRIDE.replace("2026-12-24", "2026-11-01").replace("2026-12-26", "2026-11-02")
    gone = OVERRIDE.replace("rotation: first", "rotation: second")
    small.repo.write("policies/a.yaml", past)
    small.repo.write("policies/b.yaml", gone)
    small.repo.write("policies/c.yaml", OVERRIDE)
    small.repo.commit(NOW)
    small.apply()
    for name in "abc":
        (small.repo.folder / f"policies/{name}.yaml").unlink()
    small.change((SECOND, ""), (", 15m: second", ""))
    notes = told(small.plan(), "forgotten-override")
    assert [note.partition(":")[0] for note in notes] == ["First"]
    schedule = small.named("schedule", "First")["id"]
    (slot,) = small.sandbox.store.children("override", schedule)
    small.request("delete", f"/schedules/{schedule}/overrides/{slot['id']}")
    assert not told(small.plan(), "forgotten-override"), "somebody took it back by hand"
