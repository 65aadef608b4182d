"""`gaps`, `load` and what `check` foresees, as a person types them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from journeys.conftest import Person
from policy_text import PEOPLE, SETTINGS
from watchbill.report.schemas import OUTPUTS

POLICY = """
rotations:
  backend: {title: Backend, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, ben], hours: mon-fri 09:00-18:00}
  second: {title: Second, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [ana, cleo, dan]}
  desk: {title: Desk, turn: 1 day, handoff: daily 09:00, from: 2026-01-05, crew: [ana, ben, cleo, dan, eve, fay, gil], hours: mon-fri 09:00-17:00}
ladders:
  api: {title: API, steps: {0m: backend, 15m: second}}
  web: {title: Web, steps: {0m: {page: backend, may_be_empty: nights are level two's}, 15m: second}}
"""
SINCE, UNTIL = "2026-11-23 00:00", "2026-12-07 00:00"


def conforms(name: str, made: Any) -> None:
    schema = dict(OUTPUTS)[f"{name}.schema.json"]
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(made)


@pytest.fixture
def holey(person: Person) -> Person:
    write(person.policies, POLICY)
    return person


def write(folder: Path, text: str) -> None:
    for path in folder.glob("*"):
        path.unlink()
    (folder / "policy.yaml").write_text(SETTINGS + PEOPLE + text, "utf-8")


def test_gaps_per_level_double_duty_and_who_never_serves(holey: Person) -> None:
    made = holey.watchbill("gaps", "--from", SINCE, "--until", UNTIL, "--json").json
    conforms("gaps", made)
    (gap,) = made["gaps"]
    assert (gap["ladder"], gap["level"], gap["targets"], gap["hours"]) == (
        "api",
        1,
        ["backend"],
        14 * 24 - 10 * 9,
    )
    assert gap["spans"][0] == {"start": "2026-11-22T22:00:00Z", "end": "2026-11-23T07:00:00Z"}
    # weeks 46 and 47 since January: backend ana, ben; second cleo, dan; the Monday morning before is cleo's too
    assert made["double_duty"] == []
    assert made["never_on_call"] == [
        {"rotation": "desk", "person": "fay"},
        {"rotation": "desk", "person": "gil"},
    ]
    declared = holey.watchbill("gaps", "--from", SINCE, "--until", UNTIL, "--declared", "--json").json
    conforms("gaps", declared)
    assert [g["declared"] for g in declared["gaps"]] == [None, "nights are level two's"]


def test_gaps_as_text_tell_each_only_once(holey: Person) -> None:
    text = holey.watchbill("gaps", "--from", "2026-12-14", "--until", "2026-12-28").out
    assert "Backend: 246 h (73%), level 1 of API" in text
    assert "Mon 2026-12-14 00:00 to Mon 2026-12-14 09:00" in text
    assert "1 level may be empty, as declared" in text
    assert "fay" in text.lower()
    assert "nights are level two's" in holey.watchbill("gaps", "--declared").out


def test_a_policy_without_holes_says_so(person: Person) -> None:
    assert "every level reaches somebody" in person.watchbill("gaps").out


def test_load_adds_up(holey: Person) -> None:
    made = holey.watchbill("load", "--from", SINCE, "--until", UNTIL, "--json").json
    conforms("load", made)
    by_rotation: dict[str, float] = {}
    for entry in made["people"]:
        for rotation, hours in entry["by_rotation"].items():
            by_rotation[rotation] = by_rotation.get(rotation, 0) + hours
        assert entry["hours"] <= sum(entry["by_rotation"].values())
    assert by_rotation == {"backend": 90, "second": 336, "desk": 80}
    assert [e["hours"] for e in made["people"]] == sorted((e["hours"] for e in made["people"]), reverse=True)
    text = holey.watchbill("load", "--from", SINCE, "--until", UNTIL).out
    assert "█" in text
    assert "Fairness" in text


@pytest.mark.parametrize("verb", ["gaps", "load"])
def test_a_span_must_have_a_length(person: Person, verb: str) -> None:
    ran = person.watchbill(verb, "--from", "2026-12-01", "--until", "2026-12-01")
    assert (ran.code, "not after" in ran.err) == (2, True)
    assert person.watchbill(verb, "--until", "+9999w").code == 2


def test_check_foresees_what_the_settings_look_at(holey: Person) -> None:
    findings = holey.watchbill("check", "--json").json["findings"]
    rules = {f["rule"]: f for f in findings}
    empty = rules["empty-level"]
    assert (empty["severity"], sum(f["rule"] == "empty-level" for f in findings)) == ("error", 1)
    for part in ("level 1 of API", "backend", "Mon 2026-11-23 18:00 to Tue 2026-11-24 09:00", "h in all"):
        assert part in empty["message"], empty["message"]
    assert "fay, gil" in rules["never-on-call"]["message"]
    assert holey.watchbill("check").code == 3


def test_a_failed_expectation_shows_both_ladders_side_by_side(holey: Person) -> None:
    asked = (
        "expectations:\n  - name: cleo at night\n    at: 2026-11-24 03:00\n    incident: {severity: P1, domain: db}\n"
        "    pages: {0m: backend, 15m: ana}\n"
        "severities: {P1: {urgency: high, repeat: 0, steps: {0m: domain.primary, 15m: second}}}\n"
        "domains: {db: {title: DB, primary: second, default_severity: P1}}\n"
    )
    write(holey.policies, POLICY.replace("0m: backend, 15m", "0m: [backend, eve], 15m") + asked)
    ran = holey.watchbill("check")
    assert ran.code == 3
    lines = [line.strip() for line in ran.out.splitlines()]
    assert any(
        line.endswith("expected      actual") or line.split() == ["expected", "actual"] for line in lines
    ), ran.out
    assert any(line.startswith("✗") and "0m" in line and "cleo (second)" in line for line in lines), ran.out
    assert any(line.startswith("✗") and "15m" in line and "ana" in line for line in lines), ran.out


def test_a_policy_that_cannot_be_rendered_has_its_own_findings_only(holey: Person) -> None:
    write(holey.policies, POLICY.replace("hours: mon-fri 09:00-18:00", "hours: nonsense"))
    rules = {
        f["rule"] for f in holey.watchbill("check", "--json").json["findings"] if f["severity"] == "error"
    }
    assert rules
    assert not rules & {"empty-level", "expectation"}


def test_who_is_on_duty_is_told_also_where_a_level_can_be_empty(holey: Person) -> None:
    ran = holey.watchbill()
    assert (ran.code, ran.out.splitlines()[:3]) == (
        0,
        [
            "source: the policy files; no account is set",
            "",
            "On duty at Mon 2026-11-23 16:00 (Europe/Bucharest)",
        ],
    )
    assert "policy: 1 error" in ran.out
    answers = {a["rotation"]: a["person"] for a in holey.watchbill("--json").json["answers"]}
    asked = {a["rotation"]: a["person"] for a in holey.watchbill("who", "--json").json["answers"]}
    assert answers == asked


def test_an_empty_level_is_declared_where_it_is_written(holey: Person) -> None:
    """Not at a severity, whose steps are every domain's, and in the words that stand there."""
    domains = (
        "severities: {P1: {urgency: high, repeat: 0, steps: {0m: domain.primary}}}\n"
        "domains:\n"
        "  shop: {title: Shop, primary: backend, default_severity: P1, also: {0m: desk}}\n"
        "  site: {title: Site, primary: desk, default_severity: P1}\n"
    )
    rotations = POLICY.partition("ladders:")[0]
    write(holey.policies, rotations + domains)
    findings = [f for f in holey.watchbill("check", "--json").json["findings"] if f["rule"] == "empty-level"]
    hints = [f["hint"] for f in findings]
    assert len(hints) == 2
    (own,) = [h for h in hints if "in domains.shop.also.0m: {page: desk, may_be_empty" in h]
    (shared,) = [
        h for h in hints if "in severities.P1.steps.0m, for every domain: {page: domain.primary" in h
    ]
    assert own != shared
    declared = domains.replace("also: {0m: desk}", "also: {0m: {page: desk, may_be_empty: nights}}")
    write(holey.policies, rotations + declared)
    left = [f for f in holey.watchbill("check", "--json").json["findings"] if f["rule"] == "empty-level"]
    assert [f["hint"] for f in left] == [shared]
