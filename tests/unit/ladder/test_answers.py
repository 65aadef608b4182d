"""`who`, answer by answer."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.harness import examples, policy_of
from ladder_policies import matrices
from policy_text import policy_of as policy_text
from rota_stories import local
from watchbill.config.load import load_policy
from watchbill.ladder.answers import Next, all_names, handles_for, who, who_on_ladder
from watchbill.ladder.stints import now_and_next
from watchbill.model.policy import Policy
from watchbill.rota.clock import DAY
from watchbill.rota.duty import Roster, Shift
from watchbill.rota.turns import FOREVER, LONG_AGO

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


def whole(pieces: list[Shift], mine: Shift) -> tuple[int, int]:
    """The duty around a piece, grown piece by piece in both directions."""
    start, end = mine.start, mine.end
    own = [p for p in pieces if p.person == mine.person]
    while grown := [p for p in own if p.start <= end < p.end or p.start < start <= p.end]:
        start, end = min(start, *(p.start for p in grown)), max(end, *(p.end for p in grown))
    return start, end


FAR = 1024 * DAY


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_short_look_answers_as_a_long_one(data: st.DataObject) -> None:
    policy = data.draw(st.sampled_from(policies()))
    rotation = data.draw(st.sampled_from(sorted(policy.rotations)))
    day = local("2025-12-20 00:00") + data.draw(st.integers(0, 800)) * DAY
    at = day + data.draw(st.sampled_from([0, 9 * 3600, 18 * 3600, 43_217]))
    roster = Roster(policy)
    pieces = roster.shifts(rotation, at - FAR, at + FAR)
    now, then = now_and_next(roster, rotation, at)
    wanted = [p for p in pieces if p.start <= at < p.end]
    assert [(s.person, s.because, s.rotation, s.crew) for s in now] == [tuple(p[2:]) for p in wanted]
    for shift, piece in zip(now, wanted, strict=True):
        start, end = whole(pieces, piece)
        assert shift.start == (start if start > at - FAR else LONG_AGO)
        assert shift.end == (end if end < at + FAR else FOREVER)
    people = {p.person for p in wanted}
    follows = next((p for p in pieces if p.start > at and p.person not in people | {None}), None)
    assert (then is None) == (follows is None)
    if then is not None and follows is not None:
        assert (then.person, then.start, then.because) == (follows.person, follows.start, follows.because)
        end = whole(pieces, follows)[1]
        assert then.end == (end if end < at + FAR else FOREVER)


GOES_ON = """rotations:
  one: {title: One, turn: 1 week, handoff: mon 09:00, crews: [{from: 2026-01-05, order: [ana, ben]}, {from: "2026-01-14", order: [ben, cleo], first: ben}]}
  rest: {title: Rest, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]}
  day: {title: Day, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben], hours: "daily 09:00-18:00", otherwise: rest}
  lent: {title: Lent, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]}
overrides:
  - {rotation: lent, person: ben, from: 2026-01-11 09:00, until: 2026-01-12 09:00, reason: swap}
"""


@pytest.mark.parametrize(
    ("rotation", "at", "person", "since", "until"),
    [
        # ben's week of the first crew goes over into the second one, which begins with ben
        ("one", "2026-01-13 12:00", "ben", "2026-01-12 09:00", "2026-01-19 09:00"),
        ("one", "2026-01-15 12:00", "ben", "2026-01-12 09:00", "2026-01-19 09:00"),
        # hours and fallback have the same person
        ("day", "2026-01-06 12:00", "ana", "2026-01-05 09:00", "2026-01-12 09:00"),
        ("day", "2026-01-06 23:00", "ana", "2026-01-05 09:00", "2026-01-12 09:00"),
        # an override goes over into the turn
        ("lent", "2026-01-11 12:00", "ben", "2026-01-11 09:00", "2026-01-19 09:00"),
        ("lent", "2026-01-10 12:00", "ana", "2026-01-05 09:00", "2026-01-11 09:00"),
    ],
)
def test_duty_ends_where_the_person_changes(
    rotation: str, at: str, person: str, since: str, until: str
) -> None:
    (answer,) = who(Roster(policy_text(GOES_ON)), [rotation], local(at))
    assert (answer.person, answer.since, answer.until) == (person, local(since), local(until))


def test_who_follows_has_the_whole_duty_too() -> None:
    (answer,) = who(Roster(policy_text(GOES_ON)), ["lent"], local("2026-01-10 12:00"))
    assert answer.next == Next("ben", local("2026-01-11 09:00"), local("2026-01-19 09:00"))
