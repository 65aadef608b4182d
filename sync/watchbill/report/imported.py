"""What `import` wrote, what it left unmanaged, and why."""

from __future__ import annotations

from typing import Literal

from watchbill.model.base import Model
from watchbill.report.columns import wrapped
from watchbill.report.safe import count, plain

KIND_WORD = {"schedule": "schedule", "escalation_policy": "escalation policy", "service": "service"}


class LeftUnmanaged(Model):
    """An object of the account that the policy does not own, or of which only the ladder is set."""

    kind: Literal["schedule", "escalation_policy", "service"]
    name: str
    id: str
    reason: str
    """Completes: it is left as it is, since ..."""
    external: str | None = None
    """Its handle under `external`, where something refers to it."""
    looked_up: bool = False
    """A service with `manage: false`: only its ladder is set."""


class ImportAnswer(Model):
    format: Literal["watchbill.import/1"] = "watchbill.import/1"
    account: str
    """As settings.pagerduty.account says it now."""
    files: tuple[str, ...]
    counts: dict[str, int]
    """By kind: people, teams, roles, rotations, ladders, services, external."""
    left: tuple[LeftUnmanaged, ...] = ()
    notes: tuple[str, ...] = ()
    """What is not as it was: renamed, cut, left out for another account."""
    users_left: int = 0
    """Users whom nothing names."""
    errors: tuple[str, ...] = ()
    """What `check` says of the new files."""


def import_text(answer: ImportAnswer, out: str, *, portable: bool, width: int) -> str:
    told = [_counted(number, kind) for kind, number in answer.counts.items() if number]
    lines = [
        f"{count(len(answer.files), 'file')} written to {out}: {', '.join(told) or 'nobody and nothing'}"
    ]
    if answer.users_left:
        lines.append(
            f"{count(answer.users_left, 'user')} left out: nothing names them (--everyone takes them too)"
        )
    for left in answer.left:
        how = "only its ladder is set" if left.looked_up else "left unmanaged"
        if left.external:
            how += f", referred to as external {left.external}"
            how += ", which the other account must have" if portable else ""
        lines.append(f"{KIND_WORD[left.kind]} {plain(left.name)!r} ({left.id}): {how}, since {left.reason}")
    lines += answer.notes
    lines += [f"error {error}" for error in answer.errors]
    told = [part for line in lines for part in wrapped(line, width, hanging=2)]
    return "\n".join([*told, f"next: watchbill plan --policies {out}"])


def _counted(number: int, kind: str) -> str:
    """By the name of a kind, which is plural."""
    one = {"people": "person", "external": "external"}.get(kind, kind[:-1])
    return f"{number} {one if number == 1 else kind}"
