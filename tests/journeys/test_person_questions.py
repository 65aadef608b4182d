"""`who ANA`, `mine`, and how the people on duty are reached, in the terminal and in chat."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from journeys.conftest import Person
from watchbill.report.safe import cells
from watchbill.report.schemas import OUTPUTS

POLICY = """
settings:
  format: 1
  organization: Example
  time_zone: Europe/Bucharest
  chat: {phones: [one]}
people:
  ana: {name: Ana Pop, email: ana@x.example, slack: ana.pop, phone: {secret: PHONE_ANA}, time_zone: Asia/Tokyo}
  ben: {name: Ben Radu, email: ben@x.example, phone: {secret: PHONE_BEN}}
  cleo: {name: Cleo Dinu, email: cleo@x.example}
  dan: {name: Dan Rus, email: dan@x.example}
  dan-ene: {name: Dan Ene, email: dan-ene@x.example}
roles:
  lead: {title: Lead, held_by: cleo}
rotations:
  one: {title: One, turn: 1 week, handoff: mon 09:00, from: 2026-11-02, crew: [ben, ana]}
  two: {title: Two, turn: 1 week, handoff: mon 09:00, from: 2026-11-02, crew: [dan, dan-ene]}
severities:
  P1: {urgency: high, repeat: 0, steps: {0m: domain.primary, 15m: lead}}
domains:
  web: {title: Web, primary: one, default_severity: P1}
"""
FILES = "source: the policy files; no account is set\n\n"
PHONES = {"PHONE_ANA": "+40700000001", "PHONE_BEN": "+40700000002"}
ANA, BEN, CLEO = ({"WATCHBILL_AS": f"{name}@x.example"} for name in ("ana", "ben", "cleo"))


def conforms(name: str, made: Any) -> None:
    schema = dict(OUTPUTS)[f"{name}.schema.json"]
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(made)


@pytest.fixture
def team(person: Person) -> Person:
    for path in person.policies.glob("*"):
        path.unlink()
    (person.policies / "policy.yaml").write_text(POLICY, "utf-8")
    return person


def test_a_person_on_duty(team: Person) -> None:
    """Monday 23 November: ana's second week of the month."""
    said = team.watchbill("who", "ben").out
    assert said.splitlines()[2] == "Ben Radu is not on duty at Mon 2026-11-23 16:00 (Europe/Bucharest)"
    said = team.watchbill("who", "ana").out
    assert said.splitlines()[2] == "Ana Pop is on duty at Mon 2026-11-23 16:00 (Europe/Bucharest)"
    assert "  on duty       One, until Mon 30 Nov 09:00" in said
    assert "  level one of  Web" in said
    assert "  next          Mon 07 Dec 09:00 to Mon 14 Dec 09:00, One" in said


@pytest.mark.parametrize("name", ["cleo", "Cleo Dinu", "CLEO@x.example", "dinu"])
def test_nobody_is_on_duty_because_of_being_asked_for(team: Person, name: str) -> None:
    ran = team.watchbill("who", name)
    assert ran.out.startswith(f"{FILES}Cleo Dinu is not on duty at ")
    assert "holds         Lead: paged at any time" in ran.out
    assert "no shift in the next four weeks" in ran.out
    assert "named directly" not in ran.out
    made = team.watchbill("who", name, "--json").json
    conforms("who", made)
    assert made["answers"] == []
    assert [(one["person"], one["on_duty"], one["roles"]) for one in made["people"]] == [
        ("cleo", False, ["lead"])
    ]


def test_a_person_and_a_rotation_for_machines(team: Person) -> None:
    made = team.watchbill("who", "ana", "two", "--json").json
    conforms("who", made)
    assert [(a["asked"], a["rotation"], a["person"]) for a in made["answers"]] == [
        ("ana", "one", "ana"),
        ("two", "two", "dan-ene"),
    ]
    (ana,) = made["people"]
    assert ana["duties"][0]["until"] == "2026-11-30T07:00:00Z"
    assert [duty["since"] for duty in ana["next"]] == ["2026-12-07T07:00:00Z", "2026-12-21T07:00:00Z"]


def test_a_name_of_two_people_is_asked_back(team: Person) -> None:
    assert team.watchbill("who", "dan").out.startswith(f"{FILES}Dan Rus is not on duty"), (
        "the handle is exact"
    )
    text = (team.policies / "policy.yaml").read_text("utf-8").replace("  dan: {", "  d: {")
    (team.policies / "policy.yaml").write_text(text.replace("[dan, dan-ene]", "[d, dan-ene]"), "utf-8")
    ran = team.watchbill("who", "dan")
    assert ran.code == 2
    assert "error: 'dan' is the name of 2 people: d (Dan Rus), dan-ene (Dan Ene)" in ran.err
    assert "next: use the handle" in ran.err


@pytest.mark.parametrize("words", [("mine",), ("me",), ("who", "me")])
def test_my_shifts_in_my_own_zone(team: Person, words: tuple[str, ...]) -> None:
    said = team.watchbill(*words, **ANA).out
    assert said.splitlines()[2] == "Ana Pop: shifts until Mon 2026-12-21 23:00 (Asia/Tokyo)"
    assert "Mon 16 Nov 16:00" not in said
    assert "  Mon 23 Nov 16:00 to Mon 30 Nov 16:00  One, now" in said
    assert "  Mon 07 Dec 16:00 to Mon 14 Dec 16:00  One" in said


