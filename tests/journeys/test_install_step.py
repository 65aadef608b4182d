"""The installing step of the workflow files and the pre-commit hook, run by bash and pip in a fresh environment.

What a pull request brings under the names of our tools does not run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from shared import ROOT
from watchbill.forge.fresh_python import FreshPython, fresh_python
from watchbill.forge.starter_files import FOLDER, LOCK, Wish, starter_files
from wheels import FAKE, make_wheel, only, sha256

WICKED = "import pathlib\npathlib.Path('ran').write_text(__name__)\nraise SystemExit(66)\n"
ENVIRONMENT = only("http://127.0.0.1:1/simple")


@pytest.fixture(scope="module")
def fresh() -> Iterator[FreshPython]:
    with fresh_python() as made:
        yield made


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A new repository with a lock file, and a pull request's own `pip`, `watchbill` and more."""
    for name, text in starter_files(Wish("Acme", "Etc/UTC", LOCK)).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    lock_to(tmp_path, FAKE)
    for name in (
        "pip.py",
        "watchbill.py",
        "watchbill/__init__.py",
        "click.py",
        "sitecustomize.py",
        "encodings.py",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(WICKED)
    return tmp_path


def lock_to(folder: Path, files: dict[str, str]) -> None:
    wheel = make_wheel(folder / FOLDER, "watchbill", files)
    (folder / LOCK).write_text(f"./{FOLDER}/{wheel.name} --hash=sha256:{sha256(wheel)}\n")


def install_steps() -> list[str]:
    found = []
    for path in sorted((ROOT / ".github/workflows").glob("*.yml")):
        for job in YAML(typ="safe").load(path.read_text("utf-8"))["jobs"].values():
            found += [s["run"] for s in job.get("steps", ()) if s.get("name") == "Install watchbill"]
    return found


def bash(script: str, folder: Path, fresh: FreshPython, **env: str) -> subprocess.CompletedProcess[str]:
    path = f"{fresh.programs}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": path, "HOME": str(folder), **ENVIRONMENT, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_workflow_installs_in_the_same_way() -> None:
    steps = install_steps()
    assert (len(steps), len(set(steps))) == (9, 1)


def test_the_step_installs_from_the_lock_file_and_runs_nothing_of_the_checkout(
    checkout: Path, fresh: FreshPython
) -> None:
    done = bash(install_steps()[0] + "watchbill check\n", checkout, fresh, INSTALL=LOCK)
    assert (done.returncode, done.stdout) == (0, "the installed watchbill check\n"), done.stderr
    assert not (checkout / "ran").exists()
    # The wicked files do run where pip is not isolated, so the test can fail.
    assert bash("python3 -m pip --version", checkout, fresh).returncode == 66
    assert (checkout / "ran").exists()


def test_another_wheel_than_the_one_that_was_locked_is_refused(checkout: Path, fresh: FreshPython) -> None:
    make_wheel(checkout / FOLDER, "watchbill", {**FAKE, "watchbill/main.py": "print('changed')\n"})
    done = bash(install_steps()[0], checkout, fresh, INSTALL=LOCK)
    assert (done.returncode, "DO NOT MATCH THE HASHES" in done.stderr) == (1, True), done.stderr


def hook_words(checkout: Path) -> str:
    config = YAML(typ="safe").load((checkout / ".pre-commit-config.yaml").read_text("utf-8"))
    (hook,) = config["repos"][0]["hooks"]
    return str(hook["entry"])


def test_the_hook_installs_the_same_once_and_checks(checkout: Path, fresh: FreshPython) -> None:
    words = hook_words(checkout)
    first = bash(words, checkout, fresh)
    assert (first.returncode, first.stdout) == (0, "the installed watchbill check\n"), first.stderr
    lock_to(checkout, {**FAKE, "watchbill/main.py": FAKE["watchbill/main.py"].replace("installed", "new")})
    assert bash(words, checkout, fresh).stdout == "the new watchbill check\n"
    (checkout / FOLDER / "watchbill-1.0-py3-none-any.whl").unlink()
    assert bash(words, checkout, fresh).stdout == "the new watchbill check\n", "installed already"
    assert not (checkout / "ran").exists()


def test_the_hook_does_not_install_into_a_python_of_the_system(checkout: Path) -> None:
    base = Path(sys.base_prefix, "bin", "python3")
    if not base.exists():
        pytest.skip(f"NOT CHECKED: no {base}")
    script = checkout / FOLDER / "hook.py"
    done = subprocess.run(
        [base, "-I", script, LOCK], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "environment of its own" in done.stderr) == (1, True)


def test_a_verb_from_chat_runs_nothing_of_the_present_folder(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from watchbill.chat.verbs import run_verb

    monkeypatch.chdir(checkout)
    ran = run_verb(["check"], checkout / "policies")
    assert ran.code == 0, ran.err
    assert not (checkout / "ran").exists()
