"""What an apply after a merge carries out, and whose approval counts for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from github_server.team import PEOPLE, ROTATIONS, WORKFLOWS, Team, started, team_at
from policy_text import SETTINGS

pytestmark = pytest.mark.long

API = ROTATIONS.replace("repeat: 0 # kept", "repeat: 3 # kept")
WEB = ROTATIONS.replace("{0m: second, 15m: first}", "{0m: second, 20m: first}")


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    with team_at(tmp_path) as made:
        started(made)
        yield made


def proposed(team: Team, branch: str, text: str, *, approved: bool = True, planned: bool = True) -> int:
    """A pull request of ana's with its plan shown, then approved by ben."""
    team.push(branch, {"policies/rotations.yaml": text})
    number = team.open_pull(branch)
    if planned:
        assert team.planned(number).result == "success"
    if approved:
        team.review(number, "ben")
    return number


def refused(team: Team, before: str, *numbers: int) -> str:
    """What was told on them; nothing was written."""
    written = team.writes()
    job = team.applied(before)
    assert job.result == "failure", job.log
    assert team.writes() == written
    bodies = {team.told(number, "outcome")[0].body for number in numbers}
    assert len(bodies) == 1
    return bodies.pop()


def test_two_merged_before_one_apply_each_with_its_own_approval(team: Team) -> None:
    """One squashed, one rebased with two commits; each plan was made without the other."""
    one = proposed(team, "api", API)
    two = proposed(team, "web", WEB, approved=False)
    team.push("web", {"policies/base.yaml": SETTINGS + PEOPLE + "# a second commit\n"})
    team.planned(two)
    team.review(two, "cleo")
    before = team.merge(one, "squash")
    team.merge(two, "rebase")
    job = team.applied(before)
    assert job.result == "success", job.log
    for number in (one, two):
        (told,) = team.told(number, "outcome")
        assert "All done" in told.body
        assert f"Applied together: #{one}, #{two}" in told.body


def test_one_of_two_without_approval_stops_both(team: Team) -> None:
    one = proposed(team, "api", API)
    two = proposed(team, "web", WEB, approved=False)
    before = team.merge(one)
    team.merge(two, "merge")
    body = refused(team, before, one, two)
    assert f"#{two}: no approval by a code owner" in body
    assert f"#{one}:" not in body


def test_what_was_applied_before_is_not_judged_again(team: Team) -> None:
    one = proposed(team, "api", API, approved=False)
    before = team.merge(one)
    digest = refused(team, before, one).split("/watchbill apply ")[1][:12]
    assert team.commands(one, f"/watchbill apply {digest}", "cleo")["apply"].result == "success"
    two = proposed(team, "web", WEB.replace("repeat: 0 # kept", "repeat: 3 # kept"))
    job = team.applied(team.merge(two))
    assert job.result == "success", job.log
    assert "All done" in team.told(two, "outcome")[0].body
    assert "Applied together" not in team.told(two, "outcome")[0].body


def test_two_that_meet_in_one_object_make_something_nobody_saw(team: Team) -> None:
    one = proposed(team, "loops", ROTATIONS.replace("repeat: 1", "repeat: 2"))
    two = proposed(team, "title", ROTATIONS.replace("title: Web", "title: Shop"))
    before = team.merge(one)
    team.merge(two)
    body = refused(team, before, one, two)
    assert "1 change not as shown" in body
    assert "Shop" in body


def test_an_edit_by_hand_since_the_review(team: Team) -> None:
    one = proposed(team, "api", API)
    team.tamper("escalation_policy", "API", {"num_loops": 7}, by="Eve")
    body = refused(team, team.merge(one), one)
    assert "not as shown" in body
    assert "edited here and in the account" in body


def test_an_edit_by_hand_elsewhere_would_be_undone_unseen(team: Team) -> None:
    one = proposed(team, "api", API)
    team.tamper("escalation_policy", "Web", {"num_loops": 7}, by="Eve")
    assert "not as shown" in refused(team, team.merge(one), one)


def test_an_edit_that_stood_in_the_reviewed_plan_is_undone(team: Team) -> None:
    team.tamper("escalation_policy", "Web", {"num_loops": 7}, by="Eve")
    one = proposed(team, "api", API)
    assert "edited in the account" in team.told(one, "plan")[0].body
    job = team.applied(team.merge(one))
    assert job.result == "success", job.log
    assert team.drift().result == "success"
    assert not [i for i in team.repo.issues.values() if i.pull is None]


def test_time_that_passes_between_review_and_merge_is_no_difference(team: Team) -> None:
    dated = ROTATIONS.replace(
        "    from: 2026-01-05\n    crew: [ana, ben, cleo]\n",
        "    crews:\n"
        "      - {from: 2026-01-05, order: [ana, ben, cleo]}\n"
        "      - {from: 2026-12-07, order: [ana, ben, cleo, dan], first: cleo}\n"
        "      - {from: 2027-01-11, order: [ana, dan], first: ana}\n",
    )
    one = proposed(team, "crews", dated)
    before = team.merge(one)
    team.passes("2026-11-26T08:00:00Z")
    job = team.applied(before)
    assert job.result == "success", job.log


def crews(*starts: str) -> str:
    """The first one's; each of other people than the one before."""
    orders = ("[ana, ben, cleo]", "[ana, dan]", "[cleo, ben]")
    lines = [f"      - {{from: {start}, order: {orders[i]}}}\n" for i, start in enumerate(starts)]
    return ROTATIONS.replace(
        "    from: 2026-01-05\n    crew: [ana, ben, cleo]\n", f"    crews:\n{''.join(lines)}", 1
    )


