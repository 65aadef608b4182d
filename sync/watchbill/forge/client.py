"""One repository on GitHub.  PyGithub carries the requests; its errors end here as ours."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from urllib.parse import urlsplit

import requests
from github import Auth, BadCredentialsException, Github, GithubException, GithubRetry, UnknownObjectException
from github.Issue import Issue as Issue  # noqa: PLC0414  named here for those who may not import PyGithub
from github.IssueComment import IssueComment as IssueComment  # noqa: PLC0414
from github.PullRequest import PullRequest as PullRequest  # noqa: PLC0414
from github.Repository import Repository
from pydantic import SecretStr

from watchbill import __version__
from watchbill.errors import ForgeError, UsageError

DEFAULT_URL = "https://api.github.com"
ACTIONS_BOT = "github-actions[bot]"
"""Who a workflow's own token acts as; such a token may not ask for its own name."""
_SECONDS = 30
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_NEVER_TWICE = frozenset({"GET", "PUT", "PATCH"})

Reaction = Literal["eyes", "+1", "-1", "confused"]


@dataclass(frozen=True)
class Forge:
    github: Github
    name: str
    """owner/name"""
    named_bot: str = ""

    @cached_property
    def repo(self) -> Repository:
        return self.github.get_repo(self.name)

    @property
    def owner(self) -> str:
        return self.name.partition("/")[0]

    @cached_property
    def me(self) -> str:
        """The login that our comments carry."""
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
        """Logins that our workflows act under, lower case."""
        return frozenset({ACTIONS_BOT, self.named_bot.lower()}) - {""}

    def issue(self, number: int) -> Issue:
        return self.repo.get_issue(number)

    def comment(self, number: int, comment_id: int) -> IssueComment:
        return self.issue(number).get_comment(comment_id)

    def may_write(self, login: str) -> bool:
        return self.permission(login) in {"admin", "maintain", "write"}

    def permission(self, login: str) -> str:
        """admin, write, read or none."""
        try:
            return self.repo.get_collaborator_permission(login)
        except UnknownObjectException:
            return "none"


@contextmanager
def open_forge(
    repository: str, token: SecretStr, *, api_url: str = DEFAULT_URL, bot: str = ""
) -> Iterator[Forge]:
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
            yield Forge(github, repository, bot)
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
