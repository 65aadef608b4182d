"""GitHub behind the port: the one module that imports PyGithub.  Its errors end here as ours."""

from __future__ import annotations

import base64
import gzip
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import islice
from urllib.parse import quote, urlsplit

import requests
from github import (
    Auth,
    BadCredentialsException,
    Github,
    GithubException,
    GithubRetry,
    InputGitTreeElement,
    RateLimitExceededException,
    UnknownObjectException,
)
from github.Commit import Commit
from github.Issue import Issue
from github.IssueComment import IssueComment
from github.NamedUser import NamedUser
from github.Organization import Organization
from github.PullRequest import PullRequest
from github.Repository import Repository
from pydantic import SecretStr

from watchbill import __version__
from watchbill.errors import ForgeError, UsageError
from watchbill.forge import port
from watchbill.forge.settings_reader import Answer

DEFAULT_URL = "https://api.github.com"
ACTIONS_BOT = "github-actions[bot]"
"""Who a workflow's own token acts as; such a token may not ask for its own name."""
_SECONDS = 30
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_NEVER_TWICE = frozenset({"GET", "PUT", "PATCH"})

_GITHUB_ITSELF = "web-flow"
"""Committer of what is done on its pages, the button "Update branch" included."""


@dataclass(frozen=True)
class GithubForge:
    github: Github
    name: str
    """owner/name"""
    named_bot: str = ""
    _pulls: dict[int, PullRequest] = field(default_factory=dict, repr=False)
    _issues: dict[int, Issue] = field(default_factory=dict, repr=False)

    @cached_property
    def repo(self) -> Repository:
        return self.github.get_repo(self.name)

    @cached_property
    def me(self) -> str:
        if self.named_bot:
            return self.named_bot
        try:
            return self.github.get_user().login
        except GithubException as refused:
            if refused.status == 403 and not isinstance(refused, BadCredentialsException):
                return ACTIONS_BOT
            raise

    @property
    def bots(self) -> frozenset[str]:
        return frozenset({ACTIONS_BOT, self.named_bot.lower()} - {""})

    # --- people

    def may_write(self, login: str) -> bool:
        answer = self.ask(f"/repos/{self.name}/collaborators/{quote(login)}/permission")
        return answer.found and answer.body.get("permission") in {"admin", "maintain", "write"}

    def email_of(self, login: str) -> str:
        return str(self.github.get_user(login).email or "")

    def is_member(self, login: str, team: str) -> bool:
        org, _, name = team.partition("/")
        answer = self.ask(f"/orgs/{org}/teams/{name}/memberships/{quote(login)}")
        return answer.found and answer.body.get("state") == "active"

    # --- commits

    def commit(self, sha: str) -> port.Commit:
        return _commit(self.repo.get_commit(sha))

    def newest(self, branch: str, most: int) -> list[str]:
        return [commit.sha for commit in islice(self.repo.get_commits(sha=branch), most)]

    def statuses(self, sha: str) -> list[port.Status]:
        """PyGithub asks at a legacy address, `/statuses/SHA`, that GitHub no longer documents."""
        _, told = self.github.requester.requestJsonAndCheck(
            "GET", f"/repos/{self.name}/commits/{sha}/statuses?per_page=100"
        )
        return [
            port.Status(
                status["context"],
                status["state"],
                status["description"] or "",
                (status.get("creator") or {}).get("login", ""),
                int(datetime.fromisoformat(status["created_at"]).timestamp()),
            )
            for status in told
        ]

    def put_status(self, sha: str, context: str, state: port.State, text: str) -> None:
        self.repo.get_commit(sha).create_status(state=state, description=text, context=context)

    def upload_findings(self, sarif: bytes, commit: str, ref: str) -> str:
        """Code scanning may be off, or not in this plan."""
        body = {
            "commit_sha": commit,
            "ref": ref,
            "sarif": base64.b64encode(gzip.compress(sarif, mtime=0)).decode(),
        }
        answer = self.ask(f"/repos/{self.name}/code-scanning/sarifs", "POST", body)
        return "" if answer.found else answer.message or str(answer.status)

    # --- requests

    def request(self, number: int) -> port.Request:
        self._pulls[number] = pull = self.repo.get_pull(number)
        return _request(pull, whole=True)

    def _pull(self, number: int) -> PullRequest:
        """As it was read last: its lists are asked for anew."""
        return self._pulls.get(number) or self.repo.get_pull(number)

    def requests_with(self, sha: str) -> list[port.Request]:
        return [_request(pull) for pull in self.repo.get_commit(sha).get_pulls()]

    def open_requests(self, source: str) -> list[port.Request]:
        return [_request(pull) for pull in self.repo.get_pulls(state="open", head=source)]

    def rejected_requests(self, prefix: str) -> list[port.Request]:
        closed = islice(self.repo.get_pulls(state="closed", sort="updated", direction="desc"), 100)
        found = [_request(pull) for pull in closed if pull.head.ref.startswith(prefix)]
        return [one for one in found if not one.is_merged]

    def commits_of(self, number: int) -> list[port.Commit]:
        return [_commit(commit) for commit in self._pull(number).get_commits()]

    def files_of(self, number: int) -> tuple[str, ...]:
        files = self._pull(number).get_files()
        return tuple(dict.fromkeys(name for f in files for name in (f.filename, f.previous_filename) if name))

    def reviews_of(self, number: int) -> tuple[port.Review, ...]:
        return tuple(
            port.Review(review.user.login, review.state, review.commit_id or "")
            for review in self._pull(number).get_reviews()
            if review.user is not None
        )

    def propose(self, wish: port.Proposal) -> port.Proposed:
        repo = self.repo
        onto = repo.get_git_commit(wish.on or repo.get_git_ref(f"heads/{wish.base}").object.sha)
        tree = repo.create_git_tree([_element(path, text) for path, text in wish.files.items()], onto.tree)
        made = repo.create_git_commit(wish.message or wish.title, tree, [onto])
        try:
            branch = repo.get_git_ref(f"heads/{wish.branch}")
        except UnknownObjectException:
            repo.create_git_ref(f"refs/heads/{wish.branch}", made.sha)
        else:
            branch.edit(made.sha, force=True)
        owner = self.name.partition("/")[0]
        for pull in repo.get_pulls(state="open", head=f"{owner}:{wish.branch}", base=wish.base):
            pull.edit(title=wish.title, body=wish.body)
            return port.Proposed(pull.number, pull.html_url, made.sha, is_new=False)
        pull = repo.create_pull(wish.base, wish.branch, title=wish.title, body=wish.body)
        return port.Proposed(pull.number, pull.html_url, made.sha, is_new=True)

    def withdraw(self, number: int) -> None:
        pull = self.repo.get_pull(number)
        pull.edit(state="closed")
        self.repo.get_git_ref(f"heads/{pull.head.ref}").delete()

    # --- threads

    def thread(self, number: int) -> port.Thread:
        self._issues[number] = issue = self.repo.get_issue(number)
        return _thread(issue)

    def _issue(self, number: int) -> Issue:
        if number not in self._issues:
            self._issues[number] = self.repo.get_issue(number)
        return self._issues[number]

    def open_threads(self, label: str) -> list[port.Thread]:
        return [_thread(issue) for issue in self.repo.get_issues(state="open", labels=[label])]

    def start_thread(self, title: str, body: str, label: str) -> port.Thread:
        return _thread(self.repo.create_issue(title, body=body, labels=[label]))

    def edit_thread(self, number: int, *, title: str, body: str) -> None:
        self._issue(number).edit(title=title, body=body)

    def close_thread(self, number: int, text: str, *, is_done: bool = True) -> None:
        issue = self._issue(number)
        issue.create_comment(text)
        issue.edit(state="closed", state_reason="completed" if is_done else "not_planned")

    def comments(self, number: int) -> list[port.Comment]:
        return [_comment(comment) for comment in self._issue(number).get_comments()]

    def comment(self, number: int, comment: int) -> port.Comment:
        return _comment(self._issue(number).get_comment(comment))

    def add_comment(self, number: int, body: str) -> port.Comment:
        return _comment(self._issue(number).create_comment(body))

    def edit_comment(self, number: int, comment: int, body: str) -> None:
        self._issue(number).get_comment(comment).edit(body)

    def react(self, number: int, comment: int, reaction: port.Reaction) -> None:
        self._issue(number).get_comment(comment).create_reaction(reaction)

    # --- settings, for `doctor --github`

    @property
    def url(self) -> str:
        return f"{self.github.requester.base_url}/repos/{self.name}"

    def setting(self, path: str) -> Answer:
        """`path`: below the repository."""
        return self.ask(f"/repos/{self.name}/{path}".rstrip("/"))

    def ask(self, path: str, method: str = "GET", body: object = None) -> Answer:
        """403 and 404 are answers."""
        try:
            _, told = self.github.requester.requestJsonAndCheck(method, path, input=body)
        except GithubException as refused:
            if refused.status not in {403, 404} or isinstance(refused, RateLimitExceededException):
                raise
            said = refused.data.get("message", "") if isinstance(refused.data, dict) else ""
            return Answer(refused.status, message=str(said))
        return Answer(200, told)


