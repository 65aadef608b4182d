"""Edits of the policy from chat: made by the command line's own verbs on a copy, shown, and proposed as a pull request.

Nobody's checkout is touched.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from watchbill.chat.verbs import Ran, run_verb


@dataclass(frozen=True, slots=True)
class Edited:
    ran: Ran
    files: dict[str, str | None]
    """Path below the policy folder -> new text; None = deleted."""


@contextmanager
def workspace(policies: Path) -> Iterator[Path]:
    """A copy of the policy folder, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="watchbill-chat-") as folder:
        copy = Path(folder) / "policies"
        shutil.copytree(policies, copy, symlinks=False)
        yield copy


def edit(policies: Path, words: Sequence[str], now: int) -> Edited:
    """Runs one verb on the copy; `policies` is the copy itself."""
    before = _texts(policies)
    ran = _as_if_at_home(run_verb(words, policies, now), policies)
    after = _texts(policies)
    changed: dict[str, str | None] = {name: text for name, text in after.items() if before.get(name) != text}
    changed |= dict.fromkeys(before.keys() - after.keys())
    return Edited(ran, changed)


def _as_if_at_home(ran: Ran, copy: Path) -> Ran:
    """The copy is nobody's business: files are named as they are in the repository."""
    return Ran(ran.code, *(text.replace(str(copy), copy.name) for text in (ran.out, ran.err)))


def _texts(folder: Path) -> dict[str, str]:
    found = sorted(folder.rglob("*.yaml"))
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in found}
