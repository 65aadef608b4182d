"""Asking git, as a program: read only, never a lock, never a prompt."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from watchbill.errors import UsageError

_FORMAT = "%H%x00%ct%x00%an%x00%s"
_KEPT = (
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CEILING_DIRECTORIES",
    "GIT_EXEC_PATH",
)
"""Of the variables that git reads.  The others name programs, or were set by a hook for another folder."""
_QUIET = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
_INERT = {
    "core.alternateRefsCommand": "",
    "core.askPass": "",
    "core.editor": "false",
    "core.fsmonitor": "",
    "core.gitProxy": "",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "core.sshCommand": "false",
    "credential.helper": "",
    "diff.external": "",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",
    "log.showSignature": "false",
    "maintenance.auto": "false",
    "protocol.ext.allow": "never",
    "safe.bareRepository": "explicit",
    "submodule.recurse": "false",
}
"""The configuration of an untrusted repository starts no program."""
COMPARED = ("--no-textconv", "--no-ext-diff")
"""For every git command that compares contents."""
_FILTERS = r"^filter\..*\.(clean|smudge|process|required)$"
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Commit:
    id: str
    at: int
    """When it was committed, seconds since the epoch."""
    author: str
    subject: str

    @property
    def short(self) -> str:
        return self.id[:9]


class GitError(Exception):
    """git said no; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Repository:
    """`prefix`: the policy folder below `top`, with a slash behind it; "" when it is the top."""

    folder: Path
    top: Path
    prefix: str
    settings: Mapping[str, str] = field(default_factory=dict, compare=False)
    """They win over the repository's own."""

    def ask(self, *words: str, stdin: bytes = b"") -> bytes:
        """Raises GitError."""
        return _run(self.top, *words, stdin=stdin, settings=self.settings)

    def commit(self, ref: str) -> Commit:
        """Raises UsageError for a name that is no commit."""
        try:
            found = self.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
            told = self.ask("log", "-1", f"--format={_FORMAT}", found.decode().strip())
        except GitError:
            hint = "a branch, a tag or a commit; a shallow clone lacks old ones (`git fetch --unshallow`)"
            raise UsageError(f"git knows no commit {ref!r} here", remedy=hint) from None
        return _commit(told)

    def merge_base(self, one: str, other: str) -> Commit:
        """Raises UsageError when the two have no common past."""
        ids = [self.commit(ref).id for ref in (one, other)]
        try:
            return self.commit(self.ask("merge-base", *ids).decode().strip())
        except GitError:
            raise UsageError(
                f"{one} and {other} have no common past", remedy=f"write {one}..{other}"
            ) from None

    def main_at(self, at: int) -> Commit | None:
        """The last change of the policy folder on the main branch up to that instant."""
        before = datetime.fromtimestamp(at, UTC).strftime("--before=%Y-%m-%dT%H:%M:%SZ")
        try:
            told = self.ask(
                "log", "-1", "--first-parent", before, f"--format={_FORMAT}", *self._main(), "--", self.where
            )
        except GitError:
            return None
        return _commit(told) if told.strip() else None

    def commits(self, most: int) -> Iterator[Commit]:
        """The changes of the policy folder that led to what is checked out, newest first."""
        told = self.ask("log", f"-{most}", f"--format={_FORMAT}", "HEAD", "--", self.where)
        yield from (_commit(line) for line in told.splitlines() if line.strip())

    def blobs(self, ids: Iterable[str]) -> Iterator[bytes]:
        """Contents of files, in the order asked."""
        asked = "".join(f"{id_}\n" for id_ in ids).encode()
        told, at = self.ask("cat-file", "--batch", stdin=asked) if asked else b"", 0
        while at < len(told):
            end = told.index(b"\n", at)
            length = int(told[at:end].split()[2])
            yield told[end + 1 : end + 1 + length]
            at = end + length + 2

    def before_changes_of(self, pattern: str, most: int) -> Iterator[Commit]:
        """What the policy folder was before each change that adds or takes away a line like that, newest first."""
        asked = ("log", f"-{most}", f"-G{pattern}", *COMPARED, "--format=%P", "HEAD", "--", self.where)
        try:
            told = self.ask(*asked)
        except GitError:  # so long a history that git takes more than a minute
            return
        for parent in dict.fromkeys(line.split()[0].decode() for line in told.splitlines() if line.split()):
            yield self.commit(parent)

    @property
    def where(self) -> str:
        return self.prefix or "."

    @property
    def is_shallow(self) -> bool:
        return self.ask("rev-parse", "--is-shallow-repository").strip() == b"true"

    @property
    def is_edited(self) -> bool:
        """The policy folder differs from the last commit."""
        # git looks into submodules with the configuration of theirs, and without ours
        asked = ("status", "--porcelain", "--untracked-files=all", "--ignore-submodules=all")
        return bool(self.ask(*asked, "--", self.where).strip())

    def main(self) -> str:
        """The origin's where there is one, else the one here."""
        return self._main()[-1]

    def _main(self) -> list[str]:
        """Both here and at the origin; where neither is called so, what is checked out."""
        told = self.ask("for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes/origin")
        known = set(told.decode("utf-8", "replace").split())
        if "refs/remotes/origin/HEAD" in known:
            origin = self.ask("symbolic-ref", "-q", "refs/remotes/origin/HEAD").decode().strip()
            names = [origin, origin.replace("refs/remotes/origin/", "refs/heads/")]
            return [name for name in names if name in known] or ["HEAD"]
        for name in ("main", "master"):
            found = [ref for ref in (f"refs/heads/{name}", f"refs/remotes/origin/{name}") if ref in known]
            if found:
                return found
        return ["HEAD"]


def repository(folder: Path) -> Repository | None:
    """None outside of git, in an empty repository, and where git is not installed."""
    try:
        told = _run(folder, "rev-parse", "--show-toplevel", "--show-prefix", "--verify", "HEAD")
    except GitError:
        return None
    top, prefix, _ = told.decode("utf-8", "surrogateescape").split("\n", 2)
    return Repository(folder, Path(top), prefix, _without_filters(folder))


def _without_filters(folder: Path) -> dict[str, str]:
    """Settings that switch every content filter of the repository off."""
    try:
        names = _run(folder, "config", "--null", "--name-only", "--get-regexp", _FILTERS)
    except GitError:  # there are none
        return {}
    return dict.fromkeys(filter(None, names.decode("utf-8", "surrogateescape").split("\0")), "")


def _run(folder: Path, *words: str, stdin: bytes = b"", settings: Mapping[str, str] | None = None) -> bytes:
    env = {**inert_environment(settings or {}), "GIT_ALLOW_PROTOCOL": ""}
    command = ["git", "-c", "core.quotePath=false", "--literal-pathspecs", "-C", str(folder), *words]
    try:
        done = subprocess.run(  # noqa: S603  no shell, and refs go through --end-of-options
            command, input=stdin, capture_output=True, check=False, timeout=_SECONDS, env=env
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitError(str(error)) from error
    if done.returncode:
        raise GitError(done.stderr.decode("utf-8", "replace").strip())
    return done.stdout


def inert_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """For git in a repository that somebody else made.  `settings` win over its configuration."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or k in _KEPT}
    return {**own, **_QUIET, **_as_environment({**_INERT, **settings})}


def _as_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """As git reads settings that win over every file; unlike `-c`, a name may hold an equals sign."""
    found = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(settings.items()):
        found |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return found


def _commit(told: bytes) -> Commit:
    id_, at, author, subject = told.decode("utf-8", "replace").rstrip("\n").split("\0")
    return Commit(id_, int(at), author, subject)
