"""watchbill route: from an event in a file to the people it pages, without any account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from journeys.conftest import Person
from shared import ROOT

SCHEMA = json.loads((ROOT / "schema" / "route.schema.json").read_text())
NIGHT = "2026-11-29 03:00"


def event(person: Person, **payload: Any) -> str:
    given = {"summary": "disk full", "source": "db-1", "severity": "critical", **payload}
    body = {"routing_key": "R" * 32, "event_action": "trigger", "payload": given}
    (person.folder / "event.json").write_text(json.dumps(body))
    return "event.json"


def test_an_event_at_night_as_text_and_as_json(person: Person) -> None:
    words = ("route", event(person), "--service", "MedicalCor Database", "--at", NIGHT)
    text = person.watchbill(*words)
    assert text.code == 0, text.err
    assert "rule P1: event.severity matches 'critical'" in text.out
    assert "ladder Database P1, priority P1, high urgency" in text.out
    way = text.out.partition("+0 min")[0]
    assert max(map(len, way.splitlines())) <= 80
    found = person.watchbill(*words, "--json")
    jsonschema.validate(found.json, SCHEMA)
    assert (found.json["rule"], found.json["ladder"], found.json["alert_severity"]) == (
        "P1",
        "database-P1",
        "critical",
    )
    simulated = person.watchbill("simulate", "P1", "database", "--at", NIGHT, "--json")
    assert found.json["steps"] == simulated.json["steps"]
    assert "R" * 32 not in text.out + found.out


def test_a_tag_leads_to_the_ladder_of_another_domain(person: Person) -> None:
    file = event(person, severity="warning", custom_details={"tags": ["security"]})
    found = person.watchbill("route", file, "--service", "medicalcor-api", "--at", NIGHT, "--json")
    assert [asked["matches"] for asked in found.json["asked"]] == [False, False, True]
    assert (found.json["rule"], found.json["domain"], found.json["urgency"]) == (
        "security-P3",
        "security",
        "high",
    )


def test_the_event_itself_may_say_its_service(person: Person) -> None:
    bare = {"severity": "info", "service": "medicalcor-payments", "summary": "late"}
    found = person.watchbill("route", "-", "--json", stdin=json.dumps(bare))
    assert (found.json["service"], found.json["ladder"]) == ("medicalcor-payments", "integrations-P4")
    by_component = person.watchbill("route", event(person, component="medicalcor-api"), "--json")
    assert by_component.json["service"] == "medicalcor-api"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "line 1, column 2"),
        ("[]", "holds no event"),
        ('"text"', "holds no event"),
        ("\\xff\\xfe", "no JSON"),
        ('{"payload": 3}', "payload is no object"),
        ('{"payload": {"severity": ["critical"]}}', "severity is no text"),
        ('{"event_action": "resolve", "payload": {"severity": "info"}}', "only a trigger"),
        ('{"payload": {"severity": "info"}}', "does not say which service"),
        ('{"service": "medicalcor-ap", "severity": "info"}', "medicalcor-api"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_event_is_refused_with_a_remedy(person: Person, content: str, says: str) -> None:
    (person.folder / "bad.json").write_bytes(content.encode("latin-1").replace(b"\\xff\\xfe", b"\xff\xfe"))
    ran = person.watchbill("route", "bad.json")
    assert ran.code == 2
    assert says in ran.err
    assert not ran.out


@pytest.mark.parametrize("name", ["missing.json", "policies"])
def test_a_file_that_cannot_be_read(person: Person, name: str) -> None:
    ran = person.watchbill("route", name, "--service", "medicalcor-api")
    assert ran.code == 2
    assert name in ran.err


def test_a_dangling_link_is_told(person: Person) -> None:
    (person.folder / "gone.json").symlink_to(Path("/nowhere/at/all"))
    assert person.watchbill("route", "gone.json", "--service", "medicalcor-api").code == 2


def test_standard_input_is_called_by_its_name(person: Person) -> None:
    ran = person.watchbill("route", "-", "--service", "medicalcor-api", stdin="[]")
    assert (ran.code, ran.out) == (2, "")
    assert "standard input holds no event" in ran.err
