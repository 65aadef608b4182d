"""The section "This changes the rules" of plans, comments and outcomes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from watchbill.plan.document import JudgedBy, RuleChange
from watchbill.report.columns import wrapped
from watchbill.report.paint import Paint
from watchbill.report.safe import count, cut, plain

TITLE = "This changes the rules"
_MOST = 12
"""Of a kind; settings are all shown, so that nothing hides among many."""
_LONGEST = 400
_LATER = "A loosened rule counts from the next change on."
_OWNER = "A code owner approves this like a change of duty."


def rules_text(rules: Sequence[RuleChange], by: JudgedBy | None, paint: Paint, width: int) -> str:
    if not rules:
        return ""
    lines = [paint.bold(TITLE)]
    for line in _lines(rules):
        lines += [paint.yellow(f"  {part}") for part in wrapped(line, width - 2, hanging=2)]
    return "\n".join([*lines, *(paint.dim(f"  {part}") for part in wrapped(_foot(rules, by), width - 2))])


def rules_lines(rules: Sequence[RuleChange], by: JudgedBy | None = None) -> list[str]:
    """For Markdown: title, rows and foot, not escaped yet."""
    return [TITLE, *_lines(rules), _foot(rules, by)] if rules else []


def judged_by(by: JudgedBy | None) -> str:
    """Whose rules judged."""
    if by is None:
        return ""
    return f"rules of {by.commit[:9]} ({by.reason})" if by.commit else by.reason


def _foot(rules: Sequence[RuleChange], by: JudgedBy | None) -> str:
    later = _LATER if any(rule.effect == "loosened" for rule in rules) else ""
    told = f"Judged by the {plain(judged_by(by))}." if by is not None and by.commit else ""
    return " ".join(filter(None, (later, told, _OWNER)))


def _lines(rules: Sequence[RuleChange]) -> list[str]:
    shown: list[str] = []
    of_kind: Counter[str] = Counter()
    for rule in rules:
        kind = "settings" if rule.path.startswith("settings.") else re.split(r"[:./]", rule.path)[0]
        of_kind[kind] += 1
        if kind == "settings":
            shown.append(plain(_line(rule)))
        elif of_kind[kind] <= _MOST:
            shown.append(cut(plain(_line(rule)), _LONGEST))
    hidden = len(rules) - len(shown)
    return [*shown, f"and {count(hidden, 'more rule')} in the plan's JSON"] if hidden else shown


def _line(rule: RuleChange) -> str:
    name = rule.path.replace("expectations: ", "expectation: ", 1)
    words = f" ({rule.message})" if rule.message else ""
    if not rule.before:
        return f"{rule.effect}: {name}{words}"
    return f"{rule.effect}: {name}: {rule.before} → {rule.after}{words}"
