"""A hand edit goes into the YAML: the plan is empty afterwards, and no other line has moved."""

from __future__ import annotations

import json
from difflib import ndiff
from typing import Any

import pytest

from contract.client import Client
from journeys.conftest import Person, Ran
from repositories import Repo
from watchbill.report.adopt import AdoptAnswer
from watchbill.sandbox.server import Sandbox
from watchbill.sandbox.tamper import tamper

pytestmark = pytest.mark.long

EXTRA = """\
ladders:
  # kept: who is asked about bills
  billing:
    title: Billing
    steps:
      0m: primary # kept: always first
      20m: eng-manager
      50m: [vp-engineering, cto]
    repeat: 1
services:
  billing: {title: Billing, ladder: billing, urgency: high} # kept: a comment
"""
ROTATION = """\
rotations:
  nights:
    title: Nights
    turn: 1 week
    handoff: mon 09:00
    from: 2026-01-05
    crew: [infra-1, infra-2, infra-3] # kept: the night crew
    hours: mon-fri 20:00-23:00 # kept: late
  parts:
    title: Parts
    layers:
      # kept: by day
      - {name: day, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [infra-1, infra-2], hours: daily 08:00-20:00}
      - {name: night, turn: 1 day, handoff: daily 20:00, from: 2026-01-05, crew: [infra-3, infra-4], hours: daily 20:00-08:00}
"""


@pytest.fixture
def applied(person: Person, populated: Sandbox) -> tuple[Person, Sandbox]:
    (person.policies / "extra.yaml").write_text(EXTRA)
    (person.policies / "nights.yaml").write_text(ROTATION)
    someone = person.at(populated)
    ran = someone.watchbill("apply", "--yes")
    assert ran.code == 0, ran.err
    return someone, populated


def edit(sandbox: Sandbox, kind: str, name: str, changes: Any, by: str = "") -> None:
    tamper(sandbox.store, kind, name, changes, by, clock=sandbox.world.clock)


def texts(person: Person) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(person.policies.glob("*.yaml"))}


def moved(before: dict[str, str], after: dict[str, str]) -> tuple[list[str], list[str]]:
    """(lines that went, lines that came)"""
    lines = [
        line
        for name in {**before, **after}
        for line in ndiff(before.get(name, "").splitlines(), after.get(name, "").splitlines())
    ]
    return [x[2:].strip() for x in lines if x[0] == "-"], [x[2:].strip() for x in lines if x[0] == "+"]


def adopted(person: Person, *words: str) -> AdoptAnswer:
    ran = person.watchbill("adopt", "--json", *words)
    assert ran.code in {0, 10}, ran.err
    answer = AdoptAnswer.model_validate_json(ran.out)
    assert ran.code == (10 if answer.left else 0)
    return answer


def plan(person: Person) -> Ran:
    return person.watchbill("plan", "--json", "--exit-code")


