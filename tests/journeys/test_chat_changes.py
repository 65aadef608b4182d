"""Who is on call, changed from chat: in PagerDuty at once, in git by a pull request, kept by apply."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from github_server.team import NAMES, Team, started, team_at
from policy_text import SETTINGS
from watchbill.chat.answer import Answer
from watchbill.chat.commands import answer
from watchbill.chat.context import Context
from watchbill.chat.spans import instant, local
from watchbill.config.load import load_valid
from watchbill.forge.github import open_forge
from watchbill.incident.ports import Silent
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import parse_instant, zone

CHAT = "chat: {may: {take: everyone, cover: everyone, swap: everyone, crew: everyone, propose: everyone}}"
WITH_CHAT = SETTINGS.replace("settings: {", f"settings: {{{CHAT}, pagerduty: {{new_schedules: KIND}}, ")
PEOPLE = "people:\n" + "".join(
    f"  {n}: {{name: {n.title()}, email: {n}@x.example, github: {n}}}\n" for n in NAMES
)


@pytest.fixture(params=["layers", pytest.param("shifts", marks=pytest.mark.long)])
def team(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Team]:
    with team_at(tmp_path) as made:
        text = WITH_CHAT.replace("KIND", request.param) + PEOPLE
        made.push("main", {"policies/base.yaml": text}, "chat may act")
        started(made)
        yield made


def context(team: Team, person: str) -> Context:
    team.clone.git("fetch", "--quiet", "origin")
    team.clone.git("checkout", "--quiet", "--detach", "origin/main")
    policies = team.clone.folder / "policies"
    policy = load_valid(policies).policy
    assert policy is not None
    return Context(
        policies=policies,
        policy=policy,
        now=parse_instant(team.now),
        person=person,
        asker=person,
        channel="C1",
        chat=Silent(),
        connect=lambda: Transport(team.sandbox.url, SecretStr(team.sandbox.token)),
        forge=lambda: open_forge(
            team.repo.full_name, SecretStr(team.github.token()), api_url=team.github.url
        ),
        state=team.clone.folder.parent / "state",
    )


def say(team: Team, person: str, text: str) -> Answer:
    return answer(context(team, person), text)


def on_call(team: Team, level: int = 1) -> list[str]:
    """Of the API ladder, by PagerDuty's own word."""
    with Transport(team.sandbox.url, SecretStr(team.sandbox.token)) as transport:
        found = transport.get("/oncalls", {"limit": 100}).body["oncalls"]
    return sorted(
        o["user"]["summary"]
        for o in found
        if o["escalation_policy"]["summary"] == "API" and o["escalation_level"] == level
    )


def plan_is_empty(team: Team) -> bool:
    ran = team.by_hand("plan", "--exit-code")
    assert ran.code in (0, 10), ran.err
    return ran.code == 0


def pull_of(team: Team, number: int) -> dict[str, Any]:
    found: dict[str, Any] = team.api("ana", "GET", f"/pulls/{number}")
    return found


def number_in(found: Answer) -> int:
    told = re.search(r"#(\d+)", found.text)
    assert told, found.text
    return int(told[1])


def test_taking_the_pager_holds_at_once_and_ends_in_git(team: Team) -> None:
    assert on_call(team) == ["Ben"]
    found = say(team, "ana", "take first 2h")
    assert not found.failed, found.text
    assert on_call(team) == ["Ana"]
    asked = say(team, "cleo", "who first").table
    assert asked.startswith("source: PagerDuty (sandbox), laid over the policy")
    assert "First: override in PagerDuty: Ana until Mon 23 Nov 18:00, not in the files" in asked
    assert "First  Ana  until Mon 23 Nov 18:00, override" in asked
    assert "First: Ben from Mon 23 Nov 18:00" in say(team, "cleo", "next first").table
    assert "Ana has First" in say(team, "cleo", "why first").table
    assert say(team, "cleo", "who first --offline").table.startswith("source: the policy files; ")
    number = number_in(found)
    pull = pull_of(team, number)
    text = team.text("policies/overrides/first/2026-11-23-1600-ana.yaml", pull["head"]["ref"])
    assert "requested_by: ana" in text
    assert "Requested-by: ana" in pull["body"]

    # Before the merge an apply leaves it alone, and afterwards nothing is left to do.
    kept = team.by_hand("apply", "--yes")
    assert kept.code == 0, kept.err
    assert on_call(team) == ["Ana"]
    team.merge(number)
    assert plan_is_empty(team)
    assert on_call(team) == ["Ana"]


