"""Files that the command line names: only regular ones of a size, and what is written is for its owner alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from journeys.conftest import Person
from journeys.small import outside_git

WINDOW = ("--since", "2026-11-23T00:00Z", "--until", "2026-12-07T00:00Z")
READERS = {
    "apply": (("apply", "{file}", "--sandbox", "--yes"), 2),
    "render": (("render", "{file}", *WINDOW), 2),
    "serve": (("sandbox", "serve", "--load", "{file}"), 2),
    "route": (("route", "{file}"), 2),
    "check": (("--policies", "{folder}", "check"), 3),
    "drift": (("drift", "--sandbox", "--seen", "{file}"), 2),
}
DEEP = "[" * 100_000 + "]" * 100_000


def named(words: tuple[str, ...], file: Path, folder: Path) -> list[str]:
    return [word.format(file=file, folder=folder) for word in words]


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """With a small policy."""
    return outside_git(tmp_path / "repository", tmp_path / "home")


@pytest.fixture
def thing(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """In a folder of its own, called as a policy file would be."""
    file = tmp_path / "things" / "thing.yaml"
    file.parent.mkdir()
    what = request.param
    if what == "pipe":
        os.mkfifo(file)
    elif what == "device":
        file.symlink_to("/dev/zero")
    elif what == "folder":
        file.mkdir()
    elif what == "large":
        with file.open("wb") as made:
            made.truncate(2_000_000_000)
    elif what == "deep":
        file.write_text(DEEP)
    return file


@pytest.mark.parametrize("thing", ["pipe", "device", "folder", "large", "deep"], indirect=True)
def test_what_cannot_be_read_is_refused_at_once(thing: Path, person: Person) -> None:
    for words, code in READERS.values():
        ran = person.watchbill(*named(words, thing, thing.parent))
        said = ran.out + ran.err
        assert ran.code == code, (words, said)
        assert "thing.yaml" in said
        assert "internal error" not in said


@pytest.mark.parametrize(
    "document", ['{"users": 5}', '{"users": {"a": 1}}', '{"teams": "x"}', '{"services": true}']
)
def test_an_account_file_of_other_types_is_refused(document: str, person: Person, tmp_path: Path) -> None:
    file = tmp_path / "account.json"
    file.write_text(document)
    ran = person.watchbill("sandbox", "serve", "--load", str(file))
    assert ran.code == 2, ran.err
    assert "in the account document is not a list" in ran.err


def test_what_a_run_leaves_is_readable_by_its_owner_alone(person: Person, tmp_path: Path) -> None:
    (person.folder / "old.json").write_text("{}")
    for words in (
        ("plan", "--out", "plan.json"),
        ("plan", "--out", "old.json"),
        ("apply", "--yes"),
        ("sandbox", "save", "account.json"),
    ):
        ran = person.watchbill(*words)
        assert ran.code == 0, ran.err
    home = tmp_path / "home"
    paths = [person.folder / name for name in ("plan.json", "old.json", "account.json")]
    paths += [p for p in home.rglob("*") if "watchbill" in p.parts]
    assert {p.suffix for p in paths} >= {".jsonl", ".lock", ".sqlite"}
    modes = {str(p): stat.S_IMODE(p.stat().st_mode) for p in paths}
    assert {path: oct(mode) for path, mode in modes.items() if mode & 0o077} == {}
