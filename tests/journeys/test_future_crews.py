"""What a plan credits people with is what the account renders after the apply, until the next apply is due.

The judge is the account's own rendering, asked by HTTP, now and at later instants.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from journeys.future_crews import GIVES_WAY, Future, cut, future
from watchbill.model.policy import Policy
from watchbill.plan.document import Plan
from watchbill.rota.clock import DAY, HOUR, MINUTE, Instant, parse_instant
from watchbill.rota.duty import Roster

EXAMPLES = int(os.environ.get("WATCHBILL_EXAMPLES", "15"))
"""Lives on each kind of schedule; each has two policies.  75 gives three hundred."""
YEAR = 366 * DAY


@pytest.mark.parametrize("kind", ["layers", "shifts"])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_credited_is_what_the_account_renders(tmp_path: Path, kind: str, seed: int) -> None:
    judge(tmp_path, kind, seed)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["layers", "shifts"])
def test_what_is_credited_is_what_the_account_renders_for_many(tmp_path: Path, kind: str) -> None:
    seen = Counter[str]()
    for seed in range(100, 100 + EXAMPLES):
        seen.update(judge(tmp_path / str(seed), kind, seed))
    print(kind, dict(seen))
    assert seen["compared"] > EXAMPLES


def judge(home: Path, kind: str, seed: int) -> Counter[str]:
    """A first apply, and one of a changed policy some days later."""
    seen = Counter[str]()
    with future(home, kind, seed) as life:
        for _ in range(2):
            data = life.data(life.crews(4), life.crews(life.rng.choice([0, 2])))
            policy = Policy.model_validate(data)
            plan = life.plan(policy)
            if plan.left_alone:
                seen["refused"] += 1
                continue
            life.applies(plan)
            due = next_due(plan, life.now + YEAR)
            seen["later"] += bool(plan.later)
            credited(life, plan, life.now)
            until_due(life, policy, plan, due)
            seen["compared"] += 1
            if plan.later:
                applied_when_due(life, policy, plan.later[0].key.partition("/")[2], due)
            life.moves(life.now + life.rng.randrange(MINUTE, 10 * DAY))
    return seen


def hours(spans: list[tuple[int, int]]) -> float:
    """An hour on two rotations at once counts once."""
    total, reached = 0, 0
    for start, end in sorted(spans):
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return round(total / HOUR, 2)


def credited(life: Future, plan: Plan, since: Instant) -> None:
    """Row by row, and hour by hour for each person."""
    rows = [(parse_instant(s.start), parse_instant(s.end), s) for s in plan.effects.shifts]
    duty: dict[str, list[tuple[int, int]]] = {}
    for title in {s.rotation for _, _, s in rows}:
        mine = [(a, b, s) for a, b, s in rows if s.rotation == title and b > since]
        if not mine:
            continue
        shown = life.entries(title.upper(), since, mine[-1][1])
        for a, b, s in mine:
            wanted = [(max(a, since), b, s.after)] if s.after else []
            assert cut(shown, max(a, since), b) == wanted, (title, s)
            for start, end, person in wanted:
                duty.setdefault(person, []).append((start, end))
    if since == parse_instant(plan.effects.since):
        told = {p.person: p.hours_after for p in plan.effects.people}
        assert told == {person: hours(duty.get(person, [])) for person in told}


def until_due(life: Future, policy: Policy, plan: Plan, due: Instant) -> None:
    """As the policy says, and in sync, at any instant before the next apply is due."""
    begun = life.now + GIVES_WAY if life.kind == "shifts" else life.now
    roster = Roster(policy)
    until = min(due, begun + 60 * DAY)
    for at in sorted(life.rng.randrange(begun, max(until, begun + 1)) for _ in range(2)):
        life.moves(at)
        credited(life, plan, at)
        for rotation in policy.rotations:
            stop = min(at + 40 * DAY, due)
            shown = life.entries(rotation.upper(), at, stop)
            shifts = roster.shifts(rotation, at, stop)
            assert cut(shown, at, stop) == cut([(s.start, s.end, s.person or "") for s in shifts], at, stop)
    assert {c.class_ for c in life.plan(policy).changes} <= {"upkeep"}


def next_due(plan: Plan, otherwise: Instant) -> Instant:
    return parse_instant(plan.later[0].due) if plan.later else otherwise


def applied_when_due(life: Future, policy: Policy, handle: str, due: Instant) -> None:
    """The last apply that is in time."""
    life.moves(max(life.now, due - 30 * MINUTE))
    upkeep = life.plan(policy)
    assert {c.class_ for c in upkeep.changes} == {"upkeep"}
    life.applies(upkeep)
    shown = life.entries(handle.upper(), due, due + 10 * DAY)
    stop = min(next_due(upkeep, due + 10 * DAY), due + 10 * DAY)
    shifts = Roster(policy).shifts(handle, due, stop)
    assert cut(shown, due, stop) == cut([(s.start, s.end, s.person or "") for s in shifts], due, stop)
