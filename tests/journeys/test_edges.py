"""Every limit and permission of the settings at its value, one below and one above, through the command line.

A new setting that changes a rule needs a row in EDGES, or a reason in NO_LIMIT.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from inprocess import Desk, desk
from policy_text import NAMES, PEOPLE
from shared import ROOT
from watchbill.pagerduty.transport import Transport
from watchbill.plan.rule_changes import ROWS
from watchbill.rota.clock import HOUR, iso, parse_instant

EDGES = {
    "guards.max_deletions": "tests/journeys/test_edges.py::test_max_deletions",
    "guards.max_changed": "tests/journeys/test_edges.py::test_max_changed",
    "guards.starts_within": "tests/journeys/test_edges.py::test_starts_within",
    "guards.scope.kinds": "tests/journeys/test_edges.py::test_scope",
    "guards.scope.names": "tests/journeys/test_edges.py::test_scope",
    "guards.scope.teams": "tests/journeys/test_edges.py::test_scope",
    "waivers": "tests/journeys/test_edges.py::test_a_waiver_holds_to_the_end_of_its_day",
    "acknowledged": "tests/unit/plan/test_acknowledged.py::test_what_is_acknowledged_is_set_aside_until_its_day",
    "chat.may": "tests/journeys/test_slack.py::test_what_is_not_allowed_by_the_settings_nobody_may",
    "chat.phones": "tests/journeys/test_person_questions.py::test_the_phone_is_for_those_who_may_see_it",
    "chat.longest": "tests/journeys/test_chat_offers.py::test_an_act_holds_for_chat_longest_and_the_rest_waits",
    "outlook": "tests/journeys/test_edges.py::test_outlook",
}
"""Setting -> the test of its edges."""
NO_LIMIT = {
    "time_zone": "it has no more and no less",
    "pagerduty.account": "a name",
    "pagerduty.routing": "one of three layouts",
    "pagerduty.event_rules": "on or off",
    "pagerduty.integration_keys": "a command",
    "pagerduty.lease": "one of two places",
}

BASE = (
    """settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  pagerduty: {new_schedules: layers}
  MORE
