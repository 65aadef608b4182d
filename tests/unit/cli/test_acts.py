"""What is named is what is taken: overrides of domains and covers, swaps, lists, people; and nothing half written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from jsonschema import Draft202012Validator

from journeys.conftest import ROOT
from unit.cli.test_change_verbs import refused, text, wb
from watchbill.cli.main import VERBS, root
from watchbill.errors import GuardRefused

__all__ = ["wb"]

Run = Callable[..., str]
MORE = """\
roles:
  lead: {title: Desk Lead, held_by: desk}
  boss: {title: Boss, held_by: dora}
  late: {title: Late, held_by: unset}
rotations:
  solo: {title: Solo, crew: [cleo]}
  night: {title: Night Watch, aliases: [nightly], covered_by: desk, until: 2027-03-31}
  direct: {title: Direct, covered_by: boss, until: 2027-03-31}
domains:
  data: {title: Data, primary: hall, services: [db], default_severity: P1}
  web: {title: Web, primary: lab, services: [shop], default_severity: P1}
  pay: {title: Payments, primary: boss, secondary: lead, services: [till], default_severity: P1}
  alone: {title: Alone, primary: solo, services: [shed], default_severity: P1}
services:
  db: {title: DB}
  shop: {title: Shop}
  till: {title: Till}
  shed: {title: Shed}
severities:
  P1: {urgency: high, steps: {0m: domain.primary, 15m: dora}, repeat: 1}
