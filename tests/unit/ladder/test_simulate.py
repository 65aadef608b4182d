"""Ladders as they would really run."""

from __future__ import annotations

from typing import Any

import pytest

from ladder_policies import matrices
from rota_stories import local
from watchbill.ladder.simulate import Simulation, simulate
from watchbill.rota.duty import Roster

AT = local("2026-11-29 03:00")
"""A Sunday night."""
DAYTIME = {"crew": ["on-database"], "hours": "mon-fri 09:00-18:00"}


def ran(severity: str = "P1", domain: str = "database", at: int = AT, **how: Any) -> Simulation:
    asked = {key: how.pop(key) for key in ("tags", "ack_after") if key in how}
    return simulate(Roster(matrices(**how)), severity, domain, at, **asked)


def pages(made: Simulation) -> list[tuple[int, list[str]]]:
    return [(step.after_minutes, [duty.person for duty in step.targets]) for step in made.steps]


def test_the_whole_ladder_and_when_it_starts_over() -> None:
    made = ran()
    assert pages(made) == [
        (0, ["on-database"]),
        (15, ["the-eng-manager"]),
        (30, ["the-vp-engineering"]),
        (60, ["the-cto"]),
        (120, ["the-ceo"]),
    ]
    assert (made.over_at, made.stopped_at, made.problems) == (150, None, ())
    assert [step.level for step in made.steps] == [1, 2, 3, 4, 5]


def test_third_severity_waits_half_an_hour_twice() -> None:
    made = ran("P3")
    assert pages(made) == [(0, ["on-database"]), (30, ["the-eng-manager"])]
    assert made.over_at == 60


def test_low_urgency_never_leaves_its_first_level() -> None:
    made = ran("P4", database={"also": {"15m": "domain.secondary"}})
    assert pages(made) == [(0, ["on-database"])]
    assert made.over_at is None


def test_an_empty_first_level_is_skipped_at_once_and_the_others_come_earlier() -> None:
    made = ran(rotations={"database-primary": DAYTIME})
    assert pages(made) == [
        (0, []),
        (0, ["the-eng-manager"]),
        (15, ["the-vp-engineering"]),
        (45, ["the-cto"]),
        (105, ["the-ceo"]),
    ]
    assert made.over_at == 135
    assert "skipped at once" in made.steps[0].note
    assert "earlier" in made.steps[1].note
    assert [(p.rule, p.severity) for p in made.problems] == [("empty-level", "error")]


def test_a_declared_empty_level_is_no_problem() -> None:
    steps = {"0m": {"page": "domain.primary", "may_be_empty": "nights are level two's"}, "10m": "cto"}
    made = ran(database={"steps": steps}, rotations={"database-primary": DAYTIME})
    assert pages(made) == [(0, []), (0, ["the-cto"])]
    assert "nights are level two's" in made.steps[0].note
    assert made.problems == ()


def test_everybody_is_resolved_when_the_level_is_reached() -> None:
    """The database's crew goes off at 18:00, twenty minutes after the incident opened."""
    steps = {"0m": "domain.primary", "15m": "domain.primary", "25m": "domain.primary"}
    made = ran(
        database={"steps": steps},
        rotations={"database-primary": DAYTIME},
        at=local("2026-11-27 17:40"),
    )
    assert pages(made) == [(0, ["on-database"]), (15, ["on-database"]), (25, [])]


@pytest.mark.parametrize(
    ("minutes", "levels", "stopped"),
    [(0, 1, 0), (10, 1, 10), (15, 1, 15), (20, 2, 20), (119, 4, 119), (130, 5, 130), (151, 5, None)],
)
def test_an_acknowledgement_stops_it(minutes: int, levels: int, stopped: int | None) -> None:
    made = ran(ack_after=minutes)
    assert (len(made.steps), made.stopped_at) == (levels, stopped)
    assert made.over_at == (150 if stopped is None else None)


def test_a_tag_moves_it_to_the_domain_that_claims_it() -> None:
    made = ran("P3", tags=("blue", "security"))
    assert pages(made) == [
        (0, ["on-security", "the-security-lead"]),
        (15, ["the-ciso"]),
        (30, ["the-vp-engineering", "the-legal"]),
    ]
    assert made.ladder.key == "security"
    assert any("tag" in line for line in made.path)
    assert pages(ran("P3", tags=("blue",)))[0] == (0, ["on-database"])


@pytest.mark.parametrize("word", ["unset", "placeholder"])
def test_an_unset_role_is_told_and_its_level_empty(word: str) -> None:
    made = ran("P2", roles={"eng-manager": word})
    assert pages(made) == [(0, ["on-database"]), (15, []), (15, ["the-vp-engineering"])]
    assert [p.rule for p in made.problems] == ["unset-holder", "empty-level"]
    assert word in made.problems[0].message


def test_a_person_reached_twice_by_one_rotation_is_one_target() -> None:
    """Two roles held by one rotation."""
    roles = {"database-lead": "database-primary"}
    steps = {"0m": ["domain.primary", "database-lead"]}
    made = ran(database={"steps": steps}, roles=roles)
    assert pages(made) == [(0, ["on-database"])]


def test_a_placeholder_person_is_noted() -> None:
    policy = matrices()
    data = policy.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    data["people"]["on-database"]["name"] = "placeholder"
    made = simulate(Roster(type(policy).model_validate(data)), "P4", "database", AT)
    assert [(p.rule, p.severity) for p in made.problems] == [("placeholder-person", "note")]


def test_all_levels_empty_never_start_over() -> None:
    steps = {"0m": "domain.primary", "15m": "domain.primary"}
    made = ran(database={"steps": steps}, rotations={"database-primary": DAYTIME})
    assert pages(made) == [(0, []), (0, [])]
    assert made.over_at is None
    assert (
        ran(database={"steps": steps}, rotations={"database-primary": DAYTIME}, ack_after=5).stopped_at
        is None
    )


def test_the_question_before_a_page_does_not_hold_it_back() -> None:
    steps = {"0m": "domain.primary", "2h": {"page": "ceo", "confirm": "major customer impact"}}
    made = ran(database={"steps": steps})
    assert made.steps[1].after_minutes == 120
    assert "major customer impact" in made.steps[1].note


def test_unknown_names_raise_key_errors() -> None:
    with pytest.raises(KeyError):
        ran("P9")
    with pytest.raises(KeyError):
        ran(domain="nowhere")
