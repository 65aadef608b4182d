"""The whole life of a change on GitHub, each step by the commands of the workflow files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from github_server.state import BOT
from github_server.team import ROTATIONS, Team, started, team_at

NEW_CREW = ROTATIONS.replace(
    """    from: 2026-01-05
    crew: [ana, ben, cleo]
""",
    """    crews:
      - {from: 2026-01-05, order: [ana, ben, cleo]}
      - {from: 2026-12-07, order: [ana, ben, cleo, dan], first: cleo}
""",
)


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    with team_at(tmp_path) as made:
        started(made)
        yield made


@pytest.mark.long
def test_the_whole_life_of_a_crew_change(team: Team) -> None:
    # A branch with a mistake in it: the check says so at its line.
    team.push("crew", {"policies/rotations.yaml": NEW_CREW.replace("cleo, dan]", "cleo, dann]")})
    number = team.open_pull("crew", "Dan joins the first rotation")
    check = team.checked(number)
    assert check.result == "failure"
    assert re.search(r"^::error .*file=policies/rotations.yaml,line=8,.*dann", check.log, re.MULTILINE), (
        check.log
    )
    assert "dann" in check.summary
    plan = team.planned(number)
    assert plan.result == "failure"
    (comment,) = team.told(number, "plan")
    assert "no plan" in comment.body
    assert "dann" in comment.body

    # Mended: the same comment has the plan, people first.
    old = team.push("crew", {"policies/rotations.yaml": NEW_CREW})
    assert team.checked(number).result == "success", team.checked(number).log
    plan = team.planned(number)
    assert plan.result == "success", plan.log
    (again,) = team.told(number, "plan")
    assert again.id == comment.id
    assert "**On call now: unchanged**" in again.body
    assert again.body.index("Dan for Ben") < again.body.index("<details")
    assert f"planned for commit {old[:12]}" in again.body

    # A second push edits it once more.
    head = team.push(
        "crew", {"policies/rotations.yaml": NEW_CREW.replace("first: # kept:", "first: # still kept:")}
    )
    team.planned(number)
    (third,) = team.told(number, "plan")
    assert (third.id, head[:12] in third.body, old[:12] in third.body) == (comment.id, True, False)

    # Approved at an older commit, by somebody who is no owner, by who asked for it: refused each time, with the reason.
    team.review(number, "ben", commit=old)
    refused = team.by_hand("github", "approved", "--pr", str(number), login="dan")
    assert (refused.code, f"ben approved {old[:9]}, the head is {head[:9]}" in refused.err) == (11, True)
    team.review(number, "dan")
    refused = team.by_hand("github", "approved", "--pr", str(number), login="dan")
    assert (refused.code, "no approval by a code owner of policies/rotations.yaml" in refused.err) == (
        11,
        True,
    )
    team.issue(number).body = "Asked for in chat.\n\nRequested-by: @cleo\n"
    team.review(number, "cleo")
    refused = team.by_hand("github", "approved", "--pr", str(number), login="dan")
    assert (refused.code, "cleo approved, but wants or wrote the change" in refused.err) == (11, True)
    team.review(number, "ben")
    accepted = team.by_hand("github", "approved", "--pr", str(number), login="dan")
    assert (accepted.code, "approved by ben" in accepted.out) == (0, True), accepted.err

    # Merged: applied, and told on the pull request.
    before = team.merge(number)
    written = team.writes()
    apply = team.applied(before)
    assert apply.result == "success", apply.log
    assert team.writes() > written
    (outcome,) = team.told(number, "outcome")
    assert "All done, and read back as wanted." in outcome.body
    messages = outcome.body.partition("**Messages to send**")[2]
    assert re.search(r"^- Dan.*\n  - .*you", messages, re.MULTILINE), outcome.body
    assert [(s.context, s.state, s.user) for s in team.repo.statuses][-1] == (
        "watchbill/apply",
        "success",
        BOT,
    )

    # Again: nothing to do, nothing written.
    written = team.writes()
    assert team.workflow("apply", team.runner.dispatch("ana"))["apply"].result == "success"
    assert team.writes() == written

    # A human edits in the browser: an issue with the name, updated in place.
    assert team.drift().result == "success"
    assert not [i for i in team.repo.issues.values() if i.pull is None]
    team.passes("2026-11-24T10:30:00Z")
    team.tamper("escalation_policy", "API", {"num_loops": 4}, by="Eve")
    assert team.drift().result == "success"
    (issue,) = [i for i in team.repo.issues.values() if i.pull is None]
    assert "**Eve**, Tue 2026-11-24 12:30 (Europe/Bucharest), by browser" in issue.body
    assert "/watchbill adopt" in issue.body
    team.drift()
    assert len([i for i in team.repo.issues.values() if i.pull is None]) == 1

    # Kept: a pull request by adopt, comments kept; who asked for it may not approve it.
    jobs = team.commands(issue.number, "/watchbill adopt", "ben")
    assert [job.result for job in jobs.values()] == ["success", "skipped", "success"], jobs["adopt"].log
    adopt = next(i for i in team.repo.issues.values() if i.pull is not None and i.number != number)
    assert adopt.user == BOT
    assert "Requested-by: ben" in adopt.body
    assert [r.content for r in issue.comments[0].reactions] == ["eyes", "+1"]
    team.planned(adopt.number)
    (shown,) = team.told(adopt.number, "plan")
    assert "no changes" in shown.body
    team.review(adopt.number, "ben")
    assert team.by_hand("github", "approved", "--pr", str(adopt.number), login="dan").code == 11
    team.review(adopt.number, "cleo")
    before = team.merge(adopt.number, "merge")
    assert "repeat: 4 # kept: how often" in team.text()
    written = team.writes()
    apply = team.applied(before)
    assert (apply.result, team.writes()) == ("success", written), apply.log

    # The issue closes by itself.
    assert team.drift().result == "success"
    assert issue.state == "closed"
    assert "as the policy says again" in issue.comments[-1].body
