"""How people are reached: one row a person, the columns of the runbook's Leadership Contacts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from watchbill.model.base import SecretRef
from watchbill.model.people import Person
from watchbill.model.policy import Policy
from watchbill.report.columns import beside, column
from watchbill.report.paint import Paint
from watchbill.report.safe import cells, plain

Secret = Callable[[str], str | None]
"""Name of a secret -> its value, where it is at hand."""

_LONGEST = {"Contact": 18, "Slack": 18, "Phone": 18}
"""Columns; the e-mail has the rest."""
_BETWEEN = 2


def contact_lines(
    people: Iterable[str], policy: Policy, phones: Secret | None, *, color: bool, width: int
) -> list[str]:
    """PagerDuty's user (by e-mail), the Slack handle, and the phone only where `phones` has the number.  Those who are
    not in the policy are left out."""
    known = [(handle, policy.people[handle]) for handle in dict.fromkeys(people) if handle in policy.people]
    if not known:
        return []
    rows = [
        {
            "Contact": policy.title_of(handle),
            "PagerDuty": one.email,
            "Slack": f"@{one.slack}" if one.slack else "-",
            "Phone": _phone(one, phones),
        }
        for handle, one in known
    ]
    names = [name for name in rows[0] if name != "Phone" or any(row["Phone"] for row in rows)]
    head = {name: name for name in names}
    wide = {
        name: min(max(cells(plain(row[name])) for row in [head, *rows]), _LONGEST.get(name, width))
        for name in names
    }
    rest = width - sum(size for name, size in wide.items() if name != "PagerDuty") - _BETWEEN * len(names)
    wide["PagerDuty"] = min(wide["PagerDuty"], rest)
    paint = Paint(color)
    lines = [paint.dim(line) for line in beside("  ", [column(name, wide[name], str) for name in names])]
    for row in rows:
        lines += beside("  ", [column(row[name], wide[name], str) for name in names])
    return lines


def _phone(person: Person, phones: Secret | None) -> str:
    if phones is None or not isinstance(person.phone, SecretRef):
        return ""
    return phones(person.phone.secret) or ""
