"""A reader's machine: a fresh clone of this repository, what the README's first line leaves there, and a shell."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass, field
from pathlib import Path

from documented.shell import Watchbill
from shared import ROOT
from watchbill.sandbox.server import Sandbox
from watchbill.sandbox.store import Logged

_IDENTITY = "[user]\n\tname = Sam Reader\n\temail = sam@reader.example\n[init]\n\tdefaultBranch = main\n"
_SAVED = "as-saved"


@dataclass
class Ran:
    code: int
    out: str
    err: str


@dataclass
class Desk:
    folder: Path
    activate: str
    """The line that puts `watchbill` on the PATH."""
    env: dict[str, str] = field(default_factory=dict)
    account: Sandbox | None = None
    """The sandbox that answers while the desk works on a served one."""
    asked: int = 0
    """How many requests it had when the running command was started."""

    @property
    def clone(self) -> Path:
        return self.folder / "reader" / "watchbill"

    def requests(self) -> list[Logged]:
        return self.account.requests() if self.account else []

    @property
    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(self.folder / "tools"), os.environ["PATH"]])
        kept = {name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ}
        return {**kept, "PATH": path, "HOME": str(self._home), **self.env}

    def type(self, line: str, stdin: str = "", seconds: float = 120, **env: str) -> Ran:
        done = subprocess.run(
            self.words(line),
            cwd=self.clone,
            env={**self.environment, **env},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def words(self, line: str) -> list[str]:
        return ["bash", "-o", "pipefail", "-c", f"{self.activate}\n{line}"]

    def save(self) -> None:
        _git(self.clone, "tag", "--force", _SAVED)
        shutil.copytree(self._home, self.folder / "saved", symlinks=True, dirs_exist_ok=True)

    def reset(self) -> None:
        """As it was saved: files, branches, and what watchbill keeps in the home."""
        _git(self.clone, "checkout", "--quiet", "--force", "-B", "main", _SAVED)
        _git(self.clone, "clean", "--quiet", "-ffdx", "--exclude=.venv")
        shutil.rmtree(self._home, ignore_errors=True)
        shutil.copytree(self.folder / "saved", self._home, symlinks=True)

    @property
    def _home(self) -> Path:
        return self.folder / "reader" / "home"


def new_desk(folder: Path, watchbill: Watchbill, **env: str) -> Desk:
    """With the clone and its `.venv`; nothing was run in it."""
    desk = Desk(folder, activation(), env)
    (folder / "reader" / "home").mkdir(parents=True)
    (folder / "reader" / "home" / ".gitconfig").write_text(_IDENTITY, "utf-8")
    (folder / "tools").mkdir()
    validator = Path(sys.executable).with_name("check-jsonschema")
    (folder / "tools" / validator.name).symlink_to(validator)
    upstream = _upstream(folder / "upstream")
    _git(folder, "clone", "--quiet", str(upstream), str(desk.clone))
    venv.create(desk.clone / ".venv", symlinks=True)
    watchbill.install(desk.clone / ".venv" / "bin" / "watchbill")
    return desk


def activation() -> str:
    """The README's own words."""
    return _in_readme(r"`(\. \S*activate)`")


def try_line() -> str:
    return _in_readme(r"## Try it\n.*?```sh\n([^\n]+)\n```")


def _in_readme(pattern: str) -> str:
    found = re.search(pattern, (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert found, pattern
    return found[1]


def _upstream(folder: Path) -> Path:
    """This repository with its history; what is not committed yet is one more commit on `main`."""
    _git(ROOT, "clone", "--quiet", "--no-hardlinks", "--single-branch", str(ROOT), str(folder))
    _git(folder, "checkout", "--quiet", "-B", "main")
    _git(folder, "rm", "--quiet", "-r", ".")
    listed = _git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--allow-empty", "-m", "what is not committed yet")
    return folder


def _git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=Pat", "-c", "user.email=pat@x.example")
    safe = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *words], capture_output=True, text=True, env=safe, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
