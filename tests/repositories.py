"""Real git repositories with a policy in them, committed at instants of one's choice."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Repo:
    """`git` must be installed.  Nothing of the user's own settings counts."""

    folder: Path
    author: str = "Ana"
    env: dict[str, str] = field(default_factory=dict)

    @classmethod
    def new(cls, folder: Path, branch: str = "main") -> Repo:
        folder.mkdir(parents=True, exist_ok=True)
        made = cls(folder)
        made.git("init", "--quiet", f"--initial-branch={branch}")
        made.git("config", "user.email", "ana@x.example")
        made.git("config", "user.name", made.author)
        return made

    def git(self, *words: str, when: str = "2026-01-01T00:00:00Z") -> str:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_DATE": when,
            "GIT_COMMITTER_DATE": when,
        }
        done = subprocess.run(
            ["git", "-C", str(self.folder), *words], capture_output=True, text=True, env=env, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def commit(self, when: str, subject: str = "change") -> str:
        """Everything there is; the id."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", subject, when=when)
        return self.git("rev-parse", "HEAD")
