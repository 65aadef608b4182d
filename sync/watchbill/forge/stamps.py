"""Commit statuses as stamps: what was applied last, and when the drift check last ran."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from watchbill.forge.client import Forge

APPLIED = "watchbill/apply"
CHECKED = "watchbill/drift"
Kind = Literal["success", "failure", "pending"]
_MOST_TEXT = 140


@dataclass(frozen=True, slots=True)
class Stamp:
    commit: str
    state: str
    text: str
    at: int


def put_stamp(forge: Forge, commit: str, context: str, state: Kind, text: str) -> None:
    """An earlier stamp of the same context on the same commit stays, and is passed over."""
    forge.repo.get_commit(commit).create_status(state=state, description=text[:_MOST_TEXT], context=context)


def last_stamp(
    forge: Forge, commits: Iterable[str], context: str, *, trusted: Iterable[str] = (), state: str = ""
) -> Stamp | None:
    """Of the first commit that has one.  Only our own count, and those of the people named."""
    believed = {forge.me.lower(), *(login.lower() for login in trusted)}
    for commit in commits:
        for status in _statuses(forge, commit):
            if status["context"] != context or not status.get("creator"):
                continue
            if status["creator"]["login"].lower() in believed and state in {"", status["state"]}:
                at = int(datetime.fromisoformat(status["created_at"]).timestamp())
                return Stamp(commit, status["state"], status["description"] or "", at)
    return None


def _statuses(forge: Forge, commit: str) -> list[dict[str, Any]]:
    """Newest first.  PyGithub asks at a legacy address, `/statuses/SHA`, that GitHub no longer documents."""
    path = f"/repos/{forge.name}/commits/{commit}/statuses?per_page=100"
    _, told = forge.github.requester.requestJsonAndCheck("GET", path)
    return list(told)
