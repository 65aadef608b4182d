"""The registry, and what rules have in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from watchbill.checks.registry import RULES, explain, run_checks
from watchbill.config.load import load_policy
from watchbill.errors import UsageError
from watchbill.model.settings import GUARDS
from watchbill.plan import guards, guards_reach, guards_scope
from watchbill.plan.orphans import OVERRIDE_ORPHANED
from watchbill.plan.rules import RULES as CHANGED_RULES
from watchbill.plan.waivers import OUTSIDE_CI

PEOPLE = "people: {ana: {name: Ana, email: a@x.example}}\n"
SETTINGS = "settings: {format: 1, organization: Example, time_zone: Etc/UTC}\n"


def found(folder: Path, text: str, *, settings: str = SETTINGS) -> set[tuple[str, str]]:
    (folder / "a.yaml").write_text(text)
    (folder / "s.yaml").write_text(settings)
    loaded = load_policy(folder)
    checked = run_checks(loaded, account_is_real=True, now=1_795_442_400)
    return {(f.rule, f.severity) for f in [*loaded.findings, *checked]}


def test_ids_are_unique_and_can_be_explained() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    assert all(explain(rule.id) is rule for rule in RULES)


def test_a_rule_that_does_not_exist_gives_the_near_one() -> None:
    with pytest.raises(UsageError) as caught:
        explain("unknown-nam")
    assert "unknown-name" in caught.value.remedy


def test_the_guards_that_can_be_waived_are_those_of_the_plan() -> None:
    judged = {guards.DELETIONS, guards.CHANGED, guards.IMMINENT, guards_scope.SCOPE}
    judged |= {guards_reach.EMPTY_LEVEL, guards_reach.NO_HUMAN, guards_reach.COVERAGE_GAP}
    assert {*judged, OVERRIDE_ORPHANED, OUTSIDE_CI, CHANGED_RULES} == set(GUARDS)


@pytest.mark.parametrize(
    "text",
    [
        "people: {ana: {name: Ana}}\nroles: {cto: {title: CTO, held_by: ana}}\n",
        "people: {ana: {nme: Ana, email: a@x.example}}\nrotations: {web: {title: Web, crew: [ana]}}\n",
        "people: [\nroles: {cto: {title: CTO, held_by: ana}}\n",
        "people: {Ana: {name: Ana, email: a@x.example}}\nroles: {cto: {title: CTO, held_by: unset}}\n",
        "peopel: {ana: {name: Ana, email: a@x.example}}\nroles: {cto: {title: CTO, held_by: ana}}\n",
    ],
)
def test_what_is_broken_is_not_reported_as_missing(tmp_path: Path, text: str) -> None:
    assert "unknown-name" not in {rule for rule, _ in found(tmp_path, text)}


def test_broken_settings_do_not_make_their_hours_missing(tmp_path: Path) -> None:
    text = PEOPLE + "rotations: {web: {title: Web, crew: [ana], hours: business, until: 2030-01-01}}\n"
    broken = "settings: {format: 1, organization: Example, time_zone: Etc/UTC, hours: {business: 9 to 5}}\n"
    assert "unknown-name" not in {rule for rule, _ in found(tmp_path, text, settings=broken)}


def test_settings_given_twice_do_not_make_hours_missing(tmp_path: Path) -> None:
    others = SETTINGS.replace("}", ", hours: {business: mon-fri 09:00-18:00}}")
    text = PEOPLE + "rotations: {web: {title: Web, crew: [ana], hours: business, until: 2030-01-01}}\n"
    rules = {rule for rule, _ in found(tmp_path, SETTINGS + text, settings=others)}
    assert "duplicate-handle" in rules
    assert "unknown-name" not in rules


def test_some_rules_weigh_more_on_a_real_account(tmp_path: Path) -> None:
    text = """\
people: {dan: {name: placeholder, email: d@x.example}}
roles: {legal: {title: Legal, held_by: unset}}
ladders: {web: {title: Web, steps: {0m: dan, 15m: legal}}}
"""
    assert {("placeholder", "error"), ("unset-holder", "error")} <= found(tmp_path, text)
    loaded = load_policy(tmp_path)
    softer = {(f.rule, f.severity) for f in run_checks(loaded, account_is_real=False, now=1_795_442_400)}
    assert {("placeholder", "note"), ("unset-holder", "warning")} <= softer


def test_the_neighbours_of_a_day_that_is_no_handoff_are_named(tmp_path: Path) -> None:
    text = "rotations: {web: {title: Web, crew: [ana, ben], turn: 1 week, handoff: mon 09:00, from: 2026-01-07}}\n"
    (tmp_path / "a.yaml").write_text(SETTINGS + text)
    checked = run_checks(load_policy(tmp_path), account_is_real=False, now=1_795_442_400)
    said = next(f for f in checked if f.rule == "not-a-handoff")
    assert "2026-01-05" in said.message
    assert "2026-01-12" in said.message
    assert said.source[said.column - 1 :][: said.width] == "2026-01-07"


def test_findings_come_worst_first(tmp_path: Path) -> None:
    text = (
        PEOPLE + "ladders: {web: {title: Web, steps: {5m: nobody-here}}}\nservices: {shop: {title: Shop}}\n"
    )
    (tmp_path / "a.yaml").write_text(SETTINGS + text)
    order = [f.severity for f in run_checks(load_policy(tmp_path), account_is_real=False, now=1_795_442_400)]
    assert order == sorted(order, key=["error", "warning", "note"].index)
    assert {"error", "note"} <= set(order)


@pytest.mark.parametrize("spare", [0, 1])
def test_a_description_must_leave_room_for_the_marker(tmp_path: Path, spare: int) -> None:
    from watchbill.account.marker import room

    words = "d" * (room("rotation/web") + spare)
    text = PEOPLE + f"rotations: {{web: {{title: Web, crew: [ana], description: {words}}}}}\n"
    assert (("long-description", "error") in found(tmp_path, text)) is bool(spare)


def test_a_cover_who_is_busy_many_times_is_told_once_with_every_time(tmp_path: Path) -> None:
    text = """
people: {ana: {name: Ana, email: a@x.example}, ben: {name: Ben, email: b@x.example}}
rotations:
  web: {title: Web, crew: [ana], hours: "mon-fri 09:00-17:00"}
  data: {title: Data, crew: [ben]}
absences: [{person: ana, first_day: 2026-11-30, last_day: 2026-12-11, covered_by: ben}]
"""
    (tmp_path / "a.yaml").write_text(text)
    (tmp_path / "s.yaml").write_text(SETTINGS)
    checked = run_checks(load_policy(tmp_path), account_is_real=False, now=1_795_442_400)
    (busy,) = [finding for finding in checked if finding.rule == "cover-busy"]
    assert "and 9 more" in busy.message
    assert len(busy.details) == 10
