"""Commit statuses as stamps: what was applied last, and when the drift check last ran.

Anybody who may write to a repository may post a status, and any workflow may post one as GitHub's bot.  So a stamp of
an apply carries a seal that takes the write key of the account, which only the environment of the apply has.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from pydantic import SecretStr

from watchbill.forge.port import Forge, State, Status

APPLIED = "watchbill/apply"
CHECKED = "watchbill/drift"
_MOST_TEXT = 140
_SEAL_DIGITS = 24


def put_stamp(
    forge: Forge, commit: str, context: str, state: State, text: str, *, key: SecretStr | None = None
) -> None:
    """An earlier stamp of the same context on the same commit stays, and is passed over.  `key`: seals it."""
    seal = f" [{_seal(key, forge, commit, context, state)}]" if key is not None else ""
    forge.put_status(commit, context, state, text[: _MOST_TEXT - len(seal)] + seal)


def last_stamp(
    forge: Forge, commits: Iterable[str], context: str, *, key: SecretStr | None = None, state: str = ""
) -> tuple[str, Status] | None:
    """The first commit that has one of ours, and the stamp.  `key`: only those count that it sealed."""
    believed = forge.bots | {forge.me.lower()}
    for commit in commits:
        for status in forge.statuses(commit):
            if status.context != context or status.by.lower() not in believed:
                continue
            if state not in {"", status.state}:
                continue
            if key is None or status.text.endswith(f" [{_seal(key, forge, commit, context, status.state)}]"):
                return commit, status
    return None


def _seal(key: SecretStr, forge: Forge, commit: str, context: str, state: str) -> str:
    text = f"watchbill stamp\n{forge.name.lower()}\n{commit}\n{context}\n{state}"
    made = hmac.new(key.get_secret_value().encode(), text.encode(), hashlib.sha256)
    return made.hexdigest()[:_SEAL_DIGITS]