def _login(user: NamedUser | Organization | None) -> str:
    """GitHub may name nobody for who has left."""
    return user.login if user is not None else ""


def _commit(commit: Commit) -> port.Commit:
    verification = commit.commit.verification
    return port.Commit(
        sha=commit.sha,
        message=commit.commit.message,
        author=_signature(commit.author, commit.commit.author.email),
        committer=_signature(commit.committer, commit.commit.committer.email),
        parents=len(commit.parents),
        is_by_forge=_login(commit.committer) == _GITHUB_ITSELF
        and verification is not None
        and verification.verified,
    )


def _signature(user: NamedUser | Organization | None, email: str) -> port.Signature:
    """GitHub itself is nobody: anybody can write its name."""
    login = _login(user)
    return port.Signature("" if login == _GITHUB_ITSELF else login, email)


def _request(pull: PullRequest, *, whole: bool = False) -> port.Request:
    """Not `whole`: lists do not count commits and files."""
    return port.Request(
        number=pull.number,
        title=pull.title,
        url=pull.html_url,
        body=pull.body or "",
        author=_login(pull.user),
        head=pull.head.sha,
        branch=pull.head.ref,
        base=pull.base.ref,
        base_commit=pull.base.sha,
        is_open=pull.state == "open",
        is_merged=pull.merged_at is not None,
        commits=pull.commits if whole else 0,
        files=pull.changed_files if whole else 0,
    )


