"""`who`, answer by answer."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from examples.harness import examples, policy_of
from ladder_policies import matrices
from rota_stories import local
from watchbill.config.load import load_policy
from watchbill.ladder.answers import Next, all_names, handles_for, now_and_next, who, who_on_ladder
from watchbill.model.policy import Policy
from watchbill.rota.clock import DAY
from watchbill.rota.duty import Roster

ROOT = Path(__file__).parents[3]
AT = local("2026-01-06 12:00")
TURNS = {
    "turn": "1 week",
    "handoff": "mon 09:00",
    "from": "2026-01-05",
    "crew": ["on-database", "the-cto"],
}


def test_since_until_and_next() -> None:
    (answer,) = who(Roster(matrices(rotations={"database-primary": TURNS})), ["database-primary"], AT)
    assert (answer.person, answer.because) == ("on-database", "turn")
    assert (answer.since, answer.until) == (local("2026-01-05 09:00"), local("2026-01-12 09:00"))
    assert answer.next == Next("the-cto", local("2026-01-12 09:00"), local("2026-01-19 09:00"))


def test_somebody_who_always_serves_has_no_since_no_until_and_nobody_next() -> None:
    (answer,) = who(Roster(matrices()), ["database-primary"], AT)
    assert (answer.person, answer.since, answer.until, answer.next) == ("on-database", None, None, None)


def test_nobody_now_and_who_comes() -> None:
    hours = {**TURNS, "hours": "fri 09:00-10:00"}
    (answer,) = who(Roster(matrices(rotations={"database-primary": hours})), ["database-primary"], AT)
    assert (answer.person, answer.because) == (None, "nobody")
    assert answer.next == Next("on-database", local("2026-01-09 09:00"), local("2026-01-09 10:00"))


def test_roles_people_and_unset_roles() -> None:
    roster = Roster(matrices(roles={"cto": "unset", "ceo": "database-primary"}))
    by_role, by_holder, unset = who(roster, ["legal", "ceo", "cto"], AT)
    assert (by_role.person, by_role.because, by_role.role) == ("the-legal", "role", "legal")
    assert (by_holder.person, by_holder.rotation) == ("on-database", "database-primary")
    assert (unset.person, unset.because) == (None, "unset")


def test_a_ladder_answers_for_the_minute_each_level_is_reached() -> None:
    answers = who_on_ladder(Roster(matrices(rotations={"database-primary": TURNS})), "P3", "database", AT)
    assert [(a.after_minutes, a.person) for a in answers] == [(0, "on-database"), (30, "the-eng-manager")]


def test_a_domain_is_also_whom_its_own_words_page_at_once() -> None:
    """Follow the sun: at night the primary has nobody, and somebody is paged all the same."""
    policy = matrices(database={"also": {"0m": ["cto", "domain.primary"], "15m": "ceo"}})
    assert handles_for(policy, "Database") == ["database-primary", "cto"]
    assert handles_for(policy, "security") == ["security-primary", "security-lead"]


def test_names_are_found_whatever_the_case() -> None:
    policy = matrices()
    assert handles_for(policy, "database") == ["database-primary"]
    assert handles_for(policy, "API/backend") == ["api-backend-primary"]
    assert handles_for(policy, "CTO") == ["cto"]
    assert handles_for(policy, "THE-CTO@x.example") == ["the-cto"]
    assert handles_for(policy, "nothing") is None
    assert set(all_names(policy)) >= {"database", "database-primary", "cto", "the-cto"}


@cache
def policies() -> list[Policy]:
    """Our own and every example: holidays, fallbacks, overrides, crews that serve together."""
    with TemporaryDirectory() as top:
        folders = [policy_of(path, Path(top, str(n))) for n, path in enumerate(examples("valid"))]
        loaded = [load_policy(folder) for folder in (ROOT / "policies", *folders)]
    return [found.policy for found in loaded if found.valid and found.policy and found.policy.rotations]


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_one_look_answers_as_two_do(data: st.DataObject) -> None:
    policy = data.draw(st.sampled_from(policies()))
    rotation = data.draw(st.sampled_from(sorted(policy.rotations)))
    day = local("2025-12-20 00:00") + data.draw(st.integers(0, 800)) * DAY
    at = day + data.draw(st.sampled_from([0, 9 * 3600, 18 * 3600, 43_217]))
    roster = Roster(policy)
    assert now_and_next(roster, rotation, at) == (roster.around(rotation, at), roster.after(rotation, at))
