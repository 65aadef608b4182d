"""The life of a change once more, every exchange judged by GitHub's own OpenAPI description."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from contract.openapi import Contract
from github_server.call import Exchange
from github_server.team import Team, started, team_at
from journeys.test_github_commands import test_commands_are_answered_in_one_comment_with_receipts as commands
from journeys.test_github_life import test_the_whole_life_of_a_crew_change as life
from journeys.test_setup_on_github import RULES, documented, place_at


@pytest.fixture(scope="module")
def contract(npm: Path) -> Contract:
    path = npm / "node_modules/@octokit/openapi/generated/api.github.com.json"
    if not path.exists():
        pytest.skip("NOT CHECKED: @octokit/openapi is not installed; `nox -s judges` installs it")
    return Contract(path)


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    with team_at(tmp_path) as made:
        started(made)
        yield made


def judged(exchanges: Sequence[Exchange], contract: Contract) -> list[str]:
    problems: set[str] = set()
    for e in exchanges:
        path = _as_written(e.path)
        sent = contract.request_problems(e.method, path, e.query, {}, e.sent)
        answered = contract.response_problems(e.method, path, e.status, e.answer)
        problems |= {str(p) for p in (*sent, *answered)}
    return sorted(problems)


def _as_written(path: str) -> str:
    """The description has no word for a part with slashes in it, which `contents` and `git/ref` take."""
    found = re.fullmatch(r"(/repos/[^/]+/[^/]+/(?:contents|git/refs?)/)(.+)", path)
    return found[1] + found[2].replace("/", "%2F") if found else path


def test_every_request_and_answer_of_a_whole_life(team: Team, contract: Contract) -> None:
    life(team)
    assert len(team.github.exchanges) > 100
    assert not judged(team.github.exchanges, contract)


def test_every_request_and_answer_of_commands(team: Team, contract: Contract) -> None:
    commands(team)
    assert not judged(team.github.exchanges, contract)


def test_every_request_and_answer_of_the_set_up(tmp_path: Path, contract: Contract) -> None:
    with place_at(tmp_path) as place:
        before = place.bad()
        place.gh(*documented())
        place.repo.settings.rules = RULES
        assert before
        assert not place.bad()
        answered = [e for e in place.github.exchanges if e.status < 400]  # not all refusals are described
        assert len(answered) > 40
        assert not judged(answered, contract)


def test_the_judge_sees_what_is_wrong(team: Team, contract: Contract) -> None:
    said = team.api("ana", "POST", "/issues", {"title": "t", "body": "b"})
    assert said["number"]
    exchange = team.github.exchanges[-1]
    assert not judged([exchange], contract)
    assert judged([replace(exchange, sent={"body": "b"})], contract)
    assert judged([replace(exchange, answer={**exchange.answer, "number": "one"})], contract)
