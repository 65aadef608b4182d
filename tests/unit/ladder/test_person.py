"""The duty of one person: now, for what, and next."""

from __future__ import annotations

import pytest

from policy_text import at, policy_of
from watchbill.ladder.person import AHEAD, people_called, person_answer
from watchbill.rota.clock import DAY
from watchbill.rota.duty import LiveDuty, Roster

TEXT = """
people:
  ana: {name: Ana Pop, email: ana@x.example, slack: ana.pop}
  ana-i: {name: Ana Ionescu, email: ana-i@x.example}
  ben: {name: Ben Radu, email: ben@x.example}
  cleo: {name: placeholder, email: cleo@x.example}
roles:
  lead: {title: Lead, held_by: ben}
  first: {title: First, held_by: one}
rotations:
  one: {title: One, turn: 1 week, handoff: mon 09:00, crews: [{from: 2026-11-02, order: [ben, ana]}, {from: "2026-12-02 09:00", order: [ben, ana]}]}
  two: {title: Two, turn: 1 week, handoff: mon 09:00, from: 2026-11-02, crew: [cleo, ana-i], hours: business, otherwise: one}
  stand-in: {title: Stand-in, covered_by: one, until: 2029-01-01, reason: for now}
  alone: {title: Alone, crew: [cleo], hours: always}
severities:
  P1: {urgency: high, repeat: 0, steps: {0m: domain.primary, 15m: lead}}
  P2: {urgency: high, repeat: 0, steps: {0m: domain.primary}}
domains:
  web: {title: Web, primary: stand-in, default_severity: P1}
  data: {title: Data, primary: two, default_severity: P1}
  desk: {title: Desk, primary: alone, default_severity: P1, steps: {0m: lead, 10m: alone}}
ladders:
  bills: {title: Bills, steps: {0m: first}}
  later: {title: Later, steps: {10m: lead}}
services:
  shop: {title: Shop, ladder: bills}
"""
POLICY = policy_of(TEXT)
ROSTER = Roster(POLICY)
TUESDAY = at("2026-12-01 12:00")


def test_who_is_on_duty_and_for_what() -> None:
    found = person_answer(ROSTER, "ben", TUESDAY)
    assert found.on_duty
    (duty,) = [duty for duty in found.now if duty.rotation == "one"]
    # the second crew begins on Wednesday with ben: his duty goes on until the Monday after
    assert (duty.since, duty.until) == (at("2026-11-30 09:00"), at("2026-12-07 09:00"))
    assert duty.covers == ("stand-in",)
    assert found.roles == ("lead",)
    assert [one.domain or one.ladder for one in found.level_one] == ["web", "data", "desk", "bills"]
    assert found.level_one[-1].services == ("shop",)


def test_the_public_holiday_gives_the_fallback_to_the_same_person() -> None:
    """1 December is a holiday in Romania: `two` falls back to `one`."""
    found = person_answer(ROSTER, "ben", TUESDAY)
    assert [(duty.rotation, duty.because, duty.turn_of) for duty in found.now] == [
        ("one", "turn", None),
        ("two", "fallback", "one"),
    ]


def test_who_is_not_on_duty() -> None:
    found = person_answer(ROSTER, "ana", TUESDAY)
    assert (found.on_duty, found.now, found.roles, found.level_one) == (False, (), (), ())
    first = found.next[0]
    assert (first.rotation, first.since, first.until) == (
        "one",
        at("2026-12-07 09:00"),
        at("2026-12-14 09:00"),
    )


def test_a_role_alone_is_no_shift() -> None:
    policy = policy_of("roles: {lead: {title: Lead, held_by: gil}}\n")
    found = person_answer(Roster(policy), "gil", TUESDAY)
    assert (found.on_duty, found.roles) == (False, ("lead",))


def test_duty_without_an_end() -> None:
    found = person_answer(ROSTER, "cleo", TUESDAY)
    (duty,) = [duty for duty in found.now if duty.rotation == "alone"]
    assert (duty.since, duty.until) == (None, None)


def test_the_last_shift_is_whole() -> None:
    found = person_answer(ROSTER, "ben", TUESDAY)
    last = [duty for duty in found.next if duty.rotation == "one"][-1]
    assert last.since is not None
    assert last.since < TUESDAY + AHEAD
    assert last.until == last.since + 7 * DAY


def test_overrides_that_only_the_account_has() -> None:
    live = {"one": [LiveDuty(("ana",), at("2026-12-01 10:00"), at("2026-12-01 14:00"))]}
    found = person_answer(Roster(POLICY, live), "ana", TUESDAY)
    assert [(duty.rotation, duty.because, duty.until) for duty in found.now] == [
        ("one", "override", at("2026-12-01 14:00"))
    ]


@pytest.mark.parametrize("person", ["ana", "ana-i", "ben", "cleo"])
def test_hour_by_hour_it_is_what_the_rotations_say(person: str) -> None:
    for instant in range(at("2026-11-27"), at("2026-12-12"), 5 * 3600):
        found = person_answer(ROSTER, person, instant)
        wanted = [
            rotation
            for rotation in ("one", "two", "alone")
            if any(s.person == person for s in ROSTER.shifts(rotation, instant, instant + 1))
        ]
        assert [duty.rotation for duty in found.now] == wanted
        for duty in (*found.now, *found.next):
            for edge, inside in ((duty.since, 0), (duty.until, -1)):
                if edge is None:
                    continue
                within = ROSTER.shifts(duty.rotation, edge + inside, edge + inside + 1)
                beyond = ROSTER.shifts(duty.rotation, edge - 1 - inside, edge - inside)
                assert any(s.person == person for s in within)
                assert not any(s.person == person for s in beyond)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ana", ["ana"]),
        ("ANA", ["ana"]),
        ("@ana.pop", ["ana"]),
        ("Ana Pop", ["ana"]),
        ("ana-i@x.example", ["ana-i"]),
        ("pop", ["ana"]),
        ("Ionescu Ana", ["ana-i"]),
        ("Radu", ["ben"]),
        ("placeholder", []),
        ("", []),
        ("pavel", []),
    ],
)
def test_people_by_any_of_their_names(text: str, found: list[str]) -> None:
    assert people_called(POLICY, text) == found


def test_a_name_of_several_people() -> None:
    policy = policy_of(
        "\npeople:\n  a: {name: Ana Pop, email: a@x.example}\n  b: {name: Ana Rus, email: b@x.example}\n"
    )
    assert people_called(policy, "ana") == ["a", "b"]
    assert people_called(policy, "rus") == ["b"]
