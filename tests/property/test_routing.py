"""Two readers of the same conditions: ours, and the sandbox's incident engine, which shares no code with it."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pretend import shipped_policy
from watchbill.ladder.pcl import NotUnderstood, condition, quoted
from watchbill.ladder.route import event_of
from watchbill.ladder.routing import Routes, routes_of
from watchbill.model.policy import Policy
from watchbill.sandbox.engine.pcl import Context, PclError, parse
from watchbill.sandbox.engine.routing import Routed, send_through
from watchbill.sandbox.engine.routing import event_of as cef_of
from watchbill.sandbox.server import Sandbox

NOW = 1_795_442_400
WORDS = (
    "critical",
    "Error",
    "WARNING",
    "info",
    "fatal",
    "P1",
    "p3",
    "security",
    "data",
    "db, security",
    "insecurity",
    "",
)
words = st.sampled_from(WORDS) | st.text(max_size=12)
scalars = st.none() | st.booleans() | st.integers(-5, 5) | words
values = (
    scalars | st.lists(scalars, max_size=7) | st.dictionaries(st.sampled_from(["a", "severity"]), scalars)
)
details = st.dictionaries(st.sampled_from(["severity", "tag", "tags", "odd key", "a"]), values)
payloads = st.fixed_dictionaries(
    {},
    optional={"summary": words, "severity": scalars, "custom_details": st.none() | details, "class": words},
)


def ours_in_the_sandbox(routes: Routes) -> dict[str, Any]:
    """The rules as they are written, in the engine's own form; the escalation policy's id is the route's name."""
    rules = [
        {
            "id": rule.name,
            "conditions": [{"expression": rule.condition}],
            "actions": {"escalation_policy": rule.name, "priority": rule.priority, "severity": rule.alert},
        }
        for rule in routes.rules
    ]
    last = {
        "escalation_policy": "catch-all",
        "priority": routes.catch_all.priority,
        "severity": routes.catch_all.alert,
    }
    sets = [{"id": "start", "rules": rules}]
    return {"id": "service/x", "type": "service", "sets": sets, "catch_all": {"actions": last}}


@pytest.fixture(scope="module")
def engine() -> Any:
    with Sandbox(clock="2026-11-23T14:00:00Z") as sandbox:
        yield sandbox.world


@pytest.mark.parametrize("profile", ["domain-severity", "domain", "severity"])
def test_the_incident_engine_and_our_evaluator_agree_on_every_event(engine: Any, profile: str) -> None:
    shipped = shipped_policy()
    pagerduty = shipped.settings.pagerduty.model_copy(update={"routing": profile})
    settings = shipped.settings.model_copy(update={"pagerduty": pagerduty})
    policy: Policy = shipped.model_copy(update={"settings": settings})
    every = [routes for service in policy.services if (routes := routes_of(policy, service)) is not None]

    @given(payload=payloads, place=st.integers(0, len(every) - 1))
    def agree(payload: dict[str, Any], place: int) -> None:
        routes = every[place]
        body = {"event_action": "trigger", "payload": payload}
        routed = Routed(event=cef_of(payload, body), raw_event=body)
        send_through(engine, ours_in_the_sandbox(routes), routed, NOW)
        found = routes.of(event_of(body))
        assert routed.escalation_policy == (found.name or "catch-all")
        assert routed.priority == found.priority
        assert routed.event["severity"] == found.alert

    agree()


paths = st.sampled_from(
    [
        "event.severity",
        "event.custom_details.tags[0]",
        "event.custom_details['odd key']",
        "event.custom_details.a",
    ]
)
texts = (st.sampled_from(WORDS) | st.text(string.ascii_letters + "'\\ .", max_size=6)).map(quoted)
comparisons = st.one_of(
    st.builds("{} matches {}".format, paths, texts),
    st.builds("{} matches exactly {}".format, paths, texts),
    st.builds("{} matches part {}".format, paths, texts),
    st.builds("{} == {}".format, paths, texts | st.integers(-5, 5) | st.sampled_from(["true", "false"])),
    st.builds("{} in [{}, {}]".format, paths, texts, texts),
    st.builds("{} exists".format, paths),
)
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds("{} and {}".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
        st.builds("not {}".format, inner),
        st.builds("({})".format, inner),
    ),
    max_leaves=6,
)


@given(conditions, payloads)
def test_conditions_of_the_whole_subset_mean_the_same_to_both(text: str, payload: dict[str, Any]) -> None:
    event = event_of({"payload": payload})
    theirs = parse(text)(Context(cef_of(payload, {}), {}, NOW))
    assert condition(text)(event) is theirs


@given(st.text(string.printable, max_size=30) | st.builds("{} {}".format, conditions, st.text(max_size=5)))
def test_any_text_is_a_condition_or_refused(text: str) -> None:
    try:
        condition(text)
    except NotUnderstood:
        return
    try:
        parse(text)
    except PclError as bad:
        raise AssertionError(f"only we understand {text!r}") from bad
