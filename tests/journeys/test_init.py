"""`watchbill init`: a new policy repository that passes its own checks and applies to the sandbox."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from github_server.team import NAMES, PEOPLE, ROTATIONS
from journeys.conftest import Person, clean_environment
from policy_text import SETTINGS
from watchbill.config.load import load_policy
from watchbill.forge.owners import read_owners
from watchbill.forge.starter_files import LOCK, WORKFLOWS
from watchbill.sandbox.load import ensure_users
from watchbill.sandbox.server import Sandbox
from wheels import only

NAMED = ("--install", "watchbill @ git+https://example.invalid/watchbill@v1")
"""Nothing is looked up or tried: most of what `init` writes does not depend on it."""


def new(tmp_path: Path) -> Person:
    folder = tmp_path / "on-call"
    folder.mkdir()
    return Person(folder, clean_environment(tmp_path / "home"))


def test_an_empty_directory_becomes_a_repository_that_checks_plans_and_applies(tmp_path: Path) -> None:
    person = new(tmp_path)
    ran = person.watchbill(
        "init", *NAMED, "--owner", "@ana", "--owner", "@acme/sre", "--time-zone", "Europe/Bucharest"
    )
    assert ran.code == 0, ran.err
    for secret in ("PAGERDUTY_READ_TOKEN", "PAGERDUTY_WRITE_TOKEN", "WATCHBILL_GITHUB_TOKEN"):
        assert secret in ran.out
    assert (person.folder / ".git").is_dir()
    owners = read_owners((person.folder / ".github/CODEOWNERS").read_text())
    for name in (
        "policies/rotations.yaml",
        ".github/workflows/plan.yml",
        ".github/CODEOWNERS",
        ".github/dependabot.yml",
        ".github/watchbill/requirements.lock",
        ".github/watchbill/watchbill-1-py3-none-any.whl",
    ):
        assert owners.of(name) == ("@ana", "@acme/sre")
    check = person.watchbill("check", "--json")
    assert (check.code, check.json["findings"]) == (0, [])
    assert person.watchbill("plan", "--exit-code").code == 10
    apply = person.watchbill("apply", "--sandbox", "--yes")
    assert apply.code == 0, apply.out + apply.err
    assert person.watchbill("plan", "--exit-code").code == 0
    asked = person.watchbill("simulate", "P1", "website", "--json").json
    assert [step["targets"][0]["person"] for step in asked["steps"]] == ["ben", "dan"]


def test_a_file_at_a_folders_place_stops_it_before_the_first_write(tmp_path: Path) -> None:
    person = new(tmp_path)
    (person.folder / "schema").write_text("ours\n")
    ran = person.watchbill("init", *NAMED)
    assert (ran.code, "schema is no folder; nothing was written" in ran.err) == (2, True)
    assert [path.name for path in person.folder.iterdir()] == ["schema"]
    assert person.watchbill("init", "schema", *NAMED).code == 2


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    person = new(tmp_path)
    kept = {
        "README.md": "ours\n",
        ".github/workflows/plan.yml": "name: ours\n",
        "policies/base.yaml": "settings: {format: 1, organization: Ours, time_zone: Etc/UTC}\n",
    }
    for name, text in kept.items():
        path = person.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (person.folder / ".gitignore").symlink_to("nowhere")
    told = person.watchbill("init", *NAMED, "--json")
    assert told.code == 0, told.err
    assert sorted(told.json["kept"]) == sorted([".gitignore", ".github/workflows/plan.yml", "README.md"])
    assert {name: (person.folder / name).read_text() for name in kept} == kept
    assert not (person.folder / "nowhere").exists()
    assert [p.name for p in person.policies.iterdir()] == ["base.yaml"], (
        "a policy of one's own gets no example"
    )
    before = {p: p.read_bytes() for p in person.folder.rglob("*") if p.is_file() and ".git/" not in str(p)}
    again = person.watchbill("init", *NAMED, "--json").json
    assert again["written"] == []
    assert before == {p: p.read_bytes() for p in before}


def test_what_ci_installs_is_what_was_named(tmp_path: Path) -> None:
    person = new(tmp_path)
    ran = person.watchbill("init", *NAMED)
    assert (ran.code, "not tried in a fresh environment" in ran.out) == (0, True), ran.err
    for name in WORKFLOWS:
        text = (person.folder / ".github/workflows" / f"{name}.yml").read_text()
        assert NAMED[1] in text
        assert "INSTALL: .\n" not in text
        assert "'.'" not in text
    assert NAMED[1] in (person.folder / ".pre-commit-config.yaml").read_text()
    assert f'pip install "{NAMED[1]}"' in (person.folder / "README.md").read_text()
    assert not (person.folder / LOCK).exists()
    for name in (".vscode/settings.json", ".vscode/extensions.json"):
        assert json.loads((person.folder / name).read_text())


@pytest.mark.long
def test_without_a_package_index_nothing_is_written(tmp_path: Path) -> None:
    person = new(tmp_path)
    ran = person.watchbill("init", **only("http://127.0.0.1:1/simple"))
    assert ran.code == 14, ran.out
    assert "where pip reaches its package index" in ran.err
    assert "--install" in ran.err
    assert not any(person.folder.iterdir())


def test_a_lock_file_that_is_there_stays(tmp_path: Path) -> None:
    person = new(tmp_path)
    lock = person.folder / LOCK
    lock.parent.mkdir(parents=True)
    lock.write_text("click==8.2 --hash=sha256:0\n")
    told = person.watchbill("init", "--no-try", "--json", **only("http://127.0.0.1:1/simple"))
    assert told.code == 0, told.err
    assert (told.json["install"], LOCK in told.json["kept"]) == (LOCK, True)
    assert lock.read_text() == "click==8.2 --hash=sha256:0\n"
    assert f'INSTALL: "{LOCK}"' in (person.folder / ".github/workflows/report.yml").read_text()


def test_bad_wishes_write_nothing(tmp_path: Path) -> None:
    person = new(tmp_path)
    for words in (
        ["--owner", "ana; rm"],
        ["--install", "x' || '"],
        ["--lock", "--install", "x"],
        ["--time-zone", "Moon/Sea"],
    ):
        ran = person.watchbill("init", *words)
        assert ran.code == 2, ran.out
    assert not any(person.folder.iterdir())


def test_inside_a_repository_no_other_one_is_made(tmp_path: Path) -> None:
    person = new(tmp_path)
    subprocess.run(["git", "-C", str(person.folder), "init", "--quiet"], check=True)
    assert person.watchbill("init", "nested", *NAMED).code == 0
    assert not (person.folder / "nested" / ".git").exists()
    assert load_policy(person.folder / "nested" / "policies").valid


def test_from_an_account_the_plan_right_after_is_empty(
    person: Person, sandbox: Sandbox, tmp_path: Path
) -> None:
    """What another policy made in that account, taken over with its ids."""
    ensure_users(sandbox.store, [{"name": n.title(), "email": f"{n}@x.example"} for n in NAMES])
    for path in person.policies.iterdir():
        path.unlink()
    (person.policies / "all.yaml").write_text(SETTINGS + PEOPLE + ROTATIONS)
    at = person.at(sandbox)
    assert at.watchbill("apply", "--yes").code == 0
    fresh = Person(tmp_path / "fresh", at.env)
    fresh.folder.mkdir()
    ran = fresh.watchbill("init", *NAMED, "--from-account", "--owner", "@ana")
    assert ran.code == 0, ran.err
    assert "PAGERDUTY_READ_TOKEN" in ran.out
    assert (fresh.folder / ".github/workflows/plan.yml").is_file()
    assert not (fresh.folder / "policies/expectations.yaml").exists(), "not the example's"
    plan = fresh.watchbill("plan", "--json")
    assert (plan.code, plan.json["changes"]) == (0, []), plan.err
    again = fresh.watchbill("init", *NAMED, "--from-account")
    assert (again.code, "has files already" in again.err) == (2, True)
