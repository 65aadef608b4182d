"""A drift issue offers `adopt` exactly where `adopt` works, and shows names instead of ids and JSON."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from journeys.conftest import Person
from stage import START, applied_account, shipped
from watchbill.plan.drift import Drift
from watchbill.report.github_drift import drift_body
from watchbill.sandbox.load import load_account
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox
from watchbill.sandbox.tamper import tamper

EDITS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "people of a turn": (
        "schedule",
        "medicalcor-infra",
        {"layers": {"turns": {"users": ["infra-2", "infra-1", "infra-3", "infra-4"]}}},
    ),
    "another turn length": (
        "schedule",
        "medicalcor-infra",
        {"layers": {"turns": {"rotation_turn_length_seconds": 86400}}},
    ),
    "zone": ("schedule", "medicalcor-security", {"time_zone": "Asia/Tokyo"}),
    "minutes of a level": ("escalation_policy", "Security", {"delays": {1: 25}}),
    "minutes of one domain": ("escalation_policy", "Database P1", {"delays": {1: 25}}),
    "another target": ("escalation_policy", "Database P1", {"add_target": {"level": 2, "user": "infra-4"}}),
    "repeats": ("escalation_policy", "Database P2", {"num_loops": 7}),
    "policy of a service": ("service", "MedicalCor API", {"escalation_policy": "Database P1"}),
    "time of a service": ("service", "MedicalCor API", {"auto_resolve_timeout": 7200}),
    "deleted policy": ("escalation_policy", "Integrations P4", {"delete": True}),
}
ID = re.compile(r"\bP[A-Z0-9]{6,13}\b")


@pytest.mark.parametrize("edit", EDITS)
def test_adopt_is_offered_where_it_works(edit: str, person: Person, tmp_path: Path) -> None:
    kind, name, changes = EDITS[edit]
    with Sandbox(clock=START, options=SandboxOptions(rate_limit=0)) as sandbox:
        load_account(sandbox.store, applied_account())
        for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "first")):
            who = ("-c", "user.name=ana", "-c", "user.email=ana@x.example")
            subprocess.run(["git", *who, *words], cwd=person.folder, check=True)
        tamper(sandbox.store, kind, name, changes, clock=sandbox.world.clock)
        team = Person(person.folder, {**person.env, "WATCHBILL_NOW": START}).at(sandbox)
        found = team.watchbill("drift", "--json")
        assert found.code == 10, found.err
        drift = Drift.model_validate(found.json)
        assert drift.changes
        for change in drift.changes:
            body = drift_body(drift, change, shipped())
            print(body)
            assert '{"' not in body
            assert not ID.search(body), body
            adopts = re.findall(r"`watchbill (adopt [^`]+)`", body)
            is_offered = "comment `/watchbill adopt`" in body
            assert bool(adopts) == is_offered
            kept = tmp_path / "kept"
            shutil.copytree(team.policies, kept)
            ran = team.watchbill(*(adopts[0].split() if adopts else ("adopt", change.key)), "--yes")
            left = [one["key"] for one in team.watchbill("plan", "--json").json["changes"]]
            assert (ran.code == 0) == is_offered, ran.out + ran.err
            assert (change.key not in left) == is_offered, ran.out + ran.err
            shutil.rmtree(team.policies)
            shutil.move(kept, team.policies)