def test_who_asks_is_who_git_says_in_the_policy_repository(team: Person, tmp_path: Any) -> None:
    subprocess.run(["git", "init", "-q", team.folder], check=True)
    subprocess.run(["git", "-C", team.folder, "config", "user.email", "ben@x.example"], check=True)
    elsewhere = Person(tmp_path, team.env)
    said = elsewhere.watchbill("--policies", str(team.policies), "mine").out
    assert said.startswith(f"{FILES}Ben Radu: shifts until Mon 2026-12-21 16:00 (Europe/Bucharest)")
    assert team.watchbill("mine", "--as", "cleo@x.example").out.startswith(f"{FILES}Cleo Dinu: ")
    made = team.watchbill("mine", "--json", "--as", "ana@x.example").json
    conforms("mine", made)
    assert (made["person"], made["time_zone"], made["on_duty"]) == ("ana", "Asia/Tokyo", True)


@pytest.mark.parametrize("words", [("mine",), ("who", "me"), ("mine", "--json")])
def test_a_stranger_is_named_with_the_remedy(team: Person, words: tuple[str, ...]) -> None:
    ran = team.watchbill(*words, WATCHBILL_AS="eve@x.example")
    assert (ran.code, ran.out) == (2, "")
    assert "error: no person of the policy has the e-mail eve@x.example (from WATCHBILL_AS)" in ran.err
    assert "next: use --as EMAIL with an e-mail of people.yaml, or add the person to people.yaml" in ran.err


def test_how_people_on_duty_are_reached(team: Person) -> None:
    said = team.watchbill("who").out
    assert said.splitlines()[-3:] == [
        "  Contact  PagerDuty          Slack",
        "  Ana Pop  ana@x.example      @ana.pop",
        "  Dan Ene  dan-ene@x.example  -",
    ]


@pytest.mark.parametrize(
    ("env", "shown"),
    [
        ({**BEN, **PHONES}, True),  # ben is of the crew that chat.phones allows
        ({**BEN}, False),  # no secret at hand
        ({**CLEO, **PHONES}, False),
        ({"WATCHBILL_AS": "eve@x.example", **PHONES}, False),
        ({**BEN, **PHONES, "CI": "true"}, False),
        ({**BEN, **PHONES, "GITHUB_ACTIONS": "true"}, False),
    ],
)
def test_the_phone_is_for_those_who_may_see_it(team: Person, env: dict[str, str], shown: bool) -> None:
    for words in (("who",), ("who", "ana"), ("who", "web", "--severity", "P1")):
        said = team.watchbill(*words, **env).out
        assert (PHONES["PHONE_ANA"] in said) == shown, words
        assert PHONES["PHONE_BEN"] not in said
        assert all(cells(line) <= 80 for line in said.splitlines())
        assert "+407" not in team.watchbill(*words, "--json", **env).out
    assert "+407" not in team.watchbill(**env).out


def test_in_chat_the_same(team: Person) -> None:
    typed = "who ana\nmine\nme\nwho me\nquit\n"
    said = team.watchbill("chat", "console", "--as", "ana@x.example", stdin=typed, **PHONES).out
    assert "Ana Pop is on duty at Mon 2026-11-23 16:00 (Europe/Bucharest)" in said
    assert said.count("Ana Pop: shifts until Mon 2026-12-21 23:00 (Asia/Tokyo)") == 3
    assert PHONES["PHONE_ANA"] in said, "ana is of the crew that chat.phones allows"
    said = team.watchbill("chat", "console", "--as", "cleo@x.example", stdin="who ana\nquit\n", **PHONES).out
    assert "Ana Pop is on duty" in said
    assert "+407" not in said


def test_in_chat_a_stranger_is_not_the_server(team: Person) -> None:
    """The process that answers has an identity and secrets of its own."""
    subprocess.run(["git", "init", "-q", team.folder], check=True)
    subprocess.run(["git", "-C", team.folder, "config", "user.email", "ana@x.example"], check=True)
    env = {"WATCHBILL_AS": "eve@x.example", **PHONES}
    said = team.watchbill("chat", "console", stdin="mine\nwho me\nwho ana\nquit\n", **env).out
    assert said.count("no person of the policy is eve@x.example: add yourself to people.yaml") == 2
    assert "shifts until" not in said
    assert "+407" not in said


def test_a_comment_never_has_a_phone_number(team: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """What answers a comment acts for nobody, whatever the machine it runs on."""
    from watchbill.cli.forging import watchbill_itself

    for name, value in {**team.env, **BEN, **PHONES}.items():
        monkeypatch.setenv(name, value)
    for name in ("CI", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    code, said, _ = watchbill_itself(["--policies", str(team.policies), "who"])
    assert (code, "Ana Pop" in said, "+407" in said) == (0, True, False)
    code, _, error = watchbill_itself(["--policies", str(team.policies), "who", "me"])
    assert code == 2
    assert "error: it is not known who asks" in error
