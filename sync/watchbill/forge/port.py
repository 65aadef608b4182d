"""What watchbill asks of a forge, in words that GitHub, GitLab and others share.

Logins are compared without regard to case; an empty login is somebody unknown to the forge.  All methods raise ForgeError
for what the forge refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

Reaction = Literal["eyes", "+1", "-1", "confused"]
State = Literal["success", "failure", "pending"]


@dataclass(frozen=True, slots=True)
class Signature:
    """A name in a commit.  `login` is empty where the address belongs to no account."""

    login: str
    email: str


@dataclass(frozen=True, slots=True)
class Commit:
    sha: str
    message: str
    author: Signature
    committer: Signature
    parents: int
    is_by_forge: bool
    """Committed on the forge's own pages, and signed by it."""


@dataclass(frozen=True, slots=True)
class Review:
    by: str
    state: str
    """APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED."""
    commit: str


@dataclass(frozen=True, slots=True)
class Request:
    """A pull request, or a merge request."""

    number: int
    title: str
    url: str
    body: str
    author: str
    head: str
    """The last commit: of the branch, or as it was merged."""
    branch: str
    base: str
    """Branch it goes to."""
    base_commit: str
    """The base branch at the merge, or as far as it is known."""
    is_open: bool
    is_merged: bool
    commits: int = 0
    files: int = 0


@dataclass(frozen=True, slots=True)
class Comment:
    id: int
    author: str
    body: str
    url: str
    is_edited: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """An issue, or the conversation of a request: the two share their numbers."""

    number: int
    title: str
    body: str
    author: str
    url: str
    is_request: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """Of a commit.  `at`: seconds since 1970."""

    context: str
    state: str
    text: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Proposal:
    branch: str
    title: str
    body: str
    files: Mapping[str, str | None]
    """Path from the top of the repository -> new text; None deletes it."""
    base: str = "main"
    message: str = ""
    """Of the commit; the title if empty."""
    on: str = ""
    """Commit the files were edited on; the base's last one if empty."""


@dataclass(frozen=True, slots=True)
class Proposed:
    number: int
    url: str
    head: str
    is_new: bool


class Forge(Protocol):
    """One repository."""

    @property
    def name(self) -> str:
        """owner/name"""

    @property
    def me(self) -> str:
        """The login that our comments carry."""

    @property
    def bots(self) -> frozenset[str]:
        """Logins that our workflows act under, lower case."""

    # --- people

    def may_write(self, login: str) -> bool: ...
    def email_of(self, login: str) -> str:
        """The public one; "" without one."""

    def is_member(self, login: str, team: str) -> bool:
        """`team`: org/team.  False also where the token may not see the team."""

    # --- commits

    def commit(self, sha: str) -> Commit:
        """Of an id or a branch."""

    def newest(self, branch: str, most: int) -> list[str]: ...
    def statuses(self, sha: str) -> list[Status]:
        """Newest first."""

    def put_status(self, sha: str, context: str, state: State, text: str) -> None: ...
    def upload_findings(self, sarif: bytes, commit: str, ref: str) -> str:
        """Why the forge did not take them; "" = taken."""

    # --- requests

    def request(self, number: int) -> Request: ...
    def requests_with(self, sha: str) -> list[Request]: ...
    def open_requests(self, source: str) -> list[Request]:
        """`source`: owner:branch."""

    def rejected_requests(self, prefix: str) -> list[Request]:
        """Closed without a merge, from branches that begin with `prefix`; of the hundred closed last."""

    def commits_of(self, number: int) -> list[Commit]: ...
    def files_of(self, number: int) -> tuple[str, ...]:
        """Names before a rename too."""

    def reviews_of(self, number: int) -> tuple[Review, ...]: ...
    def propose(self, wish: Proposal) -> Proposed:
        """One commit on a branch of our own, made anew each time.  An open request from it is brought up to date."""

    def withdraw(self, number: int) -> None:
        """Closes the request and deletes its branch."""

    # --- threads

    def thread(self, number: int) -> Thread: ...
    def open_threads(self, label: str) -> list[Thread]: ...
    def start_thread(self, title: str, body: str, label: str) -> Thread: ...
    def edit_thread(self, number: int, *, title: str, body: str) -> None: ...
    def close_thread(self, number: int, text: str, *, is_done: bool = True) -> None:
        """With a last comment."""

    def comments(self, number: int) -> list[Comment]: ...
    def comment(self, number: int, comment: int) -> Comment: ...
    def add_comment(self, number: int, body: str) -> Comment: ...
    def edit_comment(self, number: int, comment: int, body: str) -> None: ...
    def react(self, number: int, comment: int, reaction: Reaction) -> None: ...
