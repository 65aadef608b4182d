"""The time machine and `diff`, as a person types them, in a real git repository."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from journeys.conftest import Person
from policy_text import PEOPLE, SETTINGS
from repositories import Repo
from watchbill.report.schemas import OUTPUTS

RUNNING = """rotations:
  first:
    title: First
    turn: 1 week
    handoff: mon 09:00
    from: 2026-01-05
    crew: [{crew}]
ladders:
  api: {{title: API, steps: {{0m: first, 15m: {second}}}}}
"""
ANA = "ana, ben, cleo"


def conforms(name: str, made: Any) -> None:
    schema = dict(OUTPUTS)[f"{name}.schema.json"]
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(made)


@pytest.fixture
def repo(person: Person) -> Repo:
    """January: ana, ben, cleo take turns.  June: dan joins, in place.  The clock stands in November."""
    made = Repo.new(person.folder)
    for path in person.policies.glob("*"):
        path.unlink()
    made.write("policies/base.yaml", SETTINGS + PEOPLE)
    made.write("policies/rotations.yaml", RUNNING.format(crew=ANA, second="dan"))
    made.commit("2026-01-02T12:00:00Z", "three take turns")
    made.write("policies/rotations.yaml", RUNNING.format(crew=f"{ANA}, dan", second="dan"))
    made.commit("2026-06-01T12:00:00Z", "dan joins")
    return made


def holder(weeks: int, crew: str) -> str:
    names = crew.split(", ")
    return names[weeks % len(names)]


def test_who_at_a_past_instant_is_by_the_policy_of_that_day(repo: Repo, person: Person) -> None:
    week = 20  # from 2026-05-25, before dan joins
    then = person.watchbill("who", "first", "--at", "2026-05-27 12:00", "--json").json
    conforms("who", then)
    assert then["answers"][0]["person"] == holder(week, ANA)
    assert then["policy"]["commit"]["subject"] == "three take turns"
    written = person.watchbill("who", "first", "--at", "2026-05-27 12:00", "--as-written", "--json").json
    assert written["answers"][0]["person"] == holder(week, f"{ANA}, dan") != holder(week, ANA)
    assert written["policy"] == {"commit": None, "note": "by today's files, as asked"}
    assert (
        person.watchbill("who", "first", "--at", "2026-05-27 12:00", "--no-history", "--json").json == written
    )
    text = person.watchbill("who", "first", "--at", "2026-05-27 12:00").out
    assert "by the policy of" in text
    assert "Ana: three take turns" in text


def test_now_and_the_future_are_by_the_files_as_they_are(repo: Repo, person: Person) -> None:
    repo.write("policies/rotations.yaml", RUNNING.format(crew="eve", second="dan"))
    for at in ("now", "2026-12-27 12:00"):
        answer = person.watchbill("who", "first", "--at", at, "--json").json
        assert answer["answers"][0]["person"] == "eve"
        assert "policy" not in answer


def test_before_the_first_commit_and_without_git(repo: Repo, person: Person, tmp_path: Any) -> None:
    early = person.watchbill("who", "first", "--at", "2026-01-01 12:00").out
    assert "git has no version of them from before then" in early
    (person.folder / ".git").rename(tmp_path / "away")
    outside = person.watchbill("who", "first", "--at", "2026-05-27 12:00").out
    assert "there is no git history here" in outside
    without = person.watchbill("why", "first", "--at", "2026-05-27 12:00")
    assert "no git history here" in without.out


def test_why_names_turn_crew_and_commit(repo: Repo, person: Person) -> None:
    now = person.watchbill("why", "first", "--json").json
    conforms("why", now)
    crew = now["turn"]["crew"]
    assert (crew["order"][crew["position"] - 1], now["because"]) == (now["person"], "turn")
    assert crew["source"]["commit"]["subject"] == "dan joins"
    assert crew["source"]["file"] == "policies/rotations.yaml"
    past = person.watchbill("why", "first", "--at", "2026-05-27 12:00", "--json").json
    conforms("why", past)
    assert past["turn"]["crew"]["source"]["commit"]["subject"] == "three take turns"
    assert past["policy"]["commit"]["subject"] == "three take turns"
    text = person.watchbill("why", "First").out
    assert "Ana: dan joins" in text
    assert f"[{now['person'].title()}]" in text


def test_why_names_the_override_and_who_wrote_it(repo: Repo, person: Person) -> None:
    repo.write(
        "policies/overrides/first/2026-11-23-0900-eve.yaml",
        "overrides:\n  - rotation: first\n    person: eve\n    from: 2026-11-23 09:00\n    for: 24h\n    reason: swap\n",
    )
    fresh = person.watchbill("why", "first", "--json").json
    assert fresh["override"]["source"]["note"] == "not committed yet"
    repo.commit("2026-11-22T12:00:00Z", "eve steps in")
    found = person.watchbill("why", "first", "--json").json
    conforms("why", found)
    assert (found["person"], found["because"]) == ("eve", "override")
    assert (found["override"]["reason"], found["override"]["source"]["commit"]["subject"]) == (
        "swap",
        "eve steps in",
    )
    assert found["turn"]["holder"] != "eve"


def test_why_is_about_rotations(repo: Repo, person: Person) -> None:
    ran = person.watchbill("why", "dan")
    assert ran.code == 2
    assert "no rotation" in ran.err


def test_diff_between_two_commits_tells_who_takes_whose_shift(repo: Repo, person: Person) -> None:
    first, second = repo.git("rev-parse", "HEAD~1"), repo.git("rev-parse", "HEAD")
    made = person.watchbill("diff", f"{first}..{second}", "--json").json
    conforms("diff", made)
    assert (made["before"]["commit"]["id"], made["after"]["commit"]["id"]) == (first, second)
    weeks = 46  # since 2026-01-05
    (now,) = made["effects"]["on_call_now"]
    assert (now["before"], now["after"]) == (holder(weeks, ANA), holder(weeks, f"{ANA}, dan"))
    assert {d["person"] for d in made["new_double_duty"]} == {"dan"}, "in the crew and on level two"
    back = person.watchbill("diff", f"{second}..{first}", "--json").json
    assert back["new_double_duty"] == []
    (again,) = back["effects"]["on_call_now"]
    assert (again["before"], again["after"]) == (now["after"], now["before"])


def test_diff_of_the_files_as_they_are(repo: Repo, person: Person) -> None:
    same = person.watchbill("diff")
    assert same.code == 0
    assert "nobody's shifts and no ladder change" in same.out
    repo.write("policies/rotations.yaml", RUNNING.format(crew=f"{ANA}, dan", second="eve"))
    ladder = person.watchbill("diff", "--json").json
    assert (ladder["after"]["commit"], ladder["effects"]["shifts"]) == (None, [])
    (change,) = ladder["ladders"]
    assert change["steps"] == [{"after_minutes": 15, "before": ["dan"], "after": ["eve"]}]
    text, markdown = person.watchbill("diff").out, person.watchbill("diff", "--format", "markdown").out
    assert "+15m  dan → eve" in text
    assert "dan → eve" in markdown


def test_diff_since_a_branch_parted(repo: Repo, person: Person) -> None:
    repo.git("checkout", "--quiet", "-b", "change")
    repo.write("policies/rotations.yaml", RUNNING.format(crew=f"{ANA}, dan", second="eve"))
    repo.commit("2026-07-01T12:00:00Z", "eve is second")
    repo.git("checkout", "--quiet", "main")
    repo.write("policies/rotations.yaml", RUNNING.format(crew=f"{ANA}, dan, fay", second="dan"))
    repo.commit("2026-07-02T12:00:00Z", "fay joins")
    parted = person.watchbill("diff", "main...change", "--json").json
    assert parted["effects"]["shifts"] == []
    assert len(parted["ladders"]) == 1
    assert person.watchbill("diff", "main..change", "--json").json["effects"]["shifts"]


def test_diff_needs_commits(repo: Repo, person: Person, tmp_path: Any) -> None:
    for words in ("nonsense..HEAD", "HEAD..--all"):
        ran = person.watchbill("diff", words)
        assert (ran.code, "no commit" in ran.err) == (2, True), ran.err
    (person.folder / ".git").rename(tmp_path / "away")
    ran = person.watchbill("diff")
    assert (ran.code, "no git repository" in ran.err) == (2, True)


def test_check_warns_of_a_running_crew_edited_in_place(repo: Repo, person: Person) -> None:
    assert "crew-edited" not in person.watchbill("check").out
    repo.write("policies/rotations.yaml", RUNNING.format(crew=f"{ANA}, dan, eve", second="fay"))
    edited = [f for f in person.watchbill("check", "--json").json["findings"] if f["rule"] == "crew-edited"]
    (finding,) = edited
    conforms("findings", {"format": "watchbill.findings/1", "findings": edited})
    assert (finding["severity"], finding["file"], finding["line"]) == (
        "warning",
        "policies/rotations.yaml",
        2,
    )
    assert "ON CALL NOW CHANGES" in finding["message"]
    before, after = holder(46, f"{ANA}, dan"), holder(46, f"{ANA}, dan, eve")
    assert finding["details"][0] == f"Mon 2026-11-23 16:00 to Mon 2026-11-30 09:00  {before} → {after}"
    repo.commit("2026-11-23T13:00:00Z", "eve joins")
    assert "crew-edited" not in person.watchbill("check").out
    assert "crew-edited" in person.watchbill("check", "--base", "HEAD~1").out
    assert person.watchbill("check", "--base", "nonsense").code == 2


def test_a_new_dated_crew_is_no_edit_in_place(repo: Repo, person: Person) -> None:
    dated = RUNNING.replace(
        "    from: 2026-01-05\n    crew: [{crew}]\n",
        "    crews:\n      - {{from: 2026-01-05, order: [{crew}, dan]}}\n      - {{from: 2026-12-07, order: [eve, ana]}}\n",
    )
    repo.write("policies/rotations.yaml", dated.format(crew=ANA, second="fay"))
    assert "crew-edited" not in person.watchbill("check").out
