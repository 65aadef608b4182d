"""What an attack is: a story in one line, a run that returns the refusal as its author reads it, the reason in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Attack:
    story: str
    run: Callable[[Path], str]
    """In an empty folder.  Asserts that nothing was written, nothing was paged and no secret left; returns the text of the
    comment, answer or log that refuses."""
    reason: str
    """A regular expression that the returned text matches."""
    is_quick: bool = False
    """Under two seconds, without workflows: part of the default suite.  The others run with `nox -s stories`."""
