"""Which owners count: those of CODEOWNERS as far as each of its changes was approved by an owner of CODEOWNERS.

The history begins where the policy folder begins.  A change that nobody approved does not count, and no later one
either, until it is approved or taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from watchbill.errors import ForgeError
from watchbill.forge.owners import PLACES, Owners, read_owners
from watchbill.forge.pulls import Pull


class History(Protocol):
    def ask(self, *words: str) -> bytes:
        """What git prints at the top of the repository; names of files are taken literally."""


Brought = Callable[[str], Sequence[Pull]]
"""The merged pull requests that brought a commit of the main branch; none for a commit pushed without one."""
Lacks = Callable[[Pull, Owners], Sequence[str]]
"""What the approval of a pull request lacks, judged by these owners for all its files."""


@dataclass(frozen=True, slots=True)
class File:
    """CODEOWNERS at one commit."""

    place: str = ""
    """From the top of the repository; "" where there is none."""
    text: str = ""

    @property
    def owners(self) -> Owners:
        return read_owners(self.text)

    @property
    def owns_itself(self) -> bool:
        return bool(self.owners.of(self.place))


@dataclass(frozen=True, slots=True)
class Counted:
    owners: Owners
    problems: tuple[str, ...] = ()
    """Changes that do not count, in words, each with what to do."""
    unowned: str = ""
    """Why no approval counts: CODEOWNERS does not own itself now; with the line to add."""


@dataclass(frozen=True, slots=True)
class OwnerHistory:
    git: History
    folder: str
    """Of the policy, from the top of the repository; "." where it is the top."""
    brought: Brought
    lacks: Lacks

    def counted(self, before: str, now: str) -> Counted:
        """The owners of the commit `before`; whether CODEOWNERS owns itself is asked of the commit `now`.

        Raises ForgeError for a shallow clone.
        """
        if self.git.ask("rev-parse", "--is-shallow-repository").strip() == b"true":
            raise ForgeError(
                "this clone has no full history, so the owners cannot be judged",
                remedy="clone without a depth; in a workflow: actions/checkout with `fetch-depth: 0`",
            )
        counts, left = self._walked(before)
        return Counted(counts.owners, tuple(left), self._unowned(now))

    def _unowned(self, now: str) -> str:
        file = self._file(now)
        if not file.text or file.owns_itself:
            return ""
        line = f"/{file.place} {' '.join(self._policy_owners(now, file)) or '@OWNER'}"
        return (
            f"{file.place} does not own itself, so anybody could add an owner; add the line `{line}` in a pull "
            "request that an owner of the policy approves"
        )

    def _walked(self, commit: str) -> tuple[File, list[str]]:
        """The file that counts, and the changes since that do not."""
        first, *changes = self._changes(commit)
        counts, left = self._file(first), list[str]()
        for change in changes:
            now = self._file(change)
            if now == counts:
                left.clear()
                continue
            missing = self._missing(change, counts)
            if missing:
                left.append(missing)
            elif not left:
                counts = now
        return counts, left

    def _changes(self, commit: str) -> list[str]:
        """The commit where the policy began, then those that touch CODEOWNERS, oldest first."""
        walk = ("rev-list", "--first-parent", "--reverse")
        begin = self.git.ask(*walk, commit, "--", self.folder).decode().split()[:1] or [commit]
        return begin + self.git.ask(*walk, f"{begin[0]}..{commit}", "--", *PLACES).decode().split()

    def _file(self, commit: str) -> File:
        found = self.git.ask("ls-tree", "-z", "--full-tree", commit, "--", *PLACES).decode("utf-8", "replace")
        ids = {name: head.split()[2] for head, _, name in (e.partition("\t") for e in found.split("\0") if e)}
        place = next((place for place in PLACES if place in ids), "")
        if not place:
            return File()
        return File(place, self.git.ask("cat-file", "blob", ids[place]).decode("utf-8", "replace"))

    def _missing(self, change: str, counts: File) -> str:
        """Why the change does not count; "" where an owner approved it, or where there was no file before."""
        if not counts.place:
            return ""
        owners = counts.owners
        if not counts.owns_itself:
            names = " ".join(self._policy_owners(change, counts))
            owners = read_owners(f"{counts.text}\n/{counts.place} {names}\n")
        pulls = self.brought(change)
        if not pulls:
            return (
                f"{change[:9]} changed {counts.place} without a pull request, so that change does not count; "
                "take it back and propose it again"
            )
        for pull in pulls:
            why = self.lacks(replace(pull, files=(counts.place,)), owners)
            if why:
                return (
                    f"#{pull.number} changed {counts.place}, and that change does not count: {'; '.join(why)}; "
                    f"an owner of {counts.place} approves #{pull.number}, or it is taken back"
                )
        return ""

    def _policy_owners(self, commit: str, file: File) -> tuple[str, ...]:
        """They may make a file that nobody owns own itself."""
        names = files_below(self.git, commit, self.folder)
        return tuple(dict.fromkeys(owner for name in names for owner in file.owners.of(name)))


def files_below(git: History, commit: str, folder: str) -> list[str]:
    """From the top of the repository; `folder`: "." is all of it."""
    words = ("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit)
    listed = git.ask(*words, *(() if folder == "." else ("--", folder)))
    return [name for name in listed.decode("utf-8", "surrogateescape").split("\0") if name]
