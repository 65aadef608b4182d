"""Rules of a service, and where events end up, by the shipped policy and its routing profiles."""

from __future__ import annotations

from typing import Any

import pytest

from pretend import shipped_policy
from watchbill.ladder.compose import compose
from watchbill.ladder.route import event_of, route
from watchbill.ladder.routing import routes_of
from watchbill.ladder.simulate import simulate
from watchbill.model.policy import Policy
from watchbill.rota.clock import parse_instant
from watchbill.rota.duty import Roster

NIGHT = parse_instant("2026-11-29T01:00:00Z")
PROFILES = ("domain-severity", "severity", "domain")
SEVERITIES = {"critical": "P1", "error": "P2", "warning": "P3", "info": "P4"}


def with_settings(policy: Policy, **pagerduty: Any) -> Policy:
    settings = policy.settings
    changed = settings.model_copy(update={"pagerduty": settings.pagerduty.model_copy(update=pagerduty)})
    return policy.model_copy(update={"settings": changed})


def event(severity: str | None = None, /, **details: Any) -> dict[str, Any]:
    payload: dict[str, Any] = {"summary": "x", "source": "y", "custom_details": details}
    return dict(event_of({"payload": payload | ({"severity": severity} if severity else {})}))


def names(policy: Policy, service: str) -> list[str]:
    routes = routes_of(policy, service)
    assert routes is not None
    return [rule.name for rule in routes.rules]


def test_tags_are_asked_first_then_the_severities_in_order() -> None:
    tagged = ["security-P1", "security-P2", "security-P3", "security-P4", "security"]
    assert names(shipped_policy(), "medicalcor-database") == [*tagged, "P1", "P2", "P3", "P4"]
    assert names(shipped_policy(), "medicalcor-security") == ["P1", "P2", "P3", "P4"]


def test_a_condition_is_the_alert_severity_or_the_word_of_the_sender() -> None:
    routes = routes_of(shipped_policy(), "medicalcor-database")
    assert routes is not None
    assert (
        routes.rules[-4].condition
        == "event.severity matches 'critical' or event.custom_details.severity matches 'P1'"
    )


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("alert", SEVERITIES)
@pytest.mark.parametrize("tags", [(), ("security",), ("data",)])
def test_every_event_reaches_the_ladder_of_its_severity_and_domain(
    profile: str, alert: str, tags: tuple[str, ...]
) -> None:
    policy = with_settings(shipped_policy(), routing=profile)
    roster = Roster(policy)
    for service in policy.services:
        domain = next(h for h, d in policy.domains.items() if service in d.services)
        belongs = "security" if tags and profile != "severity" else domain
        routed = route(roster, service, event(alert, tags=list(tags)), NIGHT)
        severity = SEVERITIES[alert]
        assert routed.route is not None
        assert routed.route.severity == routed.route.priority == severity
        assert routed.ladder in compose(policy)
        own = belongs == "security" and profile != "severity"
        wanted = {"severity": severity, "domain": belongs, "domain-severity": f"{belongs}-{severity}"}[
            profile
        ]
        assert routed.ladder == ("security" if own else wanted)
        assert routed.urgency == ("low" if severity == "P4" and not own else "high")


@pytest.mark.parametrize("severity", SEVERITIES.values())
@pytest.mark.parametrize("tags", [(), ("security",)])
def test_it_pages_as_simulate_says(severity: str, tags: tuple[str, ...]) -> None:
    policy = shipped_policy()
    roster = Roster(policy)
    alert = next(a for a, s in SEVERITIES.items() if s == severity)
    for handle, domain in policy.domains.items():
        routed = route(roster, domain.services[0], event(alert, tags=list(tags)), NIGHT)
        expected = simulate(roster, severity, handle, NIGHT, tags=tags)
        assert routed.simulation is not None
        assert routed.simulation.steps == expected.steps
        assert routed.simulation.over_at == expected.over_at


@pytest.mark.parametrize(
    "details",
    [
        {"tags": ["x", "security"]},
        {"tags": "db, security"},
        {"tag": "Security"},
        {"tags": ["1", "2", "3", "4", "data"]},
    ],
)
def test_tags_come_as_a_word_a_text_or_a_list(details: dict[str, Any]) -> None:
    assert (
        route(Roster(shipped_policy()), "medicalcor-api", event("info", **details), NIGHT).ladder
        == "security"
    )


@pytest.mark.parametrize(
    "details", [{"tags": "insecurity"}, {"tags": []}, {"tags": {"security": 1}}, {"tags": None}]
)
def test_what_only_looks_like_a_tag_is_none(details: dict[str, Any]) -> None:
    routed = route(Roster(shipped_policy()), "medicalcor-api", event("info", **details), NIGHT)
    assert routed.ladder == "api-backend-P4"


def test_the_word_of_the_sender_opens_its_severity_too() -> None:
    roster = Roster(shipped_policy())
    assert route(roster, "medicalcor-api", event(None, severity="p3"), NIGHT).ladder == "api-backend-P3"
    # the alert severity is asked for in the order of the severities, as the rules are
    assert route(roster, "medicalcor-api", event("critical", severity="P3"), NIGHT).ladder == "api-backend-P1"


def test_an_event_that_says_nothing_gets_the_default() -> None:
    routed = route(Roster(shipped_policy()), "medicalcor-api", event(), NIGHT)
    assert routed.route is not None
    assert (routed.route.name, routed.ladder, routed.alert) == ("", "api-backend-P2", "error")
    tagged = route(Roster(shipped_policy()), "medicalcor-api", event(tags=["security"]), NIGHT)
    assert tagged.route is not None
    assert (tagged.route.name, tagged.ladder, tagged.alert) == ("security", "security", "critical")


def test_without_event_rules_the_service_has_its_one_ladder() -> None:
    policy = with_settings(shipped_policy(), event_rules=False)
    routed = route(Roster(policy), "medicalcor-api", event("info"), NIGHT)
    assert (routed.route, routed.ladder, routed.urgency) == (None, "api-backend-P2", "low")
    assert routed.simulation is not None
    assert len(routed.simulation.steps) == 1


def test_with_one_ladder_for_all_domains_no_tag_makes_a_difference() -> None:
    policy = with_settings(shipped_policy(), routing="severity")
    assert names(policy, "medicalcor-database") == ["P1", "P2", "P3", "P4"]
