"""The program behind `integration_keys`: what it gets, and which one may run."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from journeys.conftest import NOW, Person, Ran
from journeys.small import POLICY, Small
from watchbill.apply.keys import PATH
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

SECRETS = (
    *("PAGERDUTY_TOKEN", "PAGERDUTY_WEBHOOK_SECRET", "PAGERDUTY_WRITE_TOKEN", "PAGERDUTY_READ_TOKEN"),
    *("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_OUTPUT", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
    *("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "RUNNER_TEMP", "PHONE_ANA"),
    *("AWS_SECRET_ACCESS_KEY", "VAULT_TOKEN", "SSH_AUTH_SOCK", "PIP_INDEX_URL", "NODE_AUTH_TOKEN"),
)
CANARIES = {name: f"canary-{name.lower()}" for name in (*SECRETS, *(f"CANARY_{n}" for n in range(41)))}
KEEPS = (
    "import json, os, pathlib, sys; "
    "pathlib.Path(sys.argv[1]).write_text(json.dumps([dict(os.environ), os.getcwd(), os.listdir('.')]))"
)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    with Sandbox(clock=NOW, options=SandboxOptions(), record=True) as sandbox:
        made = Small.new(tmp_path, sandbox)
        made.person.env["XDG_CONFIG_HOME"] = str(tmp_path / "home")
        yield made


def with_keys(keys: str, policy: str = POLICY) -> str:
    return policy.replace("new_schedules: layers", f"new_schedules: layers, integration_keys: {keys}")


def keeping(kept: Path, *names: str) -> str:
    return json.dumps({"command": [sys.executable, "-c", KEEPS, str(kept)], "env": names})


def apply(person: Person, *words: str, **env: str) -> Ran:
    return person.watchbill("apply", "--yes", "--waive", "changed=first", *words, **env)


def keys_in(sandbox: Sandbox) -> int:
    return sum(len(sandbox.store.children("integration", s["id"])) for s in sandbox.store.all("service"))


def test_the_program_gets_the_named_variables_and_no_other(small: Small, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    small.say(with_keys(keeping(kept, "VAULT_TOKEN", "CANARY_7")))
    small.repo.write("json.py", f"open({str(kept)!r} + '.module', 'w')\n")
    small.repo.commit(NOW)
    env = {**CANARIES, "PAGERDUTY_TOKEN": small.sandbox.token}
    assert len(env) == 60
    ran = apply(small.person, **env)
    assert ran.code == 0, ran.out + ran.err
    found, folder, files = json.loads(kept.read_text())
    assert found == {
        "PATH": PATH,
        "LANG": "C.UTF-8",
        "VAULT_TOKEN": CANARIES["VAULT_TOKEN"],
        "CANARY_7": CANARIES["CANARY_7"],
    }
    assert not Path(folder).exists(), "an empty folder that is gone afterwards"
    assert files == []
    assert not Path(f"{kept}.module").exists(), "a module of the checkout ran"


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ('{command: ["%s"], env: [VAULT_TOKEN]}', "env names VAULT_TOKEN, which is not set"),
        ('{command: ["%s", "{checkout}/tool.py"]}', "is in the checkout"),
        pytest.param(
            "{command: [only-in-the-users-path]}",
            "there is no program only-in-the-users-path",
            marks=pytest.mark.long,
        ),
    ],
)
def test_what_cannot_be_trusted_hands_nothing_over(
    small: Small, tmp_path: Path, keys: str, told: str
) -> None:
    tool = tmp_path / "bin" / "only-in-the-users-path"
    tool.parent.mkdir()
    tool.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    tool.chmod(0o755)
    keys = keys.replace("%s", sys.executable).replace("{checkout}", str(small.repo.folder))
    small.say(with_keys(keys))
    since = small.repo.git("rev-parse", "HEAD")
    ran = apply(small.person, "--applied", since, PATH=f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    assert ran.code == 13, ran.out + ran.err
    assert told in " ".join((ran.out + ran.err).split())
    assert not keys_in(small.sandbox)
    assert not (tmp_path / "ran").exists()


def test_a_command_that_is_not_committed_does_not_run(small: Small, tmp_path: Path) -> None:
    small.repo.write("policies/all.yaml", with_keys(keeping(tmp_path / "kept")))
    ran = apply(small.person)
    assert ran.code == 11, ran.out + ran.err
    assert "not the one of the commit" in ran.err
    assert "commit the settings and have them reviewed" in ran.err
    assert not small.sandbox.store.all("service")
    assert not (tmp_path / "kept").exists()


def test_a_command_runs_from_the_merge_after_its_own(small: Small, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    before = small.repo.git("rev-parse", "HEAD")
    small.say(with_keys(keeping(kept)))
    small.repo.write("README.md", "one more commit of the same pull request\n")
    changed = small.repo.commit(NOW)
    ran = apply(small.person, "--applied", before)
    assert ran.code == 11, ran.out + ran.err
    unknown = apply(small.person, "--applied", "0123456789" * 4)
    assert (unknown.code, "knows no commit" in unknown.err) == (2, True)
    saved = small.person.watchbill("plan", "--out", "plan.json", "--waive", "changed=first")
    assert saved.code == 0, saved.err
    ran = small.person.watchbill("apply", "plan.json", "--yes", "--applied", before)
    assert ran.code == 11, ran.out + ran.err
    assert f"new since {before[:9]}" in ran.err
    assert not small.sandbox.store.all("service")
    assert not kept.exists()
    assert apply(small.person, "--applied", changed).code == 0
    assert kept.exists()


@pytest.mark.long
def test_more_variables_than_before_are_a_new_command(small: Small, tmp_path: Path) -> None:
    small.say(with_keys(keeping(tmp_path / "kept")))
    small.say(with_keys(keeping(tmp_path / "kept", "VAULT_TOKEN")))
    ran = apply(small.person, VAULT_TOKEN="x")
    assert ran.code == 11, ran.out + ran.err
    assert not (tmp_path / "kept").exists()


def test_a_folder_that_looks_like_a_bare_repository_hides_nothing(small: Small, tmp_path: Path) -> None:
    """Files that git takes for a repository, committed into the policy folder: no commit is found from there."""
    for name, text in {
        "HEAD": "ref: refs/heads/main\n",
        "objects/x": "",
        "refs/x": "",
        "config": "[core]\n",
    }.items():
        small.repo.write(f"policies/{name}", text)
    small.repo.write("policies/all.yaml", with_keys(keeping(tmp_path / "kept")))
    ran = apply(small.person)
    assert ran.code == 11, ran.out + ran.err
    assert not (tmp_path / "kept").exists()


def test_in_ci_a_policy_outside_of_git_runs_no_command(small: Small, tmp_path: Path) -> None:
    (small.repo.folder / ".git").rename(tmp_path / "git")
    small.repo.folder.joinpath("policies/all.yaml").write_text(with_keys(keeping(tmp_path / "kept")))
    ran = apply(small.person, CI="true")
    assert ran.code == 11, ran.out + ran.err
    assert "nobody reviewed the command" in ran.err
    assert not (tmp_path / "kept").exists()
    assert apply(small.person).code == 0, "on a person's own machine"
