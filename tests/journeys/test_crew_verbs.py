"""Crews, overrides, leave and leavers, as a person changes them: files, the table, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from journeys.conftest import Person, Ran
from watchbill.report.change import ChangeAnswer

WEDNESDAY = "2026-11-25T12:00:00Z"
"""backend-2 is on call, backend-3 next on Monday the 30th, then backend-1."""


def files(person: Person) -> dict[str, bytes]:
    return {str(p.relative_to(person.policies)): p.read_bytes() for p in person.policies.rglob("*.yaml")}


def changed(person: Person, before: dict[str, bytes]) -> set[str]:
    now = files(person)
    return {name for name in now.keys() | before.keys() if now.get(name) != before.get(name)}


def run(person: Person, *words: str, code: int = 0) -> Ran:
    ran = person.watchbill(*words, WATCHBILL_NOW=WEDNESDAY)
    assert ran.code == code, ran.out + ran.err
    return ran


def rows(ran: Ran, title: str) -> list[str]:
    """Of one table: `*` where something differs, and the names."""
    lines = ran.out.split(f"{title} (times in", 1)[1].splitlines()[2:]
    found = []
    for line in lines:
        if not line.strip():
            break
        words = line.replace("*", " ").split()
        found.append(("* " if line.startswith("*") else "") + f"{words[1][5:]} {words[6]} > {words[7]}")
    return found


def test_add_shows_the_table_then_remove_restores_every_byte(person: Person) -> None:
    before = files(person)
    dry = run(person, "crew", "add", "Backend On-Call", "infra-1", "--dry-run")
    assert "nothing was written" in dry.out
    assert files(person) == before
    added = run(person, "crew", "add", "backend", "infra-1")
    assert "at the handoff Mon 2026-11-30 09:00 (Europe/Bucharest)" in " ".join(added.out.split())
    assert "On call now: unchanged (backend-2 until" in added.out
    assert rows(added, "Backend On-Call") == [
        "11-09 backend-3 > backend-3",
        "11-16 backend-1 > backend-1",
        "11-23 backend-2 > backend-2",
        "12-02 backend-3 > backend-3",  # Monday is a bridge day, Tuesday the National Day
        "12-07 backend-1 > backend-1",
        "12-14 backend-2 > backend-2",
        "* 12-21 backend-3 > infra-1",
    ]
    assert "infra-1    0 h" in added.out
    assert "changed: policies/rotations.yaml" in added.out
    assert changed(person, before) == {"rotations.yaml"}
    assert "      - from: 2026-11-30\n        order: [backend-3, backend-1, backend-2, infra-1]\n" in (
        person.policies / "rotations.yaml"
    ).read_text("utf-8")
    run(person, "crew", "remove", "backend", "infra-1")
    assert files(person) == before


def test_json_tells_the_same_and_has_a_schema(person: Person) -> None:
    told = run(person, "--json", "crew", "remove", "backend", "backend-1", "--dry-run").json
    jsonschema.validate(told, ChangeAnswer.model_json_schema())
    assert (told["at"], told["written"]) == ("2026-11-30T07:00:00Z", False)
    assert told["files"] == [{"file": "policies/rotations.yaml", "action": "changed"}]
    first = {effect["person"]: effect["first_change"] for effect in told["effects"]["people"]}
    assert first["backend-1"] == first["backend-2"] == "2026-12-07T07:00:00Z"
    assert all(now["before"] == now["after"] for now in told["effects"]["on_call_now"])


def test_a_change_months_ahead_shows_its_own_weeks(person: Person) -> None:
    told = run(person, "crew", "add", "infra", "primary-1", "--from", "2027-03-03", "--first")
    assert "Mon 2027-03-08 09:00" in told.out
    assert rows(told, "Infrastructure On-Call")[-5].startswith("* 03-08")
    assert "On call now: unchanged" in told.out


def test_what_cannot_be_done_is_said_with_what_can(person: Person) -> None:
    before = files(person)
    for words, said in {
        ("crew", "add", "backend", "backend-1"): "--again",
        ("crew", "add", "backnd", "infra-1"): "backend",
        ("crew", "add", "backend", "infra-11"): "infra-1",
        ("crew", "remove", "backend", "infra-1"): "backend-3, backend-1, backend-2",
        ("crew", "add", "dba", "infra-1"): "primary",
        ("crew", "move", "backend", "backend-1"): "--before",
    }.items():
        ran = run(person, *words, code=2)
        assert said in ran.err, ran.err
    assert files(person) == before


def test_an_edit_that_makes_an_error_is_not_written(person: Person) -> None:
    follower = person.policies / "follower.yaml"
    follower.write_text(
        "rotations:\n  second: {title: Second, same_crew: {as: backend, turns_later: 2}}\n", "utf-8"
    )
    before = files(person)
    ran = run(person, "crew", "remove", "backend", "backend-1", code=3)
    assert "follower.yaml" in ran.err
    assert "nothing was written" in ran.err
    assert files(person) == before


def test_leaving_at_once_leaves_the_nights_to_whom_they_belong(person: Person) -> None:
    (person.policies / "expectations.yaml").unlink()
    ran = run(person, "crew", "remove", "backend", "backend-2", "--from", "now")
    assert "ON CALL NOW CHANGES" in ran.out
    assert "backend-2 → backend-3" in ran.out
    made = sorted(p.name for p in (person.policies / "overrides" / "backend").iterdir())
    assert made == [
        "2026-11-25-1400-backend-3.yaml",
        "2026-11-26-0900-backend-3.yaml",
        "2026-11-27-0900-backend-3.yaml",
    ]
    assert run(person, "check").code == 0


def test_an_override_there_and_back(person: Person) -> None:
    add = ("override", "add", "backend", "backend-1", "--from", "tomorrow 10:00", "--for", "2h")
    wrong = run(person, *add, "--instead-of", "backend-3", code=2)
    assert "backend-2 from 2026-11-26 10:00 to 2026-11-26 12:00" in wrong.err
    added = run(person, *add, "--instead-of", "backend-2", "--reason", "a train: late")
    path = person.policies / "overrides" / "backend" / "2026-11-26-1000-backend-1.yaml"
    text = path.read_text("utf-8")
    assert text.startswith("# yaml-language-server: $schema=../../../schema/overrides.schema.json\n")
    assert '    reason: "a train: late"\n' in text
    assert "* 11-26 backend-2 > backend-1" in rows(added, "Backend On-Call")
    overlap = run(
        person, "override", "add", "backend", "backend-3", "--from", "tomorrow 11:00", "--for", "2h", code=2
    )
    assert "2026-11-26-1000-backend-1.yaml:3" in overlap.err
    cancelled = run(person, "override", "cancel", "backend", "backend-1")
    assert path.read_text("utf-8") == text + "    cancelled: true\n"
    assert "* 11-26 backend-1 > backend-2" in rows(cancelled, "Backend On-Call")
    run(person, *add, "--instead-of", "backend-2")
    assert path.read_text("utf-8") == text
    assert run(person, "override", "cancel", "primary", code=2).err


def test_leave_lists_what_to_cover_or_covers_it(person: Person) -> None:
    told = run(person, "leave", "add", "backend-2", "2026-11-26", "2026-11-29")
    assert "to cover: Backend On-Call, Thu 2026-11-26 09:00 to Thu 2026-11-26 18:00" in told.out
    assert told.out.count("to cover:") == 2
    path = person.policies / "absences" / "backend-2-2026-11-26.yaml"
    assert path.read_text("utf-8").startswith(
        "# yaml-language-server: $schema=../../schema/absences.schema.json\n"
    )
    assert "already" in run(person, "leave", "add", "backend-2", "2026-11-28", "2026-12-01", code=2).err
    covered = run(
        person, "leave", "add", "primary-1", "2026-12-07", "2026-12-13", "--covered-by", "primary-3"
    )
    assert "to cover" not in covered.out
    assert any("primary-1 > primary-3" in row for row in rows(covered, "Primary On-Call"))
    assert "Also\n  Backend On-Call" in covered.out


LEAVER = """
people:
  lena: {name: Lena, email: lena@x.example}
