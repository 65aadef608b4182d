"""Runs our workflow files' own `run:` blocks with bash, as a runner would; checkout is a clone.

Installing is skipped, and the watchbill of the tests runs, unless the runner has a Python of its own.

Each job gets a token with just the permissions that the file gives it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from github_server.expressions import filled, holds
from github_server.server import GitHubServer
from github_server.state import Repo

_SKIPPED = ("actions/setup-python@",)
_INSTALL = "Install watchbill"
_STATUS = re.compile(r"\b(?:success|failure|always|cancelled)\(\)")
"""A condition without one of these also needs the success of all steps before."""


@dataclass
class Job:
    name: str
    result: str = "success"
    """success, failure or skipped"""
    log: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    workspace: Path = Path()
    token: str = ""


@dataclass
class Runner:
    github: GitHubServer
    repo: Repo
    folder: Path
    secrets: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    """Of the machine: PATH, HOME, and what a test wants on it."""
    programs: Path | None = None
    """Of the Python that the machine has; the installing step runs with its pip."""
    runs: int = 0
    variables: dict[str, str] = field(default_factory=dict)

    def pull_request(self, number: int, actor: str = "") -> dict[str, Any]:
        """The `github` context of such an event."""
        from github_server.pulls import refresh
        from github_server.shapes import Shapes

        issue = self.repo.issues[number]
        refresh(self.github.world, self.repo, issue)
        pull = Shapes(self.github.world, self.github.url).pull(self.repo, issue)
        sha = self.repo.bare.git("rev-parse", f"refs/pull/{number}/merge")
        ref = f"refs/pull/{number}/merge"
        return self._context("pull_request", {"pull_request": pull}, ref, sha, actor or issue.user)

    def merge_group(self, number: int) -> dict[str, Any]:
        """As a merge queue asks: the commit that the branch would get, on a branch of the queue."""
        at = self.pull_request(number)
        base = str(self.repo.bare.find("main"))
        ref = f"refs/heads/gh-readonly-queue/main/pr-{number}-{base}"
        self.repo.bare.git("update-ref", ref, at["sha"])
        group = {"head_sha": at["sha"], "head_ref": ref, "base_sha": base, "base_ref": "refs/heads/main"}
        event = {"action": "checks_requested", "merge_group": group}
        return self._context("merge_group", event, ref, at["sha"], "ana")

    def push(self, before: str, actor: str) -> dict[str, Any]:
        sha = str(self.repo.bare.find("main"))
        return self._context("push", {"before": before, "after": sha}, "refs/heads/main", sha, actor)

    def schedule(self) -> dict[str, Any]:
        return self._context("schedule", {}, "refs/heads/main", str(self.repo.bare.find("main")), "ana")

    def dispatch(self, actor: str) -> dict[str, Any]:
        sha = str(self.repo.bare.find("main"))
        return self._context("workflow_dispatch", {}, "refs/heads/main", sha, actor)

    def comment(self, number: int, body: str, actor: str) -> dict[str, Any]:
        """Written by `actor` just now."""
        from github_server.state import Comment

        issue, at = self.repo.issues[number], self.github.world.tick()
        made = Comment(self.github.world.next_id(), number, actor, body, at, at)
        issue.comments.append(made)
        event = {"issue": {"number": number}, "comment": {"id": made.id, "body": body}}
        sha = str(self.repo.bare.find("main"))
        return self._context("issue_comment", event, "refs/heads/main", sha, actor)

    def after_check_of_a_fork(self, number: int) -> dict[str, Any]:
        from github_server.pulls import refresh

        issue = self.repo.issues[number]
        refresh(self.github.world, self.repo, issue)
        pull = issue.pull
        assert pull is not None
        run = {
            "event": "pull_request",
            "head_sha": pull.head,
            "head_branch": pull.head_ref,
            "head_repository": {
                "full_name": pull.head_repo,
                "owner": {"login": pull.head_repo.partition("/")[0]},
            },
        }
        sha = str(self.repo.bare.find("main"))
        return self._context("workflow_run", {"workflow_run": run}, "refs/heads/main", sha, issue.user)

    def _context(self, name: str, event: dict[str, Any], ref: str, sha: str, actor: str) -> dict[str, Any]:
        return {
            "event_name": name,
            "event": event,
            "ref": ref,
            "sha": sha,
            "actor": actor,
            "triggering_actor": actor,
            "repository": self.repo.full_name,
        }

    def run(
        self, workflow: Path, github: dict[str, Any], inputs: Mapping[str, Any] | None = None
    ) -> dict[str, Job]:
        """Jobs by name.  Secrets reach it as GitHub gives them: none to a fork's pull request."""
        document = YAML(typ="safe").load(workflow.read_text("utf-8"))
        jobs: dict[str, Job] = {}
        for name, spec in document["jobs"].items():
            jobs[name] = self._job(name, spec, workflow, github, dict(inputs or {}), jobs)
        return jobs

    def _is_fork(self, github: Mapping[str, Any]) -> bool:
        pull = github["event"].get("pull_request")
        return pull is not None and pull["head"]["repo"]["full_name"] != self.repo.full_name

    def _job(
        self,
        name: str,
        spec: Mapping[str, Any],
        workflow: Path,
        github: dict[str, Any],
        inputs: dict[str, Any],
        done: Mapping[str, Job],
    ) -> Job:
        fork = self._is_fork(github)
        needs = spec.get("needs", [])
        needed = [needs] if isinstance(needs, str) else needs
        context: dict[str, Any] = {
            "github": github,
            "inputs": inputs,
            "secrets": {} if fork else self.secrets,
            "vars": {} if fork else self.variables,
            "needs": {n: {"outputs": done[n].outputs, "result": done[n].result} for n in needed},
            "steps": {},
            "job_failed": False,
        }
        ready = all(done[n].result == "success" for n in needed)
        if not ready or ("if" in spec and not holds(str(spec["if"]), context)):
            return Job(name, "skipped")
        if "uses" in spec:
            called = {key: filled(value, context) for key, value in spec.get("with", {}).items()}
            inner = self.run(workflow.parent / Path(spec["uses"]).name, github, called)
            bad = [job for job in inner.values() if job.result == "failure"]
            return Job(name, "failure" if bad else "success", "".join(job.log for job in inner.values()))
        scopes = {k: "read" if fork else v for k, v in spec["permissions"].items()}
        token = self.github.token(scopes=scopes)
        context["github"] = {**github, "token": token}
        return self._steps(Job(name, token=token), spec, context)

    def _steps(self, job: Job, spec: Mapping[str, Any], context: dict[str, Any]) -> Job:
        self.runs += 1
        home = self.folder / f"run-{self.runs}"
        job.workspace, temp = home / "work", home / "temp"
        temp.mkdir(parents=True)
        summary = temp / "summary.md"
        summary.touch()
        base = {
            **self._runner_env(context, temp),
            **{k: filled(v, context) for k, v in spec.get("env", {}).items()},
        }
        for number, step in enumerate(spec["steps"]):
            wanted = str(step.get("if", "success()"))
            if (context["job_failed"] and not _STATUS.search(wanted)) or not holds(wanted, context):
                continue
            if "uses" in step:
                self._use(step, job, context)
            elif step.get("name") != _INSTALL or self.programs:
                output = temp / f"output-{number}"
                output.touch()
                env = {**base, **{k: filled(v, context) for k, v in step.get("env", {}).items()}}
                code, log = self._bash(step["run"], job.workspace, {**env, "GITHUB_OUTPUT": str(output)})
                job.log += log
                outputs = dict(line.split("=", 1) for line in output.read_text("utf-8").splitlines())
                if "id" in step:
                    context["steps"][step["id"]] = {"outputs": outputs}
                if code:
                    context["job_failed"], job.result = True, "failure"
        job.summary = summary.read_text("utf-8")
        job.outputs = {k: filled(v, context) for k, v in spec.get("outputs", {}).items()}
        return job

    def _runner_env(self, context: Mapping[str, Any], temp: Path) -> dict[str, str]:
        github = context["github"]
        return {
            **self.env,
            "PATH": f"{self.programs or Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.github.url,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": self.repo.full_name,
            "GITHUB_EVENT_NAME": github["event_name"],
            "GITHUB_REF": github["ref"],
            "GITHUB_SHA": github["sha"],
            "GITHUB_ACTOR": github["actor"],
            "GITHUB_STEP_SUMMARY": str(temp / "summary.md"),
            "RUNNER_TEMP": str(temp),
        }

    def _use(self, step: Mapping[str, Any], job: Job, context: Mapping[str, Any]) -> None:
        if step["uses"].startswith(_SKIPPED):
            return
        assert step["uses"].startswith("actions/checkout@"), step["uses"]
        assert step["with"]["persist-credentials"] is False
        ref = filled(step["with"].get("ref", ""), context)
        github = context["github"]
        commit = self.repo.bare.find(ref) if ref else github["sha"]
        env = {**self.env, "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1"}
        for words in (
            ["clone", "--quiet", "--no-checkout", str(self.repo.bare.folder), str(job.workspace)],
            ["-C", str(job.workspace), "fetch", "--quiet", "origin", str(commit)],
            ["-C", str(job.workspace), "checkout", "--quiet", "--detach", str(commit)],
        ):
            subprocess.run(["git", *words], env=env, check=True, capture_output=True)

    def _bash(self, script: str, folder: Path, env: Mapping[str, str]) -> tuple[int, str]:
        assert "${{" not in script, "an expression in a script is a hole"
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
            cwd=folder,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr
