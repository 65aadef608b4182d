"""Attacks that lead from a checkout, a plan or a settings file to code, to a secret or to a file elsewhere."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from github_server.team import PEOPLE, ROTATIONS, team_at
from github_server.team import started as team_started
from journeys.attacks import Attack
from journeys.conftest import NOW, Person, clean_environment
from journeys.small import POLICY, Small
from policy_text import SETTINGS
from repositories import Repo
from watchbill.sandbox.options import SandboxOptions
from watchbill.sandbox.server import Sandbox

CANARY = "canary-of-the-token"
SECRETS = dict.fromkeys(("GITHUB_TOKEN", "GH_TOKEN", "SLACK_BOT_TOKEN", "ACTIONS_RUNTIME_TOKEN"), CANARY)
PRINTS = "import os, pathlib, sys; pathlib.Path(sys.argv[1]).write_text(repr(dict(os.environ)))"
INERT = "nothing of the checkout ran"


def with_keys(keys: str) -> str:
    return POLICY.replace("new_schedules: layers", f"new_schedules: layers, integration_keys: {keys}")


def printing(kept: Path) -> str:
    return json.dumps({"command": [sys.executable, "-c", PRINTS, str(kept)]})


@contextmanager
def small(folder: Path) -> Iterator[Small]:
    with Sandbox(clock=NOW, options=SandboxOptions(), record=True) as sandbox:
        yield Small.new(folder, sandbox)


def reading(folder: Path, text: str = POLICY) -> tuple[Person, Repo]:
    """A person in a repository, and no account."""
    repo = Repo.new(folder / "repository")
    repo.write("policies/all.yaml", text)
    repo.commit(NOW)
    return Person(repo.folder, clean_environment(folder / "home")), repo


def trap(folder: Path) -> tuple[Path, Path]:
    """A program, and the file that it leaves."""
    ran, program = folder / "ran", folder / "trap"
    program.write_text(f"#!/bin/sh\necho $0 >>{ran}\ncat\n")
    program.chmod(0o755)
    return program, ran


def checked(text: str) -> Callable[[Path], str]:
    def run(folder: Path) -> str:
        person, _ = reading(folder, text)
        ran = person.watchbill("check", **SECRETS)
        assert ran.code == 3, ran.out + ran.err
        assert not (folder / "ran").exists()
        return " ".join((ran.out + ran.err).split())

    return run


def environment_is_printed(folder: Path) -> str:
    with small(folder) as at:
        at.say(with_keys(printing(folder / "kept")))
        at.repo.commit(NOW)
        ran = at.person.watchbill("apply", "--yes", "--waive", "changed=first", **SECRETS)
        assert ran.code == 0, ran.err
        text = (folder / "kept").read_text()
        assert CANARY not in text
        assert at.sandbox.token not in text
        return text


def command_is_changed_and_applied(folder: Path) -> str:
    """Through the workflows, with the yes of an owner."""
    with team_at(folder) as team:
        team_started(team)
        keys = f"  pagerduty: {{integration_keys: {printing(folder / 'kept')}}}\n"
        settings = SETTINGS.replace("settings: {", "settings:\n  ").replace(
            ", organization", "\n  organization"
        )
        settings = settings.replace(", time_zone", "\n  time_zone").replace(", hours", "\n  hours")
        settings = settings.replace("RO}}}", "RO}}") + keys
        service = "services:\n  shop: {title: Shop, ladder: web}\n"
        files = {"policies/base.yaml": settings + PEOPLE, "policies/rotations.yaml": ROTATIONS + service}
        team.push("keys", dict(files))
        number = team.open_pull("keys")
        assert team.planned(number).result == "success"
        team.review(number, "ben")
        writes = team.writes()
        job = team.applied(team.merge(number))
        assert job.result == "failure", job.log
        assert team.writes() == writes
        assert not (folder / "kept").exists()
        return team.told(number, "outcome")[-1].body


def uncommitted_command(folder: Path) -> str:
    with small(folder) as at:
        at.repo.write("policies/all.yaml", with_keys(printing(folder / "kept")))
        ran = at.person.watchbill("apply", "--yes", "--waive", "changed=first")
        assert ran.code == 11
        assert not (folder / "kept").exists()
        return ran.err


def module_next_to_it(folder: Path) -> str:
    """Modules that Python, pip or watchbill would import, were the checkout on their path."""
    person, repo = reading(folder)
    names = (
        "pip",
        "sitecustomize",
        "usercustomize",
        "json",
        "click",
        "watchbill",
        "pydantic",
        "conftest",
        "noxfile",
    )
    for name in names:
        repo.write(f"{name}.py", f"open({str(folder / 'ran')!r}, 'a').write('{name} ')\n")
        repo.write(f"policies/{name}.py", f"open({str(folder / 'ran')!r}, 'a').write('{name} ')\n")
    for name in (".env", ".envrc", "pyvenv.cfg", "setup.cfg", "pip.conf"):
        repo.write(name, "PYTHONPATH=.\n[global]\nindex-url = http://127.0.0.1:1\n")
    repo.commit(NOW)
    program = Path(sys.executable).parent / "watchbill"
    for words in (
        (str(program), "check"),
        (str(program), "plan", "--sandbox"),
        (sys.executable, "-I", "-m", "pip", "--version"),
    ):
        subprocess.run(words, cwd=repo.folder, env=person.env, capture_output=True, check=False)
    ran = folder / "ran"
    return ran.read_text() if ran.exists() else INERT


def modules_in_a_pull_request(folder: Path) -> str:
    """Checked, planned, and, since nobody approved it, not applied: no job imports them."""
    with team_at(folder) as team:
        names = ("json.py", "sitecustomize.py", "click.py", "pydantic/__init__.py", "watchbill/__init__.py")
        wicked = f"open({str(folder / 'ran')!r}, 'a').write(__name__)\n"
        policy = {"policies/rotations.yaml": ROTATIONS.replace("repeat: 1", "repeat: 2")}
        team.push("modules", {**dict.fromkeys(names, wicked), **policy})
        number = team.open_pull("modules")
        assert team.checked(number).result == "success"
        assert team.planned(number).result == "success"
        writes = team.writes()
        assert team.applied(team.merge(number)).result == "failure"
        assert team.writes() == writes
        assert not (folder / "ran").exists(), (folder / "ran").read_text()
        return team.told(number, "outcome")[-1].body


def configured(settings: dict[str, str], attributes: str = "") -> Callable[[Path], str]:
    def run(folder: Path) -> str:
        person, repo = reading(folder)
        program, ran = trap(folder)
        repo.write("evil.gitconfig", f"[core]\n fsmonitor = {program}\n")
        repo.write(".gitattributes", attributes)
        repo.commit(NOW)
        (folder / "hooks").mkdir()
        for hook in ("post-index-change", "reference-transaction", "post-checkout"):
            (folder / "hooks" / hook).symlink_to(program)
        for name, value in settings.items():
            repo.git("config", name, value.format(run=program, folder=folder / "hooks"))
        repo.write("policies/all.yaml", POLICY + "# not committed\n")
        for words in (("who",), ("why", "first"), ("diff", "HEAD~1..HEAD")):
            done = person.watchbill(*words)
            assert done.code == 0, done.err
        return ran.read_text() if ran.exists() else INERT

    return run


def link_out_of_the_folder(folder: Path) -> str:
    person, repo = reading(folder)
    (person.policies / "x.yaml").symlink_to("/etc/passwd")
    repo.commit(NOW)
    ran = person.watchbill("check")
    assert ran.code == 3
    assert "root:" not in ran.out + ran.err
    return " ".join((ran.out + ran.err).split())


def plan_of_another(folder: Path) -> str:
    """What it writes stays the same; the commit that was reviewed does not."""
    with small(folder) as at:
        saved = at.person.watchbill("plan", "--out", "plan.json")
        assert saved.code == 0, saved.err
        file = at.person.folder / "plan.json"
        assert file.stat().st_mode & 0o077 == 0, "others can read it"
        plan = json.loads(file.read_text())
        plan["policy"]["commit"] = "0" * 40
        file.write_text(json.dumps(plan))
        ran = at.person.watchbill("apply", "plan.json", "--yes")
        assert ran.code == 12
        assert not at.sandbox.store.all("service")
        return ran.err


def cache_rewritten(folder: Path) -> str:
    """Files with another answer, wherever watchbill left any."""
    person, _ = reading(folder, POLICY + "# " + "-" * 20_000 + "\n")
    before = person.watchbill("who", XDG_CACHE_HOME=str(folder / "home" / "cache"))
    kept = [p for p in (folder / "home").rglob("*") if p.is_file()]
    for file in kept:
        file.write_text(file.read_text("utf-8", "replace").replace("ana", "ben"))
    after = person.watchbill("who", XDG_CACHE_HOME=str(folder / "home" / "cache"))
    assert (before.code, before.out) == (after.code, after.out)
    return f"{len(kept)} files are kept"


def template_with_code(folder: Path) -> str:
    text = POLICY + (
        "messages:\n  open:\n    title: Opened\n    fields: {what: {type: line}}\n"
        '    text: "{{ what.__class__.__mro__[1].__subclasses__() }} {{ cycler.__init__ }} {% import os %}"\n'
    )
    person, _ = reading(folder, text)
    ran = person.watchbill("check")
    assert ran.code == 3, ran.out + ran.err
    return " ".join((ran.out + ran.err).split())


def folder_as_a_repository(folder: Path) -> str:
    """Committed files that git takes for a bare repository, with a configuration of their own."""
    person, repo = reading(folder)
    program, ran = trap(folder)
    for name, text in {
        "HEAD": "ref: refs/heads/main\n",
        "objects/x": "",
        "refs/x": "",
        "config": f"[core]\n\tfsmonitor = {program}\n\trepositoryformatversion = 0\n",
    }.items():
        repo.write(f"policies/{name}", text)
    repo.commit(NOW)
    for words in (("who",), ("why", "first"), ("check",)):
        person.watchbill(*words)
    shutil.rmtree(person.policies / "refs")
    return ran.read_text() if ran.exists() else INERT


ATTACKS = (
    Attack("a command prints its environment", environment_is_printed, r"^\{[^{}]*'PATH'"),
    Attack(
        "a pull request changes the command and adds a service, an owner approves, it is merged and applied",
        command_is_changed_and_applied,
        r"command of integration_keys",
    ),
    Attack(
        "a command is written into the files of a clone", uncommitted_command, "not the one of the commit"
    ),
    Attack(
        "env names the job's token",
        checked(with_keys("{command: [vault], env: [GITHUB_TOKEN]}")),
        "the program may not get GITHUB_TOKEN",
        is_quick=True,
    ),
    Attack(
        "env names a variable that loads code",
        checked(with_keys("{command: [vault], env: [LD_PRELOAD]}")),
        "the program may not get LD_PRELOAD",
        is_quick=True,
    ),
    Attack(
        "the command is a file of the checkout",
        checked(with_keys("{command: [./tools/store.sh]}")),
        "is a relative path",
        is_quick=True,
    ),
    Attack("pip.py and sitecustomize.py lie in the checkout", module_next_to_it, INERT),
    Attack(
        "a pull request brings modules under the names of ours, and is merged without a review",
        modules_in_a_pull_request,
        "approv",
    ),
    Attack(
        "git's configuration includes a committed file",
        configured({"include.path": "../evil.gitconfig"}),
        INERT,
    ),
    Attack(
        "an attribute names a textconv", configured({"diff.evil.textconv": "{run}"}, "* diff=evil\n"), INERT
    ),
    Attack("hooks wait in a folder", configured({"core.hooksPath": "{folder}"}), INERT),
    Attack("the policy folder is a repository of its own", folder_as_a_repository, INERT),
    Attack(
        "policies/x.yaml is a link to /etc/passwd",
        link_out_of_the_folder,
        "leads out of the policy folder",
        is_quick=True,
    ),
    Attack("a saved plan is edited by somebody else", plan_of_another, "was edited after it was made"),
    Attack("what watchbill keeps between runs is rewritten", cache_rewritten, "^0 files are kept"),
    Attack(
        "a YAML tag asks for a Python object",
        checked(POLICY + "rules: !!python/object/apply:os.system [touch ran]\n"),
        r"yaml-tag",
        is_quick=True,
    ),
    Attack("a template asks for classes", template_with_code, r"message-fields", is_quick=True),
)
