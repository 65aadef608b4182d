"""`plan` and `check` as required checks: they always end, and a merge queue gets a plan of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from github_server.team import WORKFLOWS, started, team_at
from journeys.attacks_setup import API, POLICY
from watchbill.forge.setup_steps import CHECKS

REQUIRED = {"check": "check the policy", "plan": "plan for the account"}


def test_no_filter_leaves_a_required_check_pending() -> None:
    for name in REQUIRED:
        started_by = YAML(typ="safe").load((WORKFLOWS / f"{name}.yml").read_text("utf-8"))["on"]
        assert started_by["pull_request"] is None, f"{name} waits for ever where a filter leaves it out"
        assert "merge_group" in started_by
    named = [
        YAML(typ="safe").load((WORKFLOWS / f"{name}.yml").read_text("utf-8"))["jobs"][name]["name"]
        for name in REQUIRED
    ]
    assert tuple(named) == CHECKS == tuple(REQUIRED.values())


@pytest.mark.long
def test_a_pull_request_without_policy_ends_green_and_a_queue_plans_without_a_comment(tmp_path: Path) -> None:
    with team_at(tmp_path) as team:
        started(team)
        team.push("docs", {"README.md": "words\n"})
        number = team.open_pull("docs")
        asked = len(team.sandbox.exchanges())
        job = team.planned(number)
        assert (job.result, job.log, len(team.sandbox.exchanges())) == ("success", "", asked)
        assert "No file of the policy" in job.summary
        assert team.issue(number).comments == []
        assert team.workflow("plan", team.runner.merge_group(number))["plan"].result == "success"

        team.push("api", {POLICY: API})
        number = team.open_pull("api")
        event = team.runner.merge_group(number)
        jobs = {name: team.workflow(name, event)[name] for name in REQUIRED}
        assert {name: job.result for name, job in jobs.items()} == dict.fromkeys(REQUIRED, "success")
        assert "API" in jobs["plan"].summary
        assert team.issue(number).comments == []
