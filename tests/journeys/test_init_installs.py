"""`init` in an empty directory, then the jobs of its workflow files in a fresh Python: the installing steps really run.

Needs a package index, as pip on this machine is set up; nothing but GitHub and PagerDuty is played.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from forked import run_watchbill
from github_server.actions import Job
from github_server.team import Team, team_at
from journeys.conftest import clean_environment
from watchbill.forge.fresh_python import FreshPython, fresh_python
from watchbill.forge.lock_file import hashes_in
from watchbill.forge.starter_files import FOLDER, LOCK
from watchbill.sandbox.load import ensure_users

WICKED = "import pathlib\npathlib.Path('ran').write_text('x')\nraise SystemExit(66)\n"
PEOPLE = ("ana", "ben", "cleo", "dan")


def pip_settings() -> dict[str, str]:
    """How this machine reaches its index; the tests' home has no settings of its own."""
    home = Path.home()
    named = {k: v for k, v in os.environ.items() if k.startswith("PIP_") or k.lower().endswith("_proxy")}
    return {
        "XDG_CONFIG_HOME": os.environ.get("XDG_CONFIG_HOME", str(home / ".config")),
        "PIP_CACHE_DIR": str(home / ".cache/pip"),
        **named,
    }


def job(team: Team, name: str, context: dict[str, object]) -> Job:
    done = team.runner.run(team.clone.folder / f".github/workflows/{name}.yml", context)[name]
    assert not (done.workspace / "ran").exists(), f"{name} ran a file of the pull request"
    return done


def make_repository(folder: Path) -> None:
    """By `init`, which ends by running what CI runs."""
    folder.mkdir()
    env = {**clean_environment(folder.parent / "home"), **pip_settings()}
    ran = run_watchbill(["init", "--owner", "@ben", "--json"], folder, env, timeout=1800)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    steps = [(step["command"].split()[0], step["code"]) for step in json.loads(ran.stdout)["tried"]]
    assert steps == [("python", 0), ("watchbill", 0), ("watchbill", 0)]


@pytest.mark.long
def test_what_init_writes_installs_checks_plans_and_applies(tmp_path: Path) -> None:
    made = tmp_path / "on-call"
    make_repository(made)
    locked = hashes_in((made / LOCK).read_text())
    assert len(locked) > 30
    assert all(locked.values())
    text = "".join(
        p.read_text("utf-8") for p in made.rglob("*") if p.is_file() and p.suffix not in {".whl", ""}
    )
    for private in ("://127.", str(tmp_path), "/simple", "file://", str(Path.home())):
        assert private not in text
    with team_at(tmp_path / "team") as team, fresh_python() as fresh:
        the_jobs_run(team, fresh, made)


def the_jobs_run(team: Team, fresh: FreshPython, made: Path) -> None:
    team.runner.programs = fresh.programs
    team.runner.env = {k: v for k, v in team.runner.env.items() if k != "PYTHONPATH"} | pip_settings()
    ensure_users(team.sandbox.store, [{"name": n, "email": f"{n}@example.com"} for n in PEOPLE])
    shutil.rmtree(team.clone.folder / "policies")
    shutil.rmtree(team.clone.folder / ".github")
    shutil.copytree(made, team.clone.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git"))
    before = team.clone.commit(team.now, "what init wrote")
    team.clone.git("push", "--quiet", "origin", "main")

    # A pull request with a change, and with files under the names of our tools.
    text = team.text()
    changed = text.replace("title: Primary On-Call", "title: First On-Call")
    assert changed != text
    wicked = dict.fromkeys(("pip.py", "watchbill.py", "watchbill/__init__.py", "click.py", "yaml.py"), WICKED)
    head = team.push("title", {"policies/rotations.yaml": changed, **wicked})
    number = team.open_pull("title", by="ana")
    check = job(team, "check", team.runner.pull_request(number))
    assert check.result == "success", check.log
    assert (fresh.programs / "watchbill").is_file(), "the job installed it"
    plan = job(team, "plan", team.runner.pull_request(number))
    assert plan.result == "success", plan.log
    (comment,) = team.told(number, "plan")
    assert f"planned for commit {head[:12]}" in comment.body
    assert "First On-Call" in comment.body

    # Merged without an approval nothing is written; a code owner accepts exactly this plan, and it is applied.
    team.merge(number)
    refused = job(team, "apply", team.runner.push(before, "ana"))
    assert (refused.result, team.writes()) == ("failure", 0), refused.log
    digest = team.told(number, "refused") or team.issue(number).comments
    assert digest, refused.log
    accepted = re.search(r"/watchbill apply ([0-9a-f]{8,})", digest[-1].body + refused.log)
    assert accepted, digest[-1].body + refused.log
    applied = team.runner.run(
        team.clone.folder / ".github/workflows/apply.yml",
        team.runner.dispatch("ben"),
        {"accept": accepted[1]},
    )["apply"]
    assert applied.result == "success", applied.log
    assert team.writes() > 0
    assert not (applied.workspace / "ran").exists()
    assert (applied.workspace / FOLDER).is_dir()
