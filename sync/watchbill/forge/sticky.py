"""One comment per subject, found by its hidden first line and by who wrote it, and edited in place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from watchbill.forge.port import Comment, Forge
from watchbill.report.github_comment import cut_lines

MOST = 65_536
"""GitHub refuses more; counted here in bytes, which is never less than what it counts."""
DEFAULT_FOLDER = "policies"
_KEY = re.compile(r"[^A-Za-z0-9:@/._-]")


@dataclass(frozen=True, slots=True)
class Posted:
    url: str
    id: int
    is_new: bool


def scoped(key: str, folder: str) -> str:
    """`plan`; `plan@policies/eu` where a repository has a policy for each of several accounts."""
    return key if folder == DEFAULT_FOLDER else f"{key}@{folder}"


def marker(key: str) -> str:
    """Nothing in a key may close the hidden line."""
    return f"<!-- watchbill:{_KEY.sub('_', key)} -->"


def find(comments: Iterable[Comment], key: str, login: str) -> Comment | None:
    """Anybody can write our hidden line; only what we wrote is ours."""
    head = marker(key)
    return next((c for c in comments if c.author == login and c.body.startswith(head)), None)


def put(forge: Forge, number: int, key: str, body: str) -> Posted:
    text = cut_lines(f"{marker(key)}\n{body}", MOST)
    there = find(forge.comments(number), key, forge.me)
    if there is None:
        made = forge.add_comment(number, text)
        return Posted(made.url, made.id, is_new=True)
    if there.body != text:
        forge.edit_comment(number, there.id, text)
    return Posted(there.url, there.id, is_new=False)
