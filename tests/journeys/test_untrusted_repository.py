"""The git configuration of a repository that somebody else made starts no program."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeys.conftest import Person
from journeys.small import outside_git
from repositories import Repo
from watchbill.cli.forging import fetch_pull
from watchbill.errors import UsageError
from watchbill.history.git import repository

SETTINGS = {
    "programs": {
        "core.fsmonitor": "{run}",
        "core.hooksPath": "{folder}",
        "core.pager": "{run}",
        "core.sshCommand": "{run}",
        "remote.origin.url": "ssh://127.0.0.1/x",
        "remote.origin.promisor": "true",
        "diff.external": "{run}",
        "diff.evil.textconv": "{run}",
        "filter.evil.clean": "{run}",
        "log.showSignature": "true",
        "gpg.program": "{run}",
        "core.editor": "{run}",
        "core.askPass": "{run}",
        "core.alternateRefsCommand": "{run}",
        "core.gitProxy": "{run}",
        "credential.helper": "!{run}",
        "pager.log": "{run}",
        "pager.status": "{run}",
        "alias.log": "!{run}",
        "alias.status": "!{run}",
        "merge.evil.driver": "{run}",
        "status.submoduleSummary": "true",
    },
    "by a committed file": {"include.path": "../evil.gitconfig"},
    "harder to switch off": {
        "diff.evil.textconv": "{run}",
        "diff.evil.cachetextconv": "true",
        "diff.evil.command": "{run}",
        "filter.evil.process": "{run}",
        "filter.evil.required": "true",
        "filter.a=b.clean": "{run}",
    },
}
VERBS = [
    ("check",),
    ("check", "--base", "HEAD~1"),
    ("why", "backend"),
    ("who", "--at", "2026-10-01 09:00"),
    ("diff", "HEAD~1..HEAD"),
    ("plan", "--sandbox"),
]


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(settings, id=name, marks=pytest.mark.long if name == "by a committed file" else ())
        for name, settings in SETTINGS.items()
    ],
)
def test_no_program_of_the_repository_runs(settings: dict[str, str], person: Person, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    evil = tmp_path / "evil" / "post-index-change"
    evil.parent.mkdir()
    evil.write_text(f"#!/bin/sh\necho $0 $* >>{ran}\ncat\n", "utf-8")
    evil.chmod(0o755)
    repo = Repo.new(person.folder)
    repo.write(".gitattributes", "* diff=evil filter=evil\n*settings.yaml filter=a=b\n")
    repo.commit("2026-09-01T00:00:00Z", "first")
    file = person.policies / "settings.yaml"
    file.write_text(file.read_text("utf-8") + "# a comment\n", "utf-8")
    repo.commit("2026-09-02T00:00:00Z", "second")
    included = (
        f'[core]\n fsmonitor = {evil}\n[diff "evil"]\n textconv = {evil}\n[filter "evil"]\n clean = {evil}\n'
    )
    repo.write("evil.gitconfig", included)
    for name, value in settings.items():
        repo.git("config", name, value.format(run=evil, folder=evil.parent))
    file.write_text(file.read_text("utf-8") + "# not committed\n", "utf-8")
    codes = {verb: person.watchbill(*verb).code for verb in VERBS}
    assert not ran.exists(), ran.read_text("utf-8")
    assert set(codes.values()) == {0}, codes


VARIABLES = {
    **dict.fromkeys(
        ("GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_EDITOR", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS"), "{run}"
    ),
    **dict.fromkeys(
        ("GIT_PROXY_COMMAND", "GIT_SEQUENCE_EDITOR", "PAGER", "EDITOR", "VISUAL", "SSH_ASKPASS"), "{run}"
    ),
    "GIT_CONFIG_PARAMETERS": "'core.fsmonitor'='{run}' 'diff.external'='{run}'",
    "GIT_DIR": "/nowhere",
    "GIT_WORK_TREE": "/nowhere",
    "GIT_INDEX_FILE": "/nowhere",
    "GIT_OBJECT_DIRECTORY": "/nowhere",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": "/nowhere",
    "GIT_NAMESPACE": "nowhere",
    "GIT_TRACE": "{traced}",
    "GIT_TRACE2_EVENT": "{traced}",
}


@pytest.fixture
def small(tmp_path: Path) -> Person:
    """With a small policy, outside of git."""
    return outside_git(tmp_path / "small", tmp_path / "home")


def evil_program(tmp_path: Path) -> tuple[Path, Path]:
    """A program, and the file that it leaves."""
    ran, evil = tmp_path / "ran", tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\necho $0 $* >>{ran}\ncat\n", "utf-8")
    evil.chmod(0o755)
    return evil, ran


def test_no_variable_of_git_names_a_program_or_a_folder(small: Person, tmp_path: Path) -> None:
    evil, ran = evil_program(tmp_path)
    repo = Repo.new(small.folder)
    repo.commit("2026-09-01T00:00:00Z", "first")
    repo.write("policies/note.txt", "second\n")
    repo.commit("2026-09-02T00:00:00Z", "second")
    env = {name: value.format(run=evil, traced=tmp_path / "traced") for name, value in VARIABLES.items()}
    for words in (("why", "first"), ("diff", "HEAD~1..HEAD"), ("check", "--base", "HEAD~1")):
        done = small.watchbill(*words, **env)
        assert done.code == 0, done.err
    assert not ran.exists(), ran.read_text("utf-8")
    assert not (tmp_path / "traced").exists()


def test_a_submodule_and_a_repository_in_the_folder_run_nothing(small: Person, tmp_path: Path) -> None:
    """Their own configuration counts where git looks into them."""
    evil, ran = evil_program(tmp_path)
    inner = Repo.new(tmp_path / "inner")
    inner.write("note.txt", "a file\n")
    inner.commit("2026-09-01T00:00:00Z", "first")
    repo = Repo.new(small.folder)
    add = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add")
    repo.git(*add, str(inner.folder), "policies/sub")
    repo.commit("2026-09-01T00:00:00Z", "first")
    Repo(small.policies / "sub").git("config", "core.fsmonitor", str(evil))
    nested = Repo.new(small.policies / "nested")
    nested.write("note.txt", "a file\n")
    nested.commit("2026-09-01T00:00:00Z", "first")
    nested.git("config", "core.fsmonitor", str(evil))
    for words in (("who",), ("why", "first"), ("plan", "--sandbox")):
        done = small.watchbill(*words)
        assert done.code == 0, done.err
    assert not ran.exists(), ran.read_text("utf-8")


@pytest.mark.parametrize(
    "settings",
    [
        {"core.hooksPath": "{folder}"},
        {"remote.origin.uploadpack": "{run}"},
        {"core.sshCommand": "{run}", "remote.origin.url": "ssh://127.0.0.1:1/x"},
        {"remote.origin.url": "ext::{run}", "protocol.ext.allow": "always"},
    ],
)
def test_a_fetch_of_a_pull_request_runs_nothing_of_the_clone(
    settings: dict[str, str], tmp_path: Path
) -> None:
    evil, ran = evil_program(tmp_path)
    for hook in ("reference-transaction", "post-checkout", "pre-auto-gc"):
        (tmp_path / "hooks").mkdir(exist_ok=True)
        (tmp_path / "hooks" / hook).symlink_to(evil)
    origin = Repo.new(tmp_path / "origin")
    head = origin.commit("2026-09-01T00:00:00Z", "first")
    origin.git("update-ref", "refs/pull/7/head", head)
    clone = Repo.new(tmp_path / "clone")
    clone.write("policies/all.yaml", "people: {}\n")
    clone.commit("2026-09-01T00:00:00Z", "own")
    clone.git("remote", "add", "origin", str(origin.folder))
    for name, value in settings.items():
        clone.git("config", name, value.format(run=evil, folder=tmp_path / "hooks"))
    git = repository(clone.folder / "policies")
    assert git is not None
    try:
        found = fetch_pull(git, 7, head)
    except UsageError:
        found = ""
    assert found == ("" if "remote.origin.url" in settings else head)
    assert not ran.exists(), ran.read_text("utf-8")