roles:
  scribe: {title: Scribe, held_by: lena}
rotations:
  desk:
    title: Desk
    turn: 1 week
    handoff: mon 09:00
    from: 2026-01-05
    crew: [lena, backend-1, backend-2] # the desk
  sites:
    title: Sites
    layers:
      - {name: Days, turn: 1 week, handoff: mon 09:00, from: 2026-01-05, crew: [lena, backend-1]}
  hut: {title: Hut, crew: [lena]}
ladders:
  desk-high:
    title: Desk High
    steps: {0m: [desk, lena], 5m: lena, 10m: {page: [lena, backend-1]}}
overrides:
  - {rotation: desk, person: lena, from: 2026-12-24 09:00, until: 2026-12-26 09:00}
  - {rotation: desk, person: lena, from: 2026-03-24 09:00, until: 2026-03-26 09:00}
absences:
  - {person: backend-1, first_day: 2026-12-07, last_day: 2026-12-09, covered_by: lena}
expectations:
  - {name: off, between: [2027-05-01, 2027-05-02], off_duty: [lena, primary-4]}
"""


def test_a_leaver_is_taken_out_everywhere_at_once(person: Person) -> None:
    path = person.policies / "desk.yaml"
    path.write_text(LEAVER, "utf-8")
    before = files(person)
    ran = run(person, "person", "remove", "Lena", "--forget")
    assert changed(person, before) == {"desk.yaml"}
    text = path.read_text("utf-8")
    assert "held_by: unset" in text
    assert "steps: {0m: [desk], 5m: lena, 10m: {page: [backend-1]}}" in text
    assert "until: 2026-12-26 09:00, cancelled: true}" in text
    assert "until: 2026-03-26 09:00}" in text
    assert "last_day: 2026-12-09}" in text
    assert "off_duty: [primary-4]" in text
    assert "order: [backend-2, backend-1]" in text
    assert "order: [lena, backend-1, backend-2] # the desk" in text, "past duty keeps its names"
    assert "Left for you: 3 places" in ran.out
    for where in ("desk.yaml:19", "desk.yaml:20", "desk.yaml:24"):
        assert f"policies/{where}" in ran.out
    assert "lena stays in `people`" in ran.out
    assert "the leave of backend-1 from 2026-12-07 on has no cover now" in ran.out


def test_a_successor_takes_over_and_the_leaver_can_be_forgotten(person: Person) -> None:
    path = person.policies / "lead.yaml"
    path.write_text(
        "people:\n  max: {name: Max, email: max@x.example}\n  mia: {name: Mia, email: mia@x.example}\n"
        "roles:\n  scribe: {title: Scribe, held_by: max}\n"
        "ladders:\n  notes: {title: Notes, steps: {0m: scribe, 5m: max}}\n",
        "utf-8",
    )
    run(person, "person", "remove", "max", "--successor", "mia", "--forget")
    assert path.read_text("utf-8") == (
        "people:\n  mia: {name: Mia, email: mia@x.example}\n"
        "roles:\n  scribe: {title: Scribe, held_by: mia}\n"
        "ladders:\n  notes: {title: Notes, steps: {0m: scribe, 5m: mia}}\n"
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_file_in_a_style_of_its_own(person: Person, newline: str) -> None:
    path = Path(person.policies / "odd.yml")
    text = (
        "# odd\nrotations:\n    'desk' :\n        title: \"Desk\"\n        first:   backend-2\n"
        "        turn: 1 week # one\n        handoff: mon 09:00\n        # the crew\n"
        '        crew: [ \'backend-1\',\n                "backend-2" ]\n        from: "2026-01-05"'
    ).replace("\n", newline)
    path.write_bytes(text.encode())
    told = run(person, "--json", "crew", "add", "desk", "infra-1").json
    assert json.dumps(told["tables"]).count("infra-1")
    assert path.read_bytes() != text.encode()
    run(person, "crew", "remove", "desk", "infra-1")
    assert path.read_bytes() == text.encode()