def _thread(issue: Issue) -> port.Thread:
    is_request = issue.pull_request is not None
    return port.Thread(
        issue.number, issue.title, issue.body or "", _login(issue.user), issue.html_url, is_request
    )


def _comment(comment: IssueComment) -> port.Comment:
    is_edited = comment.updated_at != comment.created_at
    return port.Comment(comment.id, _login(comment.user), comment.body or "", comment.html_url, is_edited)


def _element(path: str, text: str | None) -> InputGitTreeElement:
    if text is None:
        return InputGitTreeElement(path, "100644", "blob", sha=None)
    return InputGitTreeElement(path, "100644", "blob", content=text)


@contextmanager
def open_forge(
    repository: str, token: SecretStr, *, api_url: str = DEFAULT_URL, bot: str = ""
) -> Iterator[GithubForge]:
    """Raises UsageError for a name or address that is none; inside, ForgeError for whatever GitHub refuses."""
    owner, _, name = repository.partition("/")
    if not owner or not name or "/" in name:
        raise UsageError(
            f"{repository!r} is no repository", remedy="write owner/name, or set GITHUB_REPOSITORY"
        )
    where = urlsplit(api_url)
    local = where.hostname in _LOOPBACK
    if where.scheme != "https" and not (where.scheme == "http" and local):
        raise UsageError(f"{api_url} is not https", remedy="plain http only goes to this machine")
    logging.getLogger("github").setLevel(logging.CRITICAL)  # it writes refusals that we expect to stderr
    github = Github(
        base_url=api_url.rstrip("/"),
        auth=Auth.Token(token.get_secret_value()),
        user_agent=f"watchbill/{__version__}",
        timeout=_SECONDS,
        retry=GithubRetry(total=3, allowed_methods=_NEVER_TWICE),
        seconds_between_requests=0 if local else 0.1,
        seconds_between_writes=0 if local else 1.0,
        per_page=100,
    )
    try:
        with github:
            yield GithubForge(github, repository, bot)
    except GithubException as refused:
        raise _told(refused) from None
    except requests.RequestException as error:
        raise ForgeError(
            f"GitHub at {where.hostname} does not answer: {type(error).__name__}",
            remedy="try again; `watchbill apply` by hand does without GitHub",
        ) from None


def _told(refused: GithubException) -> ForgeError:
    said = refused.data.get("message", "") if isinstance(refused.data, dict) else ""
    remedy = {
        401: "set GITHUB_TOKEN to a token that is valid here",
        403: "the token lacks a permission; the workflow's `permissions:` say which it has",
        404: "look at GITHUB_REPOSITORY and the number; the token may also lack the right to see it",
    }
    return ForgeError(
        f"GitHub refused with {refused.status}: {said or 'no reason given'}",
        remedy=remedy.get(refused.status, "try again later"),
    )
