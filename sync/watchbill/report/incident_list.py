"""Open incidents, for people and as `watchbill.incidents/1`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from watchbill.incident.listing import Open
from watchbill.model.base import Model
from watchbill.model.policy import Policy
from watchbill.report.columns import wrapped
from watchbill.report.paint import Paint
from watchbill.report.safe import plain
from watchbill.report.times import minutes
from watchbill.rota.clock import iso

_INDENT = 6


class HasIt(Model):
    person: str | None
    """Handle; null for a user whom the policy does not know."""
    name: str


class OpenIncident(Model):
    id: str
    number: int
    title: str
    status: str
    urgency: str
    severity: str | None
    domain: str | None
    service: str | None
    """Handle; null for a service that the policy does not have."""
    service_name: str
    ladder: str | None
    level: int | None
    """Of the ladder, from 1; null where it is not known."""
    levels: int
    has_it: tuple[HasIt, ...]
    how: str
    """acknowledged | assigned | paged | nobody"""
    opened: str
    """ISO, UTC."""
    age_minutes: int


class OpenIncidents(Model):
    format: Literal["watchbill.incidents/1"] = "watchbill.incidents/1"
    account: str
    at: str
    """ISO, UTC."""
    incidents: tuple[OpenIncident, ...]
    """The worst severity first, then the oldest."""
    others: int
    """Open ones on services that the policy does not have, and that are not listed."""


def list_answer(
    found: Sequence[Open], others: int, account: str, at: int, who: Callable[[str, str], HasIt]
) -> OpenIncidents:
    """`who`: id of a user and its name in the account -> person."""
    return OpenIncidents(
        account=account, at=iso(at), incidents=tuple(_one(open_, who) for open_ in found), others=others
    )


def _one(open_: Open, who: Callable[[str, str], HasIt]) -> OpenIncident:
    situation, incident = open_.situation, open_.situation.incident
    return OpenIncident(
        id=incident.id,
        number=incident.number,
        title=incident.title,
        status=incident.status,
        urgency=incident.urgency,
        severity=situation.severity,
        domain=situation.domain,
        service=situation.service,
        service_name=incident.service_name,
        ladder=situation.ladder.key if situation.ladder else None,
        level=open_.level,
        levels=situation.levels,
        has_it=tuple(who(user, incident.names.get(user, "")) for user in open_.owners),
        how=open_.how,
        opened=iso(incident.opened),
        age_minutes=_age(open_),
    )


def list_text(
    found: Sequence[Open], policy: Policy, name: Callable[[str, str], str], *, color: bool, width: int
) -> str:
    """Three lines for each; `name`: id of a user and its name in the account -> for people."""
    paint = Paint(color)
    count = len(found)
    lines = [paint.bold(f"{count} open incident{'' if count == 1 else 's'}")]
    for open_ in found:
        lines += _lines(open_, policy, name, paint, width)
    return "\n".join(lines)


def nothing_open(account: str, others: int) -> str:
    return f"no incident is open in {account}" + (
        f" on the policy's services; {_others(others)}" if others else ""
    )


def others_text(others: int) -> str:
    return f"also open: {_others(others)}" if others else ""


def _others(count: int) -> str:
    return f"{count} on services that the policy does not have (--all lists them)"


def _lines(
    open_: Open, policy: Policy, name: Callable[[str, str], str], paint: Paint, width: int
) -> list[str]:
    situation, incident = open_.situation, open_.situation.incident
    domain = policy.domains[situation.domain].title if situation.domain else "no domain"
    level = f", level {open_.level} of {situation.levels}" if open_.level else ""
    head = f"{situation.severity or 'no severity'} in {domain}{level}, open for {minutes(_age(open_))}"
    number = f"#{incident.number}"
    pad = " " * _INDENT
    first, *more = wrapped(head, width - max(_INDENT, len(number) + 3))
    lines = [f"  {paint.bold(number)}{' ' * max(1, _INDENT - 2 - len(number))}{first}"]
    lines += [pad + line for line in more]
    lines += [pad + paint.bold(line) for line in wrapped(incident.title, width - _INDENT)]
    service = incident.service_name or situation.service or "an unknown service"
    names = ", ".join(plain(name(user, incident.names.get(user, ""))) for user in open_.owners)
    has_it = {
        "acknowledged": f"{names} acknowledged it",
        "assigned": f"assigned to {names}; the ladder stands still",
        "paged": f"{names} paged, not acknowledged",
        "nobody": "NOBODY has it",
    }[open_.how]
    told = wrapped(f"{service}: {has_it}", width - _INDENT)
    return [*lines, *(pad + (paint.red(line) if open_.how == "nobody" else line) for line in told)]


def _age(open_: Open) -> int:
    """Minutes."""
    return max(0, open_.situation.now - open_.situation.incident.opened) // 60
