"""What `adopt` wrote into the YAML, and what it could not say."""

from __future__ import annotations

from typing import Literal

from watchbill.model.base import Model
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
    written: bool = False


def adopt_text(answer: AdoptAnswer, *, color: bool) -> str:
    paint = Paint(color)
    said = "the policy says now what the account has"
    lines = [paint.green(f"{plain(item.name)}: {said} ({item.told})") for item in answer.adopted]
    for left in answer.left:
        lines.append(paint.yellow(f"{plain(left.name)}: left as it is, since {plain(left.reason)}"))
        if left.nearest:
            lines.append(f"  → {plain(left.nearest)}")
    lines += [f"{plain(name)} follows; `watchbill apply` brings it along" for name in answer.follow]
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
