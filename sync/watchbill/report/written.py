"""Where something is written and which commit wrote it; which version of the policy answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from watchbill.rota.clock import Instant, Zone, iso, zone


@dataclass(frozen=True, slots=True)
class CommitRead:
    id: str
    at: Instant
    author: str
    subject: str


@dataclass(frozen=True, slots=True)
class Source:
    file: str
    first_line: int
    last_line: int
    commit: CommitRead | None
    note: str = ""
    """Why no commit is known."""


def commit_json(commit: CommitRead | None) -> dict[str, Any] | None:
    if commit is None:
        return None
    return {"id": commit.id, "at": iso(commit.at), "author": commit.author, "subject": commit.subject}


def source_json(source: Source | None) -> dict[str, Any] | None:
    if source is None:
        return None
    return {
        "file": source.file,
        "line": source.first_line,
        "last_line": source.last_line,
        "commit": commit_json(source.commit),
        "note": source.note,
    }


def source_text(source: Source) -> str:
    """policies/rotations.yaml:5-12, 3f9c2a1b0 2026-03-02 Ana: Ben joins"""
    lines = f"{source.first_line}"
    if source.last_line > source.first_line:
        lines += f"-{source.last_line}"
    told = source.note if source.commit is None else commit_text(source.commit)
    return f"{source.file}:{lines}, {told}"


def commit_text(commit: CommitRead, where: Zone | None = None) -> str:
    day = (where or zone("Etc/UTC")).at(commit.at).strftime("%Y-%m-%d")
    return f"{commit.id[:9]} {day} {commit.author}: {commit.subject}"


def answered_json(commit: CommitRead | None, note: str) -> dict[str, Any]:
    """The version of the policy that answered a question about the past."""
    return {"commit": commit_json(commit), "note": note}


def answered_text(commit: CommitRead | None, note: str, where: Zone) -> str:
    return note if commit is None else f"by the policy of {commit_text(commit, where)}"
