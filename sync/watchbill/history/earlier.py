"""Which objects an earlier version of the policy had: only those may be deleted (rulings 1).

Loading a version takes as long as loading the policy.  The newest are all looked at; of the older ones those before
a change to a line that names the object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import islice

from watchbill.history.git import Commit, Repository
from watchbill.history.policy import load_at
from watchbill.model.policy import Policy

NEWEST = 10
MOST_COMMITS = 5000
MOST_LOADED = 30


@dataclass(frozen=True, slots=True)
class Earlier:
    keys: frozenset[str] = frozenset()
    is_cut: bool = False
    """Some were not found in a clone that lacks the older history."""


def had_before(
    repository: Repository, keys: Collection[str], keys_of: Callable[[Policy], Collection[str]]
) -> Earlier:
    """Those of `keys` that a version before what is checked out had."""
    missing, found = frozenset(keys), set[str]()
    for commit in _versions(repository, missing):
        past = load_at(repository, commit).policy
        if past is not None:
            found |= missing & frozenset(keys_of(past))
        if found >= missing:
            break
    return Earlier(frozenset(found), is_cut=not found >= missing and repository.is_shallow)


def _versions(repository: Repository, keys: Collection[str]) -> Iterator[Commit]:
    newest = list(repository.commits(NEWEST))
    yield from newest
    if len(newest) == NEWEST:
        known = {commit.id for commit in newest}
        older = repository.before_changes_of(_words(keys), MOST_COMMITS)
        yield from islice((commit for commit in older if commit.id not in known), MOST_LOADED)


def _words(keys: Collection[str]) -> str:
    """A pattern for lines that name one of them; a composed ladder's key is that of a domain and a severity."""
    words = set()
    for key in keys:
        handle = key.partition("/")[2]
        places = [i for i, letter in enumerate(handle) if letter == "-"]
        words |= {handle, *(handle[:i] for i in places), *(handle[i + 1 :] for i in places)}
    return f"(^|[^A-Za-z0-9-])({'|'.join(sorted(re.escape(w) for w in words if w))})([^A-Za-z0-9-]|$)"
