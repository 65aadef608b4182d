"""`take database 2h`: what is named is resolved, all that comes with it is listed, and PagerDuty pages them at once."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from inprocess import desk
from journeys.conftest import ROOT
from policy_text import NAMES, PEOPLE
from stage import Stage, shipped, stage
from watchbill.chat.answer import Answer
from watchbill.chat.commands import answer
from watchbill.chat.context import Context
from watchbill.chat.spans import Stretch, from_now, local
from watchbill.config.load import load_valid
from watchbill.incident.ports import Silent
from watchbill.model.policy import Policy
from watchbill.pagerduty.transport import Transport
from watchbill.rota.clock import parse_instant, zone


@pytest.fixture
def live() -> Iterator[Stage]:
    """03:00 on a Monday: Primary answers for everybody but infrastructure and security."""
    with stage() as made:
        yield made


def say(live: Stage, state: Path, text: str, person: str = "primary-3") -> Answer:
    def connect() -> Transport:
        return Transport(live.sandbox.url, SecretStr(live.sandbox.token))

    return answer(context(live.policy, live.now, person, connect, state), text)


def context(
    policy: Policy, now: int, person: str, connect: Callable[[], Transport], state: Path | None = None
) -> Context:
    return Context(
        policies=ROOT / "policies",
        policy=policy,
        now=now,
        person=person,
        asker=person,
        channel="C1",
        chat=Silent(),
        connect=connect,
        state=state,
    )


def on_call(live: Stage) -> dict[str, set[str]]:
    """First levels of the P1 ladders, by PagerDuty's own word."""
    found = live.transport.get("/oncalls", {"limit": 100}).body["oncalls"]
    levels: dict[str, set[str]] = {}
    for one in found:
        if one["escalation_level"] == 1 and one["escalation_policy"]["summary"].endswith(" P1"):
            levels.setdefault(one["escalation_policy"]["summary"], set()).add(one["user"]["summary"])
    return levels


def test_a_domain_is_asked_about_and_then_taken_whole(live: Stage, tmp_path: Path) -> None:
    before = on_call(live)
    asked = say(live, tmp_path, "take database 2h")
    assert not asked.failed
    assert "Database is served by Primary On-Call, which also serves" in asked.text
    assert "domain AI/Scoring (primary ML On-Call)" in asked.table
    assert "rotation Backend On-Call (falls back to Primary On-Call)" in asked.table
    assert "domain API/Backend (primary Backend On-Call)" in asked.table
    assert "Security" not in asked.table
    assert on_call(live) == before, "nothing is taken before the answer"

    done = say(live, tmp_path, asked.buttons[0].command)
    assert "primary-3 has Primary On-Call from 2026-11-23 03:00 to 2026-11-23 05:00 (2 h)" in done.text
    assert "domain AI/Scoring" in done.table
    after = on_call(live)
    moved = {name for name in after if after[name] != before[name]}
    assert moved == {"Database P1", "AI-Scoring P1", "Integrations P1", "API-Backend P1"}
    assert {name for found in moved for name in after[found]} == {"primary-3"}


@pytest.mark.parametrize("words", ["take database 2h --only", "take dba 2h --only", "cover ml 2h --only"])
def test_only_refuses_and_lists_what_else_would_be_affected(live: Stage, tmp_path: Path, words: str) -> None:
    before = on_call(live)
    found = say(live, tmp_path, words)
    assert found.failed
    assert "Integration On-Call" in found.table
    assert on_call(live) == before


def test_a_schedule_of_its_own_is_taken_at_once(live: Stage, tmp_path: Path) -> None:
    done = say(live, tmp_path, "take infrastructure 90m", "infra-4")
    assert "infra-4 has Infrastructure On-Call" in done.text
    assert "(1 h 30)" in done.text
    assert on_call(live)["Infrastructure P1"] == {"infra-4"}


