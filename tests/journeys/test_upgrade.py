"""Schedules that PagerDuty upgrades to shifts between two runs: foreseen, recognised, written on as shifts.

The judge is the sandbox's own upgrade and rendering, which know nothing of the preview.
"""

from __future__ import annotations

from typing import Any

import pytest

from journeys.conftest import Person
from watchbill.rota.clock import WEEK, iso, parse_instant
from watchbill.sandbox.server import Sandbox

NOW = parse_instant("2026-11-23T14:00:00Z")
LOOK = 8 * WEEK

STACKED = """# yaml-language-server: $schema=../schema/rotations.schema.json
rotations:
  stacked:
    title: Stacked
    layers:
      - {name: Always, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [infra-1, infra-2, infra-3]}
      - {name: Office, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [backend-1, backend-2], hours: mon-fri 09:00-18:00}
"""


@pytest.fixture
def at_work(person: Person, populated: Sandbox) -> Person:
    (person.policies / "stacked.yaml").write_text(STACKED)
    worker = person.at(populated)
    assert worker.watchbill("apply", "--yes").code == 0
    return worker


def schedule(sandbox: Sandbox, name: str) -> dict[str, Any]:
    return next(s for kind in ("schedule", "schedule_v3") for s in sandbox.store.named(kind, name))


def upgrade(worker: Person, name: str) -> None:
    edit = worker.watchbill("sandbox", "tamper", "schedule", name, '{"upgrade": true}')
    assert edit.code == 0, edit.err


def duty(sandbox: Sandbox, name: str) -> dict[int, frozenset[str]]:
    """Who is on call at every half hour, as the sandbox renders it."""
    doc = schedule(sandbox, name)
    kind = "schedule" if "layers" in doc else "schedule_v3"
    entries = sandbox.world.on_call_entries(kind, doc["id"], NOW, NOW + LOOK)
    names = {u["id"]: u["name"] for u in sandbox.store.all("user")}
    return {
        at: frozenset(names[e.user] for e in entries if e.user and e.start <= at < e.end)
        for at in range(NOW, NOW + LOOK, 1800)
    }


def test_the_preview_says_what_the_upgrade_then_does(at_work: Person, populated: Sandbox) -> None:
    found = at_work.watchbill("upgrade-preview", "stacked", "--json").json
    assert (found["kind"], found["account"]) == ("layers", "sandbox")
    assert found["written"]["possible"]
    assert not found["written"]["shifts"]
    assert found["upgraded"]["on_call_now"]["before"] == "backend-1"
    assert found["upgraded"]["on_call_now"]["after"] == "backend-1 + infra-2"
    before = duty(populated, "Stacked")
    upgrade(at_work, "Stacked")
    after = duty(populated, "Stacked")
    moved = [(parse_instant(s["start"]), parse_instant(s["end"]), s) for s in found["upgraded"]["shifts"]]
    assert moved
    for at in before:
        said = next((s for start, end, s in moved if start <= at < end), None)
        assert (before[at] != after[at]) == (said is not None), iso(at)
        if said is not None:
            assert (frozenset(said["before"].split(" + ")), frozenset(said["after"].split(" + "))) == (
                before[at],
                after[at],
            )


def test_an_upgraded_account_is_written_on_as_shifts(at_work: Person, populated: Sandbox) -> None:
    names = ("Stacked", "medicalcor-primary", "medicalcor-backend")
    before = {name: duty(populated, name) for name in names}
    for name in names:
        upgrade(at_work, name)
    drift = at_work.watchbill("drift", "--json")
    assert drift.code == 10
    assert {c["key"] for c in drift.json["changes"] if c["kind"] == "schedule"} == {
        "rotation/stacked",
        "rotation/primary",
        "rotation/backend",
    }
    told = [n["message"] for n in drift.json["notices"] if n["rule"] == "became-shift-based"]
    assert len(told) == 3
    assert all("shift-based now" in message for message in told)
    waive = [w for g in ("imminent", "changed") for w in ("--waive", f"{g}=the upgrade is put right")]
    applied = at_work.watchbill("apply", "--yes", *waive)
    assert applied.code == 0, applied.err + applied.out
    soon = NOW + 1800  # what runs gives way a quarter of an hour later
    for name in names:
        now = duty(populated, name)
        assert {at: who for at, who in now.items() if at >= soon} == {
            at: who for at, who in before[name].items() if at >= soon
        }
    again = at_work.watchbill("plan", "--exit-code", "--json")
    assert again.code == 0, again.json["changes"]
    preview = at_work.watchbill("upgrade-preview", "stacked")
    assert "shift-based already" in preview.out


def test_where_no_account_answers_the_policy_alone_is_asked(person: Person) -> None:
    nobody = {"PAGERDUTY_URL": "http://127.0.0.1:9", "PAGERDUTY_TOKEN": "t"}
    found = person.watchbill("upgrade-preview", "backend", "--json", "--deadline", "1s", **nobody)
    assert found.code == 0
    assert "no account" in found.err
    offline = person.watchbill("upgrade-preview", "backend", "--offline", "--json")
    assert offline.json == found.json
    assert offline.json["account"] is None
    for way in ("written", "upgraded"):
        assert offline.json[way]["possible"]
        assert not offline.json[way]["shifts"]


def test_what_cannot_be_asked_is_refused(person: Person) -> None:
    assert person.watchbill("upgrade-preview", "nobody").code == 2
    covered = person.watchbill("upgrade-preview", "dba")
    assert (covered.code, "covers it" in covered.err) == (2, True)