EDITS: dict[str, tuple[str, str, Any, set[str]]] = {
    "order": (
        "schedule",
        "Nights",
        {"layers": {"turns": {"users": ["infra-3", "infra-1", "infra-2"]}}},
        set(),
    ),
    "members": ("schedule", "Nights", {"layers": {"turns": {"users": ["infra-1", "infra-4"]}}}, set()),
    "one person": ("schedule", "Nights", {"layers": {"turns": {"users": ["infra-4"]}}}, set()),
    "turn length": (
        "schedule",
        "Nights",
        {"layers": {"turns": {"rotation_turn_length_seconds": 86400}}},
        set(),
    ),
    "hours": (
        "schedule",
        "Nights",
        {
            "layers": {
                "turns": {
                    "restrictions": [
                        {
                            "type": "daily_restriction",
                            "start_time_of_day": "19:00:00",
                            "duration_seconds": 14400,
                        }
                    ]
                }
            }
        },
        {"hours: daily 19:00-23:00 # kept: late"},
    ),
    "time zone": (
        "schedule",
        "medicalcor-security",
        {"time_zone": "Europe/London"},
        {"time_zone: Europe/London"},
    ),
    "name": ("schedule", "Nights", {"name": "Late shift"}, {"title: Late shift"}),
    "layer name": ("schedule", "Nights", {"layers": {"turns": {"name": "Evening"}}}, set()),
    "one of two layers": (
        "schedule",
        "Parts",
        {"layers": {"night": {"users": ["infra-4", "infra-3"]}}},
        set(),
    ),
    "exact name": (
        "schedule",
        "medicalcor-infra",
        {"name": "platform"},
        {"pagerduty: {name: platform}"},
    ),
    "delay": ("escalation_policy", "Billing", {"delays": {"1": 5}}, set()),
    "last wait": ("escalation_policy", "Billing", {"delays": {"3": 45}}, {"last_wait: 45m"}),
    "loops": ("escalation_policy", "Billing", {"num_loops": 3}, {"repeat: 3"}),
    "a target more": (
        "escalation_policy",
        "Billing",
        {"add_target": {"level": 1, "user": "infra-1"}},
        {"0m: [primary, infra-1] # kept: always first"},
    ),
    "a target less": (
        "escalation_policy",
        "Billing",
        {"remove_target": {"level": 3, "user": "cto-holder"}},
        {"50m: vp-engineering"},
    ),
    "a schedule as target": (
        "escalation_policy",
        "Billing",
        {"add_target": {"level": 2, "schedule": "medicalcor-infra"}},
        {"20m: [eng-manager, infra]"},
    ),
    "policy name": ("escalation_policy", "Billing", {"name": "Money"}, {"title: Money"}),
    "timeouts": (
        "service",
        "Billing",
        {"acknowledgement_timeout": 1800, "auto_resolve_timeout": 14400},
        {
            (
                "billing: {title: Billing, ladder: billing, urgency: high, ack_timeout: 30m, resolve_after: 4h}"
                " # kept: a comment"
            )
        },
    ),
    "urgency": (
        "service",
        "Billing",
        {"incident_urgency_rule": {"type": "constant", "urgency": "severity_based"}},
        {"billing: {title: Billing, ladder: billing, urgency: by-severity} # kept: a comment"},
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_what_was_edited_is_in_the_yaml_and_the_plan_is_empty(
    applied: tuple[Person, Sandbox], name: str
) -> None:
    someone, sandbox = applied
    kind, obj, changes, lines = EDITS[name]
    edit(sandbox, kind, obj, changes, "cto-holder")
    if kind == "schedule" and "description" not in changes:
        assert someone.watchbill("drift").code == 10
    before = texts(someone)
    answer = adopted(someone)
    assert not answer.left, answer.left
    assert answer.written
    gone, came = moved(before, texts(someone))
    assert came, "something was written"
    assert lines <= set(came), came
    assert all("kept" not in line or any(line.split("#")[1] in c for c in came) for line in gone), gone
    after = plan(someone)
    assert json.loads(after.out)["changes"] == []
    assert after.code == 0
    assert someone.watchbill("drift").code == 0


def test_a_dry_run_writes_nothing(applied: tuple[Person, Sandbox]) -> None:
    someone, sandbox = applied
    edit(sandbox, "escalation_policy", "Billing", {"num_loops": 3})
    before = texts(someone)
    answer = adopted(someone, "--dry-run")
    assert (len(answer.adopted), answer.written) == (1, False)
    assert texts(someone) == before


def test_only_what_is_named(applied: tuple[Person, Sandbox]) -> None:
    someone, sandbox = applied
    edit(sandbox, "escalation_policy", "Billing", {"num_loops": 3})
    edit(sandbox, "schedule", "Nights", {"name": "Late shift"})
    assert [item.key for item in adopted(someone, "nights").adopted] == ["rotation/nights"]
    assert [c["key"] for c in json.loads(plan(someone).out)["changes"]] == ["ladder/billing"]


def test_one_cell_of_the_matrix_is_refused_with_what_could_be_said(applied: tuple[Person, Sandbox]) -> None:
    someone, sandbox = applied
    edit(sandbox, "escalation_policy", "Database P2", {"delays": {"1": 5}})
    before = texts(someone)
    (left,) = adopted(someone).left
    assert "P2 pages every domain alike" in left.reason
    assert "also:" in left.nearest
    assert "ladders:" in left.nearest
    assert texts(someone) == before


def a_whole_row_is_said_by_the_severity(someone: Person, sandbox: Sandbox) -> None:
    for name in ("API-Backend", "Database", "AI-Scoring", "Infrastructure", "Integrations"):
        edit(sandbox, "escalation_policy", f"{name} P4", {"num_loops": 4})
    before = texts(someone)
    answer = adopted(someone)
    assert (len(answer.adopted), answer.left) == (1, ())
    assert moved(before, texts(someone)) == (["repeat: 0"], ["repeat: 4"])
    assert plan(someone).code == 0


def test_a_whole_row_of_the_matrix_is_said_by_the_severity(applied: tuple[Person, Sandbox]) -> None:
    a_whole_row_is_said_by_the_severity(*applied)


def test_what_an_expectation_forbids_is_left_with_its_words(applied: tuple[Person, Sandbox]) -> None:
    someone, sandbox = applied
    for name in ("API-Backend", "Database", "AI-Scoring", "Infrastructure", "Integrations"):
        edit(sandbox, "escalation_policy", f"{name} P3", {"delays": {"1": 25}})
    before = texts(someone)
    answer = adopted(someone)
    assert not answer.adopted
    assert all("the policy would be wrong" in left.reason for left in answer.left)
    assert texts(someone) == before


def test_somebody_the_policy_does_not_know_is_added_to_people(applied: tuple[Person, Sandbox]) -> None:
    from watchbill.sandbox.load import ensure_users

    someone, sandbox = applied
    ensure_users(
        sandbox.store, [{"name": "Nia Nou", "email": "nia@example.com", "time_zone": "Europe/Bucharest"}]
    )
    edit(sandbox, "schedule", "Nights", {"layers": {"turns": {"users": ["infra-1", "Nia Nou"]}}})
    assert not adopted(someone).left
    _, came = moved({}, {"people": (someone.policies / "people.yaml").read_text()})
    assert any(line.startswith("nia-nou: {name: Nia Nou, email: nia@example.com") for line in came)
    assert plan(someone).code == 0


def test_who_falls_back_to_an_adopted_crew_is_told(applied: tuple[Person, Sandbox]) -> None:
    someone, sandbox = applied
    users = ["primary-2", "primary-1", "primary-3"]
    edit(sandbox, "schedule", "medicalcor-primary", {"layers": {"turns": {"users": users}}})
    answer = adopted(someone)
    assert answer.follow == ("medicalcor-backend",)
    done = someone.watchbill("apply", "--yes", "--waive", "imminent=it is so already")
    assert done.code == 0, done.err
    assert plan(someone).code == 0


def test_a_crew_staged_in_the_account_comes_with_its_date(applied: tuple[Person, Sandbox]) -> None:
    """As the web UI does it: the running layer gets an end, and another begins there."""
    someone, sandbox = applied
    (found,) = [s for s in sandbox.store.all("schedule") if s["name"] == "Nights"]
    with Client(sandbox.url) as api:
        schedule = api.get(f"/schedules/{found['id']}").body["schedule"]
        (layer,) = schedule["schedule_layers"]
        users = [{"user": {"id": entry["user"]["id"], "type": "user_reference"}} for entry in layer["users"]]
        turn = {
            key: layer[key]
            for key in ("rotation_virtual_start", "rotation_turn_length_seconds", "restrictions", "name")
        }
        staged = "2026-11-30T07:00:00Z"
        old = {**turn, "id": layer["id"], "start": layer["start"], "end": staged, "users": users}
        new = {**turn, "start": staged, "users": users[:2], "name": "next"}
        kept = {"name": "Nights", "time_zone": schedule["time_zone"], "description": schedule["description"]}
        body = {"schedule": {**kept, "type": "schedule", "schedule_layers": [old, new]}}
        answer = api.put(f"/schedules/{found['id']}", body)
        assert answer.status == 200, answer.body
    before = texts(someone)
    assert not adopted(someone).left
    _, came = moved(before, texts(someone))
    assert "- from: 2026-11-30" in came, came
    assert plan(someone).code == 0


def test_a_description_goes_without_the_watchbill_line(applied: tuple[Person, Sandbox]) -> None:
    someone, sandbox = applied
    (found,) = [s for s in sandbox.store.all("schedule") if s["name"] == "Nights"]
    edit(sandbox, "schedule", "Nights", {"description": "Ask Ana first.\n" + found["description"]})
    before = texts(someone)
    assert not adopted(someone).left
    assert moved(before, texts(someone)) == ([], ["description: Ask Ana first."])
    assert plan(someone).code == 0


def test_a_plan_of_the_way_back_is_applied_as_it_was_saved(applied: tuple[Person, Sandbox]) -> None:
    someone, _ = applied
    repo = Repo.new(someone.folder)
    repo.commit("2026-11-23T10:00:00Z", "as it was")
    extra = someone.policies / "extra.yaml"
    extra.write_text(EXTRA.replace("repeat: 1", "repeat: 2"))
    repo.commit("2026-11-23T12:00:00Z", "twice")
    assert someone.watchbill("apply", "--yes").code == 0
    assert someone.watchbill("plan", "--to", "HEAD~1", "--out", "back.json").code == 0
    refused = someone.watchbill("apply", "back.json", "--yes")
    assert (refused.code, "policy has changed" in refused.err) == (12, True)
    assert someone.watchbill("apply", "back.json", "--to", "HEAD~1", "--yes").code == 0
    assert [c["key"] for c in json.loads(plan(someone).out)["changes"]] == ["ladder/billing"]


def by_hand(sandbox: Sandbox, user: str, start: str, end: str, schedule: str = "Nights") -> None:
    edit(sandbox, "schedule", schedule, {"add_override": {"user": user, "start": start, "end": end}})


def test_overrides_that_people_made_are_declared_one_file_each(applied: tuple[Person, Sandbox]) -> None:
    someone, sandbox = applied
    by_hand(sandbox, "infra-4", "2026-12-01T18:00:00Z", "2026-12-01T21:00:00Z")
    by_hand(sandbox, "infra-1", "2026-11-23T13:00:00Z", "2026-11-23T20:00:00Z", "medicalcor-infra")
    before = texts(someone)
    assert adopted(someone).adopted == (), "theirs, and no drift"
    only = adopted(someone, "nights", "--overrides", "--dry-run")
    assert [item.key for item in only.adopted] == ["rotation/nights"]
    answer = adopted(someone, "--overrides")
    assert (len(answer.adopted), answer.left) == (2, ())
    assert texts(someone) == before, "files of their own"
    file = someone.policies / "overrides" / "nights" / "2026-12-01-2000-infra-4.yaml"
    assert "until: 2026-12-01 23:00" in file.read_text()
    assert json.loads(plan(someone).out)["changes"] == []
    assert adopted(someone, "--overrides").adopted == (), "a second run finds nothing"
    # Declared, it is ours to take back.
    assert someone.watchbill("override", "cancel", "nights", "infra-4").code == 0
    assert someone.watchbill("apply", "--yes").code == 0
    (nights,) = (s for s in sandbox.store.all("schedule") if s["name"] == "Nights")
    assert sandbox.store.children("override", nights["id"]) == []


def test_overrides_that_cannot_be_said_are_left(applied: tuple[Person, Sandbox]) -> None:
    from watchbill.sandbox.load import ensure_users

    someone, sandbox = applied
    ensure_users(sandbox.store, [{"name": "Nia Nou", "email": "nia@example.com"}])
    by_hand(sandbox, "Nia Nou", "2026-12-01T18:00:00Z", "2026-12-01T21:00:00Z")
    by_hand(sandbox, "infra-4", "2026-12-02T18:00:30Z", "2026-12-02T21:00:00Z")
    by_hand(sandbox, "infra-1", "2026-12-03T18:00:00Z", "2026-12-03T21:00:00Z")
    by_hand(sandbox, "infra-2", "2026-12-03T19:00:00Z", "2026-12-03T20:00:00Z")
    answer = adopted(someone, "--overrides")
    reasons = " ".join(left.reason for left in answer.left)
    assert "no such person" in reasons
    assert "whole minute" in reasons
    assert "would be wrong" in reasons, "two that overlap cannot both be declared"
    assert len(answer.adopted) == 1
    assert json.loads(plan(someone).out)["changes"] == []


@pytest.fixture
def with_also(person: Person, populated: Sandbox) -> tuple[Person, Sandbox]:
    """The database pages somebody more after a quarter of an hour, security at once."""
    file = person.policies / "domains.yaml"
    text = file.read_text()
    for domain, also in (
        ("database", "{15m: infra} # kept: disks"),
        ("security", "{0m: infra} # kept: hosts"),
    ):
        head, rest = text.split(f"\n  {domain}:\n", 1)
        text = f"{head}\n  {domain}:\n    also: {also}\n{rest}"
    file.write_text(text)
    (person.policies / "expectations.yaml").unlink()  # they know nothing of what is added
    someone = person.at(populated)
    ran = someone.watchbill("apply", "--yes")
    assert ran.code == 0, ran.err
    return someone, populated


def database(sandbox: Sandbox, change: Any) -> None:
    for severity in ("P1", "P2", "P3", "P4"):
        edit(sandbox, "escalation_policy", f"Database {severity}", change)


def test_all_ladders_of_a_domain_edited_alike_are_said_by_the_domain(
    applied: tuple[Person, Sandbox],
) -> None:
    someone, sandbox = applied
    database(sandbox, {"add_target": {"level": 1, "user": "infra-1"}})
    before = texts(someone)
    answer = adopted(someone)
    assert (len(answer.adopted), answer.left) == (1, ())
    assert "domain database" in answer.adopted[0].told
    gone, came = moved(before, texts(someone))
    assert (gone, came) == ([], ["also:", "0m: infra-1"])
    assert plan(someone).code == 0


def test_what_a_domain_adds_is_edited_with_its_comment(with_also: tuple[Person, Sandbox]) -> None:
    someone, sandbox = with_also
    for severity in ("P1", "P2", "P3"):
        edit(
            sandbox,
            "escalation_policy",
            f"Database {severity}",
            {"add_target": {"level": 2, "user": "infra-1"}},
        )
    before = texts(someone)
    answer = adopted(someone)
    assert (len(answer.adopted), answer.left) == (1, ())
    gone, came = moved(before, texts(someone))
    assert gone == ["also: {15m: infra} # kept: disks"]
    assert came == ["also: {15m: [infra, infra-1]} # kept: disks"]
    assert plan(someone).code == 0


def test_steps_of_a_domain_and_what_it_adds_are_told_apart(with_also: tuple[Person, Sandbox]) -> None:
    someone, sandbox = with_also
    edit(sandbox, "escalation_policy", "Security", {"add_target": {"level": 2, "user": "infra-1"}})
    before = texts(someone)
    answer = adopted(someone)
    assert (len(answer.adopted), answer.left) == (1, ())
    gone, came = moved(before, texts(someone))
    assert not any("also" in line for line in gone + came)
    assert any("infra-1" in line for line in came)
    assert plan(someone).code == 0


def test_a_row_of_the_matrix_with_a_domain_that_adds(with_also: tuple[Person, Sandbox]) -> None:
    a_whole_row_is_said_by_the_severity(*with_also)


def test_another_primary_of_a_domain(applied: tuple[Person, Sandbox]) -> None:
    someone, sandbox = applied
    for severity in ("P1", "P2", "P3", "P4"):
        name = f"Integrations {severity}"
        edit(sandbox, "escalation_policy", name, {"add_target": {"level": 1, "schedule": "medicalcor-infra"}})
        edit(
            sandbox,
            "escalation_policy",
            name,
            {"remove_target": {"level": 1, "schedule": "medicalcor-primary"}},
        )
    answer = adopted(someone)
    assert (len(answer.adopted), answer.left) == (1, ()), answer.left
    assert plan(someone).code == 0
