"""Secrets of the environment: every documented command runs with them, and no output and no file holds one."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from documented.collect import help_groups
from documented.run import SPECIAL
from journeys.conftest import Person
from repositories import Repo
from watchbill.cli.credentials import ERRORS
from watchbill.cli.redaction import without_secrets
from watchbill.sandbox.server import Sandbox

CANARIES = {name: f'canary+{number}_\\"{name.lower()}' for number, name in enumerate(ERRORS)}
MORE = {"VAULT_TOKEN": "canary-of-the-vault"}
_SERVES = tuple(re.compile(special.command, re.DOTALL) for special in SPECIAL if special.ready)
_SHELL = re.compile(r"[|&;<>]|\$\(")


def commands() -> list[tuple[str, ...]]:
    """The examples of all `--help` texts that end by themselves and need no shell."""
    texts = [command.text for group in help_groups() for command in group.commands]
    plain = [
        text for text in texts if not _SHELL.search(text) and not any(s.fullmatch(text) for s in _SERVES)
    ]
    words = [tuple(shlex.split(text.replace("\\\n", " "), comments=True))[1:] for text in plain]
    return [line for line in dict.fromkeys(words) if line and line[0] != "init"]


def leaks(folder: Path, values: list[str]) -> list[str]:
    """Files below the folder that hold one of the values, as written or as JSON writes it."""
    forms = {form.encode() for value in values for form in (value, json.dumps(value)[1:-1])}
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [str(path.relative_to(folder)) for path in files if any(f in path.read_bytes() for f in forms)]


@pytest.fixture
def keeper(person: Person, populated: Sandbox, tmp_path: Path) -> Person:
    """At a sandbox that takes any token, in a git repository."""
    repo = Repo.new(person.folder)
    repo.commit("2026-11-23T13:00:00Z", "the policy")
    (tmp_path / "tmp").mkdir()
    at = person.at(populated)
    loose = {**MORE, "TMPDIR": str(tmp_path / "tmp"), "WATCHBILL_AS": "primary-1@medicalcor.example"}
    dead = {"GITHUB_API_URL": "http://127.0.0.1:9", "SLACK_API_URL": "http://127.0.0.1:9/"}
    return Person(at.folder, {**at.env, **loose, **dead, "GITHUB_REPOSITORY": "acme/policy"})


@pytest.mark.parametrize(
    ("pasted", "step"),
    [
        ("", 40),
        ("\n", 40),
        pytest.param("", 1, marks=pytest.mark.long),
        pytest.param("\n", 1, marks=pytest.mark.long),
        pytest.param("\t", 8, marks=pytest.mark.long),
    ],
    ids=["clean, some", "newline, some", "clean", "newline", "tab, some"],
)
def test_no_command_shows_or_keeps_a_secret(pasted: str, step: int, keeper: Person, tmp_path: Path) -> None:
    all_ = commands()
    assert len(all_) >= 100
    env = {name: value + pasted for name, value in CANARIES.items()}
    values = [*CANARIES.values(), *MORE.values()]
    shown = []
    for words in all_[::step]:
        ran = keeper.watchbill(*words, stdin="y\n", **env)
        assert ran.code != 1, (words, ran.err)
        shown += [(words, value) for value in values if value in ran.out + ran.err]
    assert not shown
    assert not leaks(tmp_path, values)
    print(f"{len(all_[::step])} commands")


@pytest.mark.parametrize("name", ["PAGERDUTY_TOKEN", *MORE])
def test_a_policy_that_holds_the_secret_is_not_an_echo(name: str, keeper: Person) -> None:
    """Whoever reads the log of a job need not be able to read its secrets."""
    value = {**CANARIES, **MORE}[name]
    file = keeper.policies / "vendors.yaml"
    file.write_text(f"{file.read_text('utf-8')}  x:\n    title: {json.dumps(value)}\n", "utf-8")
    for words in (("check",), ("vendor", "x"), ("vendor", "x", "--json")):
        ran = keeper.watchbill(*words, **{name: value})
        assert f"[{name}]" in ran.out + ran.err or words == ("check",), (words, ran.out, ran.err)
        assert value not in ran.out + ran.err
        assert json.dumps(value)[1:-1] not in ran.out + ran.err


def test_the_length_at_which_a_value_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, least in (("GITHUB_TOKEN", 6), ("VAULT_TOKEN", 12)):
        for length, is_hidden in ((least - 1, False), (least, True), (least + 1, True)):
            value = "s" * length
            monkeypatch.setenv(name, value)
            assert (without_secrets(f"a {value} b") == f"a [{name}] b") is is_hidden
        monkeypatch.delenv(name)


def test_the_token_of_the_sandbox_is_no_secret(keeper: Person) -> None:
    ran = keeper.watchbill("vendor", "sandbox-token-000001", PAGERDUTY_TOKEN="sandbox-token-000001")
    assert "sandbox-token-000001" in ran.err
