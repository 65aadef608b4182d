"""The git configuration of a repository that somebody else made starts no program."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeys.conftest import Person
from repositories import Repo

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
    },
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


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
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
    for name, value in settings.items():
        repo.git("config", name, value.format(run=evil, folder=evil.parent))
    file.write_text(file.read_text("utf-8") + "# not committed\n", "utf-8")
    codes = {verb: person.watchbill(*verb).code for verb in VERBS}
    assert not ran.exists(), ran.read_text("utf-8")
    assert set(codes.values()) == {0}, codes