@pytest.mark.long
def test_cancelled_before_the_merge_it_is_as_before(team: Team) -> None:
    found = say(team, "ana", "take first 2h")
    cancelled = say(team, "ana", found.buttons[0].command)
    assert not cancelled.failed, cancelled.text
    assert on_call(team) == ["Ben"]
    assert pull_of(team, number_in(found))["state"] == "closed"
    assert plan_is_empty(team)
    again = say(team, "ana", found.buttons[0].command)
    assert again.failed
    assert "closed already" in again.text


@pytest.mark.long
def test_a_pull_request_closed_by_hand_is_still_cancelled(team: Team) -> None:
    number = number_in(say(team, "ana", "take first 2h"))
    team.api("ana", "PATCH", f"/pulls/{number}", {"state": "closed"})
    assert on_call(team) == ["Ana"]
    assert not say(team, "ana", f"cancel {number}").failed
    assert on_call(team) == ["Ben"]
    merged = number_in(say(team, "ana", "take first 3h"))
    team.merge(merged)
    assert "merged already" in say(team, "ana", f"cancel {merged}").text


@pytest.mark.long
def test_whoever_took_it_may_ask_for_cover_and_it_is_said_whose_turn_it_is(team: Team) -> None:
    taken = say(team, "ana", "take first 2h")
    assert not say(team, "ana", "take first 2h").failed, "typed twice it is the same"
    offer = say(team, "ana", "cover first 1h")
    assert "the turn of Ben" in offer.text
    assert "your turn already" in say(team, "ben", offer.buttons[0].command).text
    assert not say(team, "cleo", offer.buttons[0].command).failed
    assert on_call(team) == ["Cleo"]
    team.merge(number_in(taken))
    refused = say(team, "cleo", "take first 1h")
    assert refused.failed
    assert "policies/overrides/" in refused.text
    assert "/tmp" not in refused.text
    assert "that is you" in say(team, "ana", "swap first ana").text


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("2027-10-31T00:59:00Z", "2027-10-31T03:59"),
        ("2027-10-31T01:10:00Z", "2027-10-31T03:10-2nd"),
        ("2027-10-31T02:00:00Z", "2027-10-31T04:00"),
        ("2027-03-28T01:00:00Z", "2027-03-28T04:00"),
    ],
)
def test_an_end_in_the_hour_that_comes_twice_is_kept(wanted: str, said: str) -> None:
    where = zone("Europe/Bucharest")
    assert local(parse_instant(wanted), where, "T") == said
    assert instant(said, where) == parse_instant(wanted)


def test_of_two_who_accept_at_once_one_wins_and_the_other_is_told(team: Team) -> None:
    offer = say(team, "ben", "cover first 2h").buttons[0].command
    both = {who: context(team, who) for who in ("ana", "cleo")}
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(both, pool.map(lambda who: answer(both[who], offer), both), strict=True))
    winners = [who for who, told in found.items() if not told.failed]
    assert len(winners) == 1, {who: told.text for who, told in found.items()}
    (loser,) = set(found) - set(winners)
    assert f"{winners[0].title()} has it already" in found[loser].text
    assert on_call(team) == [winners[0].title()]
    assert say(team, "ben", offer).failed


@pytest.mark.long
def test_a_swap_needs_the_other_and_moves_both(team: Team) -> None:
    found = say(team, "ana", "swap first ben")
    assert say(team, "dan", found.buttons[0].command).failed
    done = say(team, "ben", found.buttons[0].command)
    assert not done.failed, done.text
    team.merge(number_in(done))
    assert plan_is_empty(team)


@pytest.mark.long
def test_a_proposal_is_a_pull_request_with_its_effect(team: Team) -> None:
    found = say(team, "ana", "crew add first dan")
    assert not found.failed, found.text
    pull = pull_of(team, number_in(found))
    assert "Requested-by: ana" in pull["body"]
    assert "dan" in team.text("policies/rotations.yaml", pull["head"]["ref"])
    assert on_call(team) == ["Ben"]
    assert say(team, "ana", "propose crew add first dan --policies=/etc").failed
    assert say(team, "ana", "propose apply").failed


@pytest.mark.long
def test_what_cannot_be_done_leaves_everything_as_it_was(team: Team) -> None:
    for words in (
        "take nothing 2h",
        "take first soon",
        "take first 367d",
        "take",
        "swap first zoe",
        "cancel 1",
        "cancel x",
    ):
        assert say(team, "ana", words).failed, words
    assert on_call(team) == ["Ben"]
    assert plan_is_empty(team)