def test_a_crew_that_is_left_for_later_is_written_by_the_schedule(team: Team) -> None:
    """Beside an edit in the account and a change that nobody approved, which both stay as they are."""
    text = crews("2026-01-05", "2026-12-07", "2027-01-11")
    one = proposed(team, "crews", text)
    later = "the crew of First from 2027-01-11 09:00 is written by an apply after 2026-12-07 09:00"
    assert later in team.told(one, "plan")[0].body
    assert team.applied(team.merge(one)).result == "success"
    team.passes("2026-11-26T08:00:00Z")
    written = team.writes()
    assert (team.upkeep().result, team.writes()) == ("success", written)
    team.tamper("escalation_policy", "Web", {"num_loops": 7}, by="Eve")
    two = proposed(team, "api", text.replace("repeat: 0 # kept", "repeat: 3 # kept"), approved=False)
    refused(team, team.merge(two), two)
    team.passes("2026-12-08T08:00:00Z")
    job = team.upkeep()
    assert job.result == "success", job.log
    assert "2 other changes are left out" in job.log
    plan = json.loads(team.by_hand("plan", "--json").out)
    assert {c["name"] for c in plan["changes"]} == {"API", "Web"}
    assert not [n for n in plan["notices"] if n["due"]]
    loops = {d["name"]: d["num_loops"] for d in team.sandbox.store.all("escalation_policy")}
    assert (loops["Web"], loops["API"]) == (7, 0)
    digest = team.told(two, "outcome")[0].body.split("/watchbill apply ")[1][:12]
    assert team.commands(two, f"/watchbill apply {digest}", "dan")["apply"].result == "failure"


def test_what_a_failed_apply_left_is_applied_by_the_schedule(team: Team) -> None:
    one = proposed(team, "api", API)
    team.merge(one)
    job = team.upkeep()
    assert job.result == "success", job.log
    assert "All done" in team.told(one, "outcome")[0].body


def test_a_commit_without_a_pull_request(team: Team) -> None:
    before = str(team.repo.bare.find("main"))
    team.push("main", {"policies/rotations.yaml": API}, by="ben")
    written = team.writes()
    job = team.applied(before, "ben")
    assert (job.result, team.writes()) == ("failure", written)
    assert "changed the policy without a pull request" in job.log
    # A code owner's yes to exactly that plan, from the workflow's own form; not that of who pushed it.
    digest = job.log.split("/watchbill apply ")[1][:12]
    for actor, result in (("ben", "failure"), ("cleo", "success")):
        job = team.runner.run(WORKFLOWS / "apply.yml", team.runner.dispatch(actor), {"accept": digest})[
            "apply"
        ]
        assert job.result == result, job.log


def test_approved_but_no_plan_was_shown_for_that_commit(team: Team) -> None:
    one = proposed(team, "api", API, approved=False)
    team.push("api", {"policies/rotations.yaml": API.replace("repeat: 1", "repeat: 5")})
    team.review(one, "ben")
    assert "not as shown" in refused(team, team.merge(one), one)


def test_a_pull_request_cannot_name_its_own_approvers(team: Team) -> None:
    team.push("owners", {"policies/rotations.yaml": API, ".github/CODEOWNERS": "* @dan\n"})
    number = team.open_pull("owners")
    team.planned(number)
    team.review(number, "dan")
    before = team.merge(number)
    body = refused(team, before, number)
    assert f"#{number}: no approval by a code owner of" in body
    digest = body.split("/watchbill apply ")[1][:12]
    written = team.writes()
    assert team.commands(number, f"/watchbill apply {digest}", "dan")["apply"].result == "failure"
    assert team.writes() == written
    assert team.by_hand("github", "approved", "--pr", str(number), login="dan").code == 11
    job = team.commands(number, f"/watchbill apply {digest}", "cleo")["apply"]
    assert (job.result, team.writes()) == ("failure", written)
    assert "cleo is no code owner of .github/CODEOWNERS" in job.log, "owners are a rule, and ana owns them"


def test_a_yes_to_the_plan_counts_only_for_files_of_ones_own(team: Team) -> None:
    """`/watchbill apply DIGEST` is no way around the owner of the very file."""
    owners = "* @ana\n/policies/ @ben @cleo\n/policies/rotations.yaml @ben\n"
    team.push("owners", {".github/CODEOWNERS": owners}, by="dan")
    number = team.open_pull("owners", by="dan")
    team.review(number, "ana")
    team.merge(number)
    assert team.workflow("apply", team.runner.dispatch("ana"))["apply"].result == "success"
    one = proposed(team, "api", API, approved=False)
    digest = refused(team, team.merge(one), one).split("/watchbill apply ")[1][:12]
    written = team.writes()
    job = team.commands(one, f"/watchbill apply {digest}", "cleo")["apply"]
    assert (job.result, team.writes()) == ("failure", written)
    assert "cleo is no code owner of policies/rotations.yaml" in job.log
    assert team.commands(one, f"/watchbill apply {digest}", "ben")["apply"].result == "success"


def test_a_pull_request_that_touches_no_policy_needs_nobody(team: Team) -> None:
    team.push("docs", {"docs/x.md": "words\n"})
    number = team.open_pull("docs")
    team.clone.git("fetch", "--quiet", "origin")
    ran = team.by_hand("github", "approved", "--pr", str(number), login="dan")
    assert ran.code == 11, "CODEOWNERS names ana for everything else, and she wrote it"
    team.merge(number)
    assert team.workflow("apply", team.runner.dispatch("ana"))["apply"].result == "success"
