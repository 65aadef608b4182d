"""A team with a policy repository on the local GitHub, an account on the sandbox, and our workflows between them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from pydantic import SecretStr

from forked import run_watchbill
from github_server.actions import Job, Runner
from github_server.server import GitHubServer
from github_server.state import BOT, Comment, Issue, Repo
from policy_text import SETTINGS
from repositories import Repo as Clone
from shared import ROOT
from watchbill.forge.github import open_forge
from watchbill.forge.port import State
from watchbill.forge.stamps import APPLIED, put_stamp
from watchbill.forge.starter_files import LOCK, Wish, starter_files
from watchbill.rota.clock import parse_instant
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

START = "2026-11-23T14:00:00Z"
WORKFLOWS = ROOT / ".github" / "workflows"
NAMES = ("ana", "ben", "cleo", "dan", "eve")
PEOPLE = "people:\n" + "".join(f"  {n}: {{name: {n.title()}, email: {n}@x.example}}\n" for n in NAMES)
ROTATIONS = """rotations:
  first: # kept: the first to know
    title: First
    turn: 1 week
    handoff: mon 09:00
    from: 2026-01-05
    crew: [ana, ben, cleo]
  second:
    title: Second
    turn: 1 week
    handoff: mon 09:00
    from: 2026-01-05
    crew: [dan, eve]
ladders:
  api:
    title: API
    steps: {0m: first, 15m: second, 30m: dan}
    repeat: 0 # kept: how often
  web:
    title: Web
    steps: {0m: second, 15m: first}
    repeat: 1
