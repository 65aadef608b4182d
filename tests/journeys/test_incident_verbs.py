"""`watchbill incident ...` as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from journeys.conftest import Person
from stage import START, Stage, stage
from watchbill.incident.escalate import carry_out
from watchbill.report.incident_json import EscalationAnswer, IncidentAnswer
from watchbill.rota.clock import iso
from watchbill.sandbox.faults import parse_fault


def typist(person: Person, live: Stage) -> Person:
    who = person.at(live.sandbox)
    return Person(who.folder, {**who.env, "WATCHBILL_NOW": START, "WATCHBILL_AS": live.email("primary-1")})


def test_the_runbooks_own_line(person: Person) -> None:
    with stage() as live:
        incident = live.open()
        me = typist(person, live)
        ran = me.watchbill("incident", "escalate", "--incident-id", incident, "--escalation-level", "2")
        assert ran.code == 0, ran.err
        assert live.doc(incident)["level"] == 2
        assert "paged by the ladder" in ran.out
        skipping = me.watchbill("incident", "escalate", "--incident-id", "1", "--escalation-level", "4")
        assert skipping.code == 11
        assert "--emergency" in skipping.err
        assert live.doc(incident)["level"] == 2
        told = me.watchbill(
            *("incident", "escalate", "--incident-id", "INC-1", "--escalation-level", "4"),
            *("--emergency", "nobody there", "--reason", "stuck"),
        )
        assert told.code == 0, told.err
        assert live.doc(incident)["level"] == 4


def test_printing_writes_nothing(person: Person) -> None:
    with stage() as live:
        incident = live.open()
        before = len(live.sandbox.requests())
        ran = typist(person, live).watchbill(
            *("incident", "escalate", "--incident-id", incident, "--need", "legal-guidance", "--print"),
            *("--reason", "customer-data", "--json"),
        )
        assert ran.code == 0, ran.err
        Draft202012Validator(EscalationAnswer.model_json_schema()).validate(ran.json)
        assert [one["person"] for one in ran.json["paged"]] == ["legal-holder", "ciso-holder"]
        assert not ran.json["done"]
        assert {request.method for request in live.sandbox.requests()[before:]} == {"GET"}


def test_show_tells_level_people_and_what_was_done(person: Person) -> None:
    with stage() as live:
        incident = live.open()
        me = typist(person, live)
        assert (
            me.watchbill("incident", "update", "--incident-id", incident, "stable", "--contained").code == 0
        )
        ran = me.watchbill("incident", "show", "--incident-id", "#1", "--json")
        Draft202012Validator(IncidentAnswer.model_json_schema()).validate(ran.json)
        assert ran.json["domain"] == "database"
        assert [one["what"] for one in ran.json["done"]] == ["update"]
        text = me.watchbill("incident", "show", "--incident-id", "1").out
        assert "level 1 of 5" in text
        assert max(len(line) for line in text.splitlines()) <= 100


def test_unknown_people_and_incidents_are_refused(person: Person, tmp_path: Path) -> None:
    with stage() as live:
        live.open()
        me = typist(person, live)
        stranger = me.watchbill(
            *("incident", "escalate", "--incident-id", "1", "--escalation-level", "2"),
            *("--as", "x@y.example"),
        )
        assert stranger.code == 2
        assert "nobody in the policy's people" in stranger.err
        assert me.watchbill("incident", "show", "--incident-id", "99").code == 2
        assert me.watchbill("incident", "escalate", "--incident-id", "1").code == 2
        assert live.doc(next(iter(live.sandbox.store.all("incident")))["id"])["level"] == 1


def test_the_phone_list_never_shows_a_number_unasked(person: Person) -> None:
    people = person.policies / "people.yaml"
    text = people.read_text("utf-8").replace(
        "email: cto@medicalcor.example, slack: cto, phone: placeholder",
        "email: cto@medicalcor.example, slack: cto, phone: {secret: PHONE_CTO}",
    )
    people.write_text(text, "utf-8")
    with stage() as live:
        live.open()
        me = typist(person, live)
        me.env["PHONE_CTO"] = "+40700000042"
        quiet = me.watchbill("incident", "phone", "--incident-id", "1")
        assert "secret PHONE_CTO" in quiet.out
        assert "+40700000042" not in quiet.out + quiet.err
        assert "+40700000042" in me.watchbill("incident", "phone", "--incident-id", "1", "--numbers").out


def test_does_my_phone_ring(person: Person) -> None:
    with stage() as live:
        me = typist(person, live)
        assert "rings at once" in me.watchbill("incident", "test-page", "primary-1").out
        assert not live.sandbox.store.all("incident")
        ran = me.watchbill("incident", "test-page", "--page")
        assert ran.code == 0, ran.err
        made = next(iter(live.sandbox.store.all("incident")))
        assert live.rung(made["id"]) == [(0, "primary-1")]


def test_channel_names(person: Person) -> None:
    ran = person.watchbill("incident", "channel", "DB", "slow", "--now", START)
    assert ran.out == "#inc-20261123-db-slow\n"
    assert person.watchbill("incident", "channel", "--check", "#inc-20261123-db-slow").code == 0
    assert person.watchbill("incident", "channel", "--check", "incident-db").code == 2


@pytest.mark.parametrize("how", ["level", "responders"])
def test_a_lost_answer_rings_nobody_twice(how: str) -> None:
    with stage() as live:
        incident = live.open()
        if how == "responders":
            live.put(incident, "primary-2", status="acknowledged")
        prepared = live.prepare(incident, level=2, reason="stuck")
        live.actor()
        live.people.user("eng-manager-holder")
        live.sandbox.world.faults.replace([parse_fault("drop-response:after=0")])
        carry_out(live.transport, live.people, live.actor(), live.chat, prepared)
        assert [who for _, who in live.rung(incident)].count("eng-manager-holder") == 1


def test_what_is_over_calls_nobody_and_the_suggested_stand_down_runs(person: Person) -> None:
    with stage() as live:
        incident = live.open()
        live.escalate(incident, level=2, reason="stuck")
        live.put(incident, "primary-2", status="resolved")
        me = typist(person, live)
        phone = me.watchbill("incident", "phone", "--incident-id", incident)
        assert phone.code == 2
        assert "is resolved" in phone.err
        done = me.watchbill("incident", "stand-down", "--incident-id", incident, "--needed", "yes")
        assert done.code == 0, done.err
        assert "Reason: the incident is resolved" in done.out


def test_who_took_the_pager_a_minute_ago_is_paged_though_no_file_says_so(person: Person) -> None:
    with stage() as live:
        incident = live.open()
        schedule = next(d for d in live.sandbox.store.all("schedule") if d["name"] == "medicalcor-primary")
        user = live.people.user("infra-1")
        assert user is not None
        span = {
            "start": START,
            "end": "2026-11-23T05:00:00Z",
            "user": {"id": user.id, "type": "user_reference"},
        }
        live.transport.post(f"/schedules/{schedule['id']}/overrides", {"overrides": [span]})
        live.put(incident, "primary-1", status="acknowledged")
        live.minute(1)
        me = typist(person, live)
        me.env["WATCHBILL_NOW"] = iso(live.now)
        called = me.watchbill("incident", "phone", "--incident-id", incident)
        assert "infra-1 (" in called.out
        paged = me.watchbill(
            "incident", "escalate", "--incident-id", incident, "--path", "technical", "--reason", "stuck"
        )
        assert paged.code == 0, paged.err
        assert live.rung(incident)[-1] == (1, "infra-1")