"""


@pytest.fixture
def more(wb: Run) -> Run:
    Path("policies/more.yaml").write_text(MORE, "utf-8")
    return wb


def add(name: str, *options: str) -> tuple[str, ...]:
    return ("override", "add", name, "dora", "--from", "2026-12-01 12:00", *options)


@pytest.mark.parametrize("name", ["hall", "Hall", "data", "DATA", "nightly"])
def test_a_name_without_a_schedule_asks_and_lists_everything(more: Run, name: str) -> None:
    told = refused(more, *add(name, "--for", "8h"))
    assert "is served by Desk, which also serves:" in told
    assert "add --yes" in told
    assert "rotation Lab (falls back to Desk): Tue 2026-12-01 18:00 to 20:00" in told
    assert "role Desk Lead (held by Desk)" in told
    assert "domain Web (primary Lab): Tue 2026-12-01 18:00 to 20:00" in told
    assert "domain Payments (secondary Desk Lead)" in told
    assert ("rotation Night Watch (covered by Desk)" in told) == (name != "nightly")
    assert ("rotation Hall (covered by Desk)" in told) == (name == "nightly")
    assert ("domain Data (primary Hall)" in told) == (name == "nightly")


def test_what_is_reached_depends_on_the_time(more: Run) -> None:
    assert "Lab" not in refused(more, *add("data", "--for", "2h"))


def test_yes_takes_all_of_it_on_the_schedule_that_is_paged(more: Run) -> None:
    told = more(*add("data", "--for", "2h", "--yes"))
    assert "Dora has Desk from Tue 2026-12-01 12:00 to Tue 2026-12-01 14:00 (2 h," in told
    assert "note: Desk also serves rotation Night Watch (covered by Desk)" in told
    assert "rotation: desk" in text("overrides/desk/2026-12-01-1200-dora.yaml")


@pytest.mark.parametrize("name", ["data", "hall", "desk"])
def test_only_refuses_where_more_would_be_affected(more: Run, name: str) -> None:
    with pytest.raises(GuardRefused) as caught:
        more(*add(name, "--for", "2h", "--only"))
    assert caught.value.exit_code == 11
    assert "rotation Night Watch" in caught.value.message
    assert not Path("policies/overrides").exists()


@pytest.mark.parametrize("name", ["alone", "solo", "Lab"])
def test_a_schedule_of_its_own_is_taken_without_a_question(more: Run, name: str) -> None:
    assert "Dora has" in more(*add(name, "--for", "2h", "--only"))


def test_the_schedule_itself_needs_no_question_and_is_told_what_it_serves(more: Run) -> None:
    assert "note: Desk also serves" in more(*add("desk", "--for", "2h"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("lead", "is a role that Desk holds, and an override is of a rotation; name the rotation: desk"),
        ("boss", "Boss is a role without a schedule; held by: Dora"),
        ("late", "held by: unset"),
        ("direct", "Direct has no schedule: Dora is paged for it directly"),
        ("pay", "Payments has no schedule: Dora is paged for it directly"),
        ("ana", "Ana is a person, and an override is of a rotation"),
        ("dessk", "did you mean 'desk'"),
    ],
)
def test_names_that_stand_for_no_schedule(more: Run, name: str, said: str) -> None:
    assert said in refused(more, *add(name, "--for", "2h"))


def test_overrides_are_listed_with_their_state(wb: Run) -> None:
    for start, who in (
        ("2026-11-25 13:00", "cleo"),
        ("2026-12-01 10:00", "dora"),
        ("2026-12-02 10:00", "dora"),
    ):
        wb("override", "add", "desk", who, "--from", start, "--for", "4h", now="2026-11-25T06:00:00Z")
    wb(
        "override",
        "add",
        "lab",
        "dora",
        "--from",
        "2026-11-25 09:00",
        "--for",
        "2h",
        now="2026-11-25T06:00:00Z",
    )
    wb("override", "cancel", "desk", "--from", "2026-12-02 11:00")
    found = json.loads(wb("override", "list", "--json"))
    assert found["format"] == "watchbill.override-list/1"
    assert [(o["state"], o["rotation"], o["person"]) for o in found["overrides"]] == [
        ("past", "lab", "dora"),
        ("active", "desk", "cleo"),
        ("future", "desk", "dora"),
        ("cancelled", "desk", "dora"),
    ]
    assert found["overrides"][1]["file"].endswith("overrides/desk/2026-11-25-1300-cleo.yaml")

    def listed(*words: str) -> int:
        return len(json.loads(wb("override", "list", "--json", *words))["overrides"])

    assert (listed("desk"), listed("Dora"), listed("desk", "dora"), listed("hall")) == (3, 3, 2, 3)
    assert listed("--state", "active", "--state", "past") == 2
    assert (listed("--from", "2026-12-01"), listed("--until", "2026-11-26")) == (2, 2)
    shown = wb("override", "list")
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert "future     Desk      Dora    Tue 2026-12-01 10:00 (4 h)" in shown
    assert "no overrides" in wb("override", "list", "ben")


@pytest.mark.parametrize(
    "words",
    [
        ("cleo",),
        ("desk", "cleo"),
        ("hall", "cleo"),
        ("--from", "2026-11-25 16:00"),
        ("policies/overrides/desk/2026-11-25-1300-cleo.yaml",),
        ("2026-11-25-1300-cleo.yaml",),
    ],
)
def test_an_override_is_cancelled_by_what_is_remembered_of_it(wb: Run, words: tuple[str, ...]) -> None:
    for start, who in (("2026-11-25 13:00", "cleo"), ("2026-12-01 10:00", "dora")):
        wb("override", "add", "desk", who, "--from", start, "--for", "4h", now="2026-11-25T06:00:00Z")
    path = Path("policies/overrides/desk/2026-11-25-1300-cleo.yaml")
    path.write_text(path.read_text("utf-8").replace("for: 4h\n", "for: 4h # train\n"), "utf-8")
    told = wb("override", "cancel", *words)
    assert "Cleo does not have Desk" in told
    assert "for: 4h # train\n    cancelled: true\n" in path.read_text("utf-8")
    assert "cancelled already" in refused(wb, "override", "cancel", *words)


def test_leave_is_listed_and_cancelled(wb: Run) -> None:
    wb("leave", "add", "ana", "2026-11-20", "2026-11-28")
    wb("leave", "add", "ben", "2026-12-07", "2026-12-09", "--covered-by", "dora")
    wb("leave", "add", "ben", "2026-12-24", "2026-12-26")
    found = json.loads(wb("leave", "list", "--json"))
    assert [(a["state"], a["person"], a["covered_by"]) for a in found["absences"]] == [
        ("active", "ana", None),
        ("future", "ben", "dora"),
        ("future", "ben", None),
    ]
    assert "2026-12-07 to 2026-12-09" in wb("leave", "list", "ben", "--state", "future")
    several = refused(wb, "leave", "cancel", "ben")
    assert "absences/ben-2026-12-07.yaml: ben from 2026-12-07 to 2026-12-09" in several
    assert "absences/ben-2026-12-24.yaml: ben from 2026-12-24 to 2026-12-26" in several
    told = wb("leave", "cancel", "ben", "--from", "2026-12-08")
    assert "Dora" in told, "the effect is shown"
    assert "deleted: " in told
    assert not Path("policies/absences/ben-2026-12-07.yaml").exists()
    assert "Ana is back from 2026-11-25" in wb("leave", "cancel", "ana")
    assert "last_day: 2026-11-24" in text("absences/ana-2026-11-20.yaml")
    assert "over already" in refused(wb, "leave", "cancel", "ana")
    assert "no such leave" in refused(wb, "leave", "cancel", "cleo")


def test_a_dry_run_of_a_cancelled_leave_deletes_nothing(wb: Run) -> None:
    wb("leave", "add", "ben", "2026-12-07", "2026-12-09")
    assert "would be deleted" in wb("leave", "cancel", "ben", "--dry-run")
    assert Path("policies/absences/ben-2026-12-07.yaml").exists()


def test_a_swap_moves_both_and_writes_one_file_each(wb: Run) -> None:
    told = wb("swap", "ben", "cleo", "--from", "2026-11-27 09:00", "--until", "2026-12-02 09:00")
    assert "Ben and Cleo swap in Desk" in told
    assert "* Fri 2026-11-27 09:00  Mon 2026-11-30 09:00  Ben     Cleo" in told
    assert "* Mon 2026-11-30 09:00  Wed 2026-12-02 09:00  Cleo    Ben" in told
    assert "instead_of: ben" in text("overrides/desk/2026-11-27-0900-cleo.yaml")
    assert "instead_of: cleo" in text("overrides/desk/2026-11-30-0900-ben.yaml")
    again = refused(wb, "swap", "ben", "cleo", "--from", "2026-11-28", "--until", "2026-12-01")
    assert "stands in from" in again


def test_a_swap_is_of_every_rotation_or_of_one(wb: Run) -> None:
    span = ("--from", "2026-11-27 09:00", "--until", "2026-12-01 09:00")
    assert "swap in Desk, Lab" in wb("swap", "ben", "ana", *span, "--dry-run")
    assert "swap in Lab" in wb("swap", "ben", "ana", "lab", *span, "--dry-run")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("dora", "cleo", "--from", "2026-11-26", "--until", "2026-11-27"),
            "neither Dora nor Cleo is on duty",
        ),
        (("ben", "ben", "--from", "2026-11-26", "--until", "2026-11-27"), "with themselves"),
        (("ben", "cleo", "--from", "2026-11-27", "--until", "2026-11-26"), "end before it begins"),
        (("ben", "cleo", "--from", "2026-11-17", "--until", "2026-11-18"), "over already"),
        (
            ("ben", "cleo", "boss", "--from", "2026-11-26", "--until", "2026-11-27"),
            "no rotation or domain 'boss'",
        ),
    ],
)
def test_swaps_that_make_no_sense(wb: Run, words: tuple[str, ...], said: str) -> None:
    assert said in refused(wb, "swap", *words)


def test_nobody_swaps_into_leave(wb: Run) -> None:
    wb("leave", "add", "cleo", "2026-11-28", "2026-11-28")
    told = refused(wb, "swap", "ben", "cleo", "--from", "2026-11-27 09:00", "--until", "2026-12-02 09:00")
    assert "Cleo is away from 2026-11-28 to 2026-11-28" in told


def test_a_person_is_added_with_comments_kept(wb: Run) -> None:
    path = Path("policies/all.yaml")
    path.write_text(
        text().replace("email: dora@x.example}", "email: dora@x.example} # joins in May"), "utf-8"
    )
    told = wb("person", "add", "eve", "--name", "Eve Example", "--email", "eve@x.example", "--slack", "@eve")
    assert "Eve Example is in `people` as eve" in told
    assert (
        "email: dora@x.example} # joins in May\n  eve: {name: Eve Example, email: eve@x.example, slack: eve}\n"
        in text()
    )
    assert "Eve" in wb("crew", "add", "desk", "eve")


def test_a_person_is_written_as_the_others_are(wb: Run) -> None:
    block = "  dora:\n    name: Dora\n    email: dora@x.example # home\n"
    Path("policies/all.yaml").write_text(
        text().replace("  dora: {name: Dora, email: dora@x.example}\n", block), "utf-8"
    )
    wb("person", "add", "eve", "--name", "Eve", "--email", "eve@x.example", "--phone-secret", "PHONE_EVE")
    added = "  eve:\n    name: Eve\n    email: eve@x.example\n    phone:\n      secret: PHONE_EVE\n"
    assert f"{block}{added}" in text()


def test_the_first_person_of_all_gets_a_file(wb: Run) -> None:
    Path("policies/all.yaml").write_text(text().split("people:")[0], "utf-8")
    wb("person", "add", "eve", "--name", "Eve", "--email", "eve@x.example")
    assert text("people.yaml").endswith("people:\n  eve:\n    name: Eve\n    email: eve@x.example\n")


def test_the_lists_have_schemas(wb: Run) -> None:
    wb("override", "add", "desk", "dora", "--for", "2h", "--reason", "train")
    wb("leave", "add", "ben", "2026-12-07", "2026-12-09", "--covered-by", "dora")
    for verb in ("override", "leave"):
        schema = json.loads((ROOT / "schema" / f"{verb}-list.schema.json").read_text("utf-8"))
        found = json.loads(wb(verb, "list", "--json"))
        Draft202012Validator(schema).validate(found)
        assert len(found["overrides" if verb == "override" else "absences"]) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ana", "--name", "X", "--email", "x@x.example"), "ana is in `people` already"),
        (("desk", "--name", "X", "--email", "x@x.example"), "one of the rotations"),
        (("eve", "--name", "X", "--email", "ANA@X.example"), "is the address of ana already"),
        (("Eve X", "--name", "X", "--email", "x@x.example"), "for example eve-x"),
        (("eve", "--name", "X", "--email", "nothing"), "invalid email: 'nothing'"),
        (("eve", "--name", "X", "--email", "x@x.example", "--time-zone", "Mars/Base"), "no time zone"),
        (("eve", "--name", "X", "--email", "x@x.example", "--phone-secret", "+40 7"), "never the number"),
    ],
)
def test_people_who_cannot_be_added(wb: Run, words: tuple[str, ...], said: str) -> None:
    told = refused(wb, "person", "add", *words)
    assert said in told
    assert "+40" not in told


def test_somebody_unknown_in_a_crew_comes_with_the_line_that_adds_them(wb: Run) -> None:
    assert 'watchbill person add new --name "..." --email ...' in refused(wb, "crew", "add", "desk", "new")
    near = refused(wb, "crew", "add", "desk", "dorra")
    assert "did you mean 'dora'?" in near
    assert "person add dorra" in near
    assert 'person add eve-x --name "Eve X"' in refused(wb, "crew", "add", "desk", "Eve X")
    assert "person add" not in refused(wb, "crew", "remove", "desk", "new")


def test_long_runs_of_whoever_covers_are_told_with_their_own_turns(wb: Run) -> None:
    told = wb("leave", "add", "ben", "2026-12-14", "2026-12-20", "--covered-by", "ana", "--dry-run")
    assert (
        "Ana is on duty 13.6 days in a row from Mon 2026-12-07 09:00 to Mon\n      2026-12-21 00:00" in told
    )
    short = wb("leave", "add", "ben", "2026-12-14", "2026-12-20", "--covered-by", "dora", "--dry-run")
    assert "in a row" not in short, "one week is what everybody has"
    across = wb("leave", "add", "cleo", "2026-11-30", "2026-12-06", "--covered-by", "ben", "--dry-run")
    assert "Ben is on duty" in across


ONE = """\
rotations:
  pair: {title: Pair, turn: 1 week, handoff: mon 09:00, from: 2026-11-16, crew: [ben, ana]}
  solo: {title: Solo, crew: [cleo]}
