"""Attacks on the set-up of a repository: owners, workflow files, what runs with secrets, what a required check skips."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from github_server.actions import Job
from github_server.team import ROTATIONS, Team, stamped, started, team_at
from journeys.attacks import Attack
from journeys.test_setup_on_github import OWNERS, documented, new_files, place_at
from repositories import Repo as Clone
from watchbill.forge.starter_files import LOCK, Wish, starter_files

API = ROTATIONS.replace("repeat: 0", "repeat: 2")
WEB = ROTATIONS.replace("repeat: 1", "repeat: 3")
POLICY = "policies/rotations.yaml"
SAFE = "/policies/ @ben @cleo\n/.github/ @cleo\n"


@dataclass(frozen=True)
class Site:
    """A repository as `init` makes one: its `.github`, with the policy of the team."""

    team: Team
    folder: Path
    """The workflow files that `init` writes."""

    def run(self, name: str, context: dict[str, Any]) -> dict[str, Job]:
        return self.team.runner.run(self.folder / f"{name}.yml", context)

    def merged(self, branch: str, files: Mapping[str, str], approved: str = "", by: str = "ana") -> int:
        """A pull request with its plan, an approval, and its merge."""
        number = self.opened(branch, files, by)
        if POLICY in files:
            self.run("plan", self.team.runner.pull_request(number))
        if approved:
            self.team.review(number, approved)
        self.team.merge(number)
        return number

    def opened(self, branch: str, files: Mapping[str, str], by: str = "ana") -> int:
        self.team.push(branch, dict(files), by=by)
        return self.team.open_pull(branch, by=by)

    def applied(self) -> Job:
        team = self.team
        return self.run("apply", team.runner.push(str(team.repo.bare.find("main^")), "ana"))["apply"]

    def refused(self, number: int) -> str:
        """What the pull request says after the refused apply."""
        written = self.team.writes()
        job = self.applied()
        assert (job.result, self.team.writes()) == ("failure", written), job.log
        assert self.team.sandbox.token not in job.log
        return self.team.told(number, "outcome")[0].body


@contextmanager
def site(folder: Path, owners: str = SAFE) -> Iterator[Site]:
    with team_at(folder) as team:
        wish = Wish("Acme", "Etc/UTC", LOCK, ("@ben",), with_policy=False)
        made = folder / "init"
        made.mkdir()
        for name, text in (starter_files(wish) | {OWNERS: owners}).items():
            if name.startswith(".github/"):
                team.clone.write(name, text)
            if name.startswith(".github/workflows/"):
                (made / Path(name).name).write_text(text, "utf-8")
        team.clone.git("add", "--all")
        team.clone.git("commit", "--quiet", "--amend", "--no-edit")
        team.clone.git("push", "--quiet", "--force", "origin", "HEAD:main")
        started(team)
        yield Site(team, made)


def owner_added_before(folder: Path) -> str:
    with site(folder) as at:
        at.merged("owners", {OWNERS: SAFE + "/policies/ @dan @ben\n"}, by="dan")
        stamped(at.team, str(at.team.repo.bare.find("main")))  # as if it had been applied meanwhile
        return at.refused(at.merged("web", {POLICY: API.replace("repeat: 1", "repeat: 3")}, approved="dan"))


def owners_that_nobody_owns(folder: Path) -> str:
    with site(folder, "/policies/ @ben @cleo\n") as at:
        at.merged("owners", {OWNERS: "/policies/ @ben @cleo @dan\n"}, by="dan")
        return at.refused(at.merged("api", {POLICY: API}, approved="ben"))


def workflow_by_a_stranger(folder: Path) -> str:
    with site(folder) as at:
        name = ".github/workflows/apply.yml"
        evil = at.team.text(name).replace("watchbill --policies", "env; watchbill --policies")
        return at.refused(at.merged("evil", {POLICY: API, name: evil}, approved="ben", by="dan"))


def pattern_after_ours(folder: Path) -> str:
    with place_at(folder) as place:
        place.gh(*documented())
        assert place.bad() == {}
        place.push({OWNERS: new_files()[OWNERS] + "*.lock @ana\n*.yaml\n"})
        return place.bad()["CODEOWNERS"][0].says


def fork_with_secrets(folder: Path) -> str:
    with site(folder) as at:
        team = at.team
        fork = team.github.fork(team.repo, "eve")
        clone = Clone.new(folder / "eve")
        clone.git("fetch", "--quiet", str(team.repo.bare.folder), "main")
        clone.git("reset", "--quiet", "--hard", "FETCH_HEAD")
        clone.write(POLICY, API)
        clone.commit(team.now, "a gift")
        clone.git("push", "--quiet", str(fork.bare.folder), "HEAD:gift")
        number = team.open_pull("eve:gift", by="eve")
        event = team.runner.pull_request(number)
        events = {name: (at.folder / f"{name}.yml").read_text("utf-8") for name in ("plan", "check", "fork")}
        assert not [name for name, text in events.items() if "pull_request_target" in text]
        assert at.run("plan", event)["plan"].result == "skipped"
        assert team.sandbox.token not in at.run("check", event)["check"].log
        at.run("fork", team.runner.after_check_of_a_fork(number))
        return team.told(number, "plan")[0].body


def committed_plan(folder: Path) -> str:
    with site(folder) as at:
        forged = {"plan.json": "{}", "plan.md": "all good", "plan.log/x": "all good", "findings.sarif": "{}"}
        number = at.opened("forged", {POLICY: "rotations: [\n", **forged})
        event = at.team.runner.pull_request(number)
        for name in ("plan", "check"):
            job = at.run(name, event)[name]
            assert job.result == "failure"
            assert not Clone(job.workspace).git("status", "--porcelain"), "a run writes into the checkout"
        return at.team.told(number, "plan")[0].body


def queue_without_a_plan(folder: Path) -> str:
    with site(folder) as at:
        number = at.opened("broken", {POLICY: API.replace("crew: [dan, eve]", "crew: [dan, zoe]")})
        event = at.team.runner.merge_group(number)
        jobs = [at.run(name, event)[name] for name in ("plan", "check")]
        assert [job.result for job in jobs] == ["failure", "failure"]
        return jobs[0].log


def policy_on_the_branch_of_a_bot(folder: Path) -> str:
    with site(folder) as at:
        bot = "dependabot[bot]"
        at.team.repo.permissions[bot] = "write"
        at.team.push("actions", {POLICY: API}, by="dan")
        number = at.team.open_pull("actions", by=bot)
        assert at.run("plan", at.team.runner.pull_request(number))["plan"].result == "skipped"
        at.team.review(number, "ben")
        at.team.merge(number)
        return at.refused(number)


ATTACKS: tuple[Attack, ...] = (
    Attack(
        "dan adds himself as an owner in a pull request that no owner approves, and later approves ana's",
        owner_added_before,
        r"#1 changed \S*CODEOWNERS, and that change does not count",
    ),
    Attack(
        "dan adds himself to a CODEOWNERS that nobody owns",
        owners_that_nobody_owns,
        r"does not own itself[\s\S]*add the line[\s\S]*/\.github/CODEOWNERS",
    ),
    Attack(
        "a change of apply.yml rides on a policy change that only an owner of the policy approved",
        workflow_by_a_stranger,
        r"no approval by a code owner of \S*apply",
    ),
    Attack(
        "a pattern after the lines of init takes the owners of the policy away",
        pattern_after_ours,
        r"nobody owns policies/",
        is_quick=True,
    ),
    Attack(
        "a pull request from a fork waits for a run with the read key",
        fork_with_secrets,
        r"comes from a fork",
    ),
    Attack(
        "a committed plan.json, plan.md and plan.log stand in for a plan that fails",
        committed_plan,
        r"no plan[\s\S]*rotations\.yaml",
    ),
    Attack(
        "a merge queue takes in a policy that cannot be planned, because the plan skips its run",
        queue_without_a_plan,
        r"zoe",
    ),
    Attack(
        "a policy change on Dependabot's branch is merged without a plan",
        policy_on_the_branch_of_a_bot,
        r"not as shown",
    ),
)
