"""What a GitHub verb did, for machines and as lines for people."""

from __future__ import annotations

from typing import Literal

from watchbill.model.base import Model
from watchbill.report.safe import plain


class Deed(Model):
    what: Literal["opened", "updated", "closed", "commented"]
    number: int
    """Of the issue or pull request."""
    url: str


class Judged(Model):
    """Whether a pull request is approved by those who own what it touches."""

    number: int
    head: str
    by: tuple[str, ...] = ()
    """Whose approval counts; empty where none is needed."""
    lacks: tuple[str, ...] = ()
    """What is missing; empty = approved."""


class GithubAnswer(Model):
    format: Literal["watchbill.github/1"] = "watchbill.github/1"
    verb: str
    done: tuple[Deed, ...] = ()
    judged: tuple[Judged, ...] = ()
    problems: tuple[str, ...] = ()
    """Why it is refused, beyond what pull requests lack."""
    said: str = ""
    """One sentence, where nothing else tells it."""


class InitTry(Model):
    """One step of CI, run in a fresh environment."""

    command: str
    code: int
    said: str = ""
    """Its last lines, where it failed."""


class InitAnswer(Model):
    format: Literal["watchbill.init/1"] = "watchbill.init/1"
    folder: str
    written: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    """Files that were there and stay as they are."""
    git: bool = False
    """A git repository was made."""
    install: str = ""
    """What CI installs: the lock file, or what the user named."""
    locked: int = 0
    """How many packages the new lock file names, with hashes."""
    tried: tuple[InitTry, ...] = ()
    """Up to the first step that failed; empty = not tried."""


def github_text(answer: GithubAnswer) -> str:
    lines = [f"{deed.what} #{deed.number} {deed.url}" for deed in answer.done]
    for judged in answer.judged:
        if not judged.lacks:
            by = f"approved by {', '.join(judged.by)}" if judged.by else "needs no approval"
            lines.append(f"#{judged.number} at {judged.head[:9]}: {by}")
    if answer.said:
        lines.append(plain(answer.said))
    return "\n".join(lines)
