"""Overrides that an earlier version of the policy declared, by what commits took out or changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydantic import ValidationError

from watchbill.config.yaml_reader import read_yaml
from watchbill.history.git import GitError, Repository
from watchbill.history.policy import is_policy
from watchbill.model.rotations import Override

_COMMITS_LOOKED_AT = 200
_OLD = re.compile(r":100\d{3} \d{6} ([0-9a-f]{40,64}) [0-9a-f]+ [DM]\t(.*)")
_SINCE = "commit "


class PastOverride(NamedTuple):
    override: Override
    until: str
    """Which commit took it out, shortened; "" = the working files, not committed yet."""


def past_overrides(repository: Repository) -> tuple[PastOverride, ...]:
    """Those of files that were changed or deleted, the latest version first; each once."""
    diff = ("--raw", "--no-abbrev", "--no-renames", "--diff-filter=DM")
    try:
        edited = repository.ask("diff", *diff, "HEAD", "--", repository.where)
        log = ("log", f"-{_COMMITS_LOOKED_AT}", *diff, f"--format={_SINCE}%H", "HEAD")
        told = edited + repository.ask(*log, "--", repository.where)
    except GitError:
        return ()
    blobs = dict(_old_blobs(told.decode("utf-8", "surrogateescape"), repository.prefix))
    found: dict[Override, str] = {}
    for (_, until), data in zip(blobs.items(), repository.blobs(blobs), strict=True):
        for override in _declared(data):
            found.setdefault(override, until)
    return tuple(PastOverride(override, until) for override, until in found.items())


def _old_blobs(told: str, prefix: str) -> Iterator[tuple[str, str]]:
    commit = ""
    seen: set[str] = set()
    for line in told.splitlines():
        if line.startswith(_SINCE):
            commit = line.removeprefix(_SINCE)[:9]
        old = _OLD.match(line)
        if old is not None and old[1] not in seen and is_policy(old[2], prefix):
            seen.add(old[1])
            yield old[1], commit


def _declared(data: bytes) -> Iterator[Override]:
    if b"overrides" not in data:
        return
    try:
        document = read_yaml(data.decode("utf-8"), "").data
    except UnicodeDecodeError:
        return
    listed = document.get("overrides") if isinstance(document, Mapping) else None
    for entry in listed if isinstance(listed, list) else ():
        try:
            override = Override.model_validate(entry)
        except ValidationError:
            continue
        if not override.cancelled:
            yield override