"""
    + PEOPLE
)
ROTATION = (
    "rotations:\n  one: {title: One, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]}\n"
)


def ladders(number: int, changed: int = 0) -> str:
    """The first ones are changed."""
    lines = [
        f"  l{i:02}: {{title: L{i:02}, steps: {{0m: one, 15m: cleo}}, repeat: {int(i < changed)}}}\n"
        for i in range(number)
    ]
    return "ladders:\n" + "".join(lines)


def text(rest: str, more: str) -> str:
    return BASE.replace("MORE", more) + rest


def refused(at: Desk, *words: str) -> set[str]:
    """Guards that stop the plan."""
    plan = json.loads(at.watchbill("plan", "--json", "-q", *words).out)
    return {guard["guard"] for guard in plan["guards"] if guard["waived"] is None}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path, *NAMES) as made:
        yield made


def applied(at: Desk, policy: str) -> None:
    at.says(policy)
    ran = at.applies()
    assert ran.code == 0, ran.out


def test_every_setting_that_changes_a_rule_has_its_edges() -> None:
    judged = {path for path, row in ROWS.items() if row is not None}
    assert judged == set(EDGES) | set(NO_LIMIT)
    assert not set(EDGES) & set(NO_LIMIT)
    for node in EDGES.values():
        file, _, name = node.partition("::")
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        assert name in {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}, node


def test_max_deletions(at: Desk) -> None:
    for most in (0, 2):
        more = f"guards: {{max_deletions: {most}, max_changed: 100%}}"
        applied(at, text(ROTATION + ladders(12), more))
        for gone in {max(most - 1, 0), most, most + 1}:
            at.says(text(ROTATION + ladders(12 - gone), more))
            assert ("deletions" in refused(at)) == (gone > most), (most, gone)


def test_max_changed(at: Desk) -> None:
    """Ten objects: the schedule and nine ladders."""
    for share in (0, 30, 100):
        more = f"guards: {{max_changed: {share}%}}"
        applied(at, text(ROTATION + ladders(9), more))
        for changed in {max(share // 10 - 1, 0), min(share // 10, 9), min(share // 10 + 1, 9)}:
            at.says(text(ROTATION + ladders(9, changed), more))
            assert ("changed" in refused(at)) == (changed * 10 > share), (share, changed)


@pytest.mark.parametrize("number", [9, 10, 11])
def test_a_share_counts_from_ten_objects_on(at: Desk, number: int) -> None:
    more = "guards: {max_changed: 5%}"
    applied(at, text(ROTATION + ladders(number - 1), more))
    at.says(text(ROTATION + ladders(number - 1, 1), more))
    assert ("changed" in refused(at)) == (number >= 10)


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_starts_within(at: Desk, seconds: int) -> None:
    """`seconds`: by how much the change begins later than the limit."""
    handoff = parse_instant("2026-11-30T07:00:00Z")
    applied(at, text(ROTATION + ladders(1), "guards: {starts_within: 24h}"))
    dated = ROTATION.replace(
        "from: 2026-01-05, crew: [ana, ben]",
        "crews: [{from: 2026-01-05, order: [ana, ben]}, {from: 2026-11-30, order: [dan, eve]}]",
    )
    at.now = iso(handoff - 24 * HOUR - seconds)
    at.sandbox.world.move(parse_instant(at.now))
    at.says(text(dated + ladders(1), "guards: {starts_within: 24h}"))
    assert ("imminent" in refused(at)) == (seconds < 0)


@pytest.mark.parametrize(
    ("scope", "is_refused"),
    [
        ("kinds: ladders", False),
        ("kinds: [rotations, services]", True),
        ("names: L00", False),
        ('names: "L0*"', False),
        ("names: L0", True),
        ("names: L000", True),
        ("teams: ops", False),
        ("teams: [ops, desk]", False),
        ("teams: desk", True),
    ],
)
def test_scope(at: Desk, scope: str, is_refused: bool) -> None:
    with Transport(at.sandbox.url, SecretStr(at.sandbox.token)) as transport:
        for name in ("Ops", "Desk"):
            transport.post("/teams", {"team": {"type": "team", "name": name}})
    more = f"guards: {{max_changed: 100%, scope: {{{scope}}}}}"
    rest = "teams: {ops: Ops, desk: Desk}\n" + ROTATION
    first, then = (ladders(2, changed).replace("steps:", "team: ops, steps:") for changed in (0, 1))
    at.says(text(rest + first, more))
    assert at.applies("--waive", "scope=first").code == 0
    at.says(text(rest + then, more))
    assert ("scope" in refused(at)) == is_refused


@pytest.mark.parametrize(
    ("now", "holds"),
    [("2026-12-10T12:00:00Z", True), ("2026-12-10T21:59:59Z", True), ("2026-12-10T22:00:00Z", False)],
)
def test_a_waiver_holds_to_the_end_of_its_day(at: Desk, now: str, holds: bool) -> None:
    """The policy's day ends at 22:00 UTC."""
    more = (
        "guards: {max_deletions: 0, max_changed: 100%}\n"
        "  waivers: [{guard: deletions, reason: as meant, expires: 2026-12-10}]"
    )
    applied(at, text(ROTATION + ladders(3), more))
    at.now = now
    at.sandbox.world.move(parse_instant(now))
    at.says(text(ROTATION + ladders(2), more))
    assert ("deletions" not in refused(at)) == holds


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_outlook(at: Desk, seconds: int) -> None:
    """`seconds`: by how much duty ends later than `check` looks."""
    vacant = ROTATION.replace(
        "from: 2026-01-05, crew: [ana, ben]",
        "crews: [{from: 2026-01-05, order: [ana, ben]}, {from: 2026-12-14, order: [nobody, ana]}]",
    )
    at.now = iso(parse_instant("2026-12-14T07:00:00Z") - 7 * 24 * HOUR - seconds)
    at.says(text(vacant + ladders(1), "outlook: 1 week"))
    found = json.loads(at.watchbill("check", "--json", "-q").out)["findings"]
    assert any(one["rule"] == "empty-level" for one in found) == (seconds < 0)
