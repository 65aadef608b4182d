"""`/watchbill ...` in comments: answered by code of the default branch, for people with write access."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from github_server.team import ROTATIONS, Team, started, team_at

pytestmark = pytest.mark.long


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    with team_at(tmp_path) as made:
        started(made)
        yield made


def receipts(team: Team, number: int) -> list[str]:
    """Of the last comment that a human wrote."""
    comment = [c for c in team.issue(number).comments if not c.user.endswith("[bot]")][-1]
    return [r.content for r in comment.reactions]


def test_commands_are_answered_in_one_comment_with_receipts(team: Team) -> None:
    team.push(
        "loops",
        {"policies/rotations.yaml": ROTATIONS.replace("{0m: first, 15m: second", "{0m: first, 5m: second")},
    )
    number = team.open_pull("loops")

    def asked(line: str, by: str = "ben") -> str:
        before = len(team.told(number, "answer"))
        jobs = team.commands(number, f"/watchbill {line}", by)
        assert jobs["answer"].result == "success", jobs["answer"].log
        answers = team.told(number, "answer")
        assert len(answers) == before + 1
        return answers[-1].body

    # By the policy of the pull request, not of main; of PagerDuty only overrides count, the rest is named.
    who = asked("who first at 2026-11-30 10:00\nplease")
    assert "source: PagerDuty (" in who
    assert "First  Cleo  until Mon 07 Dec 09:00" in who
    assert receipts(team, number) == ["eyes", "+1"]
    assert "unknown-name" in asked("explain unknown-name")
    assert receipts(team, number) == ["eyes", "+1"]
    assert "unknown-nam" in asked("explain unknown-nam")
    assert receipts(team, number) == ["eyes", "-1"]

    # A plan, in the one comment.
    said = asked("plan")
    (plan,) = team.told(number, "plan")
    assert f"issuecomment-{plan.id}" in said
    assert "API" in plan.body
    assert "5 min" in plan.body

    # Not merged: nothing is applied, whoever asks.
    written = team.writes()
    assert "merge it first" in asked("apply")
    assert receipts(team, number) == ["eyes", "-1"]
    assert team.writes() == written

    # What is no command gets the list of them.
    assert "/watchbill simulate P1 database" in asked("make coffee")
    assert receipts(team, number) == ["-1"]


def test_who_may_not_write_gets_no_answer(team: Team) -> None:
    team.push("loops", {"policies/rotations.yaml": ROTATIONS.replace("repeat: 1", "repeat: 2")})
    number = team.open_pull("loops")
    jobs = team.commands(number, "/watchbill plan", "eve")
    assert [job.result for job in jobs.values()] == ["success", "skipped", "skipped"]
    assert (team.told(number, "answer"), team.told(number, "plan")) == ([], [])
    assert receipts(team, number) == ["-1"]


def test_an_edited_comment_is_not_answered(team: Team) -> None:
    team.push("loops", {"policies/rotations.yaml": ROTATIONS.replace("repeat: 1", "repeat: 2")})
    number = team.open_pull("loops")
    context = team.runner.comment(number, "/watchbill who first", "ben")
    comment = team.issue(number).comments[-1]
    comment.body = "/watchbill plan"
    job = team.workflow("commands", context)["answer"]
    assert job.result == "success", job.log
    assert not team.told(number, "plan")
    assert "an edited comment is not answered" in team.told(number, "answer")[-1].body


def test_what_was_merged_without_approval_waits_for_an_owners_yes_to_exactly_that_plan(team: Team) -> None:
    team.push("loops", {"policies/rotations.yaml": ROTATIONS.replace("repeat: 1", "repeat: 2")})
    number = team.open_pull("loops")
    team.planned(number)
    before = team.merge(number)
    written = team.writes()
    assert team.applied(before).result == "failure"
    assert team.writes() == written
    (outcome,) = team.told(number, "outcome")
    assert "no approval by a code owner of policies/rotations.yaml" in outcome.body
    digest = outcome.body.split("/watchbill apply ")[1][:12]
    assert "Web" in outcome.body

    # A writer who owns nothing, the author, another plan: no.
    for by, words in (("dan", digest), ("ana", digest), ("ben", "0" * 12), ("ben", "")):
        jobs = team.commands(number, f"/watchbill apply {words}".strip(), by)
        assert (jobs["answer"].result, jobs["apply"].result) == ("success", "failure"), (by, words)
        assert team.writes() == written
        assert receipts(team, number) == ["eyes", "-1"]
    # An owner, exactly this plan: yes.
    jobs = team.commands(number, f"/watchbill apply {digest}", "ben")
    assert jobs["apply"].result == "success", jobs["apply"].log
    assert receipts(team, number) == ["eyes", "+1"]
    assert team.writes() > written
    assert "All done" in team.told(number, "outcome")[0].body


def test_putting_the_policy_back_from_a_drift_issue(team: Team) -> None:
    team.tamper("escalation_policy", "API", {"num_loops": 4}, by="Eve")
    team.drift()
    (issue,) = [i for i in team.repo.issues.values() if i.pull is None]
    jobs = team.commands(issue.number, "/watchbill apply", "cleo")
    assert jobs["apply"].result == "failure"
    (shown,) = team.told(issue.number, "outcome")
    digest = shown.body.split("/watchbill apply ")[1][:12]
    jobs = team.commands(issue.number, f"/watchbill apply {digest}", "cleo")
    assert jobs["apply"].result == "success", jobs["apply"].log
    team.drift()
    assert issue.state == "closed"


def test_on_an_ordinary_issue_nothing_is_applied_or_adopted(team: Team) -> None:
    body = "<!-- watchbill:drift:ladder/api -->\nlooks like a drift issue"
    number = int(team.api("ana", "POST", "/issues", {"title": "t", "body": body})["number"])
    for verb in ("apply", "adopt"):
        jobs = team.commands(number, f"/watchbill {verb}", "ben")
        assert [job.result for job in jobs.values()] == ["success", "skipped", "skipped"]
        assert receipts(team, number) == ["eyes", "-1"]
