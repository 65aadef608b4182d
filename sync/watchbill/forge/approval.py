"""Whether the right people approved: a code owner of every touched file, at the head commit, not who wants it.

What a repository's own settings demand may be more; this is judged by us, so that it also holds where branch
protection and environments cannot be had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from watchbill.forge.owner_history import Counted, History, OwnerHistory
from watchbill.forge.owners import PLACES, Owners
from watchbill.forge.port import Forge, Review
from watchbill.forge.pulls import Pull, pulls_that_brought

IsOwner = Callable[[str, str], bool]
"""(login, owner as CODEOWNERS writes it)"""


@dataclass(frozen=True, slots=True)
class Approval:
    pull: Pull
    by: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    """What is missing, in words; empty = approved."""
    missing: tuple[str, ...] = ()
    """Files that no owner of theirs approved."""

    @property
    def is_given(self) -> bool:
        return not self.lacks


def judge(
    pull: Pull, owners: Owners, folder: str, is_owner: IsOwner, may_write: Callable[[str], bool]
) -> Approval:
    """`folder`: where the policy is; every file in it must have an owner, and so must workflows
    and owners themselves; elsewhere a file may have none."""
    owned = owners.all_of(pull.files)
    unowned = [f for f, names in owned.items() if not names and _needs_owner(f, folder)]
    if unowned:
        return Approval(
            pull, lacks=(f"CODEOWNERS names nobody for {_some(unowned)}, so nobody can approve it",)
        )
    if pull.unattributed:
        return Approval(pull, lacks=tuple(f"{why}, so nobody can approve it" for why in pull.unattributed))
    if not any(owned.values()):
        return Approval(pull)
    last = {review.by: review for review in pull.reviews if review.state != "COMMENTED"}
    objections = [
        f"{login}, a code owner, requested changes"
        for login, review in last.items()
        if review.state == "CHANGES_REQUESTED" and may_write(login) and _owns_one(owned, login, is_owner)
    ]
    good, passed_over = _sorted_out(pull, last, may_write)
    missing = _without_owner(owned, good, is_owner)
    if not missing:
        return Approval(pull, by=tuple(good), lacks=tuple(objections))
    named = sorted({name for f in missing for name in owned[f]})
    lacks = [f"no approval by a code owner of {_some(missing)} ({', '.join(named)})"]
    return Approval(pull, by=tuple(good), lacks=(*lacks, *objections, *passed_over), missing=tuple(missing))


def _without_owner(owned: Mapping[str, Sequence[str]], logins: Iterable[str], is_owner: IsOwner) -> list[str]:
    """Files that have owners, none of whom is among these people."""
    return [
        f
        for f, names in owned.items()
        if names and not any(is_owner(login, name) for login in logins for name in names)
    ]


def _owns_one(owned: Mapping[str, Sequence[str]], login: str, is_owner: IsOwner) -> bool:
    return any(is_owner(login, name) for names in owned.values() for name in names)


def _needs_owner(file: str, folder: str) -> bool:
    """Policy and rules.  `folder`: "." where the policy is at the top of the repository."""
    return folder == "." or file.startswith((f"{folder}/", ".github/")) or file in PLACES


def _sorted_out(
    pull: Pull, last: Mapping[str, Review], may_write: Callable[[str], bool]
) -> tuple[list[str], list[str]]:
    """Logins whose last review is an approval that counts, and why the approvals of others do not."""
    good, why = [], []
    for login, review in last.items():
        if review.state != "APPROVED":
            continue
        if login.lower() in pull.wanted_by:
            why.append(f"{login} approved, but wants or wrote the change")
        elif review.commit != pull.head:
            why.append(f"{login} approved {review.commit[:9]}, the head is {pull.head[:9]}")
        elif not may_write(login):
            why.append(f"{login} approved, but may not write to this repository")
        else:
            good.append(login)
    return good, why


def _some(files: Sequence[str]) -> str:
    more = f" and {len(files) - 2} more" if len(files) > 2 else ""
    return ", ".join(files[:2]) + more


@dataclass
class Judge:
    """Asks GitHub each thing once."""

    forge: Forge
    base: str
    """The commit whose owners count."""
    folder: str
    git: History | None = None
    branch: str = "main"
    now: str = ""
    """The commit that is applied; "" = `base`."""
    _owns: dict[tuple[str, str], bool] = field(default_factory=dict)
    _writes: dict[str, bool] = field(default_factory=dict)

    def of(self, pull: Pull) -> Approval:
        given = judge(pull, self.owners, self.folder, self.is_owner, self.may_write)
        if self.counted.unowned:
            return replace(given, lacks=(self.counted.unowned, *given.lacks))
        return replace(given, lacks=(*given.lacks, *self.counted.problems)) if given.lacks else given

    @property
    def owners(self) -> Owners:
        """Of the base commit: a pull request cannot name its own approvers."""
        return self.counted.owners

    @cached_property
    def counted(self) -> Counted:
        assert self.git is not None
        history = OwnerHistory(
            self.git,
            self.folder,
            lambda sha: pulls_that_brought(self.forge, [sha], self.branch)[0],
            lambda pull, owners: judge(pull, owners, ".", self.is_owner, self.may_write).lacks,
        )
        return history.counted(self.base, self.now or self.base)

    def may_write(self, login: str) -> bool:
        if login not in self._writes:
            self._writes[login] = self.forge.may_write(login)
        return self._writes[login]

    def owns_some(self, login: str, files: Sequence[str]) -> bool:
        return _owns_one(self.owners.all_of(files), login, self.is_owner)

    def not_owned(self, login: str, files: Iterable[str]) -> list[str]:
        """The files of the policy and its rules among these that others own."""
        owned = self.owners.all_of(file for file in files if _needs_owner(file, self.folder))
        return _without_owner(owned, [login], self.is_owner)

    def is_owner(self, login: str, owner: str) -> bool:
        """A team's members are only known with a token that may read the organisation's teams."""
        key = (login, owner.lower())
        if key not in self._owns:
            self._owns[key] = self._is_owner(login, owner)
        return self._owns[key]

    def _is_owner(self, login: str, owner: str) -> bool:
        if owner.startswith("@") and "/" not in owner:
            return owner[1:].lower() == login.lower()
        if owner.startswith("@"):
            return self.forge.is_member(login, owner[1:])
        return self.forge.email_of(login).lower() == owner.lower()
