"""The runbook's two matrices as ladders: six domains, four severities, security on its own."""

from __future__ import annotations

import pytest

from ladder_policies import DOMAINS, STEPS, matrices
from watchbill.ladder.compose import ComposedLadder, compose, default_ladder_key, ladder_for, vendor_name


def test_five_domains_by_four_severities_and_security_make_21() -> None:
    ladders = compose(matrices())
    wanted = {f"{domain}-{severity}" for domain in DOMAINS for severity in ("P1", "P2", "P3", "P4")}
    assert set(ladders) == wanted | {"security"}
    assert len(ladders) == 21
    assert {key: ladder.key for key, ladder in ladders.items()} == {key: key for key in ladders}


@pytest.mark.parametrize(
    ("severity", "delays"),
    [("P1", (15, 15, 30, 60, 30)), ("P2", (15, 15, 30)), ("P3", (30, 30)), ("P4", (30,))],
)
def test_delays_between_levels_and_the_last_wait(severity: str, delays: tuple[int, ...]) -> None:
    for domain in DOMAINS:
        assert compose(matrices())[f"{domain}-{severity}"].delays == delays


@pytest.mark.parametrize("domain", list(DOMAINS))
def test_every_cell_of_the_matrix(domain: str) -> None:
    ladders = compose(matrices())
    primary = f"{domain}-primary"
    cells = {
        "P1": [(0, primary), (15, "eng-manager"), (30, "vp-engineering"), (60, "cto"), (120, "ceo")],
        "P2": [(0, primary), (15, "eng-manager"), (30, "vp-engineering")],
        "P3": [(0, primary), (30, "eng-manager")],
        "P4": [(0, primary)],
    }
    for severity, steps in cells.items():
        ladder = ladders[f"{domain}-{severity}"]
        assert [(s.minute, *s.targets) for s in ladder.steps] == steps
        assert (ladder.domain, ladder.severity) == (domain, severity)
        assert (ladder.urgency, ladder.repeat) == (("low", 0) if severity == "P4" else ("high", 2))


def test_security_has_one_ladder_for_all_severities() -> None:
    ladder = compose(matrices())["security"]
    assert ladder.title == ladder.vendor_name == "Security"
    assert [(s.minute, s.targets) for s in ladder.steps] == [
        (0, ("security-primary", "security-lead")),
        (15, ("ciso",)),
        (30, ("vp-engineering", "legal")),
    ]
    assert (ladder.severity, ladder.repeat, ladder.delays) == (None, 2, (15, 15, 30))
    assert all(ladder_for(matrices(), severity, "security") == ladder for severity in STEPS)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("API/Backend P1", "API-Backend P1"),
        ("AI/Scoring P4", "AI-Scoring P4"),
        ("  R&D \\ <x>   P2 ", "R-D - -x- P2"),
        ("Database P3", "Database P3"),
    ],
)
def test_names_have_no_character_that_pagerduty_forbids(title: str, name: str) -> None:
    assert vendor_name(title) == name


def test_vendor_names_of_the_matrix() -> None:
    names = {ladder.vendor_name for ladder in compose(matrices()).values()}
    assert {"API-Backend P1", "AI-Scoring P3", "Database P2", "Security"} <= names
    assert len(names) == 21


def test_routing_by_severity_makes_four_and_every_primary_is_on_them() -> None:
    policy = matrices(routing="severity")
    ladders = compose(policy)
    assert list(ladders) == ["P1", "P2", "P3", "P4"]
    primaries = tuple(f"{domain}-primary" for domain in (*DOMAINS, "security"))
    assert set(ladders["P1"].steps[0].targets) == set(primaries)
    assert ladders["P1"].steps[1].targets == ("eng-manager",)
    assert default_ladder_key(policy, "database") == "P2"
    assert default_ladder_key(policy, "security") == "P1"


def test_routing_by_domain_makes_six_with_the_default_severity() -> None:
    policy = matrices(routing="domain")
    ladders = compose(policy)
    assert set(ladders) == {*DOMAINS, "security"}
    assert ladders["database"].delays == (15, 15, 30)
    assert ladders["database"].title == "Database"
    assert default_ladder_key(policy, "database") == "database"


def test_services_stand_on_the_default_severity() -> None:
    assert default_ladder_key(matrices(), "database") == "database-P2"
    assert default_ladder_key(matrices(), "security") == "security"


def test_what_a_domain_adds_joins_the_step_of_the_same_minute() -> None:
    also = {
        "15m": "domain.secondary",
        "45m": {"page": ["domain.tertiary", "cto"], "may_be_empty": "at night"},
    }
    ladders = compose(matrices(database={"also": also}))
    p1 = ladders["database-P1"]
    assert [(s.minute, s.targets) for s in p1.steps] == [
        (0, ("database-primary",)),
        (15, ("eng-manager", "database-lead")),
        (30, ("vp-engineering",)),
        (45, ("vp-engineering", "cto")),
        (60, ("cto",)),
        (120, ("ceo",)),
    ]
    assert p1.steps[3].may_be_empty == "at night"
    assert [s.minute for s in ladders["database-P4"].steps] == [0], "low urgency never escalates"
    assert [s.minute for s in ladders["integrations-P1"].steps] == [0, 15, 30, 60, 120]


def test_a_target_named_twice_in_a_step_is_paged_once() -> None:
    steps = {"0m": ["database-primary", "domain.primary", "database-primary"]}
    ladder = compose(matrices(database={"steps": steps}))["database"]
    assert ladder.steps[0].targets == ("database-primary",)


def test_a_place_that_the_domain_lacks_leaves_the_step_without_it() -> None:
    also = {"15m": "domain.tertiary"}
    ladder = compose(matrices(database={"also": also, "tertiary": None}))["database-P1"]
    assert ladder.steps[1].targets == ("eng-manager",)


def test_explicit_ladders_and_the_long_form_of_a_step() -> None:
    ladders = compose(
        matrices(
            ladders={
                "api-high": {
                    "title": "Mass PFML API (High Priority)",
                    "steps": {
                        "0m": {"page": ["cto", "ceo"], "round_robin": True},
                        "5m": {"page": "ceo", "confirm": "major impact"},
                    },
                    "last_wait": "10m",
                    "repeat": 2,
                    "handoff_notices": "always",
                    "pagerduty": {"name": "Other name", "id": "PABC123"},
                }
            }
        )
    )
    made = ladders["api-high"]
    assert isinstance(made, ComposedLadder)
    assert (made.delays, made.repeat, made.handoff_notices) == ((5, 10), 2, "always")
    assert (made.vendor_name, made.pagerduty_id) == ("Other name", "PABC123")
    assert made.steps[0].round_robin
    assert made.steps[1].confirm == "major impact"


def test_ack_timeout_is_in_seconds() -> None:
    assert compose(matrices())["database-P1"].ack_timeout == 1800
    assert compose(matrices())["database-P2"].ack_timeout is None
