"""Hand edits of a shift-based schedule: whose they were, what they moved, and the way back."""

from __future__ import annotations

import pytest

from contract.client import Client
from journeys.conftest import Person
from watchbill.sandbox.server import Sandbox


@pytest.fixture
def at_work(person: Person, populated: Sandbox) -> Person:
    settings = person.policies / "settings.yaml"
    settings.write_text(settings.read_text().replace("new_schedules: layers", "new_schedules: shifts"))
    worker = person.at(populated)
    assert worker.watchbill("apply", "--yes").code == 0
    return worker


def test_an_event_ended_and_a_name_changed_by_hand_are_told_and_taken_back(
    at_work: Person, populated: Sandbox
) -> None:
    (schedule,) = populated.store.named("schedule_v3", "medicalcor-infra")
    (rotation,) = populated.store.children("rotation", schedule["id"])
    (event,) = populated.store.children("event", rotation["id"])
    path = f"/v3/schedules/{schedule['id']}"
    with Client(populated.url, "somebody-elses-key-4711") as client:
        body = {"event": {"effective_until": "2026-12-07T07:00:00Z"}}
        ended = client.put(f"{path}/rotations/{rotation['id']}/events/{event['id']}", body)
        renamed = client.put(path, {"schedule": {"name": "infra, by hand", "time_zone": "Europe/Bucharest"}})
        assert (ended.status, renamed.status) == (200, 200)
    drift = at_work.watchbill("drift", "--json")
    assert drift.code == 10
    (change,) = drift.json["changes"]
    assert (change["key"], change["class"], change["action"]) == ("rotation/infra", "drift", "update")
    told = {f["path"].rpartition(" · ")[2]: (f["before"], f["after"]) for f in change["fields"]}
    assert told["name"] == ("infra, by hand", "medicalcor-infra")
    assert told["until"] == ("Mon 2026-12-07 09:00", None)
    edits = [e for e in drift.json["attributions"] if e["key"] == "rotation/infra"]
    assert {e["how"] for e in edits} == {"api token ...4711"}
    gone = [s for s in drift.json["effects"]["shifts"] if s["before"] is None]
    assert gone[0]["start"] == "2026-12-07T07:00:00Z"
    assert at_work.watchbill("apply", "--yes").code == 0
    assert at_work.watchbill("plan", "--exit-code").code == 0
    assert at_work.watchbill("drift").code == 0


def test_a_schedule_of_either_kind_is_found_by_its_name_to_tamper_with(person: Person) -> None:
    settings = person.policies / "settings.yaml"
    settings.write_text(settings.read_text().replace("new_schedules: layers", "new_schedules: shifts"))
    assert person.watchbill("apply", "--yes").code == 0
    edited = person.watchbill("sandbox", "tamper", "schedule", "medicalcor-infra", '{"name": "by hand"}')
    assert (edited.code, "edited schedule" in edited.err) == (0, True)
    (change,) = person.watchbill("drift", "--json").json["changes"]
    assert next(f for f in change["fields"] if f["path"] == "name")["before"] == "by hand"
    unknown = person.watchbill("sandbox", "tamper", "schedule", "medicalcor-infa", "{}")
    assert (unknown.code, "'medicalcor-primary'" in unknown.err) == (2, True)
