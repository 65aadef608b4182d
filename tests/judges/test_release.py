"""What users install from this repository: the action and the hooks, by their own tools and by running them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from github_server.composite import CompositeAction
from journeys.test_init_installs import pip_settings
from judges.audit import scan_for_secrets
from judges.test_workflows import by_python
from shared import ROOT

pytestmark = pytest.mark.usefixtures("npm")  # in `nox -s judges` alone: these install packages
WICKED = "import pathlib\npathlib.Path('ran').write_text('x')\nraise SystemExit(66)\n"
INSTALL, RUN = "Install watchbill", "Run watchbill"


def checkout(folder: Path) -> Path:
    """This repository's files as a user's runner has them: without .git."""
    folder.mkdir(parents=True)
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in names:
        if name and not name.startswith(("tests/", "docs/")) and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def environment(home: Path) -> dict[str, str]:
    home.mkdir()
    return {**pip_settings(), "PATH": os.environ["PATH"], "HOME": str(home), "RUNNER_TEMP": str(home)}


@pytest.fixture(scope="module")
def action(tmp_path_factory: pytest.TempPathFactory) -> CompositeAction:
    """Installed, on a checkout that brings files with the names of our tools."""
    folder = tmp_path_factory.mktemp("action")
    workspace = folder / "work"
    shutil.copytree(ROOT / "policies", workspace / "policies")
    for name in ("pip.py", "watchbill.py", "click.py", "shlex.py", "sitecustomize.py"):
        (workspace / name).write_text(WICKED)
    outputs = {"python": {"outputs": {"python-path": sys.executable}}}
    made = CompositeAction(checkout(folder / "source"), workspace, environment(folder / "home"), outputs)
    done = made.run({}, INSTALL)
    assert done.returncode == 0, done.stderr
    return made


def test_the_action_checks_the_policy_with_packages_of_the_lock_file(action: CompositeAction) -> None:
    done = action.run({"args": "check --json"}, RUN)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["format"] == "watchbill.findings/1"
    python = Path(action.env["RUNNER_TEMP"]) / "watchbill-action/watchbill/bin/python"
    words = [sys.executable, "-m", "pip", "--python", str(python), "list", "--format", "json"]
    listed = subprocess.run(words, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        installed = {item["name"].lower() for item in json.loads(listed.stdout)}
        assert {"watchbill", "aiohttp"} <= installed
        assert "hatchling" not in installed
    assert not (action.workspace / "ran").exists()


def test_the_action_keeps_quotes_folder_and_exit_code(action: CompositeAction) -> None:
    folder = action.workspace / "a folder"
    shutil.copytree(ROOT / "policies", folder / "the policies", dirs_exist_ok=True)
    people = folder / "the policies/people.yaml"
    people.write_text(people.read_text("utf-8") + "\nwrong: [\n", "utf-8")
    done = action.run({"args": "check --policies 'the policies'", "working-directory": "a folder"}, RUN)
    assert done.returncode == 3
    assert "people.yaml" in done.stdout + done.stderr


@pytest.mark.parametrize(
    "args",
    [
        "check; touch ran",
        "check && touch ran",
        "check $(touch ran)",
        "check `touch ran`",
        "check '\ntouch ran\n'",
        'check "$(touch ran)" | touch ran',
        "' ; touch ran ; '",
    ],
)
def test_words_for_the_action_are_never_a_script(action: CompositeAction, args: str) -> None:
    done = action.run({"args": args}, RUN)
    assert done.returncode == 2, done.stdout + done.stderr
    assert not (action.workspace / "ran").exists()


def test_an_open_quote_has_a_remedy(action: CompositeAction) -> None:
    done = action.run({"args": "check 'open"}, RUN)
    assert (done.returncode, done.stderr) == (
        1,
        "error: invalid input args: No closing quotation\nnext: close every quote\n",
    )


def test_a_package_with_other_bytes_is_not_installed(action: CompositeAction, tmp_path: Path) -> None:
    source = checkout(tmp_path / "source")
    lock = source / ".github/release/backend.txt"
    text = lock.read_text("utf-8")
    digest = text.partition("sha256:")[2][:64]
    lock.write_text(text.replace(digest, digest[::-1]), "utf-8")
    home = environment(tmp_path / "home")
    done = CompositeAction(source, action.workspace, home, action.steps).run({}, INSTALL)
    assert done.returncode == 1
    assert "DO NOT MATCH THE HASHES" in done.stderr.replace("THESE PACKAGES ", "")


def test_the_tools_of_their_makers_accept_the_files() -> None:
    for words in (
        ("check-jsonschema", "--builtin-schema", "vendor.github-actions", str(ROOT / "action.yml")),
        ("check-jsonschema", "--builtin-schema", "vendor.dependabot", str(ROOT / ".github/dependabot.yml")),
        ("pre-commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")),
        ("zizmor", "--offline", "--persona", "auditor", "--no-progress", str(ROOT / "action.yml")),
    ):
        done = by_python(*words)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_hooks_run_in_another_repository(tmp_path: Path) -> None:
    """`pre-commit try-repo` installs them as a user's first run does: `check` passes, `fmt` repairs a file."""
    there = tmp_path / "there"
    shutil.copytree(ROOT / "policies", there / "policies")
    env = {
        **environment(tmp_path / "home"),
        **{
            f"GIT_{who}_{what}": "a@example.invalid"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
    }

    source = checkout(tmp_path / "source")
    people = there / "policies/people.yaml"
    people.write_text(people.read_text("utf-8") + "\n\n\n", "utf-8")
    for folder in (there, source):
        for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "all"]):
            subprocess.run(["git", "-C", str(folder), *words], env=env, check=True)
    program = Path(sys.executable).parent / "pre-commit"
    done = subprocess.run(
        [program, "try-repo", str(source), "--all-files", "--verbose", "--color", "never"],
        cwd=there,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    check, fmt = done.stdout.split("watchbill fmt..")
    assert re.search(r"watchbill check\.+Passed", check), done.stdout
    assert re.match(r"\.+Failed", fmt), done.stdout
    assert "files were modified by this hook" in fmt
    assert people.read_bytes() == (ROOT / "policies/people.yaml").read_bytes()


def test_the_image_has_no_complaint(npm: Path) -> None:
    program = npm / "node_modules/.bin/dockerfilelint"
    words = [program, "--output", "json", ROOT / ".github/release/Dockerfile"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert json.loads(done.stdout)["totalIssues"] == 0, done.stdout


def test_a_committed_secret_is_found(npm: Path, tmp_path: Path) -> None:
    words = ("git", "-C", str(tmp_path))
    subprocess.run([*words, "init", "--quiet"], check=True)
    (tmp_path / "notes.md").write_text("nothing here\n")
    subprocess.run([*words, "add", "--all"], check=True)
    assert not scan_for_secrets(npm, tmp_path).found
    token = "ghp_" + "x7Kq2Lm9Rt4Vw8Zb1Nc5Yd3Hf6Jg0PsAaQeU"
    (tmp_path / "my notes.md").write_text(f"the token is {token}\n")
    subprocess.run([*words, "add", "--all"], check=True)
    answer = scan_for_secrets(npm, tmp_path)
    assert answer.found
    assert "my notes.md" in "".join(answer.lines)
    assert token not in "".join(answer.lines)
