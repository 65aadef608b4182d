"""A forge in memory: the same rules as the port states, without a server."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TypeVar

from watchbill.errors import ForgeError
from watchbill.forge.port import (
    Comment,
    Commit,
    Proposal,
    Proposed,
    Reaction,
    Request,
    Review,
    Signature,
    State,
    Status,
    Thread,
)

BOT = "bot"
T = TypeVar("T")


@dataclass
class MemoryForge:
    """Of one repository; `me` is who acts."""

    name: str = "acme/runbook"
    me: str = BOT
    writers: set[str] = field(default_factory=set)
    teams: dict[str, set[str]] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    history: dict[str, list[Commit]] = field(default_factory=lambda: {"main": []})
    """By branch, newest first."""
    changed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Commit -> files."""
    requests: dict[int, Request] = field(default_factory=dict)
    threads: dict[int, Thread] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    labels: dict[int, str] = field(default_factory=dict)
    said: dict[int, list[Comment]] = field(default_factory=dict)
    reviews: dict[int, list[Review]] = field(default_factory=dict)
    marks: dict[str, list[Status]] = field(default_factory=dict)
    reactions: list[tuple[int, str, Reaction]] = field(default_factory=list)
    findings: list[tuple[bytes, str, str]] = field(default_factory=list)
    at: int = 1_764_000_000
    _ids: count[int] = field(default_factory=lambda: count(1))

    @property
    def bots(self) -> frozenset[str]:
        return frozenset({BOT})

    def may_write(self, login: str) -> bool:
        return login.lower() in self.writers

    def email_of(self, login: str) -> str:
        return self.emails.get(login, "")

    def is_member(self, login: str, team: str) -> bool:
        return login in self.teams.get(team, set())

    def commit(self, sha: str) -> Commit:
        if sha in self.history:
            return self.history[sha][0]
        found = (c for commits in self.history.values() for c in commits if c.sha == sha)
        return _found(next(found, None), sha)

    def newest(self, branch: str, most: int) -> list[str]:
        return [commit.sha for commit in self.history[branch][:most]]

    def statuses(self, sha: str) -> list[Status]:
        return self.marks.get(sha, [])[::-1]

    def put_status(self, sha: str, context: str, state: State, text: str) -> None:
        self.at += 1
        self.marks.setdefault(self.commit(sha).sha, []).append(Status(context, state, text, self.me, self.at))

    def upload_findings(self, sarif: bytes, commit: str, ref: str) -> str:
        self.findings.append((sarif, commit, ref))
        return ""

    def request(self, number: int) -> Request:
        found = _found(self.requests.get(number), str(number))
        commits = self.commits_of(number)
        return replace(found, commits=len(commits), files=len(self.files_of(number)))

    def requests_with(self, sha: str) -> list[Request]:
        return [r for r in self.requests.values() if sha in {c.sha for c in self.commits_of(r.number)}]

    def open_requests(self, source: str) -> list[Request]:
        branch = source.partition(":")[2]
        return [r for r in self.requests.values() if r.is_open and r.branch == branch]

    def rejected_requests(self, prefix: str) -> list[Request]:
        closed = [r for r in self.requests.values() if not r.is_open and not r.is_merged]
        return [r for r in reversed(closed) if r.branch.startswith(prefix)][:100]

    def commits_of(self, number: int) -> list[Commit]:
        pull = self.requests[number]
        base = {commit.sha for commit in self.history[pull.base]} if not pull.is_merged else set()
        return [c for c in self.history.get(pull.branch, []) if c.sha not in base][::-1]

    def files_of(self, number: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys(f for commit in self.commits_of(number) for f in self.changed[commit.sha]))

    def reviews_of(self, number: int) -> tuple[Review, ...]:
        return tuple(self.reviews.get(self.request(number).number, ()))

    def push(self, branch: str, files: tuple[str, ...], by: str, message: str = "change") -> str:
        """A commit on top of the branch, or of main."""
        mine = Signature(by, f"{by}@x.example")
        made = Commit(f"{next(self._ids):040x}", message, mine, mine, 1, is_by_forge=False)
        self.history[branch] = [made, *self.history.get(branch, self.history["main"])]
        self.changed[made.sha] = files
        for number, pull in self.requests.items():
            if pull.branch == branch and pull.is_open:
                self.requests[number] = replace(pull, head=made.sha)
        return made.sha

    def propose(self, wish: Proposal) -> Proposed:
        self.history.pop(wish.branch, None)
        head = self.push(wish.branch, tuple(sorted(wish.files)), self.me, wish.message or wish.title)
        for pull in self.open_requests(f"acme:{wish.branch}"):
            self.requests[pull.number] = replace(pull, title=wish.title, body=wish.body)
            return Proposed(pull.number, pull.url, head, is_new=False)
        number = self.open_request(wish.branch, wish.title, wish.body, self.me, base=wish.base)
        return Proposed(number, self.requests[number].url, head, is_new=True)

    def open_request(
        self, branch: str, title: str = "t", body: str = "", by: str = "ana", base: str = "main"
    ) -> int:
        number = self._number()
        tip = self.history[base][0].sha if self.history[base] else ""
        head = self.history[branch][0].sha
        url = f"memory:{number}"
        self.requests[number] = Request(
            number, title, url, body, by, head, branch, base, tip, is_open=True, is_merged=False
        )
        self.threads[number] = Thread(number, title, body, by, url, is_request=True)
        return number

    def withdraw(self, number: int) -> None:
        pull = self.requests[number]
        self.requests[number] = replace(pull, is_open=False)
        del self.history[pull.branch]

    def thread(self, number: int) -> Thread:
        return _found(self.threads.get(number), str(number))

    def open_threads(self, label: str) -> list[Thread]:
        return [t for n, t in self.threads.items() if self.labels.get(n) == label and n not in self.closed]

    def start_thread(self, title: str, body: str, label: str) -> Thread:
        number = self._number()
        self.labels[number] = label
        self.threads[number] = made = Thread(number, title, body, self.me, f"memory:{number}")
        return made

    def edit_thread(self, number: int, *, title: str, body: str) -> None:
        self.threads[number] = replace(self.thread(number), title=title, body=body)

    def close_thread(self, number: int, text: str, *, is_done: bool = True) -> None:
        self.add_comment(number, text)
        self.closed.add(number)

    def comments(self, number: int) -> list[Comment]:
        return list(self.said.get(number, ()))

    def comment(self, number: int, comment: int) -> Comment:
        return _found(next((c for c in self.comments(number) if c.id == comment), None), str(comment))

    def add_comment(self, number: int, body: str) -> Comment:
        made = Comment(next(self._ids), self.me, body, f"memory:{number}")
        self.said.setdefault(self.thread(number).number, []).append(made)
        return made

    def edit_comment(self, number: int, comment: int, body: str) -> None:
        old = self.comment(number, comment)
        self.said[number][self.said[number].index(old)] = replace(old, body=body, is_edited=True)

    def react(self, number: int, comment: int, reaction: Reaction) -> None:
        self.reactions.append((self.comment(number, comment).id, self.me, reaction))

    def _number(self) -> int:
        return max([0, *self.threads, *self.requests]) + 1


def _found(found: T | None, what: str) -> T:
    if found is None:
        raise ForgeError(f"{what} is not there")
    return found
