"""What a release rests on: versions, notes, lock files, pinned actions, permissions."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

from judges.audit import flaws, scan_for_secrets
from shared import ROOT
from watchbill.forge.lock_file import hashes_in

RELEASE = ROOT / ".github/release"
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
ACTIONS = [*WORKFLOWS, ROOT / "action.yml"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, RELEASE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


notes = module("notes")


def read(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text("utf-8"))


CHANGELOG = """# Changelog

## Unreleased

- New.

## 1.2.0 - 2026-11-01

### Added

- Two.

## [1.1.0]

- One.

## 1.0.0
"""


@pytest.mark.parametrize(
    ("version", "rehearsal", "text"),
    [
        ("1.2.0", False, "### Added\n\n- Two.\n"),
        ("1.1.0", False, "- One.\n"),
        ("1.3.0", True, "- New.\n"),
        ("1.0.0", True, "- New.\n"),
    ],
)
def test_notes_are_the_section_of_the_version(version: str, rehearsal: bool, text: str) -> None:
    assert notes.notes_of(CHANGELOG, version, rehearsal=rehearsal) == text


@pytest.mark.parametrize("version", ["1.3.0", "1.0.0", "1.2", "2.0"])
def test_a_release_without_notes_is_refused(version: str) -> None:
    with pytest.raises(notes.NotReady, match=rf"no entries under '## {re.escape(version)}'"):
        notes.notes_of(CHANGELOG, version, rehearsal=False)


@pytest.mark.parametrize("tag", ["v9.9.9", "0.1.0", "v0.1", "v0.1.0-rc1"])
def test_another_tag_is_refused_before_anything_is_built(tag: str, tmp_path: Path) -> None:
    words = [sys.executable, "-I", str(RELEASE / "release.py"), str(tmp_path / "out"), "--tag", tag]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    version = PROJECT["project"]["version"]
    assert done.returncode == 1
    assert done.stderr == (
        f"error: the tag is {tag}, but pyproject.toml has version {version}: use the tag v{version}\n"
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("watchbill", PROJECT["project"]["dependencies"]),
        ("backend", PROJECT["build-system"]["requires"]),
        ("tools", PROJECT["dependency-groups"]["release"]),
    ],
)
def test_the_lock_files_serve_what_pyproject_wants(file: str, wanted: list[str]) -> None:
    found = hashes_in((RELEASE / f"{file}.txt").read_text("utf-8"))
    assert all(found.values())
    versions = {canonicalize_name(name): version for name, version in (pin.split("==") for pin in found)}
    for requirement in map(Requirement, wanted):
        version = versions[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement}: run `nox -s lock`"


def test_every_action_has_one_commit_and_names_its_version() -> None:
    pins: dict[str, set[str]] = {}
    for path in ACTIONS:
        for line in path.read_text("utf-8").splitlines():
            found = re.search(r"uses: (?P<action>[\w./-]+)@(?P<rest>.*)$", line)
            if found:
                assert re.fullmatch(r"[0-9a-f]{40} # v\d+\.\d+\.\d+", found["rest"]), f"{path.name}: {line}"
                pins.setdefault(found["action"], set()).add(found["rest"])
    assert len(pins) > 8
    assert {name: rests for name, rests in pins.items() if len(rests) > 1} == {}


def test_every_ignored_finding_of_zizmor_has_its_reason() -> None:
    lines = [
        f"{path.name}: {line.strip()}"
        for path in [*ACTIONS, ROOT / ".github/dependabot.yml"]
        for line in path.read_text("utf-8").splitlines()
        if "zizmor:" in line
    ]
    assert lines
    for line in lines:
        assert re.search(r"# zizmor: ignore\[[a-z-]+\] \w+(?: \S+){3,}", line), line
    assert not list(ROOT.glob("**/zizmor.y*ml"))


def test_no_script_holds_an_expression() -> None:
    steps = read(ROOT / "action.yml")["runs"]["steps"]
    for path in WORKFLOWS:
        for job in read(path)["jobs"].values():
            steps += job.get("steps", [])
    scripts = [step["run"] for step in steps if "run" in step]
    assert len(scripts) > 30
    assert [script for script in scripts if "${{" in script] == []


def test_each_job_of_a_release_may_do_one_thing() -> None:
    workflow = read(ROOT / ".github/workflows/release.yml")
    assert workflow["permissions"] == {}
    jobs = workflow["jobs"]
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        "build": {"contents": "read"},
        "attest": {"id-token": "write", "attestations": "write"},
        "pypi": {"id-token": "write"},
        "container": {"packages": "write"},
        "github": {"contents": "write"},
    }
    assert jobs["pypi"]["environment"] == "pypi"
    assert "secrets." not in (ROOT / ".github/workflows/release.yml").read_text("utf-8")
    for name, job in jobs.items():
        if name == "build":
            assert "github.token" not in str(job)
        else:
            assert job["if"] == "github.event_name == 'push'"
            assert "actions/checkout@" not in str(job), "what is published comes from the build"
            assert "actions/download-artifact@" in job["steps"][0]["uses"]


def test_the_release_builds_with_what_nox_runs() -> None:
    scripts = [
        step.get("run", "") for step in read(ROOT / ".github/workflows/release.yml")["jobs"]["build"]["steps"]
    ]
    session = (ROOT / "noxfile.py").read_text("utf-8")
    for words in (".github/release/tools.txt", ".github/release/release.py"):
        assert any(words in script for script in scripts)
        assert words in session


def test_the_image_runs_as_nobody_special_and_installs_with_hashes() -> None:
    lines = (RELEASE / "Dockerfile").read_text("utf-8").splitlines()
    assert [line.split()[1] for line in lines if line.startswith("USER ")] == ["10001:10001"]
    assert all(
        line.startswith("FROM docker.io/library/python:3.11-") for line in lines if line.startswith("FROM ")
    )
    installs = [line for line in lines if "pip install" in line]
    assert installs
    assert all("--require-hashes" in line for line in installs)


def test_the_update_bot_follows_everything_that_is_pinned() -> None:
    followed = {
        (update["package-ecosystem"], folder.strip("/"))
        for update in read(ROOT / ".github/dependabot.yml")["updates"]
        for folder in update.get("directories", [update.get("directory")])
    }
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    kinds = {
        "package.json": "npm",
        "Dockerfile": "docker",
        "pyproject.toml": "pip",
        "action.yml": "github-actions",
    }
    pinned = {
        (kinds[Path(name).name], str(Path(name).parent).strip("."))
        for name in names
        if Path(name).name in kinds and not name.startswith("tests/fixtures/")
    }
    pinned = {
        (kind, f".{folder}" if folder.startswith("github") else folder.strip("/")) for kind, folder in pinned
    }
    assert pinned | {("pip", ".github/release")} == followed
    for update in read(ROOT / ".github/dependabot.yml")["updates"]:
        assert update["cooldown"]["default-days"] >= 7
        assert update["groups"]


SAFE = {"name": "click", "version": "8.3.0", "vulns": []}
BAD = {"name": "rich", "version": "15.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["15.1"]}]}
SKIPPED = {"name": "six", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("packages", "fails", "fails_in_ci", "text"),
    [
        ([SAFE], False, False, "1 packages checked for known flaws, 0 found"),
        ([SAFE, BAD], True, True, "rich 15.0: PYSEC-1, fixed in 15.1"),
        (
            [SAFE, SKIPPED],
            False,
            True,
            "NOT CHECKED for known flaws: 1 packages; Dependency not found on PyPI",
        ),
        ([SKIPPED, BAD], True, True, "NOT CHECKED for known flaws: 1 packages"),
        ([], False, True, "NOT CHECKED for known flaws: 0 packages"),
    ],
)
def test_an_audit_that_could_not_look_is_not_a_pass(
    packages: list[dict[str, Any]], fails: bool, fails_in_ci: bool, text: str
) -> None:
    answer = flaws({"dependencies": packages})
    assert text in "\n".join(answer.lines)
    assert (answer.fails(required=False), answer.fails(required=True)) == (fails, fails_in_ci)


def test_an_audit_without_a_report_is_not_a_pass() -> None:
    answer = flaws(None, "no route to host")
    assert answer.lines == ("NOT CHECKED: pip-audit gave no report: no route to host",)
    assert (answer.fails(required=False), answer.fails(required=True)) == (False, True)


def test_without_npm_the_scan_says_so(tmp_path: Path) -> None:
    answer = scan_for_secrets(tmp_path, ROOT)
    assert answer.lines == ("NOT CHECKED for secrets: npm did not install secretlint",)
    assert answer.fails(required=True)