"""
OWNERS = "# who approves\n* @ana\n/policies/ @ben @cleo\n"


@dataclass
class Ran:
    code: int
    out: str
    err: str


@dataclass
class Team:
    """ana writes changes; ben and cleo own the policy; eve may only read."""

    github: GitHubServer
    repo: Repo
    sandbox: Sandbox
    clone: Clone
    runner: Runner
    workflows: Path
    """The files that `init` writes."""
    now: str = START
    env: dict[str, str] = field(default_factory=dict)

    # --- git

    def push(
        self, branch: str, files: dict[str, str | None], subject: str = "change", by: str = "ana"
    ) -> str:
        """A commit on a branch from main, or on top of the branch where it is there already."""
        git = self.clone.git
        git("fetch", "--quiet", "origin")
        start = f"origin/{branch}" if self.repo.bare.find(branch) else "origin/main"
        git("checkout", "--quiet", "-B", branch, start)
        for name, text in files.items():
            if text is None:
                (self.clone.folder / name).unlink()
            else:
                self.clone.write(name, text)
        git("config", "user.email", f"{by}@x.example")
        sha = self.clone.commit(self.now, subject)
        git("push", "--quiet", "--force", "origin", branch)
        return sha

    def text(self, name: str = "policies/rotations.yaml", ref: str = "main") -> str:
        return self.repo.bare.raw("cat-file", "blob", f"{ref}:{name}").decode()

    # --- GitHub, as people use it

    def api(self, login: str, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(
            method,
            f"{self.github.url}/repos/{self.repo.full_name}{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.github.token(login)}"},
            timeout=30,
        )
        assert answer.status_code < 400, answer.text
        return answer.json()

    def open_pull(self, branch: str, title: str = "A change", body: str = "", by: str = "ana") -> int:
        sent = {"title": title, "head": branch, "base": "main", "body": body}
        return int(self.api(by, "POST", "/pulls", sent)["number"])

    def review(self, number: int, by: str, event: str = "APPROVE", commit: str = "") -> None:
        sent = {"event": event, "body": "", **({"commit_id": commit} if commit else {})}
        self.api(by, "POST", f"/pulls/{number}/reviews", sent)

    def merge(self, number: int, how: str = "squash", by: str = "ana") -> str:
        """What main was before."""
        before = str(self.repo.bare.find("main"))
        self.api(by, "PUT", f"/pulls/{number}/merge", {"merge_method": how})
        return before

    def issue(self, number: int) -> Issue:
        return self.repo.issues[number]

    def told(self, number: int, key: str) -> list[Comment]:
        """Our comments of that kind."""
        mark = f"<!-- watchbill:{key}"
        return [c for c in self.issue(number).comments if c.user == BOT and c.body.startswith(mark)]

    # --- the workflows

    def workflow(self, name: str, context: dict[str, Any]) -> dict[str, Job]:
        return self.runner.run(self.workflows / f"{name}.yml", context)

    def checked(self, number: int) -> Job:
        return self.workflow("check", self.runner.pull_request(number))["check"]

    def planned(self, number: int) -> Job:
        return self.workflow("plan", self.runner.pull_request(number))["plan"]

    def applied(self, before: str, actor: str = "ana") -> Job:
        return self.workflow("apply", self.runner.push(before, actor))["apply"]

    def commands(self, number: int, body: str, by: str) -> dict[str, Job]:
        return self.workflow("commands", self.runner.comment(number, body, by))

    def drift(self) -> Job:
        return self.workflow("drift", self.runner.schedule())["drift"]

    def upkeep(self) -> Job:
        return self.workflow("upkeep", self.runner.schedule())["upkeep"]

    # --- by hand

    def by_hand(self, *words: str, login: str = "", branch: str = "main") -> Ran:
        """A command in the clone, at the tip of a branch."""
        self.clone.git("fetch", "--quiet", "origin")
        self.clone.git("checkout", "--quiet", "--detach", f"origin/{branch}")
        env = {**self.runner.env, "PATH": os.environ["PATH"], "PAGERDUTY_TOKEN": self.sandbox.token}
        env |= {"GITHUB_API_URL": self.github.url, "GITHUB_REPOSITORY": self.repo.full_name}
        if login:
            env["GITHUB_TOKEN"] = self.github.token(login)
        done = run_watchbill(words, self.clone.folder, env)
        assert "Traceback" not in done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    def tamper(self, kind: str, name: str, changes: dict[str, Any], by: str) -> None:
        ran = self.by_hand("sandbox", "tamper", kind, name, json.dumps(changes), "--by", by)
        assert ran.code == 0, ran.err

    def passes(self, until: str) -> None:
        self.now = until
        self.runner.env["WATCHBILL_NOW"] = until
        self.sandbox.world.move(parse_instant(until))
        from datetime import datetime

        self.github.world.moment = datetime.fromisoformat(until)

    def writes(self) -> int:
        """How many requests to the account changed something."""
        return sum(e.method not in {"GET", "HEAD"} for e in self.sandbox.exchanges())


@contextmanager
def team_at(folder: Path) -> Iterator[Team]:
    """With the policy on main, nothing in the account yet."""
    with (
        GitHubServer(folder / "github") as github,
        Sandbox(clock=START, options=SandboxOptions(), record=True) as sandbox,
    ):
        ensure_users(
            sandbox.store,
            [{"name": n.title(), "email": f"{n}@x.example", "time_zone": "Europe/Bucharest"} for n in NAMES],
        )
        repo = github.repository("acme", "runbook", ana="write", ben="write", cleo="admin", dan="write")
        github.user("eve", "eve@x.example")
        clone = Clone.new(folder / "clone")
        clone.git("remote", "add", "origin", str(repo.bare.folder))
        clone.write("policies/base.yaml", SETTINGS + PEOPLE)
        clone.write("policies/rotations.yaml", ROTATIONS)
        clone.write(".github/CODEOWNERS", OWNERS)
        written = starter_files(Wish("Example", "Europe/Bucharest", LOCK))
        workflows = folder / "workflows"
        workflows.mkdir()
        for name in [name for name in written if name.startswith(".github/workflows/")]:
            clone.write(name, written[name])
            (workflows / Path(name).name).write_text(written[name], "utf-8")
        clone.commit(START, "the policy")
        clone.git("push", "--quiet", "origin", "main")
        home = folder / "home"
        env = {
            "HOME": str(home),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "WATCHBILL_NOW": START,
            "PAGERDUTY_URL": sandbox.url,
        }
        secrets = dict.fromkeys(("PAGERDUTY_READ_TOKEN", "PAGERDUTY_WRITE_TOKEN"), sandbox.token)
        runner = Runner(github, repo, folder / "runs", secrets, env)
        yield Team(github, repo, sandbox, clone, runner, workflows)


def started(team: Team) -> None:
    """The first apply by hand, and the stamp that a workflow leaves after it: from then on merges apply."""
    ran = team.by_hand("apply", "--yes", "--json", "--waive", "changed=the first one")
    assert ran.code == 0, ran.out + ran.err
    stamped(team, str(team.repo.bare.find("main")))


def stamped(team: Team, commit: str, state: State = "success") -> None:
    """As the workflow's last step does it: by its token, sealed with the write key."""
    token = SecretStr(team.github.token(scopes={"statuses": "write", "contents": "read"}))
    key = SecretStr(team.sandbox.token)
    with open_forge(team.repo.full_name, token, api_url=team.github.url) as forge:
        put_stamp(forge, commit, APPLIED, state, "the account is as the policy says", key=key)
