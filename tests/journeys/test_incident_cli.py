"""Incidents from the command line, on the shipped policy: opened, listed, shown, escalated, stood down."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from away import away
from contract.openapi import Contract, read_deviations
from contract.test_sandbox_contract import judged
from journeys.conftest import ROOT, Person
from journeys.test_routing import Alerts
from shared import openapi_path
from stage import START, Stage, applied_account, shipped, stage
from watchbill.cli.account import state_file
from watchbill.cli.main import root
from watchbill.errors import GuardRefused, WatchbillError
from watchbill.incident.opening import carry_out, look_up, wanted
from watchbill.report.incident_json import IncidentAnswer
from watchbill.report.incident_list import OpenIncidents
from watchbill.report.incident_open import OpenedAnswer
from watchbill.rota.clock import iso
from watchbill.sandbox.faults import parse_fault
from watchbill.sandbox.server import Sandbox

NO_ANSWER = "open incidents: the account did not answer"


@dataclass
class Ran:
    code: int
    out: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Typist:
    """In this process, which is quicker."""

    live: Stage
    policies: Path = ROOT / "policies"

    def watchbill(self, *words: str, stdin: str = "", **more: str) -> Ran:
        env = {"PAGERDUTY_URL": self.live.sandbox.url, "PAGERDUTY_TOKEN": self.live.sandbox.token}
        env |= {"WATCHBILL_NOW": iso(self.live.now), "WATCHBILL_AS": self.live.email("primary-1")}
        line = ["--policies", str(self.policies), *words]
        done = CliRunner(env=env | more).invoke(root, line, input=stdin, standalone_mode=False)
        if isinstance(done.exception, WatchbillError):
            error = done.exception
            return Ran(error.exit_code, f"{done.output}{error.message}; {error.remedy}")
        if isinstance(done.exception, click.ClickException):
            return Ran(done.exception.exit_code, done.exception.message)
        if done.exception is not None:
            raise done.exception
        return Ran(done.return_value or 0, done.stdout)


@pytest.fixture
def live() -> Iterator[Stage]:
    with stage() as running:
        yield running


@pytest.fixture(scope="module")
def one_open() -> Iterator[Typist]:
    """On an account that nobody changes."""
    with stage() as running:
        running.open()
        yield Typist(running)


def typist(person: Person, live: Stage) -> Person:
    who = person.at(live.sandbox)
    return Person(
        who.folder, {**who.env, "WATCHBILL_NOW": iso(live.now), "WATCHBILL_AS": live.email("primary-1")}
    )


def test_one_incident_from_its_opening_to_its_end(live: Stage) -> None:
    me = Typist(live)
    assert me.watchbill("incident", "list").out.startswith("no incident is open in the account at")
    nothing = me.watchbill("incident", "list", "--json").json
    Draft202012Validator(OpenIncidents.model_json_schema()).validate(nothing)
    opened = me.watchbill("incident", "open", "P1", "database", "Logins", "fail", "--json")
    assert opened.code == 0, opened.out
    Draft202012Validator(OpenedAnswer.model_json_schema()).validate(opened.json)
    assert (opened.json["number"], opened.json["paged"]) == (1, ["primary-2"])
    id_ = opened.json["id"]
    sent = [r for r in live.sandbox.requests() if r.method == "POST" and r.path == "/incidents"]
    assert len(sent) == 1
    doc = live.doc(id_)
    assert (doc["snapshot"]["name"], doc["urgency"]) == ("Database P1", "high")
    live.minute(5)
    listed = me.watchbill("incident", "list", "--json").json
    Draft202012Validator(OpenIncidents.model_json_schema()).validate(listed)
    (one,) = listed["incidents"]
    expected = {"number": 1, "severity": "P1", "domain": "database", "service": "medicalcor-database"}
    expected |= {"level": 1, "age_minutes": 5, "how": "paged"}
    assert {key: one[key] for key in expected} == expected
    assert one["has_it"] == [{"person": "primary-2", "name": "primary-2"}]
    up = me.watchbill("incident", "escalate", "1", "--to-level", "2")
    assert up.code == 0, up.out
    for level in ("1", "2"):
        down = me.watchbill("incident", "escalate", "--incident-id", "1", "--escalation-level", level)
        assert down.code == 11, down.out
        assert "eng-manager-holder would lose" in down.out or "level 3 (VP Engineering) would be" in down.out
        assert "escalate to level 3 (VP Engineering)" in down.out
    assert live.doc(id_)["level"] == 2
    assert "level 2 of 5, open for 5 min" in me.watchbill("incident", "list").out
    told = me.watchbill("incident", "update", "INC-1", "rolled back,", "errors falling")
    assert told.out.startswith("Update on #1 Logins fail: rolled back, errors falling\n")
    assert me.watchbill("incident", "phone", "1").code == 0
    done = me.watchbill("incident", "stand-down", "1", "--met", "1", "--needed", "yes")
    assert done.code == 0, done.out
    live.put(id_, "eng-manager-holder", status="acknowledged")
    assert "eng-manager-holder acknowledged it" in me.watchbill("incident", "list").out
    live.put(id_, "eng-manager-holder", status="resolved")
    assert "no incident is open" in me.watchbill("incident", "list").out


def test_every_way_of_naming_an_incident(one_open: Typist) -> None:
    (doc,) = one_open.live.sandbox.store.all("incident")
    address = f"https://acme.pagerduty.com/incidents/{doc['id']}/timeline"
    names = ("1", "#1", "INC-1", "inc-1", doc["id"], address)
    ways = [*((name,) for name in names), ("--incident-id", doc["id"]), ("1", "--incident-id", "INC-1")]
    shown = {one_open.watchbill("incident", "show", *way).out for way in ways}
    assert len(shown) == 1
    assert "level 1 of 5" in shown.pop()


def test_down_is_refused_in_the_console_too(person: Person) -> None:
    with stage() as live:
        incident = live.open(title="Logins fail")
        live.put(incident, "primary-2", escalation_level=3)
        form = ["impact", "", "tried - no", "", "why", "", "ask", ""]
        typed = ["escalate 1", "level 2", "", "", *form, "", "", "at once", "quit"]
        ran = typist(person, live).watchbill("chat", "console", stdin="\n".join([*typed, ""]))
        assert "1) Level 4: CTO" in ran.out
        assert "Level 3" not in ran.out
        assert "Level 2" not in ran.out
        assert "vp-engineering-holder would lose the incident" in ran.out
        assert live.doc(incident)["level"] == 3
        assert live.notes(incident) == []


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("show",), "does not name an incident"),
        (("show", "1", "--incident-id", "2"), "names 2 incidents: 1, 2"),
        (("show", "--incident-id", "1", "--incident-id", "2"), "names 2 incidents"),
        (("phone", "INC-2", "--incident-id", "#1"), "names 2 incidents"),
        (("escalate", "1", "--to-level", "2", "--escalation-level", "3"), "one goal"),
        (("escalate", "1"), "one goal"),
        (("escalate", "1", "--to-level", "2", "--need", "more-hands"), "one goal"),
        (("escalate", "1", "--to-level", "6"), "has 5 level(s), not 6"),
        (("update", "1"), "has no words"),
        (("update", "rolled back"), "has no words"),
        (("update", "2", "rolled", "back", "--incident-id", "1"), "names 2 incidents"),
        (("update",), "does not name an incident"),
        (("open", "P9", "database", "x"), "no severity 'P9'"),
        (("open", "P1", "databse", "x"), "no domain 'databse'"),
        (("open", "P1", "database", " ", "\n"), "the title has 0 characters"),
        (("open", "P1", "database", "x" * 1025), "the title has 1025 characters"),
        (("open", "P1", "database", "x", "--service", "medicalcor-api"), "not in the domain database"),
        (("open", "P1", "database", "x", "--as", "x@y.example"), "nobody in the policy's people"),
    ],
)
def test_bad_input_changes_nothing(one_open: Typist, words: tuple[str, ...], wrong: str) -> None:
    sandbox = one_open.live.sandbox
    before = len(sandbox.requests())
    ran = one_open.watchbill("incident", *words)
    assert ran.code == 2, ran.out
    assert wrong in ran.out
    assert {request.method for request in sandbox.requests()[before:]} <= {"GET"}


def test_an_update_takes_its_words_in_both_spellings(one_open: Typist) -> None:
    for words, told in (
        (("--incident-id", "1", "rolled back"), "rolled back"),
        (("--incident-id", "INC-1", "1", "rolled", "back"), "rolled back"),
        (("--incident-id", "1", "12"), "12"),
        (("1", "12 of 20", "hosts"), "12 of 20 hosts"),
    ):
        ran = one_open.watchbill("incident", "update", *words, "--print")
        assert ran.out.splitlines()[0].endswith(f"It is down: {told}"), ran.out


@pytest.mark.parametrize("severity", ["P1", "P2", "P3", "P4"])
def test_it_opens_as_an_alert_would(live: Stage, severity: str) -> None:
    """The event rules of the service are the judge: the same ladder, priority, urgency and people."""
    alerts = Alerts(live.sandbox)
    for domain in ("database", "security"):
        handle = live.policy.domains[domain].services[0]
        (word, *_) = live.policy.severities[severity].from_alerts
        alerts.send(live.policy.services[handle].title, domain, word)
        by_alert = alerts.incident(domain)
        ran = Typist(live).watchbill("incident", "open", severity, domain, "by hand", "--json")
        assert ran.code == 0, ran.out
        by_hand = live.doc(ran.json["id"])
        same = ("service", "priority", "urgency", "level")
        assert {key: by_hand[key] for key in same} == {key: by_alert[key] for key in same}
        assert by_hand["snapshot"]["id"] == by_alert["snapshot"]["id"]
        assert live.rung(by_hand["id"]) == live.rung(by_alert["id"])


def test_it_is_not_opened_twice(live: Stage) -> None:
    me = Typist(live)
    assert me.watchbill("incident", "open", "P2", "database", "Logins fail").code == 0
    again = me.watchbill("incident", "open", "P1", "database", " logins ", "FAIL")
    assert again.code == 11
    assert "#1 Logins fail" in again.out
    assert me.watchbill("incident", "open", "P1", "infrastructure", "Logins fail").code == 0
    assert me.watchbill("incident", "open", "P1", "database", "Logins fail", "--again").code == 0
    live.sandbox.world.faults.replace([parse_fault("drop-response:times=1,method=POST,path=/incidents$")])
    lost = me.watchbill("incident", "open", "P1", "database", "Disk full")
    assert lost.code == 0, lost.out
    titles = [doc["title"] for doc in live.sandbox.store.all("incident")]
    assert sorted(titles) == ["Disk full", *["Logins fail"] * 3]


def test_of_two_who_open_the_same_at_once_one_is_refused(live: Stage) -> None:
    wish = wanted(live.policy, "P1", "database", "Disk full", service="", now=live.now)
    first, second = (look_up(live.transport, live.policy, wish) for _ in range(2))
    carry_out(live.transport, live.actor("primary-1"), first)
    with pytest.raises(GuardRefused, match="#1 Disk full"):
        carry_out(live.transport, live.actor("primary-2"), second)
    assert len(live.sandbox.store.all("incident")) == 1


def test_what_the_account_lacks(live: Stage) -> None:
    me, store = Typist(live), live.sandbox.store
    for doc in list(store.all("priority")):
        store.delete("priority", doc["id"])
    ran = me.watchbill("incident", "open", "P1", "database", "Logins fail", "--json")
    assert ran.code == 0, ran.out
    assert ran.json["priority"] is None
    assert me.watchbill("incident", "list", "--json").json["incidents"][0]["severity"] == "P1"
    service = next(d for d in store.all("service") if d["name"] == "MedicalCor API")
    store.put("service", {**service, "name": "Other"})
    gone = me.watchbill("incident", "open", "P1", "api-backend", "x")
    assert gone.code == 14
    assert "no service MedicalCor API" in gone.out


def test_a_tag_takes_another_domains_service_to_its_ladder(live: Stage) -> None:
    me = Typist(live)
    ran = me.watchbill("incident", "open", "P1", "security", "Leak", "--service", "medicalcor-api")
    assert ran.code == 0, ran.out
    assert "service MedicalCor API (medicalcor-api)" in ran.out
    shown = me.watchbill("incident", "show", "1", "--json").json
    Draft202012Validator(IncidentAnswer.model_json_schema()).validate(shown)
    assert (shown["domain"], shown["ladder"]) == ("security", "security")
    assert me.watchbill("incident", "list", "--json").json["incidents"][0]["domain"] == "security"


def test_a_real_account_is_asked_for_before_people_are_paged(live: Stage, person: Person) -> None:
    settings = person.policies / "settings.yaml"
    text = settings.read_text("utf-8")
    assert "account: sandbox" in text
    settings.write_text(text.replace("account: sandbox", "account: acme"), "utf-8")
    me = Typist(live, person.policies)
    words = ("incident", "open", "P1", "database", "Logins fail")
    shown = me.watchbill(*words, "--print")
    assert "Would open Logins fail" in shown.out
    silent = me.watchbill(*words)
    assert silent.code == 2
    assert "--yes" in silent.out
    assert me.watchbill(*words, stdin="n\n").code == 10
    assert not live.sandbox.store.all("incident")
    assert me.watchbill(*words, "--yes").code == 0
    assert me.watchbill("incident", "open", "P1", "database", "More", stdin="y\n").code == 0
    assert len(live.sandbox.store.all("incident")) == 2


def test_other_teams_incidents_are_counted_and_listed_on_demand(live: Stage) -> None:
    live.open()
    policy = next(iter(live.sandbox.store.all("escalation_policy")))["id"]
    theirs = {"id": policy, "type": "escalation_policy_reference"}
    made = live.transport.post("/services", {"service": {"name": "Theirs", "escalation_policy": theirs}}).body
    service = {"id": made["service"]["id"], "type": "service_reference"}
    body = {"incident": {"type": "incident", "title": "Not ours", "service": service}}
    live.transport.post("/incidents", body, sender=live.email("primary-1"))
    me = Typist(live)
    listed = me.watchbill("incident", "list")
    assert "also open: 1 on services that the policy does not have" in listed.out
    assert "Not ours" not in listed.out + me.watchbill().out
    everything = me.watchbill("incident", "list", "--all", "--json").json
    assert [(one["title"], one["service"]) for one in everything["incidents"]] == [
        ("It is down", "medicalcor-database"),
        ("Not ours", None),
    ]


def test_every_exchange_is_as_the_official_document_says(live: Stage) -> None:
    me = Typist(live)
    for words in (
        ("open", "P1", "database", "Logins fail"),
        ("open", "P1", "security", "Leak", "--service", "medicalcor-api"),
        ("open", "P4", "database", "Typo", "--print"),
        ("list", "--all", "--json"),
        ("escalate", "1", "--to-level", "2"),
        ("update", "1", "rolled back"),
        ("show", "2"),
    ):
        ran = me.watchbill("incident", *words)
        assert ran.code == 0, ran.out
    assert me.watchbill().code == 0
    contract = Contract(openapi_path(), [one for one in read_deviations() if one.about != "client"])
    problems = judged(contract, live.sandbox)
    assert not problems, "\n".join(sorted({str(problem) for problem in problems}))
    assert {"post /incidents", "get /incidents", "get /priorities"} <= contract.covered


# -- bare watchbill ----------------------------------------------------------------------------------------------------


def test_bare_watchbill_shows_what_is_open(live: Stage) -> None:
    me = Typist(live)
    assert "incident" not in me.watchbill().out
    live.open(title="Logins fail")
    ran = me.watchbill()
    assert ran.code == 0
    assert "1 open incident\n  #1  P1 in Database, level 1 of 5, open for 0 min\n" in ran.out
    assert "On duty" in ran.out
    live.sandbox.world.faults.replace([parse_fault("latency:1,seconds=60,path=.*log_entries")])
    assert "#1  P1 in Database, open for 0 min" in me.watchbill().out, "as much as came in time"
    live.sandbox.world.faults.replace([parse_fault("latency:1,seconds=60")])
    assert NO_ANSWER in me.watchbill().out
    live.sandbox.world.faults.replace([])
    with away(live.sandbox):
        ran = me.watchbill()
        assert ran.code == 0
        assert NO_ANSWER in ran.out
        assert "On duty" in ran.out


def test_bare_watchbill_names_what_is_wrong_with_the_account(one_open: Typist) -> None:
    ran = one_open.watchbill(PAGERDUTY_URL="ftp://127.0.0.1")
    assert ran.code == 0
    assert "open incidents: PAGERDUTY_URL is no http or https address" in ran.out


def test_bare_watchbill_does_not_wait_for_an_account_that_hangs(person: Person) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as deaf:
        me = Person(person.folder, {**person.env, "PAGERDUTY_TOKEN": "x"})
        me.env["PAGERDUTY_URL"] = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        ran = me.watchbill()
        assert ran.code == 0
        assert NO_ANSWER in ran.out


def test_the_embedded_sandbox(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    env = {**person.env, "WATCHBILL_NOW": START}
    env["WATCHBILL_AS"] = shipped().people["primary-1"].email
    me = Person(person.folder, env)
    assert "incident" not in me.watchbill().out
    assert not Path(env["XDG_DATA_HOME"]).exists(), "a question makes no account"
    monkeypatch.setenv("XDG_DATA_HOME", env["XDG_DATA_HOME"])
    with Sandbox(state_file(me.policies), START, load=applied_account()):
        pass
    assert "incident" not in me.watchbill().out
    opened = me.watchbill("incident", "open", "P1", "database", "Logins fail")
    assert opened.code == 0, opened.err
    assert "Opened #1: Logins fail" in opened.out
    assert "Paged now, level 1: primary-2" in opened.out
    assert "#1  P1 in Database, level 1 of 5" in me.watchbill("incident", "list").out
    assert "#1  P1 in Database, level 1 of 5" in me.watchbill().out
