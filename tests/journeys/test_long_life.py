"""Months of changes: no past shift moves, no human's override gets lost, and both accounts say what the policy says.

The judge of who is on duty is the brute force of `rota_reference`; the accounts' own renderers answer for them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from faults.dying import apply_in_child
from inprocess import WAIVED
from journeys.long_life import COUNTRY, Entry, Life, Side, lived
from watchbill.plan.document import Plan
from watchbill.rota.clock import DAY, HOUR, MINUTE, Instant, iso

AHEAD = 16 * MINUTE
"""What runs as a shift gives way up to so much later."""
STEPS = int(os.environ.get("WATCHBILL_EXAMPLES", "5"))


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_over_the_months(tmp_path: Path, seed: int) -> None:
    with lived(tmp_path, list(COUNTRY)[seed % 2], seed) as life:
        life.writes(life.data)
        for side in life.sides:
            assert side.desk.applies().code == 0
        said = []
        for _ in range(STEPS):
            life.passes()
            said.append(f"{iso(life.now)} {step(life)}")
            judge(life, "\n".join(said))


def step(life: Life) -> str:
    if life.rng.random() < 0.3:
        return life.somebody_overrides()
    what, data = life.edited()
    life.writes(data)
    if not all(planned(side) for side in life.sides):
        life.writes(life.data)
        return f"refused: {what}"
    life.data = data
    return what


def planned(side: Side) -> bool:
    """Not where `check` finds an error, or a guard one that is not waived."""
    ran = side.desk.watchbill("-q", "plan", "--json", *WAIVED)
    plan = json.loads(ran.out) if ran.code == 0 else {"guards": [{"waived": None}], "notices": []}
    refused = [g for g in plan["guards"] if not g["waived"]]
    return not refused and not [n for n in plan["notices"] if n["severity"] == "error"]


def judge(life: Life, said: str) -> None:
    titles = [rotation["title"] for rotation in life.data["rotations"].values()]
    for side in life.sides:
        before = {t: side.entries(t, life.now - 20 * DAY, life.now) for t in titles}
        killed(life, side)
        ran = side.desk.applies()
        assert ran.code == 0, f"{said}\n{ran.out}"
        after = {t: side.entries(t, life.now - 20 * DAY, life.now) for t in titles}
        assert after == before, f"somebody's past changed\n{said}"
        kept = side.overrides()
        assert {id_: kept.get(id_) for id_ in side.theirs} == side.theirs, said
        assert side.desk.in_sync, said
        kinds = ("schedule", "schedule_v3")
        docs = [doc for kind in kinds for doc in side.desk.sandbox.store.all(kind)]
        assert not [d["name"] for d in docs if d["description"].endswith(" writing")]
    for name, rotation in life.data["rotations"].items():
        serves_whom_the_policy_says(life, name, rotation["title"], said)


def killed(life: Life, side: Side) -> None:
    """Some of the applies, at some write."""
    at = life.rng.randint(1, 12)
    if life.rng.random() < 0.5:
        return
    saved = side.desk.home / "plan.json"
    assert side.desk.watchbill("plan", "--out", str(saved), *WAIVED).code == 0
    plan = Plan.model_validate_json(saved.read_text("utf-8"))
    if plan.changes:
        apply_in_child(side.desk.sandbox.url, plan, life.now, side.desk.home / "s", at, "after")


def serves_whom_the_policy_says(life: Life, name: str, title: str, said: str) -> None:
    since, until = life.now + AHEAD, life.now + 40 * DAY
    crews = life.data["rotations"][name].get("crews", ()), life.data["rotations"]["always"].get("crews", ())
    assert all(len([c for c in dated if c["from"] > life.local(life.now)]) < 2 for dated in crews)
    drawn = [side.entries(title, since, until) for side in life.sides]
    marks = {mark for entries in drawn for start, end, _ in entries for mark in (start, end - MINUTE)}
    marks |= {life.rng.randrange(since, until) for _ in range(20)} | {since, since + HOUR}
    for at in sorted(mark for mark in marks if since <= mark < until):
        wanted = life.person_on(name, at)
        found = [on_call(entries, at) for entries in drawn]
        assert found == [wanted, wanted], f"{name} at {life.local(at)}, layers and shifts\n{said}"


def on_call(entries: list[Entry], at: Instant) -> str | None:
    people = {who for start, end, who in entries if start <= at < end}
    assert len(people) < 2
    return next(iter(people), None)
