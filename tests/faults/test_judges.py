"""The judges of the fault tests see what they are there to see."""

from __future__ import annotations

import pytest

from faults.judges import holes, new_holes, rows
from faults.story import NOW, START
from faults.variants import OPTIONS, other_team
from watchbill.rota.clock import DAY, WEEK
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.server import Sandbox
from watchbill.sandbox.tamper import tamper


def account() -> Sandbox:
    sandbox = Sandbox(clock=START, options=OPTIONS)
    people = [{"name": name, "email": f"{name}@x.example"} for name in ("Ana", "Fay", "Gil")]
    ensure_users(sandbox.store, people)
    return sandbox


def edit(sandbox: Sandbox, kind: str, change: dict[str, object]) -> None:
    tamper(sandbox.store, kind, "Theirs", change, clock=sandbox.world.clock)


def test_a_level_that_reaches_nobody_is_a_hole() -> None:
    with account() as sandbox:
        other_team(sandbox)
        assert holes(sandbox, NOW) == {}
        edit(sandbox, "escalation_policy", {"remove_target": {"level": 1, "user": "Fay"}})
        assert holes(sandbox, NOW) == {}, "the schedule is manned at all hours"
        edit(sandbox, "schedule", {"layers": {"Layer 1": {"end": "2026-11-25T09:00:00Z"}}})
        found = holes(sandbox, NOW)
        ((start, end),) = found["Theirs"]
        assert (start - NOW, end - NOW) == (DAY + 19 * 3600, 3 * WEEK)
        assert new_holes(found, {}, {}, NOW) == ["Theirs"]


@pytest.mark.parametrize("known", ["before", "after"])
def test_a_hole_that_was_there_or_is_meant_is_none(known: str) -> None:
    found = {"shop": [(NOW + 100, NOW + 200)]}
    meant = {"shop": [(NOW + 50, NOW + 150)]}, {"shop": [(NOW + 150, NOW + 300)]}
    assert new_holes(found, *meant, NOW) == []
    before, after = ({}, meant[1]) if known == "before" else (meant[0], {})
    assert new_holes(found, before, after, NOW) == ["shop"]


def test_every_document_is_watched_to_the_byte() -> None:
    with account() as sandbox:
        other_team(sandbox)
        before = rows(sandbox)
        assert {kind for kind, _ in before} >= {
            "user",
            "schedule",
            "escalation_policy",
            "service",
            "priority",
        }
        edit(sandbox, "service", {"description": "touched"})
        after = rows(sandbox)
        assert [kind for kind, id_ in before if before[kind, id_] != after[kind, id_]] == ["service"]