"""


@pytest.mark.parametrize(
    "words",
    [
        ("crew", "remove", "pair", "ben"),
        ("crew", "remove", "pair", "ana"),
        ("crew", "remove", "pair", "ana", "--from", "now"),
        ("crew", "add", "solo", "dora", "--turn", "1 week", "--handoff", "mon 09:00"),
        ("override", "add", "solo", "dora", "--for", "2h"),
        ("override", "add", "solo", "dora", "--from", "2150-01-01", "--for", "2h"),
        ("override", "add", "solo", "cleo", "--from", "2027-01-01", "--until", "2035-01-01"),
        ("leave", "add", "cleo", "2026-12-01", "2028-12-03", "--covered-by", "dora"),
        ("leave", "add", "cleo", "2026-12-01", "2026-12-03"),
        ("swap", "cleo", "ben", "--from", "2026-11-26", "--until", "2026-11-28"),
        ("person", "remove", "ana"),
        ("person", "remove", "ben", "--from", "now"),
        ("person", "remove", "cleo", "--successor", "dora"),
    ],
)
@pytest.mark.parametrize("json_too", [False, True])
def test_duty_without_an_end_is_shown(wb: Run, words: tuple[str, ...], json_too: bool) -> None:
    Path("policies/one.yaml").write_text(ONE, "utf-8")
    told = wb(*words, *(["--json"] if json_too else []))
    assert "9999" not in told
    assert "10000" not in told


TIMED = {"crew", "override", "leave", "person", "swap", "gaps", "load", "metrics", "render", "sandbox"}


def commands(
    group: click.Command, words: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], click.Command]]:
    found = [(words, group)]
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            inner = group.get_command(context, name)
            assert inner is not None
            found += commands(inner, (*words, name))
    return found


def test_the_begin_of_a_time_is_spelt_the_same_in_every_verb() -> None:
    seen = set()
    for words, command in commands(root):
        if words[:1] == ("github",):
            continue  # its --since is a commit, its --from a branch
        names = {name for parameter in command.params for name in parameter.opts}
        if "--from" in names or "--since" in names:
            assert {"--from", "--since"} <= names, words
            seen.add(words[0])
        assert not names & {"--start", "--end"}, words
    assert seen == TIMED
    assert {verb.name for verb in VERBS} >= TIMED


@pytest.mark.parametrize("zone_name", ["Europe/Bucharest", "UTC"])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2027-03-28T00:30:00Z", "2027-03-28T02:30:00Z"),
        ("2027-10-30T23:30:00Z", "2027-10-31T01:30:00Z"),
        ("2027-10-31T00:30:00Z", "2027-10-31T02:30:00Z"),
        ("2027-10-31T01:30:00Z", "2027-10-31T03:30:00Z"),
    ],
)
@pytest.mark.parametrize("how", ["--for", "--until"])
def test_two_hours_are_two_hours_through_a_clock_change(
    wb: Run, zone_name: str, start: str, end: str, how: str
) -> None:
    Path("policies/all.yaml").write_text(text().replace("Europe/Bucharest", zone_name), "utf-8")
    told = wb("override", "add", "desk", "dora", "--from", start, how, "2h" if how == "--for" else end)
    assert "(2 h," in told
    (found,) = json.loads(wb("override", "list", "--json"))["overrides"]
    assert (found["start"], found["end"]) == (start, end)


@pytest.mark.parametrize(("typed", "written"), [("y\n", True), ("n\n", False)])
def test_on_a_terminal_it_asks(wb: Run, typed: str, written: bool) -> None:
    import pty

    ours, theirs = pty.openpty()
    words = ["--now", "2026-11-25T12:00:00Z", "override", "add", "hall", "dora", "--for", "8h"]
    with subprocess.Popen(
        [sys.executable, "-m", "watchbill", *words],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.write(ours, typed.encode())
        out, err = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert "Hall is served by Desk, which also serves:" in err
    assert "rotation Lab (falls back to Desk)" in err
    assert Path("policies/overrides").exists() == written
    assert ("Dora has Desk" in out) == written
    assert process.returncode == (0 if written else 130)
