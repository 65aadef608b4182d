"""The GitHub verbs by hand: each as text and as JSON of its schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from github_server.state import BOT
from github_server.team import ROTATIONS, Ran, Team, team_at
from watchbill.report.github_answer import GithubAnswer

SCHEMA = Draft202012Validator(GithubAnswer.model_json_schema(mode="serialization"))


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    with team_at(tmp_path) as made:
        yield made


def answer(ran: Ran) -> Any:
    told = json.loads(ran.out)
    SCHEMA.validate(told)
    return told


def test_a_comment_and_its_approval(team: Team, tmp_path: Path) -> None:
    head = team.push("web", {"policies/rotations.yaml": ROTATIONS.replace("repeat: 1", "repeat: 2")})
    number = team.open_pull("web")
    saved = str(tmp_path / "plan.json")
    assert team.by_hand("plan", "--out", saved, branch="web").code == 0
    told = answer(
        team.by_hand("github", "comment", saved, "--pr", str(number), "--json", login=BOT, branch="web")
    )
    assert [(d["what"], d["number"]) for d in told["done"]] == [("commented", number)]
    (comment,) = team.told(number, "plan")
    assert comment.body.startswith("<!-- watchbill:plan -->\n### watchbill: ")
    assert f"planned for commit {head[:12]}" in comment.body
    assert "No drift check is known to have run" in comment.body

    old = ("github", "comment", saved, "--pr", str(number), "--head", "0" * 40)
    told = team.by_hand(*old, login=BOT, branch="web")
    assert (told.code, "its own run will tell" in told.out) == (0, True)

    wanted = ("github", "approved", "--pr", str(number), "--json")
    refused = team.by_hand(*wanted, login="dan")
    assert (refused.code, answer(refused)["judged"][0]["by"]) == (11, [])
    team.review(number, "cleo")
    given = team.by_hand(*wanted, login="dan")
    assert (given.code, answer(given)["judged"][0]["by"]) == (0, ["cleo"]), given.err


def test_heartbeat_and_code_scanning(team: Team, tmp_path: Path) -> None:
    late = team.by_hand("github", "heartbeat", "--issue", login=BOT)
    assert (late.code, len(team.repo.issues)) == (10, 1)
    drift = team.by_hand("drift", "--json")
    saved = tmp_path / "drift.json"
    saved.write_text(drift.out)
    assert team.by_hand("github", "drift-issue", str(saved), login=BOT).out == "no drift, no issue\n"
    beat = team.by_hand("github", "heartbeat", "--issue", "--json", login=BOT)
    assert (beat.code, "no drift" in answer(beat)["said"]) == (0, True)
    assert team.issue(1).state == "closed"
    team.runner.env["WATCHBILL_NOW"] = "2026-11-25T14:00:00Z"
    again = team.by_hand("github", "heartbeat", login=BOT)
    assert (again.code, "it should have run since" in again.out) == (10, True)

    sarif = tmp_path / "findings.sarif"
    assert team.by_hand("check", "--sarif", str(sarif)).code == 0
    commit = str(team.repo.bare.find("main"))
    words = ("github", "sarif", str(sarif), "--commit", commit, "--ref", "refs/heads/main")
    assert team.by_hand(*words, login=BOT).out == "handed to code scanning\n"
    assert team.repo.sarifs[0]["commit_sha"] == commit
    refused = team.by_hand(*words, login="eve")
    assert (refused.code, "did not take it" in refused.out) == (0, True)


def test_what_is_missing_is_said(team: Team, tmp_path: Path) -> None:
    nothing = tmp_path / "none.json"
    for words, code, told in (
        (("comment", str(nothing), "--pr", "1"), 2, "cannot be read"),
        (("comment", "--pr", "1"), 2, "nothing to tell"),
        (("approved",), 2, "nothing to judge"),
        (("outcome", str(nothing)), 2, "no outcome to tell"),
        (("approved", "--pr", "77"), 14, "404"),
        (("adopt-pr", "--requested-by", "a b"), 2, "is no login"),
        (("drift-issue", __file__), 2, "is no drift report"),
    ):
        ran = team.by_hand("github", *words, login=BOT)
        assert (ran.code, told in ran.err) == (code, True), (words, ran.err)
    no_token = team.by_hand("github", "approved", "--pr", "1")
    assert (no_token.code, "GITHUB_TOKEN" in no_token.err) == (14, True)
