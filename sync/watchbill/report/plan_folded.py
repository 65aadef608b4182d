"""The changes of a long plan by kind: how many, and their names."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence

from watchbill.plan.document import DRIFT_CLASSES, Change
from watchbill.report.paint import Paint
from watchbill.report.safe import count, plain
from watchbill.report.shown import DONE, KIND, SIGN

TWO_SCREENS = 100
"""Lines; a longer plan is folded."""
_JOINED = "\N{NO-BREAK SPACE}"
"""Keeps a name on one line."""


def is_folded(changes: Sequence[Change]) -> bool:
    """What was edited in the account is always shown field by field: an apply takes it back."""
    return not any(change.class_ in DRIFT_CLASSES for change in changes)


def by_kind(changes: Sequence[Change], paint: Paint, width: int) -> list[str]:
    lines: list[str] = []
    for action, words in DONE.items():
        for kind, name in KIND.items():
            found = [plain(c.name) for c in changes if c.action == action and c.kind == kind]
            if found:
                told = f"{SIGN[action]} {count(len(found), name)} {words}"
                lines.append(f"  {paint.bold(told)}")
                lines += _names(_by_schedule(found) if kind == "override" else found, width)
    return lines


def _by_schedule(overrides: Sequence[str]) -> list[str]:
    """There may be hundreds, each with its span in its name."""
    counted = Counter(name.partition(": ")[0] for name in overrides)
    return [f"{number} on {schedule}" for schedule, number in counted.items()]


def _names(names: Sequence[str], width: int) -> list[str]:
    text = ", ".join(name.replace(" ", _JOINED) for name in names)
    wrapped = textwrap.wrap(
        text, max(width, 40), initial_indent="      ", subsequent_indent="      ", break_on_hyphens=False
    )
    return [line.replace(_JOINED, " ") for line in wrapped]