@pytest.mark.parametrize("words", ["cover database 2h", "swap database primary-4"])
def test_other_acts_that_name_a_rotation_ask_too(live: Stage, tmp_path: Path, words: str) -> None:
    asked = say(live, tmp_path, words)
    assert "which also serves" in asked.text
    offered = say(live, tmp_path, asked.buttons[0].command)
    assert offered.buttons[0].command.split()[0] in ("accept", "swap-yes")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("take cto 2h", "CTO is a role without a schedule"),
        ("take primary-1 2h", "is a person, and an override is of a rotation"),
        ("cover vp-eng 2h", "VP Engineering is a role"),
        ("take nothing 2h", "no rotation or domain is called"),
        ("take database 0h", "is no length"),
        ("take database 367d", "is no length"),
        ("take database soon", "is no length"),
        ("take database", "what, and for how long?"),
    ],
)
def test_what_stands_for_no_schedule_is_refused(live: Stage, tmp_path: Path, words: str, said: str) -> None:
    found = say(live, tmp_path, words)
    assert found.failed
    assert said in found.text


@pytest.mark.parametrize(
    ("now", "typed", "until", "hours"),
    [
        ("2027-03-28T00:30:00Z", "2h", "2027-03-28 05:30", 2),
        ("2026-10-25T00:30:00Z", "1h", "2026-10-25 03:30 2nd", 1),
        ("2026-10-25T00:30:00Z", "90m", "2026-10-25 04:00", 1.5),
        ("2026-10-25T01:15:00Z", "30m", "2026-10-25 03:45 2nd", 0.5),
        ("2026-10-24T12:00:00Z", "1d", "2026-10-25 15:00", 25),
    ],
)
def test_a_length_is_real_time_through_a_clock_change(now: str, typed: str, until: str, hours: float) -> None:
    asked = context(
        shipped(), parse_instant(now), "infra-1", lambda: pytest.fail("nothing is asked of PagerDuty")
    )
    found = from_now(asked, "take", ["infra", typed])
    assert isinstance(found, Stretch)
    where = zone("Europe/Bucharest")
    assert (local(found.end, where), (found.end - found.start) / 3600) == (until, hours)


FOLLOWED = """settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  hours: {{office: mon-fri 09:00-18:00}}
  chat: {{may: {{take: everyone}}}}
  pagerduty: {{account: acme, new_schedules: {kind}}}
{people}rotations:
  first: {{title: First, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]}}
  lab: {{title: Lab, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [cleo, dan], hours: office, otherwise: first}}
"""


@pytest.mark.parametrize("kind", ["layers", "shifts"])
def test_schedules_that_fall_back_are_taken_at_once_and_stay_so(tmp_path: Path, kind: str) -> None:
    """Their copy of the fallback would follow only when the pull request is merged and applied."""
    with desk(tmp_path, *NAMES) as at:
        at.says(FOLLOWED.format(kind=kind, people=PEOPLE))
        assert at.applies().code == 0
        policy = load_valid(at.policies).policy
        assert policy is not None

        def connect() -> Transport:
            return Transport(at.sandbox.url, SecretStr(at.sandbox.token))

        asked = context(policy, parse_instant(at.now), "gil", connect, tmp_path / "state")
        asked = replace(asked, policies=at.policies)
        done = answer(asked, "take first 4h")
        assert "Gil has Lab from 2026-11-23 18:00 to 2026-11-23 20:00 (2 h)" in done.text
        since, until = (parse_instant(text) for text in ("2026-11-23T16:00:00Z", "2026-11-23T18:00:00Z"))

        def on_duty() -> set[str]:
            store = at.sandbox.store
            names = {user["id"]: user["name"] for user in store.all("user")}
            table = "schedule" if at.names("schedule") else "schedule_v3"
            return {
                names[entry.user or ""]
                for name in ("First", "Lab")
                for entry in at.sandbox.world.on_call_entries(table, at.doc(table, name)["id"], since, until)
            }

        assert on_duty() == {"Gil"}
        assert at.applies().code == 0, "from the files as they were: what chat wrote stays"
        assert on_duty() == {"Gil"}
        for line in re.findall(r"(watchbill override add .*)", done.text):
            assert at.watchbill(*shlex.split(line)[1:]).code == 0, line
        at.repo.commit(at.now, "merged")
        assert at.in_sync
        assert on_duty() == {"Gil"}
