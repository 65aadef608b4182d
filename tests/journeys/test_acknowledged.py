"""Edits that take an object away, acknowledged like any other drift; and what the forms of a plan tell alike."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from inprocess import Desk, desk
from policy_text import NAMES, PEOPLE
from watchbill.sandbox.tamper import tamper

SETTINGS = """settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  pagerduty: {account: acme, new_schedules: layers}
"""
POLICY = """rotations:
  first: {title: First, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben]}
  second: {title: Second, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [cleo, dan]}
ladders:
  api: {title: API, steps: {0m: first, 15m: second}, repeat: 1}
services:
  shop: {title: Shop, ladder: api}
"""
BARE = POLICY.partition("services:")[0]


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path, *NAMES) as made:
        yield made


def says(at: Desk, policy: str, *known: str, until: str = "2026-12-31") -> None:
    listed = "".join(f"{{drift: {d}, reason: agreed with Ben, expires: {until}}}, " for d in known)
    at.says(SETTINGS + (f"  acknowledged: [{listed.rstrip(', ')}]\n" if known else "") + PEOPLE + policy)


def by_hand(at: Desk, kind: str, name: str, change: dict[str, object]) -> None:
    tamper(at.sandbox.store, kind, name, change, clock=at.sandbox.world.clock)


def drift(at: Desk) -> tuple[int, dict[str, Any]]:
    ran = at.watchbill("-q", "drift", "--json")
    return ran.code, json.loads(ran.out)


def test_a_deletion_is_acknowledged_with_what_hangs_on_it(at: Desk) -> None:
    says(at, POLICY)
    assert at.applies().code == 0
    by_hand(at, "service", "Shop", {"delete": True})
    by_hand(at, "escalation_policy", "API", {"delete": True})
    code, found = drift(at)
    assert code == 10
    ids = {change["key"]: change["drift_id"] for change in found["changes"]}
    assert set(ids) == {"ladder/api", "service/shop"}

    says(at, POLICY, ids["ladder/api"])
    plan = json.loads(at.watchbill("-q", "plan", "--json").out)
    assert plan["changes"] == []
    assert [(k["key"], k["what"]) for k in plan["acknowledged"]] == [("ladder/api", "create")]
    (waits,) = (n for n in plan["notices"] if n["rule"] == "waits-for")
    assert "it needs ladder/api, which stays deleted (acknowledged)" in waits["message"]
    assert "escalation policy API (deleted)" in at.watchbill("plan").out
    assert at.in_sync
    ran = at.applies()
    assert ran.code == 0, ran.out
    assert at.names("escalation_policy") == []
    assert drift(at)[0] == 0

    at.now = "2027-01-02T14:00:00Z"
    assert not at.in_sync, "the acknowledgement ran out"
    assert at.applies().code == 0
    assert at.names("escalation_policy") == ["API"]
    assert at.names("service") == ["Shop"]


@pytest.mark.long
def test_one_of_two_deletions(at: Desk) -> None:
    says(at, POLICY)
    assert at.applies().code == 0
    for kind, name in (("service", "Shop"), ("escalation_policy", "API")):
        by_hand(at, kind, name, {"delete": True})
    ids = {change["key"]: change["drift_id"] for change in drift(at)[1]["changes"]}
    says(at, POLICY, ids["service/shop"])
    assert at.applies().code == 0
    assert at.names("escalation_policy") == ["API"]
    assert at.names("service") == []
    assert at.in_sync


@pytest.mark.parametrize(
    ("kind", "name", "rule"), [("schedule", "First", "lost-marker"), ("service", "Shop", "name-taken")]
)
def test_a_lost_marker_is_acknowledged_until_the_next_edit(at: Desk, kind: str, name: str, rule: str) -> None:
    says(at, POLICY)
    assert at.applies().code == 0
    by_hand(at, kind, name, {"description": "mine now"})
    code, found = drift(at)
    assert code == 10
    (notice,) = (n for n in found["notices"] if n["rule"] == rule)
    assert re.fullmatch("d[0-9a-f]{7}", notice["drift_id"])
    assert f"drift {notice['drift_id']}" in at.watchbill("drift").out
    assert at.watchbill("plan", "--exit-code").code == 10, "it is left alone, but it differs"
    assert at.applies().code == 14

    says(at, POLICY, notice["drift_id"])
    code, found = drift(at)
    assert code == 0, found["notices"]
    assert [(k["name"], k["what"]) for k in found["acknowledged"]] == [(name, rule)]
    assert at.in_sync
    assert at.applies().code == 0

    by_hand(at, kind, name, {"description": "changed once more"})
    code, found = drift(at)
    assert code == 10
    assert {n["rule"] for n in found["notices"]} >= {rule, "acknowledged-gone"}


def words(text: str) -> str:
    """What is read, whatever the form."""
    text = unescape(re.sub(r"<[^>]*>", " ", text))
    return " ".join(re.sub(r"[\\`*\u200b]", "", text).split())


def test_the_forms_of_a_plan_tell_the_same(at: Desk) -> None:
    says(at, POLICY)
    assert at.applies().code == 0
    by_hand(at, "schedule", "Second", {"time_zone": "Europe/London"})
    by_hand(at, "service", "Shop", {"description": "mine now"})
    (change,) = drift(at)[1]["changes"]
    moved = POLICY.replace("crew: [ana, ben]", "crew: [eve, ana]")
    says(at, moved, change["drift_id"])
    plan = json.loads(at.watchbill("-q", "plan", "--json", "--waive", "imminent=agreed").out)
    assert plan["guards"]
    assert plan["acknowledged"]
    asked = ["plan", "--waive", "imminent=agreed"]
    for form in ("text", "html", "markdown"):
        said = words(at.watchbill("-q", *asked, "--format", form).out)
        for told in (*plan["notices"], *plan["guards"]):
            assert words(told["message"]) in said, (form, told)
        for known in plan["acknowledged"]:
            assert f"drift {known['drift_id']}, until {known['expires']}: {known['reason']}" in said, form
        assert "waived: agreed" in said
        assert plan["digest"][:12] in said
        assert plan["policy"]["digest"][:12] in said


def test_no_form_calls_it_in_sync_where_something_is_left_alone(at: Desk) -> None:
    says(at, BARE)
    assert at.applies().code == 0
    by_hand(at, "schedule", "First", {"description": ""})
    for form in ("text", "html", "markdown"):
        ran = at.watchbill("-q", "plan", "--exit-code", "--format", form)
        said = words(ran.out)
        assert ran.code == 10, form
        assert "not in sync" in said, form
        assert "lost its watchbill line" in said, form
        assert "as the policy says" not in said, form
