"""A bare repository behind the server, by git's own plumbing."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

ZERO = "0" * 40


class GitSaysNo(Exception):
    pass


@dataclass(frozen=True)
class Bare:
    folder: Path
    signed: set[str] = field(default_factory=set, compare=False)
    """Commits that GitHub made, and signed."""

    @classmethod
    def new(cls, folder: Path) -> Bare:
        made = cls(folder)
        folder.mkdir(parents=True)
        made.git("init", "--quiet", "--bare", "--initial-branch=main", str(folder))
        return made

    def raw(
        self,
        *words: str,
        stdin: bytes = b"",
        when: str = "2026-11-23T14:00:00Z",
        by: str = "",
        index: str = "",
    ) -> bytes:
        name, _, email = by.partition(" ")
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_DATE": when,
            "GIT_COMMITTER_DATE": when,
            "GIT_AUTHOR_NAME": name or "GitHub",
            "GIT_AUTHOR_EMAIL": email or "noreply@github.com",
            "GIT_COMMITTER_NAME": name or "GitHub",
            "GIT_COMMITTER_EMAIL": email or "noreply@github.com",
        }
        if index:
            env["GIT_INDEX_FILE"] = index
        done = subprocess.run(
            ["git", "-C", str(self.folder), "-c", "core.quotePath=false", *words],
            input=stdin,
            capture_output=True,
            env=env,
            check=False,
        )
        if done.returncode:
            raise GitSaysNo(done.stderr.decode("utf-8", "replace"))
        return done.stdout

    def git(self, *words: str, stdin: str = "", by: str = "") -> str:
        return self.raw(*words, stdin=stdin.encode(), by=by).decode("utf-8", "replace").strip()

    def find(self, name: str) -> str | None:
        """The commit of a branch, ref or id."""
        for ref in (f"refs/heads/{name}", name):
            try:
                return self.git("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
            except GitSaysNo:
                continue
        return None

    def fetch(self, other: Bare, commit: str) -> None:
        self.git("fetch", "--quiet", str(other.folder), f"{commit}:refs/fetched/{commit}")

    def merged_tree(self, base: str, head: str) -> str | None:
        """None where the two do not merge."""
        try:
            return self.git("merge-tree", "--write-tree", base, head).splitlines()[0]
        except GitSaysNo:
            return None

    def commit_tree(self, tree: str, parents: list[str], message: str, by: str = "") -> str:
        words = [word for parent in parents for word in ("-p", parent)]
        made = self.git("commit-tree", tree, *words, stdin=message, by=by)
        self.signed.add(made)
        return made

    def tree_of(self, entries: str) -> str:
        """`entries`: lines of mode, blob and path, as `update-index --index-info` takes them."""
        index = self.folder / "making-a-tree"
        index.unlink(missing_ok=True)
        self.raw("update-index", "--index-info", stdin=entries.encode(), index=str(index))
        return self.raw("write-tree", index=str(index)).decode().strip()

    def first_parents(self, base: str, head: str) -> list[str]:
        """Commits of `head` that `base` has not, oldest first."""
        return self.git("rev-list", "--reverse", f"{base}..{head}").split()

    def changed(self, base: str, head: str) -> list[tuple[str, str, str]]:
        """(status letter, name, name before a rename)"""
        told = self.raw("diff", "--name-status", "-z", "-M", f"{base}...{head}").decode("utf-8", "replace")
        words = told.split("\0")
        found, at = [], 0
        while at + 1 < len(words):
            letter = words[at][0]
            if letter in "RC":
                found.append((letter, words[at + 2], words[at + 1]))
                at += 3
            else:
                found.append((letter, words[at + 1], ""))
                at += 2
        return found
