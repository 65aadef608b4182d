"""Commit statuses as stamps: what was applied last, and when the drift check last ran.

Anybody who may write to a repository may post a status, and any workflow may post one as GitHub's bot.  So a stamp of
an apply carries a seal that takes the write key of the account, which only the environment of the apply has.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import SecretStr

from watchbill.forge.client import Forge

APPLIED = "watchbill/apply"
CHECKED = "watchbill/drift"
Kind = Literal["success", "failure", "pending"]
_MOST_TEXT = 140
_SEAL_DIGITS = 24


@dataclass(frozen=True, slots=True)
class Stamp:
    commit: str
    state: str
    text: str
    at: int


def put_stamp(
    forge: Forge, commit: str, context: str, state: Kind, text: str, *, key: SecretStr | None = None
) -> None:
    """An earlier stamp of the same context on the same commit stays, and is passed over.  `key`: seals it."""
    seal = f" [{_seal(key, forge, commit, context, state)}]" if key is not None else ""
    forge.repo.get_commit(commit).create_status(
        state=state, description=text[: _MOST_TEXT - len(seal)] + seal, context=context
    )


def last_stamp(
    forge: Forge, commits: Iterable[str], context: str, *, key: SecretStr | None = None, state: str = ""
) -> Stamp | None:
    """Of the first commit that has one of ours.  `key`: only those count that it sealed."""
    believed = forge.bots | {forge.me.lower()}
    for commit in commits:
        for status in _statuses(forge, commit):
            if status["context"] != context or not status.get("creator"):
                continue
            if status["creator"]["login"].lower() not in believed or state not in {"", status["state"]}:
                continue
            text = status["description"] or ""
            if key is None or text.endswith(f" [{_seal(key, forge, commit, context, status['state'])}]"):
                at = int(datetime.fromisoformat(status["created_at"]).timestamp())
                return Stamp(commit, status["state"], text, at)
    return None


def _seal(key: SecretStr, forge: Forge, commit: str, context: str, state: str) -> str:
    text = f"watchbill stamp\n{forge.name.lower()}\n{commit}\n{context}\n{state}"
    made = hmac.new(key.get_secret_value().encode(), text.encode(), hashlib.sha256)
    return made.hexdigest()[:_SEAL_DIGITS]


def _statuses(forge: Forge, commit: str) -> list[dict[str, Any]]:
    """Newest first.  PyGithub asks at a legacy address, `/statuses/SHA`, that GitHub no longer documents."""
    path = f"/repos/{forge.name}/commits/{commit}/statuses?per_page=100"
    _, told = forge.github.requester.requestJsonAndCheck("GET", path)
    return list(told)
