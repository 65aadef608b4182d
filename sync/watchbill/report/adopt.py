"""What `adopt` wrote into the YAML, and what it could not say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import unified_diff
from typing import Literal

from watchbill.model.base import Model
from watchbill.report.columns import wrapped
from watchbill.report.paint import Paint
from watchbill.report.safe import count, plain


class Adopted(Model):
    key: str
    name: str
    told: str
    """What of it was written, in words."""


class LeftAlone(Model):
    key: str
    name: str
    reason: str
    nearest: str
    """What can be said instead."""


class AdoptAnswer(Model):
    format: Literal["watchbill.adopt/1"] = "watchbill.adopt/1"
    adopted: tuple[Adopted, ...] = ()
    left: tuple[LeftAlone, ...] = ()
    follow: tuple[str, ...] = ()
    """Names of objects that follow what was adopted; the next apply brings them along."""
    files: tuple[str, ...] = ()
    diff: str = ""
    """Unified: the edit of the YAML files."""
    written: bool = False


def diff_of(changes: Sequence[tuple[str, str, str]]) -> str:
    """Unified.  `changes`: (file, text before, text after); a new file has none before."""
    lines: list[str] = []
    for file, before, after in changes:
        old = file if before else "/dev/null"
        lines += unified_diff(before.splitlines(), after.splitlines(), old, file, n=2, lineterm="")
    return "".join(f"{line}\n" for line in lines)


def diff_text(diff: str, *, color: bool) -> str:
    paint = Paint(color)
    shades = {"+": paint.green, "-": paint.red, "@": paint.dim}
    return "".join(f"{shades.get(line[:1], str)(plain(line))}\n" for line in diff.splitlines())


def adopt_text(answer: AdoptAnswer, *, color: bool, width: int) -> str:
    paint = Paint(color)
    said = "the policy has now what the account has"

    def told(text: str, colored: Callable[[str], str] = str) -> list[str]:
        return [colored(line) for line in wrapped(text, width, hanging=2)]

    lines = [
        line for item in answer.adopted for line in told(f"{item.name}: {said} ({item.told})", paint.green)
    ]
    for left in answer.left:
        lines += told(f"{left.name}: left as it is, since {left.reason}", paint.yellow)
        lines += [f"  {line}" for line in wrapped(f"→ {left.nearest}", width - 2, hanging=2) if left.nearest]
    for name in answer.follow:
        lines += told(f"{name} follows; `watchbill apply` brings it along")
    if answer.files:
        done = "changed" if answer.written else "would change"
        lines.append(f"{done}: {', '.join(answer.files)}")
    if not answer.adopted and not answer.left:
        lines.append(paint.green("Nobody edited anything that the policy owns."))
    elif answer.left:
        lines.append(
            f"{count(len(answer.left), 'object')} left: `watchbill apply` puts the policy back there"
        )
    return "\n".join(lines)
